"""stages.split: folds of whole clusters, datasets of every level and fold, and what the metrics say of them."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import yaml

from stages import split
from stages.folds.leakage import leaks
from stages.grading.statistics import detectable_gain
from stages.questions.prompt import student_messages
from stages.student import base
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Assignment, BenchmarkProblem, Chain, Level, Problem, Reading, Row, Source
from tests.student.words import Words

ROOT = Path(__file__).parent.parent
WORDS = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "rho",
    "sigma",
    "tau",
]


def problem(number: int, statement: str, year: int = 2021, section: str = "fs", usable: bool = True) -> Problem:
    return Problem(
        id=f"made-{year}-{section}-{number:02}",
        corpus="made",
        year=year,
        section=section,
        number=f"{number:02}",
        statement=statement,
        answer=str(number),
        usable=usable,
        reason="" if usable else "no text",
        source=Source(file="made.pdf", page=1, box=(0, 0, 1, 1)),
        reading=Reading(engine="text", confidence=1.0),
    )


def chains_of(one: Problem) -> list[Chain]:
    """Six chains of 24, 20, 16, 12, 8 and 8 words: the last two may be equal, being short."""
    return [
        Chain(
            problem_id=one.id,
            level=level,
            text=" ".join(["so"] * (words - 2)) + f"\nAnswer: {one.answer}",
            words=words,
            answer=one.answer,
        )
        for level, words in zip(Level, (24, 20, 16, 12, 8, 8), strict=True)
    ]


def random_statement(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=12))


@pytest.fixture
def study(tmp_path, monkeypatch):
    """3 years x 2 sections x 20 problems, two pairs of near-duplicates, one problem unsolved, one not usable."""
    random = Random(5)
    problems = [
        problem(number, random_statement(random), year, section)
        for year in (2021, 2022, 2023)
        for section in ("fs", "js")
        for number in range(1, 21)
    ]
    twins = {0: 45, 7: 27}  # across years, and within 2021
    for one, other in twins.items():
        problems[other] = problems[other].model_copy(update={"statement": problems[one].statement + " again"})
    problems.append(problem(21, "", usable=False))
    unsolved = problems[3].id
    chains = [chain for one in problems if one.usable and one.id != unsolved for chain in chains_of(one)]
    benchmark = [
        BenchmarkProblem(id="b-1", statement=problems[10].statement.upper() + "?", answer="1"),
        BenchmarkProblem(id="b-2", statement="nothing like it in any exam", answer="2"),
    ]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["split"])
    monkeypatch.setattr(base, "load_tokenizer", Words)
    write_records("data/problems.jsonl", problems)
    write_records("data/chains.jsonl", chains)
    write_records("data/benchmarks/sample.jsonl", benchmark)
    Path("params.yaml").write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    set_option(protocol="held_out", seed=1, folds=5, valid=0.1, similarity=0.5, test_years=[])
    return problems


def set_option(**options) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params |= {"profile": "sample", "benchmarks": ["sample"]}
    params["sample"]["split"] |= options
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def outputs() -> dict[str, bytes]:
    paths = [*Path("data/datasets").rglob("*.jsonl"), Path("data/assignment.jsonl"), Path("metrics/split.json")]
    return {str(path): path.read_bytes() for path in paths}


def assignment(fold: int) -> dict[str, Assignment]:
    found = read_records("data/assignment.jsonl", Assignment)
    return {one.problem_id: one for one in found if one.fold == fold}


def metrics() -> dict:
    return json.loads(Path("metrics/split.json").read_text(encoding="utf-8"))


def test_split_of_a_study(study, capsys):
    split.main()
    folds = [assignment(fold) for fold in range(5)]
    usable = {one.id for one in study if one.usable}
    for assigned in folds:
        assert assigned.keys() == usable  # the unsolved one too
        assert [one.problem_id for one in assigned.values() if not one.has_chain] == [study[3].id]
        assert Counter(one.split for one in assigned.values())["test"] == 24
        for one, other in ((study[0], study[45]), (study[7], study[27])):
            assert assigned[one.id].split == assigned[other.id].split
            assert assigned[one.id].cluster == assigned[other.id].cluster == min(one.id, other.id)
    held_out = [one.problem_id for assigned in folds for one in assigned.values() if one.split == "test"]
    assert sorted(held_out) == sorted(usable)
    assert "120 problems in 118 clusters; held out by fold: [24, 24, 24, 24, 24]" in capsys.readouterr().out


def test_rows_are_the_folds_problems_with_chains_at_their_level(study):
    split.main()
    by_id = {one.id: one for one in study}
    for fold in range(5):
        assigned = assignment(fold)
        for level in Level:
            for name in ("train", "valid", "test"):
                rows = read_records(f"data/datasets/{level}/fold-{fold}/{name}.jsonl", Row)
                ids = [one.problem_id for one in rows]
                assert ids == sorted(one for one, told in assigned.items() if told.split == name and told.has_chain)
                assert len(ids) == metrics()["folds"][str(fold)]["rows"][name]
                for one in rows:
                    assert one.messages[:-1] == student_messages(by_id[one.problem_id].statement)
                    chain = chains_of(by_id[one.problem_id])[list(Level).index(level)]
                    assert one.messages[-1] == {"role": "assistant", "content": chain.text}
    assert {path.name for path in Path("data/datasets").iterdir()} == {*Level, "answer", "cut-R4", "R1+R4"}
    assert len(list(Path("data/datasets/R1").iterdir())) == 5


def said(level: str, fold: int, name: str) -> dict[str, str]:
    """What a dataset's rows have the student say, by problem."""
    rows = read_records(f"data/datasets/{level}/fold-{fold}/{name}.jsonl", Row)
    return {one.problem_id: one.messages[-1]["content"] for one in rows}


def test_controls_and_mixes_have_the_rows_of_the_levels_in_other_words(study):
    split.main()
    for fold in range(5):
        for name in ("train", "valid", "test"):
            full, short, answer, cut, mixed = (
                said(level, fold, name) for level in ("R1", "R4", "answer", "cut-R4", "R1+R4")
            )
            assert [*full] == [*short] == [*answer] == [*cut] == [*mixed]
            for one in full:
                assert answer[one] == full[one].splitlines()[-1]
                assert len(cut[one].split()) == len(short[one].split())
                assert cut[one].splitlines()[-1] == answer[one]
                assert mixed[one] in (full[one], short[one])
            long = sum(mixed[one] == full[one] for one in full)
            assert long - (len(full) - long) in (0, 1)


def test_only_what_runs_name_stands_beside_the_six_levels(study):
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["runs"] = {"a": {"level": "2R5+cut-R3", "replicate": 0, "fold": 0, "long": False}}
    params["variants"] = {"base": {"student": "base"}}
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    split.main()
    assert {path.name for path in Path("data/datasets").iterdir()} == {*Level, "2R5+cut-R3"}


def test_rows_too_long_for_the_student_are_refused_before_training(study):
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["sample"]["train"]["max_tokens"] = 40
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    with pytest.raises(
        StudyError, match=r"data/datasets/R1: 119 of 119 rows have more tokens than .* = 40, the longest 5"
    ):
        split.main()
    assert not Path("data/datasets").exists()
    assert not Path("data/assignment.jsonl").exists()


def test_every_number_of_the_metrics(study):
    split.main()
    told = metrics()
    assert (told["protocol"], told["problems"], told["with_chains"]) == ("held_out", 120, 119)
    assert (told["clusters"], told["largest_cluster"]) == (118, 2)
    assert told["near_duplicate_pairs"] == {"same_year": 1, "across_years": 1}
    assert told["detectable_gain"] == {
        "15 % discordant": detectable_gain(120, 0.15),
        "25 % discordant": detectable_gain(120, 0.25),
    }
    for fold in range(5):
        assigned, mine = assignment(fold), told["folds"][str(fold)]
        for name in ("train", "valid", "test", "excluded"):
            assert mine[name] == sum(one.split == name for one in assigned.values())
        assert mine["sections"] == {"fs": 12, "js": 12}
        assert mine["held_out_with_a_twin_in_training"] == 0
    [outside] = told["benchmarks"].values()
    assert (outside["problems"], outside["near_duplicates"]) == (2, 1)
    assert told["benchmarks"]["sample"]["pairs"] == [{"benchmark": "b-1", "problem": study[10].id, "jaccard": 1.0}]


def test_same_bytes_twice_and_in_any_order_of_input(study):
    split.main()
    first = outputs()
    assert len(first) == 9 * 5 * 3 + 2
    for name in ("data/problems.jsonl", "data/chains.jsonl", "data/benchmarks/sample.jsonl"):
        lines = Path(name).read_text(encoding="utf-8").splitlines(keepends=True)
        Path(name).write_text("".join(reversed(lines)), encoding="utf-8")
    split.main()
    assert outputs() == first
    set_option(seed=2)
    split.main()
    assert outputs() != first


def test_fewer_folds_leave_no_dataset_of_the_others(study):
    split.main()
    set_option(folds=3)
    split.main()
    assert {path.name for path in Path("data/datasets/R4").iterdir()} == {"fold-0", "fold-1", "fold-2"}
    assert list(Path(".cache/making").iterdir()) == []


def test_a_held_out_year_and_its_near_duplicates_are_in_no_training(study):
    set_option(test_years=[2022])
    split.main()
    kept_out = {one.id for one in study if one.usable and one.year == 2022} | {study[0].id}  # the twin of 45, of 2022
    assert study[45].year == 2022
    assert study[0].year == 2021
    for fold in range(5):
        assigned = assignment(fold)
        assert {one for one, told in assigned.items() if told.split == "excluded"} <= kept_out
        for level in Level:
            for name in ("train", "valid"):
                rows = read_records(f"data/datasets/{level}/fold-{fold}/{name}.jsonl", Row)
                assert not kept_out & {one.problem_id for one in rows}
    held_out = [one for fold in range(5) for one, told in assignment(fold).items() if told.split == "test"]
    assert sorted(held_out) == sorted(one.id for one in study if one.usable)


@pytest.mark.parametrize("similarity", [0.05, 0.2, 0.5])
def test_no_near_duplicate_of_a_held_out_problem_is_trained_on(study, similarity):
    set_option(similarity=similarity, folds=3)
    split.main()
    by_id = {one.id: one.statement for one in study}
    for fold in range(3):
        held_out = {one: by_id[one] for one, told in assignment(fold).items() if told.split == "test"}
        rows = [
            row
            for name in ("train", "valid")
            for row in read_records(f"data/datasets/R3/fold-{fold}/{name}.jsonl", Row)
        ]
        assert leaks(rows, held_out, similarity) == []


def test_the_published_protocol_shows_the_size_of_its_leak(study):
    set_option(protocol="published")
    told = []
    for seed in range(8):
        set_option(seed=seed)
        split.main()
        assert metrics()["protocol"] == "published"
        told += [fold["held_out_with_a_twin_in_training"] for fold in metrics()["folds"].values()]
    assert max(told) > 0


def test_a_broken_chain_is_an_error_and_writes_nothing(study):
    write_records("data/chains.jsonl", chains_of(study[0])[:5])
    with pytest.raises(StudyError, match=rf"data/chains.jsonl: {study[0].id} R6: missing"):
        split.main()
    write_records("data/chains.jsonl", chains_of(study[-1]))
    with pytest.raises(StudyError, match=rf"data/chains.jsonl: {study[-1].id} R1: .*no usable problem"):
        split.main()
    assert not Path("data/assignment.jsonl").exists()


def test_a_fold_without_rows_is_an_error_and_writes_nothing(study):
    for solved in (study[:2], []):
        write_records("data/chains.jsonl", [chain for one in solved for chain in chains_of(one)])
        with pytest.raises(StudyError, match=r"params.yaml: sample.split: fold \d: \w+ has no rows \(\d of 120 usable"):
            split.main()
    assert not Path("data/datasets").exists()
    assert not Path("data/assignment.jsonl").exists()


def test_an_argument_is_refused(study, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["split", "R1"])
    with pytest.raises(StudyError, match="R1: unknown argument"):
        split.main()


MLX = """
import json, sys
from types import SimpleNamespace
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from mlx_lm.tuner.datasets import CacheDataset, load_dataset

words = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?", eos_token="?")
tokenizer.chat_template = "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}"
sets = load_dataset(SimpleNamespace(data=sys.argv[1], train=True, test=True, mask_prompt=True), tokenizer)
print(json.dumps([[type(rows).__name__, len(rows), *map(int, CacheDataset(rows)[0][1:])] for rows in sets]))
"""


def test_mlx_lm_takes_the_folder(study):
    """In a process of its own, as the BLAS that other tests load must come before mlx."""
    split.main()
    command = [sys.executable, "-c", MLX, "data/datasets/R1/fold-0"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    sets = json.loads(done.stdout.splitlines()[-1])
    rows = metrics()["folds"]["0"]["rows"]
    assert [(kind, n) for kind, n, _ in sets] == [("ChatDataset", rows[name]) for name in ("train", "valid", "test")]
    assert all(prompt_tokens > 12 for _, _, prompt_tokens in sets)
