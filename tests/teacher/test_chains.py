"""Chains: marks, limits and the rules, as tables."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.records import Level
from stages.teacher import chains

BODIES = {
    Level.R1: "One and one are counted on the fingers of a hand, one after the other.",
    Level.R2: "One and one are counted on the fingers of a hand.",
    Level.R3: "One and one are counted on the fingers.",
    Level.R4: "One and one are counted.",
    Level.R5: "One and one.",
    Level.R6: "Count.",
}
GOOD = {level: f"{body}\nAnswer: 2" for level, body in BODIES.items()}


def reply(texts: dict) -> str:
    return "\n\n".join(f"=== {level} ===\n{text}" for level, text in texts.items())


def same(key: str, answer: str) -> bool:
    return answer in (key, f"{key}.0")


@pytest.mark.parametrize(
    "mark", ["=== R1 ===", "R1", "R1:", "**R1**", "**R1:**", "### R1", "[R1]", "(R1)", "- R1 -", "=== R1 ===\r"]
)
def test_marks_of_many_styles(mark):
    assert chains.parse(f"Here they are.\n\n{mark}\nabc\nAnswer: 2\n") == [(Level.R1, "abc\nAnswer: 2")]


@pytest.mark.parametrize("line", ["R1 is long", "R7", "R12", "level one", "x = R1", ""])
def test_lines_that_are_no_marks(line):
    assert chains.parse(f"{line}\nabc") == []


@pytest.mark.parametrize(
    ("text", "body", "answer"),
    [
        ("a\nAnswer: 2", "a", "2"),
        ("a\n\n**Answer: 2**  ", "a", "2"),
        ("a\n**Answer:** 2", "a", "2"),
        ("a\nAnswer:2", "a", "2"),
        ("Answer: 2", "", "2"),
        ("a\nAnswer:", "a", None),
        ("a", "a", None),
        ("a. Answer: 2", "a. Answer: 2", None),
        ("a\nAnswer: 2\nQED", "a\nAnswer: 2\nQED", None),
        ("", "", None),
    ],
)
def test_the_answer_line_is_the_last(text, body, answer):
    assert chains.split_answer(text) == (body, answer)


def without(level: Level) -> dict:
    return {key: text for key, text in GOOD.items() if key != level}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (reply(GOOD), []),
        ("Sure!\n" + reply(GOOD), []),
        (reply(dict(reversed(GOOD.items()))), []),
        (reply(GOOD | {Level.R3: BODIES[Level.R3] + "\nAnswer: 2.0"}), []),
        ("", ["missing level"]),
        (reply(without(Level.R4)), ["missing level"]),
        (reply(GOOD | {Level.R4: " "}), ["missing level"]),
        (reply(GOOD) + "\n" + reply({Level.R2: GOOD[Level.R2]}), ["repeated level"]),
        (reply(GOOD | {Level.R2: BODIES[Level.R2]}), ["no answer line"]),
        (reply(GOOD | {Level.R6: "Answer: 2"}), ["no reasoning"]),
        (reply(GOOD | {Level.R6: "Count.\nAnswer: 3"}), ["wrong answer"]),
        (reply(GOOD | {Level.R1: GOOD[Level.R2], Level.R2: GOOD[Level.R1]}), ["length"]),
        (reply(GOOD | {Level.R2: GOOD[Level.R1]}), ["length"]),
        (reply(GOOD | {Level.R5: GOOD[Level.R4]}), []),
        (reply(without(Level.R1) | {Level.R2: "x\nAnswer: 9"}), ["missing level", "wrong answer", "length"]),
    ],
)
def test_rules(text, kinds):
    found = chains.faults(chains.parse(text), "2", same)
    assert list(found) == kinds
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in found.values())


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([30, 20, 15, 12, 11, 9], True),
        ([30, 20, 20, 12, 11, 9], False),
        ([30, 20, 15, 12, 12, 9], False),
        ([30, 20, 15, 11, 11, 11], True),
        ([30, 20, 15, 10, 11, 9], False),
        ([5], True),
        ([], True),
    ],
)
def test_words_fall(counts, expected):
    assert chains.falls(counts) is expected


@given(st.integers(0, 5000))
def test_limits_fall_for_reasoning_of_any_length(words):
    limits = list(chains.word_limits("word " * words).values())
    assert all(after < before for before, after in pairwise(limits))
    assert limits[0] <= max(24, min(words, 300))
    assert 12 <= limits[-1] <= 30


@given(st.text(alphabet="R123456=#*: \nAnswer2\r\x00", max_size=300))
def test_any_reply_is_parsed_and_judged(text):
    chains.faults(chains.parse(text), "2", same)


def test_records_end_in_the_same_line_and_count_it():
    made = chains.records("p", BODIES, "2")
    assert [chain.level for chain in made] == list(Level)
    assert {chain.text.split("\n")[-1] for chain in made} == {"Answer: 2"}
    assert [chain.words for chain in made] == [len(text.split()) for text in GOOD.values()]
    measured = chains.measure(made)
    assert measured["chains"] == 6
    assert measured["strictly_falling"] == 1.0
    assert measured["words"]["R6"] == {"mean": 3, "median": 3, "min": 3, "max": 3}


def test_measure_sees_what_does_not_fall():
    flat = chains.records("q", BODIES | {Level.R5: BODIES[Level.R4]}, "2")
    assert chains.measure(chains.records("p", BODIES, "2") + flat)["strictly_falling"] == 0.5
    assert chains.measure([])["strictly_falling"] is None
