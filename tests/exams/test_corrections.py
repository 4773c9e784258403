"""A person's decisions: which problem each belongs to, which of several counts, and how lines are added."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.exams.corrections import (
    Correction,
    additions,
    append_correction,
    correction_of,
    overlap,
    read_corrections,
    stale,
    standing,
)
from stages.study.errors import StudyError
from stages.study.records import Problem, Reading, Source

PLACE = (0.1, 0.2, 0.9, 0.3)
PRIMES = "Find the least prime number that is more than 20."
ROOTS = "Two circles of radius 5 touch a line; how far apart are the points where they touch it?"


def problem(statement: str = PRIMES, place: tuple[float, ...] = PLACE, number: str = "1", page: int = 1) -> Problem:
    source = Source(file="a.pdf", page=page, box=(0, 0, 1, 1), place=place)
    reading = Reading(engine="text", confidence=1.0)
    return Problem(
        id=f"made-2031-fs-{number.zfill(2)}",
        corpus="made",
        year=2031,
        section="fs",
        number=number,
        statement=statement,
        answer="23",
        source=source,
        reading=reading,
    )


def decision(**told: Any) -> Correction:
    return Correction.model_validate({"file": "a.pdf", "page": 1, "place": PLACE} | told)


WITHDRAWN = decision(withdrawn=True)
ADDED = decision(added="2031 fs 2", statement="Add two and two.", place=(0.1, 0.25, 0.9, 0.3))


@pytest.mark.parametrize(
    ("decisions", "asked", "statement"),
    [
        ([decision(statement="Add one."), decision(statement="Add two.")], problem(), "Add two."),
        ([decision(statement="Add one.")], problem(place=(0.11, 0.205, 0.9, 0.305)), "Add one."),  # another rendering
        ([decision(statement="Add one.")], problem(place=(0.1, 0.5, 0.9, 0.6)), None),
        (
            [decision(statement="Add one.")],
            problem(place=(0.1, 0.25, 0.9, 0.3)),
            None,
        ),  # half of it is another question
        ([decision(statement="Add one.")], problem(page=2), None),
        ([decision(statement="Add one."), WITHDRAWN], problem(), None),
        ([decision(statement="Add one."), WITHDRAWN, decision(statement="Add two.")], problem(), "Add two."),
        (
            [decision(statement="Add one.", before={"statement": PRIMES})],
            problem(PRIMES.replace("20", "2O")),
            "Add one.",
        ),
        ([decision(statement="Add one more.", before={"statement": PRIMES})], problem(ROOTS), None),  # the file changed
        ([decision(statement=ROOTS, before={"statement": PRIMES})], problem(ROOTS), ROOTS),  # now read as corrected
        ([decision(statement=ROOTS, before={"statement": ""})], problem(ROOTS), ROOTS),
        ([ADDED], problem(), None),  # drawn within another question's box
        ([ADDED], problem("Add two and two.", (0.1, 0.4, 0.9, 0.5), "2"), "Add two and two."),
    ],
)
def test_the_last_decision_about_a_place_counts(
    decisions: list[Correction], asked: Problem, statement: str | None
) -> None:
    found = correction_of(asked, decisions)
    assert (found and found.statement) == statement


@pytest.mark.parametrize(
    ("decisions", "problems", "why"),
    [
        ([decision(answer="7")], [problem()], []),
        ([decision(answer="7")], [], ["no question stands there"]),
        ([decision(answer="7"), WITHDRAWN], [], []),
        ([decision(answer="7"), decision(answer="8")], [], ["no question stands there"]),
        ([decision(answer="7", before={"statement": ROOTS})], [problem()], ["another question stands there"]),
        ([ADDED], [problem(number="2", page=2)], ["there is a question of that number elsewhere"]),
        ([ADDED], [problem("Add two and two.", ADDED.place, "2")], []),
    ],
)
def test_what_takes_effect_nowhere_is_told(
    decisions: list[Correction], problems: list[Problem], why: list[str]
) -> None:
    assert [reason for _, reason in stale(decisions, problems)] == why


def test_an_added_question_can_be_changed_and_taken_back() -> None:
    changed = decision(added="2031 fs 2", statement="Add three.", place=(0.1, 0.27, 0.9, 0.3))
    back = decision(added="2031 fs 2", withdrawn=True)
    assert additions([ADDED]) == {"2031 fs 2": ADDED}
    assert additions([ADDED, changed]) == {"2031 fs 2": changed}
    assert additions([ADDED, changed, back]) == {}
    assert standing([ADDED, changed, back, decision()]) == [back, decision()]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ({"statment": "Add one."}, r"made\.jsonl:2: statment"),
        ({"place": (0.1, 0.2, 0.9, 1.3)}, "shares of the page"),
        ({"place": (0.5, 0.2, 0.5, 0.3)}, "shares of the page"),
        ({"added": "2031 fs 2"}, "a question that is added needs one"),
        ({"added": "fs 2", "statement": "Add one."}, r"made\.jsonl:2: added"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(tmp_path: Path, line: dict[str, Any], error: str) -> None:
    path = tmp_path / "made.jsonl"
    good = {"file": "a.pdf", "page": 1, "place": PLACE}
    path.write_text(f"{json.dumps(good)}\n{json.dumps(good | line)}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=error):
        read_corrections(path)


def test_lines_are_added_and_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "corrections/made.jsonl"
    append_correction(path, decision(note="first"))
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")  # as an editor may leave it
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append_correction(path, decision(note=f"{n} → {'x' * 5000}")), range(100)))
    notes = [correction.note.split(" ")[0] for correction in read_corrections(path)]
    assert notes[0] == "first"
    assert sorted(notes[1:]) == sorted(map(str, range(100)))
    assert read_corrections(tmp_path / "none.jsonl") == []


SHARE = st.floats(0, 1)
BOX = st.tuples(SHARE, SHARE, SHARE, SHARE).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@given(BOX, BOX)
def test_overlap_is_a_share_of_both(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, other) == overlap(other, one)
    if (one[2] - one[0]) * (one[3] - one[1]) > 1e-6:
        assert overlap(one, one) == pytest.approx(1)
