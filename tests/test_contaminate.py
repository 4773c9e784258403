"""stages.contaminate: a student that knows statements by heart is found out, one that does not is not."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages import contaminate
from stages.generation import decoding
from stages.generation.continued import Cut, continued, cut, likeness
from stages.generation.said import Said
from stages.student import base
from stages.study import versions
from stages.study.files import write_records
from stages.study.records import BenchmarkProblem, Problem, Reading, Source

LONG = "Ann has {0} red apples and buys twice as many green ones at the market. How many apples has she in all?"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STAGE_CORES", raising=False)
    tiny.params(tmp_path, benchmarks=["own", "math-500"])
    tiny.make(base.BASE)
    versions.main()
    source, reading = Source(file="x.pdf", page=1, box=(0, 0, 1, 1)), Reading(engine="text", confidence=1)
    fixed = {"corpus": "x", "section": "fs", "number": "01", "answer": "1", "source": source, "reading": reading}
    told = [
        ("a", LONG.format(3), 2021),
        ("b", LONG.format(4), 2022),
        ("c", "Find x.", 2022),
        ("d", LONG.format(5), 2022),
    ]
    problems = [Problem(id=one, statement=text, year=year, usable=one != "d", **fixed) for one, text, year in told]
    write_records("data/problems.jsonl", problems)
    for name in ("own", "math-500"):
        told = [BenchmarkProblem(id=f"{name}-{n}", statement=LONG.format(n), answer="1") for n in range(3)]
        write_records(f"data/benchmarks/{name}.jsonl", told)
    return tmp_path


def found(monkeypatch) -> dict:
    monkeypatch.setattr(sys, "argv", ["contaminate"])
    contaminate.main()
    return json.loads(Path("metrics/contamination.json").read_text(encoding="utf-8"))


def test_a_student_that_knows_nothing(project, monkeypatch):
    told = found(monkeypatch)
    assert {name: one["statements"] for name, one in told["sources"].items()} == {"exams": 3, "own": 3, "math-500": 3}
    assert told["sources"]["exams"]["continued"] == 2  # one is too short, one not usable
    assert {one["exact"] + one["near"] for one in told["sources"].values()} == {0}
    assert [name for name, one in told["sources"].items() if "known" in one] == ["math-500"]
    before = Path("metrics/contamination.json").read_bytes()
    found(monkeypatch)
    assert Path("metrics/contamination.json").read_bytes() == before


def test_a_student_that_knows_some_by_heart(project, monkeypatch):
    def by_heart(model, tokenizer, prompts, room):
        """Goes on exactly where an even number stands in the text, nearly where it is 3, and otherwise says nothing."""
        texts = []
        for prompt in map(tokenizer.decode, prompts):
            number = int(re.search(r"\d", prompt)[0])
            [rest] = [one.rest for one in cut({"x": LONG.format(number)})]
            said = (
                f"  {rest.upper()} So it goes."
                if number % 2 == 0
                else rest.replace("market", "shop")
                if number == 3
                else "no"
            )
            assert len(tokenizer.encode(rest)) < room
            texts.append(Said(text=said, tokens=1, finish_reason="length"))
        return texts

    monkeypatch.setattr(decoding, "answer_batch", by_heart)
    told = found(monkeypatch)["sources"]
    assert {name: (one["exact"], one["near"]) for name, one in told.items()} == {
        "exams": (1, 2),
        "own": (2, 2),
        "math-500": (2, 2),
    }
    assert told["exams"]["by_year"] == {
        "2021": {"continued": 1, "exact": 0, "near": 1},
        "2022": {"continued": 1, "exact": 1, "near": 1},
    }


def test_the_student_reads_the_beginning_as_it_stands_in_batches(project, monkeypatch):
    asked = []
    answer_batch = decoding.answer_batch
    monkeypatch.setattr(decoding, "answer_batch", lambda *told: asked.append(told[2]) or answer_batch(*told))
    cuts = cut({str(n): LONG.format("x" * n) for n in range(1, 6)})
    loaded = base.load()
    pairs = [*continued(cuts, loaded, 2)]
    assert sorted(one.name for one, _ in pairs) == [*"12345"]
    assert [len(batch) for batch in asked] == [2, 2, 1]
    assert sorted(loaded[1].decode(one) for batch in asked for one in batch) == sorted(one.begin for one in cuts)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("a b c d e f g h i j k l", ("a b c d e f g", "h i j k l")),
        ("a b  c d\ne f g h i j", None),  # four words would be left
        ("", None),
        ("a", None),
    ],
)
def test_where_a_statement_is_cut(statement, expected):
    assert cut({"x": statement}) == ([Cut("x", *expected)] if expected else [])


@pytest.mark.parametrize(
    ("rest", "said", "least", "most"),
    [
        ("how many are left", "How many\nare  left and more", 100, 100),
        ("how many are left", "how many were left", 80, 99),
        ("how many are left", "", 0, 0),
        ("how many are left", "Let us solve for x", 0, 60),
    ],
)
def test_likeness(rest, said, least, most):
    assert least <= likeness(rest, said) <= most
