"""What the report gives to other programs and keeps on record: looks, samples, the model card, provenance, crops."""

import hashlib
import json
import re
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from stages.report.__main__ import main
from stages.report.lengths import PADDING, named_rows
from stages.report.look import WIDTH
from stages.report.looks import LOG, count, looks_with
from stages.report.tables import effect
from stages.study.errors import StudyError
from stages.study.files import read_json, read_records, write_records
from stages.study.records import Problem
from tests.report.html import Page
from tests.report.made_study import grade
from tests.report.test_inputs import rewrite


def looks() -> list[dict]:
    return [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()]


def page() -> Page:
    return Page(Path("plots/report.html").read_text(encoding="utf-8"))


def test_a_look_is_counted_once_and_another_answer_is_another_look(study):
    [first] = looks()
    main()
    assert looks() == [first]  # nothing new: no line
    rewrite("R6-r0", lambda all_: [one.model_copy(update={"text": "so", "words": 1}) for one in all_[:3]] + all_[3:])
    grade("R6-r0")
    main()
    assert [one["responses"] == first["responses"] for one in looks()] == [True, False]
    assert "2 looks at these held-out problems are on record" in " ".join(page().text.split())


def test_settings_make_a_look_another_but_not_those_of_the_page(study):
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    raw["sample"]["report"]["examples"] = 2
    Path("params.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    main()
    assert len(looks()) == 1
    raw["sample"]["train"]["rank"] = 9
    Path("params.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    main()
    assert len(looks()) == 2


def test_looks_of_other_problems_are_not_counted(tmp_path):
    keys = ("assignment", "responses", "judge", "params")
    mine, other = dict.fromkeys(keys, "a"), dict.fromkeys(keys, "b")
    log = tmp_path / "looks.jsonl"
    log.write_text(json.dumps(other) + "\n", encoding="utf-8")
    assert looks_with(mine, log) == [other, mine]
    assert count([other, mine, {**mine, "params": "c"}], mine) == 2
    for broken in ("{", "[]", "3", json.dumps({"assignment": "a"})):
        log.write_text(json.dumps(other) + f"\n{broken}\n", encoding="utf-8")
        with pytest.raises(StudyError, match=r"looks.jsonl:2: no look"):
            looks_with(mine, log)


def test_samples_are_the_responses_with_their_grades(printed):
    for run, told in read_json("metrics/summary.json")["runs"].items():
        lines = Path(f"plots/samples/{run}.jsonl").read_text(encoding="utf-8").splitlines()
        samples = [json.loads(line) for line in lines]
        assert [one["doc_id"] for one in samples] == list(range(len(samples)))
        held_out = [one for one in samples if one["doc"]["split"] == "test"]
        assert len(held_out) == told["held_out"]["n"]
        assert sum(one["exact_match"] for one in held_out) == told["held_out"]["correct"]
        for one in samples:
            answer = one["filtered_resps"][0]
            assert one["exact_match"] == (one["finish_reason"] == "stop" and answer == one["target"])
            assert answer in one["resps"][0][0]
            assert one["target_hash"] == hashlib.sha256(one["target"].encode()).hexdigest()


def test_the_model_card_has_a_head_and_the_numbers(printed):
    text = Path("plots/model_card.md").read_text(encoding="utf-8")
    _, head, body = text.split("---\n", 2)
    [entry] = yaml.safe_load(head)["model-index"]
    [result] = entry["results"]
    held = read_json("metrics/summary.json")["levels"]["R1"]["held_out"]
    assert result["metrics"][0]["value"] == round(100 * held["correct"] / held["n"], 1)
    assert result["dataset"].keys() == {"type", "name"}
    assert "base_model" not in head  # a wheel is no model of the hub
    for told in ("Held-out accuracy over all problems", f"{held['truncated']} of {held['n']} responses were cut off"):
        assert told in body


def test_provenance_names_files_students_and_unusual_settings(printed):
    tables = page().tables
    for path, md5 in tables["Files"][1:]:
        assert md5 == hashlib.md5(Path(path).read_bytes()).hexdigest()
    training = {run: read_json(f"metrics/training/{run}.json") for run in read_json("metrics/summary.json")["runs"]}
    assert [row[:3] for row in tables["Students"][1:]] == [
        [run, told["adapter_digest"][:16], told["data_digest"][:16]] for run, told in training.items()
    ]
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    shown = {row[0]: row[1:] for row in tables["Settings unlike the published study's"][1:]}
    rates = [raw[one]["train"]["learning_rate"] for one in ("sample", "paper")]
    assert [float(one) for one in shown["train.learning_rate"]] == rates
    assert "split.folds" not in shown  # the same in both
    assert all(here != there for here, there in shown.values())


def test_what_was_left_out_is_listed_with_three_images(printed):
    [header, *rows] = page().tables["Questions that were left out"]
    assert header == ["question", "reason", "file", "page"]
    assert len(rows) == 9
    text = " ".join(page().text.split())
    assert "9 of 259 questions: needs its figure: 6, the statement is missing: 3" in text
    alt = [value for name, value in page().attributes if name == "alt"]
    assert [re.search(r"made-\S+", one)[0] for one in alt] == [f"made-2019-fs-{n:02}" for n in (0, 6, 1)]


@pytest.mark.parametrize(
    ("crop", "what"),
    [
        ("data/crops/gone.png", "no such file"),
        ("data/problems.jsonl", "outside data/crops"),
        ("data/crops/../../params.yaml", "outside data/crops"),
        ("data/crops/fake.png", "not a PNG image"),
    ],
)
def test_a_crop_that_is_none_stops_the_report(study, crop, what):
    Path("data/crops/fake.png").write_text("<svg onload='x'>", encoding="utf-8")
    problems = read_records("data/problems.jsonl", Problem)
    unusable = next(one for one in problems if not one.usable)
    changed = unusable.model_copy(update={"source": unusable.source.model_copy(update={"crop": crop})})
    write_records("data/problems.jsonl", [changed if one is unusable else one for one in problems])
    with pytest.raises(StudyError, match=what):
        main()


def test_a_left_out_question_that_is_missing_stops_the_report(study):
    problems = read_records("data/problems.jsonl", Problem)
    write_records("data/problems.jsonl", [one for one in problems if one.id != "made-2019-fs-03"])
    with pytest.raises(StudyError, match=r"extract.json: questions: 259, but data/problems.jsonl has 258"):
        main()


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.01, 0.2, "Distillation helped: "),
        (-0.2, -0.01, "Distillation did harm: "),
        (-0.01, 0.2, "Distillation cannot be told to have helped: "),
        (0.0, 0.2, "Distillation cannot be told to have helped: "),
    ],
)
def test_the_first_word_follows_the_interval(printed, low, high, told):
    summary = read_json("metrics/summary.json")
    summary["baselines"]["of"][summary["baselines"]["best"]]["versus"] |= {"low": low, "high": high}
    assert effect(summary).startswith(told)


def test_what_the_student_knew_before_is_told(printed):
    assert page().tables["Known by heart before training"][1:] == [
        ["exams", "250", "240", "1", "3", ""],
        ["exams, 2021", "", "240", "1", "3", ""],
        ["made", "60", "240", "1", "3", ""],
    ]


@pytest.mark.parametrize("words", [[0, 0, 0], [10, 11, 12, 80], [5.5], [0, 100, 50, 49, 51]])
def test_no_name_of_a_point_collides_with_another(words):
    """On one line of names, any two are apart by more than their halves."""
    rows = [{"name": f"R{place}", "label": f"R{place}, best", "words": told} for place, told in enumerate(words)]
    placed = named_rows(rows, "words")
    width, most = (WIDTH - 2 * PADDING) / (max(words) or 1), 7.2 * len("R0, best")
    assert [row["words"] for row in placed] == sorted(words)
    for one, other in combinations(placed, 2):
        assert one["above"] != other["above"] or width * abs(one["words"] - other["words"]) > most
    assert max(row["above"] for row in placed) < len(words)
