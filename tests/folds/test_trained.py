"""stages.folds.trained: the texts of controls, and how a mix deals problems to its levels."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.folds.trained import deal, mean_words, text_at
from stages.study.records import Chain, Level

FULL = "First  add 1\nand 1.\n\nThat is two, and no more."


def six(*words: int, full: str = FULL, answer: str = "2 or 3") -> dict[Level, Chain]:
    """Chains whose bodies have these words from R2 on."""
    bodies = [full, *(" ".join(["so"] * count) for count in words)]
    texts = [f"{body}\nAnswer: {answer}".lstrip("\n") for body in bodies]
    return {
        level: Chain(problem_id="p", level=level, text=text, words=len(text.split()), answer=answer)
        for level, text in zip(Level, texts, strict=True)
    }


CHAINS = six(10, 7, 5, 2, 0)


@pytest.mark.parametrize("level", Level)
def test_a_level_is_its_chain(level):
    assert text_at(level, CHAINS) == CHAINS[level].text


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("answer", "Answer: 2 or 3"),
        ("cut-R2", "First  add 1\nand 1.\n\nThat is two, and no\nAnswer: 2 or 3"),
        ("cut-R3", "First  add 1\nand 1.\n\nThat is\nAnswer: 2 or 3"),
        ("cut-R4", "First  add 1\nand 1.\nAnswer: 2 or 3"),
        ("cut-R5", "First  add\nAnswer: 2 or 3"),
        ("cut-R6", "Answer: 2 or 3"),
    ],
)
def test_a_control_is_made_from_the_full_chain(level, expected):
    assert text_at(level, CHAINS) == expected


WORD = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), min_size=1, max_size=5).filter(
    lambda word: len(word.split()) == 1 and word == word.strip()
)


@given(st.lists(st.tuples(WORD, st.sampled_from([" ", "\n", "  ", "\n\n", "\t"])), min_size=16, max_size=40))
def test_a_cut_chain_has_the_words_of_the_level_and_begins_as_the_full_one(told):
    chains = six(15, 11, 8, 5, 1, full="".join(word + space for word, space in told).strip())
    for level in [*Level][1:]:
        cut = text_at(f"cut-{level}", chains)
        assert len(cut.split()) == chains[level].words
        body, line = cut.rsplit("\n", 1)
        assert chains[Level.R1].text.startswith(body)
        assert line == "Answer: 2 or 3"


IDS = [f"p{number:03}" for number in range(100)]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("R1", {"R1": 100}),
        ("cut-R4", {"cut-R4": 100}),
        ("R1+R4", {"R1": 50, "R4": 50}),
        ("3R1+R4", {"R1": 75, "R4": 25}),
        ("R1+3R4", {"R1": 25, "R4": 75}),
        ("R1+R4+answer", {"R1": 34, "R4": 33, "answer": 33}),
    ],
)
def test_a_mix_gives_each_problem_one_level_by_its_parts(level, expected):
    dealt = deal(level, IDS, 1)
    assert list(dealt) == IDS
    assert Counter(dealt.values()) == expected
    assert deal(level, IDS, 1) == dealt


def test_a_mix_is_drawn_from_its_seed():
    assert len({tuple(deal("R1+R4", IDS, seed).values()) for seed in range(5)}) == 5
    assert deal("R1+R4", [], 1) == {}
    assert deal("R1+R4", ["p"], 1) == {"p": "R1"}


def test_mean_words_of_what_is_trained_on():
    chains = {"p": CHAINS, "q": six(9, 8, 7, 1, 0, answer="5")}
    assert CHAINS[Level.R1].words == 15
    assert mean_words("R1", chains) == (15 + 13) / 2
    assert mean_words("answer", chains) == (4 + 2) / 2
    assert mean_words("cut-R4", chains) == mean_words("R4", chains) == (9 + 9) / 2
    assert mean_words("3R1+R4", chains) == (3 * 14 + 9) / 4
