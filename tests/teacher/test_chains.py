"""Chains: marks, limits and the rules, as tables."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.records import Chain, Level
from stages.teacher import chains
from stages.teacher.settings import CompressSettings

BODIES = {
    Level.R1: "One and one are counted on the fingers of a hand, one after the other.",
    Level.R2: "One and one are counted on the fingers of a hand.",
    Level.R3: "One and one are counted on the fingers.",
    Level.R4: "One and one are counted.",
    Level.R5: "One and one.",
    Level.R6: "Count.",
}
LEVELS = CompressSettings(
    attempts=1,
    max_tokens=99,
    margin=0.1,
    similarity=0.9,
    levels={
        level: {"ratio": ratio, "limit": 0 if level == "R1" else limit, "floor": 0.2}
        for level, ratio, limit in zip(Level, (1, 0.7, 0.5, 0.36, 0.24, 0.17), (0, 0, 0, 0, 80, 40), strict=True)
    },
)
LIMITS = chains.word_limits("word " * 24, LEVELS.levels)
GOOD = {level: f"{body}\nAnswer: 2" for level, body in BODIES.items()}


def reply(texts: dict) -> str:
    return "\n\n".join(f"=== {level} ===\n{text}" for level, text in texts.items())


def same(key: str, answer: str) -> bool:
    return answer in (key, f"{key}.0")


@pytest.mark.parametrize(
    "mark",
    [
        "=== R1 ===",
        "R1",
        "R1:",
        "**R1**",
        "**R1:**",
        "### R1",
        "[R1]",
        "(R1)",
        "- R1 -",
        "=== R1 ===\r",
        "**R1 (full)**",
        "R1 (full reasoning):",
        "## Level R1",
        "Version R1.",
        "### r1",
    ],
)
def test_marks_of_many_styles(mark):
    assert chains.parse(f"Here they are.\n\n{mark}\nabc\nAnswer: 2\n") == [(Level.R1, "abc", "2")]


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
        ("a\nFinal answer: 2", "a", "2"),
        ("a\nAnswer: 2 (45 words)", "a", "2"),
        ("a\nAnswer: 2\n(45 words)", "a", "2"),
        ("a\nAnswer: 2\n\n*Word count: 45*", "a", "2"),
        ("a\nAnswer: 12 words", "a", "12 words"),
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
        (reply(GOOD | {Level.R6: "Answer: 2"}), ["missing level"]),
        (reply(GOOD | {Level.R6: "Count.\nAnswer: 3"}), ["wrong answer"]),
        (reply(GOOD | {Level.R1: GOOD[Level.R2], Level.R2: GOOD[Level.R1]}), ["length"]),
        (reply(GOOD | {Level.R2: GOOD[Level.R1]}), ["length", "repetition"]),
        (reply(GOOD | {Level.R5: GOOD[Level.R4]}), []),
        (
            reply(without(Level.R1) | {Level.R2: "x\nAnswer: 9"}),
            ["missing level", "wrong answer", "length", "too short"],
        ),
    ],
)
def test_rules(text, kinds):
    found = chains.faults(chains.parse(text), "2", same, LIMITS, LEVELS)
    assert list(found) == kinds
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in found.values())


@given(st.integers(0, 5000))
def test_limits_fall_for_reasoning_of_any_length(words):
    limits = list(chains.word_limits("word " * words, LEVELS.levels).values())
    assert all(after < before for before, after in pairwise(limits))
    assert limits[0] == max(24, words), "R1 is the whole argument"
    assert 12 <= limits[-1] <= 40


@pytest.mark.parametrize(
    "text",
    [
        "```\n" + reply(GOOD) + "\n```",
        reply(GOOD).replace("\n\n", "\n\n---\n\n"),
        reply(GOOD).replace("=== R1 ===", "**R1 (full)**"),
        reply({level: f"{text} (9 words)" for level, text in GOOD.items()}),
        reply({level: f"```text\n{text}\n```\n***" for level, text in GOOD.items()}),
    ],
)
def test_what_a_person_would_accept_is_normalised(text):
    sections = chains.parse(text)
    assert chains.faults(sections, "2", same, LIMITS, LEVELS) == {}
    assert {section.level: section.body for section in sections} == BODIES


def sentences(words: int, mark: str = "w") -> str:
    return " ".join(f"{mark}{number}" for number in range(words))


WHOLE = chains.word_limits("word " * 300, LEVELS.levels)
FULL = {level: sentences(round(limit * 0.9), level.lower()) for level, limit in WHOLE.items()}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, None),
        ({Level.R1: sentences(320)}, None),
        ({Level.R1: sentences(2000)}, "too long"),
        ({Level.R1: sentences(340)}, "too long"),
        ({Level.R5: sentences(12), Level.R6: sentences(8)}, "too short"),
        ({Level.R6: " ".join(["Two words."] * 16)}, "sentences"),
        ({Level.R6: "One step. So two."}, "too short"),
        ({Level.R6: "One step of it is done first. Then 2.5 of it are taken away. So there are two."}, None),
        ({Level.R2: sentences(199), Level.R3: sentences(150)}, None),
        ({Level.R2: sentences(160), Level.R3: sentences(155)}, "repetition"),
        ({Level.R5: f"{sentences(40)} so it is two, since the answer is given as two."}, "leaning"),
        ({Level.R4: f"{sentences(80)} which matches the given answer."}, "leaning"),
        ({Level.R4: f"{sentences(80)} so the correct answer is two."}, None),
    ],
)
def test_texts_that_are_not_what_their_level_stands_for(change, kind):
    text = reply({level: f"{body}\nAnswer: 2" for level, body in (FULL | change).items()})
    found = chains.faults(chains.parse(text), "2", same, WHOLE, LEVELS)
    assert list(found) == ([kind] if kind else [])


def test_r1_of_18_words_where_300_are_allowed_is_refused():
    text = reply({level: f"{body}\nAnswer: 2" for level, body in (FULL | {Level.R1: sentences(18)}).items()})
    assert "too short" in chains.faults(chains.parse(text), "2", same, WHOLE, LEVELS)


def test_six_texts_that_differ_by_a_word_each_are_refused():
    texts = {level: f"{sentences(40 - number)}\nAnswer: 2" for number, level in enumerate(Level)}
    limits = chains.word_limits("word " * 42, LEVELS.levels)
    assert {"too long", "repetition"} <= chains.faults(chains.parse(reply(texts)), "2", same, limits, LEVELS).keys()


@pytest.mark.parametrize("text", ["*" * 100_000, " " * 100_000, "R1 " * 30_000, "." * 100_000, "- " * 50_000,
                                  "=== R1 ===\n" + "* " * 50_000 + "\nAnswer: 2" + " " * 50_000])  # fmt: skip
def test_hostile_text_takes_no_time(text):
    began = time.process_time()
    chains.faults(chains.parse(text), "2", same, LIMITS, LEVELS)
    chains.split_answer(text)
    assert time.process_time() - began < 1


@given(st.text(alphabet="R123456=#*: \nAnswer2\r\x00", max_size=300))
def test_any_reply_is_parsed_and_judged(text):
    chains.faults(chains.parse(text), "2", same, LIMITS, LEVELS)


def lengths(*problems: list[Chain]) -> dict:
    measured = chains.Lengths()
    for chain in (chain for made in problems for chain in made):
        measured.add(chain)
    return measured.summary()


def test_records_end_in_the_same_line_and_count_it():
    made = chains.records("p", BODIES, "2")
    assert [chain.level for chain in made] == list(Level)
    assert {chain.text.split("\n")[-1] for chain in made} == {"Answer: 2"}
    assert [chain.words for chain in made] == [len(text.split()) for text in GOOD.values()]
    measured = lengths(made)
    assert (measured["chains"], measured["strictly_falling"]) == (6, 1.0)
    assert measured["words"]["R6"] == {
        "mean": 3, "median": 3, "quartile_1": 3, "quartile_3": 3, "min": 3, "max": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("1. One\n2. Two", 2),
        ("2.5 of 3.5", 1),
        ("x!(x+2)! = (x+3)! → x! = x+3", 1),
        ("So 2.\n\n\\[\n\\boxed{2}\n\\]", 1),
        ('He said "two." So two.', 2),
        ("", 0),
    ],
)
def test_sentences(text, count):
    assert chains.count_sentences(text) == count


def test_lengths_see_what_does_not_fall_and_count_steps():
    flat = chains.records("q", BODIES | {Level.R5: BODIES[Level.R4]}, "2")
    assert lengths(chains.records("p", BODIES, "2"), flat)["strictly_falling"] == 0.5
    steps = chains.records("p", BODIES | {Level.R1: "1. Count 1.5 twice. Add it!\n2. So it is\nthree" + " x" * 9}, "2")
    assert lengths(steps)["steps"]["R1"]["max"] == 4
    assert lengths() == {"chains": 0, "strictly_falling": None}
