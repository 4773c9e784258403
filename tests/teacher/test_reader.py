"""A model that transcribes images, behind a real server: what it is sent, and what is made of what it says."""

import base64
import json
from collections import Counter

import pytest

from stages.study.errors import StudyError
from stages.teacher.reader import read_transcript, transcribe
from stages.teacher.settings import Role
from tests.teacher.conftest import KEY
from tests.teacher.faulty import completion
from tests.teacher.scripted import reply

FORM = {"statement": "Find x^2.", "needs_figure": False, "unreadable": False}
READER = Role(model="eyes")


@pytest.mark.parametrize(
    ("text", "statement", "failure"),
    [
        (json.dumps(FORM), "Find x^2.", ""),
        (f"```json\n{json.dumps(FORM)}\n```", "Find x^2.", ""),
        (json.dumps(FORM | {"statement": "Find\n  x^2."}), "Find x^2.", ""),
        (json.dumps(FORM | {"statement": "", "unreadable": True}), "", ""),
        ("Find x^2.", "", "Invalid JSON"),
        (json.dumps(FORM)[:-3], "", "Invalid JSON"),
        (json.dumps(FORM | {"answer": "4"}), "", "answer"),
        (json.dumps({"statement": "Find x^2."}), "", "needs_figure"),
        (json.dumps(FORM | {"unreadable": "no"}), "", "unreadable"),
        (json.dumps(FORM | {"unreadable": True}), "", "expected where the text is readable"),
        (json.dumps(FORM | {"statement": ""}), "", "expected where the text is readable"),
        (json.dumps(FORM | {"statement": r"Find \frac{1}{2}."}), "", "LaTeX"),
        (json.dumps(FORM | {"statement": "Find \x1b[2J."}), "", "cannot be printed"),
        (json.dumps(FORM | {"statement": "x" * 7000}), "", "at most 6000 characters"),
        ("[" * 100_000, "", "Invalid JSON"),
    ],
)  # fmt: skip
def test_read_transcript(text: str, statement: str, failure: str) -> None:
    found = read_transcript(reply({"model": "eyes", "messages": []}, text))
    assert found.statement == statement
    assert failure in found.failure
    assert bool(failure) == bool(found.failure)


def test_a_reply_that_was_cut_off_is_no_transcript() -> None:
    assert (
        "cut off"
        in read_transcript(reply({"model": "eyes", "messages": []}, json.dumps(FORM), finish="length")).failure
    )


def test_what_breaks_the_form_is_asked_again_and_then_has_failed(bench) -> None:
    asked = Counter[str]()

    def brain(body):
        draft = body["messages"][0]["content"][1]["text"].split("<draft>")[1].split("</draft>")[0].strip()
        asked[draft] += 1
        good = draft == "good" or (draft == "second" and asked[draft] == 2)
        return completion(
            json.dumps(FORM | {"statement": f"Find {draft}."}) if good else "It is 4.", model=body["model"]
        )

    at = bench(brain, settings={"reader": READER}, machine={"budget_usd": 1.0})
    images: list[str] = []

    def image(name: str) -> bytes:
        images.append(name)
        return b"\x89PNG " + name.encode()

    def transcripts():
        with at.connected() as ask:
            names = [("a", "good"), ("b", "second"), ("c", "never")]
            return transcribe(names, image, ask, at.settings.role("reader"), attempts=2, max_tokens=99)

    found, replies = transcripts()
    assert {name: seen.statement for name, seen in found.items()} == {"a": "Find good.", "b": "Find second.", "c": ""}
    assert "breaks its form" in found["c"].failure
    assert asked == {"good": 1, "second": 2, "never": 2}
    assert len(replies) == 5
    assert sorted(images) == ["a", "b", "b", "c", "c"]
    assert transcripts()[0] == found  # from the store: nothing is paid for twice
    assert asked.total() == 5


def test_what_is_sent_is_image_and_draft(bench) -> None:
    bodies = []

    def brain(body):
        bodies.append(body)
        return completion(json.dumps(FORM), model=body["model"])

    at = bench(brain, settings={"reader": Role(model="eyes", extra={"thinking": {"type": "disabled"}})})
    with at.connected() as ask:
        transcribe([("a", "Find x2.")], lambda _: b"\x89PNG", ask, at.settings.role("reader"), 1, 99)
    (body,) = bodies
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == b"\x89PNG"
    assert "Find x2." in body["messages"][0]["content"][1]["text"]
    assert (body["response_format"], body["thinking"]) == ({"type": "json_object"}, {"type": "disabled"})
    assert (body["max_tokens"], body["temperature"], body["model"]) == (99, 0.0, "eyes")
    assert KEY not in json.dumps(body)


def test_faults_of_the_server_are_none_of_the_form(bench) -> None:
    at = bench(
        lambda body: completion(json.dumps(FORM), model=body["model"]),
        settings={"reader": READER},
        faults={"500": 0.3, "empty": 0.2, "half": 0.1, "html": 0.1},
    )
    with at.connected() as ask:
        names = [(f"q{number}", f"draft {number}") for number in range(20)]
        found, _ = transcribe(names, lambda _: b"\x89PNG", ask, READER, 1, 99)
    assert all(seen.statement == "Find x^2." for seen in found.values())
    assert at.server.bought_twice() == 0


def test_no_reader_is_named(bench) -> None:
    with pytest.raises(StudyError, match=r"teacher\.reader"):
        bench().settings.role("reader")
