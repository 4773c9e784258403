"""stages.split: clusters hold together, shares come out, the rules of the study are enforced, rows fit mlx-lm."""

import json
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stages import split
from stages.questions.prompt import student_messages
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Assignment, BenchmarkProblem, Chain, Level, Problem, Reading, Row, Source

ROOT = Path(__file__).parent.parent
SHARES = {"train": 0.6, "valid": 0.1, "test": 0.3}
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
    """A folder with 3 years x 2 sections x 20 problems, two near-duplicate pairs, one unsolved, one unusable."""
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
    write_records("data/problems.jsonl", problems)
    write_records("data/chains.jsonl", chains)
    write_records("data/benchmarks/sample.jsonl", benchmark)
    Path("params.yaml").write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    set_option(test=0.30)  # what the tests count with, whatever the sample holds out
    return problems


def set_option(**options) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["sample"]["split"] |= options
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def outputs() -> dict[str, bytes]:
    paths = [
        *Path("data/datasets").rglob("*.jsonl"),
        Path("data/assignment.jsonl"),
        Path("metrics/split.json"),
    ]
    return {str(path): path.read_bytes() for path in paths}


def assignment() -> dict[str, Assignment]:
    return {one.problem_id: one for one in read_records("data/assignment.jsonl", Assignment)}


@given(st.integers(1, 30), st.data())
def test_clusters_are_the_connected_components(n, data):
    ids = [f"p{number:02}" for number in range(n)]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=40))
    clusters = split.cluster(ids, pairs)
    reach = {one: {one} for one in ids}  # by repeated merging, slowly and plainly
    for _ in ids:
        for one, other in pairs:
            reach[one] = reach[other] = reach[one] | reach[other]
    name_of = {member: name for name, members in clusters.items() for member in members}
    assert sorted(name_of) == ids
    for one, other in combinations(ids, 2):
        assert (name_of[one] == name_of[other]) == bool(reach[one] & reach[other])
    assert all(members == sorted(members) and name == members[0] for name, members in clusters.items())


@given(st.lists(st.integers(1, 4), min_size=30, max_size=80), st.integers(0, 10**6))
def test_shares_come_out_within_the_largest_cluster(sizes, seed):
    clusters = {f"c{n:02}": [f"c{n:02}-{m}" for m in range(size)] for n, size in enumerate(sizes)}
    members = [member for group in clusters.values() for member in group]
    sections = {member: ("fs", "js", "tp")[position % 3] for position, member in enumerate(members)}
    splits = split.draw(clusters, sections, SHARES, Random(seed))
    assert splits.keys() == clusters.keys()
    sizes_of = Counter(splits[member[:3]] for member in members)
    for name, share in SHARES.items():
        assert abs(sizes_of[name] - share * len(members)) <= max(sizes)
    assert splits == split.draw(dict(reversed(clusters.items())), sections, SHARES, Random(seed))


def test_sections_are_stratified():
    ids = [f"{section}-{n:03}" for section, size in (("fs", 100), ("js", 100), ("tp", 50)) for n in range(size)]
    sections = {one: one[:2] for one in ids}
    for seed in range(20):
        splits = split.draw({one: [one] for one in ids}, sections, SHARES, Random(seed))
        count = Counter((splits[one], one[:2]) for one in ids)
        for name, share in SHARES.items():
            assert [count[name, section] for section in ("fs", "js", "tp")] == [share * 100, share * 100, share * 50]


def test_every_problem_can_land_in_every_split():
    """Large clusters and small ones alike: the split favours none."""
    clusters = {"big": ["big1", "big2", "big3"]} | {f"c{n:02}": [f"c{n:02}"] for n in range(57)}
    sections = {member: "fs" for members in clusters.values() for member in members}
    landed = Counter(split.draw(clusters, sections, SHARES, Random(seed))["big"] for seed in range(2000))
    for name, share in SHARES.items():
        assert landed[name] / 2000 == pytest.approx(share, abs=0.04)


def test_split_of_a_study(study):
    split.main()
    assigned = assignment()
    assert assigned.keys() == {one.id for one in study if one.usable}  # the unsolved one too
    assert [one.problem_id for one in assigned.values() if not one.has_chain] == [study[3].id]
    for one, other in ((study[0], study[45]), (study[7], study[27])):
        assert assigned[one.id].split == assigned[other.id].split
        assert assigned[one.id].cluster == assigned[other.id].cluster == min(one.id, other.id)

    metrics = json.loads(Path("metrics/split.json").read_text(encoding="utf-8"))
    assert metrics["problems"] == 120
    assert metrics["with_chains"] == 119
    assert metrics["clusters"] == 118
    assert metrics["near_duplicate_pairs"] == {"same_year": 1, "across_years": 1}
    assert sum(metrics["sizes"].values()) == 120
    assert metrics["sizes"]["test"] == pytest.approx(36, abs=2)
    benchmark = metrics["benchmark"]
    assert (benchmark["problems"], benchmark["near_duplicates"]) == (2, 1)
    [pair] = benchmark["pairs"]
    assert (pair["benchmark"], pair["problem"], pair["jaccard"]) == ("b-1", study[10].id, 1.0)
    assert benchmark["near_training_rows"] == (assigned[study[10].id].split == "train")

    by_id = {one.id: one for one in study}
    for level in Level:
        for name in ("train", "valid", "test"):
            rows = read_records(f"data/datasets/{level}/{name}.jsonl", Row)
            ids = [one.problem_id for one in rows]
            assert ids == sorted(one for one, a in assigned.items() if a.split == name and a.has_chain)
            assert len(ids) == metrics["rows"][level][name]
            for one in rows:
                assert one.messages[:-1] == student_messages(by_id[one.problem_id].statement)
                chain = chains_of(by_id[one.problem_id])[list(Level).index(level)]
                assert one.messages[-1] == {"role": "assistant", "content": chain.text}


def test_same_bytes_twice_and_in_any_order_of_input(study):
    split.main()
    first = outputs()
    for name in ("data/problems.jsonl", "data/chains.jsonl", "data/benchmarks/sample.jsonl"):
        lines = Path(name).read_text(encoding="utf-8").splitlines(keepends=True)
        Path(name).write_text("".join(reversed(lines)), encoding="utf-8")
    split.main()
    assert outputs() == first
    set_option(seed=2)
    split.main()
    assert outputs() != first


def test_a_held_out_year_is_test_as_a_whole_with_its_near_duplicates(study):
    set_option(test_years=[2022])
    split.main()
    assigned = assignment()
    assert {assigned[one.id].split for one in study if one.usable and one.year == 2022} == {"test"}
    # 45 is of 2022; its twin of 2021 follows it. The shares apply to the 79 others.
    assert assigned[study[0].id].split == "test"
    rest = Counter(assigned[one.id].split for one in study[1:] if one.usable and one.year != 2022)
    assert rest == {
        "train": pytest.approx(47, abs=2),
        "valid": pytest.approx(8, abs=2),
        "test": pytest.approx(24, abs=2),
    }


def test_no_near_duplicates_across_splits(study):
    set_option(similarity=0.05)
    split.main()
    assigned = assignment()
    usable = [one for one in study if one.usable]
    pairs = split.near_duplicates(usable, 0.05)
    assert len(pairs) > 2
    assert all(assigned[one.id].split == assigned[other.id].split for one, other in pairs)


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("Find x", "find X.", True),
        ("Find x", "Find y", False),
        ("Simplify", "Simplify", True),
        ("Find the sum of the first ten odd numbers", "Find the sum of the first ten even numbers", True),  # 5 of 9
        ("Find the sum of the first ten odd numbers", "What is the sum of all primes below ten", False),
    ],
)
def test_near_duplicates(first, second, near):
    assert bool(split.near_duplicates([problem(1, first), problem(2, second)], 0.5)) == near


def reasoning(words: int) -> dict:
    return {"text": " ".join(["so"] * (words - 2)) + "\nAnswer: 1", "words": words}


def violate(chains: list[Chain], level: str, **change) -> list[Chain]:
    return [chain.model_copy(update=change) if chain.level == level else chain for chain in chains]


CHAINS = chains_of(problem(1, "Find it"))


@pytest.mark.parametrize(
    ("chains", "level", "message"),
    [
        ([chain for chain in CHAINS if chain.level != "R4"], "R4", "missing"),
        ([*CHAINS, CHAINS[2]], "R3", "twice"),
        (violate(CHAINS, "R3", **reasoning(20)), "R3", "20 words, not fewer than the 20 of R2"),
        (violate(CHAINS, "R2", **reasoning(30)), "R2", "30 words, not fewer than the 24 of R1"),
        (violate(CHAINS, "R6", **reasoning(9)), "R6", "9 words, not fewer than the 8 of R5"),
        (violate(CHAINS, "R5", **reasoning(12)), "R5", "12 words, not fewer than the 12 of R4"),
        (violate(CHAINS, "R5", words=7), "R5", "has 8 words, but 7 are recorded"),
        (violate(CHAINS, "R5", text="so\nAnswer: 2", words=3, answer="2"), "R5", "answer '2', but '1' at R4"),
        (violate(CHAINS, "R1", text="so it is 1"), "R1", "does not end in the line 'Answer: 1'"),
        (violate(CHAINS, "R1", text="so\nAnswer: 1\nand more"), "R1", "does not end"),
        (violate(CHAINS, "R2", text="so\nAnswer: 11"), "R2", "does not end"),
        (violate(CHAINS, "R6", text="\n"), "R6", "does not end"),
    ],
)
def test_a_broken_rule_names_problem_and_level(chains, level, message):
    one = problem(1, "Find it")
    with pytest.raises(StudyError, match=f"made-2021-fs-01 {level}: .*{message}"):
        split.check(chains, {one.id: one})


def test_rules_hold_for_sound_chains_and_a_chain_needs_its_problem():
    one = problem(1, "Find it")
    assert split.check(CHAINS, {one.id: one}).keys() == {one.id}
    with pytest.raises(StudyError, match=r"made-2021-fs-01 R1: .*no usable problem"):
        split.check(CHAINS, {})


def test_an_empty_split_is_an_error_and_writes_nothing(study):
    write_records("data/chains.jsonl", [chain for one in study[:2] for chain in chains_of(one)])
    with pytest.raises(StudyError, match=r"params.yaml: sample.split: \w+ has no rows"):
        split.main()
    assert not Path("data/datasets").exists()
    write_records("data/chains.jsonl", [])
    with pytest.raises(StudyError, match="has no rows"):
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
    command = [sys.executable, "-c", MLX, "data/datasets/R1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    sets = json.loads(done.stdout.splitlines()[-1])
    rows = json.loads(Path("metrics/split.json").read_text(encoding="utf-8"))["rows"]["R1"]
    assert [(kind, n) for kind, n, _ in sets] == [("ChatDataset", rows[name]) for name in ("train", "valid", "test")]
    assert all(prompt_tokens > 12 for _, _, prompt_tokens in sets)
