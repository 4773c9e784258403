"""stages.proofreading.desk: what a decision writes down, what the page then shows, and what is refused."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stages.exams.corrections import read_corrections
from stages.proofreading.desk import Conflict, Decision, Desk, Missed, add, decide, picture, state, take_back
from stages.study.errors import StudyError
from tests.proofreading.made import STATEMENTS, made_desk, made_problem, run_again

FIRST = "made-2031-fs-01"
MISSED = {
    "file": "2031 FS.pdf",
    "page": 1,
    "place": (0.1, 0.16, 0.9, 0.2),
    "name": "2031 fs 7",
    "statement": "Add 2 to 3.",
}


def told(desk: Desk, identity: str = FIRST, seen: int = 0, **fields: Any) -> dict[str, Any]:
    return decide(desk, Decision(id=identity, seen=seen, **fields))["item"]


def items(desk: Desk) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in state(desk)["items"]}


def test_a_line_says_who_when_why_and_what_was_there(tmp_path: Path) -> None:
    desk = made_desk(tmp_path, who="Ada")
    told(desk, statement="  Find the least\nprime over 20. ", answer="29", note="misread")
    line = json.loads((tmp_path / "corrections.jsonl").read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line.pop("when"))
    assert line == {
        "file": "2031 FS.pdf",
        "page": 1,
        "place": [0.1, 0.1, 0.9, 0.15],
        "statement": "Find the least prime over 20.",
        "answer": "29",
        "before": {"statement": STATEMENTS[0], "answer": "23"},
        "who": "Ada",
        "note": "misread",
    }


def test_accepting_is_told_from_editing(tmp_path: Path) -> None:
    desk = made_desk(tmp_path)
    item = told(desk, statement=STATEMENTS[0], answer="23")
    assert item["decision"]["accepted"]
    item = told(desk, seen=1, statement=STATEMENTS[0], answer="29")
    assert not item["decision"]["accepted"]
    assert (item["answer"], item["read"]["answer"], item["seen"]) == ("29", "23", 2)
    with pytest.raises(StudyError, match="no statement to accept"):
        told(desk, "made-2031-fs-04", statement=" ", answer="23")


def test_every_decision_can_be_taken_back(tmp_path: Path) -> None:
    desk = made_desk(tmp_path)
    told(desk, statement="Find a prime.", answer="23")
    assert told(desk, seen=1, rejected=True)["decision"]["rejected"]
    item = told(desk, seen=2, statement="Find a prime.", answer="23")  # the one before, as a line of its own
    assert (item["statement"], item["decision"]["rejected"]) == ("Find a prime.", False)
    item = told(desk, seen=3, withdrawn=True)
    assert (item["statement"], item["decision"]) == (STATEMENTS[0], None)
    assert len(read_corrections(desk.corrections)) == 4


def test_two_windows_see_each_other(tmp_path: Path) -> None:
    one = made_desk(tmp_path, who="one")
    other = Desk(**vars(one) | {"who": "other"})
    before = state(other)
    told(one, rejected=True)
    with pytest.raises(Conflict):
        told(other, statement="Find a prime.", answer="23")
    told(other, "made-2031-fs-02", needs_figure=True)
    news = state(other, before["stamp"], before["lines"])
    assert [item["id"] for item in news["items"]] == [FIRST, "made-2031-fs-02"]
    assert state(other, before["stamp"], news["lines"])["items"] == []
    assert [line.who for line in read_corrections(one.corrections)] == ["one", "other"]


def test_after_another_run_the_reading_is_still_known(tmp_path: Path) -> None:
    desk = made_desk(tmp_path)
    told(desk, statement="Find a prime over 20.", answer="29")
    before = state(desk)
    reading = made_problem(0).reading.model_copy(update={"corrected": True})
    done = made_problem(0, statement="Find a prime over 20.", answer="29", reading=reading)
    run_again(tmp_path, [done, made_problem(1), made_problem(2)])
    news = state(desk, before["stamp"], before["lines"])
    assert len(news["items"]) == 3  # all are new, and the fourth is gone
    assert news["items"][0]["read"] == {"statement": STATEMENTS[0], "answer": "23"}
    item = told(desk, seen=1, withdrawn=True)
    assert (item["statement"], item["answer"]) == (STATEMENTS[0], "23")
    assert told(desk, seen=2, statement=STATEMENTS[0], answer="23")["decision"]["accepted"]


def test_a_missed_question_is_added_changed_and_taken_back(tmp_path: Path) -> None:
    desk = made_desk(tmp_path)
    item = add(desk, Missed.model_validate(MISSED))["item"]
    assert (item["id"], item["name"], item["decision"]["added"]) == ("made-2031-fs-07", "2031 fs 7", "2031 fs 7")
    assert items(desk)[FIRST]["decision"] is None  # its box is nearby
    item = told(desk, item["id"], seen=1, statement="Add 2 to 4.", answer="6")
    assert (item["statement"], item["decision"]["added"]) == ("Add 2 to 4.", "2031 fs 7")
    item = told(desk, item["id"], seen=2, rejected=True)
    assert (item["statement"], item["decision"]["rejected"]) == ("Add 2 to 4.", True)
    assert decide(desk, Decision(id=item["id"], seen=3, withdrawn=True)) == {"item": None}
    assert "made-2031-fs-07" not in items(desk)
    assert state(desk)["stale"] == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "2031 fs 1"}, "there is such a question"),
        ({"name": "2031 fs"}, "added"),
        ({"name": "2031 fs 7; rm"}, "added"),
        ({"page": 2}, "no page 2"),
        ({"place": (0.1, 0.2, 0.1, 0.3)}, "shares of the page"),
        ({"place": (-0.1, 0.2, 0.1, 0.3)}, "shares of the page"),
        ({"statement": " "}, "statement"),
    ],
)
def test_what_cannot_be_added_is_refused(tmp_path: Path, change: dict[str, Any], error: str) -> None:
    desk = made_desk(tmp_path)
    with pytest.raises(StudyError, match=error):
        add(desk, Missed.model_validate(MISSED | change))
    assert not desk.corrections.exists()


def test_what_concerns_no_problem_is_shown_and_can_be_taken_back(tmp_path: Path) -> None:
    desk = made_desk(tmp_path)
    told(desk, "made-2031-fs-02", answer="7")
    run_again(tmp_path, [made_problem(0)])
    (old,) = state(desk)["stale"]
    assert (old["line"], old["why"], old["told"]["answer"]) == (0, "no question stands there", "7")
    assert take_back(desk, old["line"])["stale"] == []
    with pytest.raises(StudyError, match="no line 10"):
        take_back(desk, 9)


def test_pictures_are_those_of_known_problems(tmp_path: Path) -> None:
    desk = made_desk(tmp_path)
    (tmp_path / "secret.png").write_bytes(b"secret")
    assert picture(desk, FIRST, key=False).startswith(b"\x89PNG")
    for identity in ("../secret", "made-2031-fs-99", "", f"{FIRST}/../../secret"):
        with pytest.raises(StudyError, match="no such problem"):
            picture(desk, identity, key=False)
    with pytest.raises(FileNotFoundError):
        picture(desk, FIRST, key=True)
    item = add(desk, Missed.model_validate(MISSED))["item"]
    assert picture(desk, item["id"], key=False).startswith(b"\x89PNG")  # cut out of the page


def test_control_characters_do_not_get_in(tmp_path: Path) -> None:
    item = told(made_desk(tmp_path), statement="Find\x00 a\x1b[31m \u202eprime.", answer="2\t3")
    assert (item["statement"], item["answer"]) == ("Find a [31m prime.", "2 3")


def test_problems_that_are_being_made_are_asked_for(tmp_path: Path) -> None:
    desk = made_desk(tmp_path)
    desk.problems.unlink()
    with pytest.raises(StudyError, match="dvc repro extract"):
        state(desk)
