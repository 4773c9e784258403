"""What two readings disagree about, and what that makes of a reading."""

import pytest

from stages.exams.dispute import Dispute, dispute
from stages.exams.doubt import answer_confidence, odd, statement_doubt
from stages.exams.keys import KeyEntry
from stages.exams.outline import ReadLine


@pytest.mark.parametrize(
    ("first", "second", "numerals", "signs", "letters", "unjudged"),
    [
        ("Find 16 of x.", "find 16  of x", 0, 0, 0, 0),
        ("Find 16 of x.", "Find 18 of x.", 1, 0, 0, 0),
        ("a + b", "a - b", 0, 1, 0, 0),
        ("both", "hoth", 0, 0, 1, 0),
        ("11", "il", 0, 0, 0, 0),
        ("2π", "2n", 0, 0, 0, 1),
        ("12", "", 2, 0, 0, 0),
    ],
)
def test_dispute(first: str, second: str, numerals: int, signs: int, letters: int, unjudged: int) -> None:
    found = dispute([(first, second)])
    assert (found.numerals, found.signs, found.letters, found.unjudged) == (numerals, signs, letters, unjudged)


@pytest.mark.parametrize(
    "statement",
    [
        "Find x2 + 1.", "Then AC = I5.", "Solve a = = b.", "Find 2^() of it.", "Find (x + 1 of it.", "As - units, x.",
        "The price Later falls The sum.", "Find log27 of it.", "Find the value of ZABC and then",
    ],
)  # fmt: skip
def test_odd(statement: str) -> None:
    assert odd(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "Find x^2 + 1.", "Let f(x) = 2x - 1. Find f(3).", "The set {1, 2, 3, ..., 9} has how many parts?",
        "Solve for k: |1 -2; 4 k| = 165.", "Find log_2 8 and √12.", "The angle is 60° and 5% of it.",
        "Solve {x + y = 4, x - y = 2}",
    ],
)  # fmt: skip
def test_not_odd(statement: str) -> None:
    assert odd(statement) == []


def line(**keys: object) -> ReadLine:
    plain = {"box": (0, 0, 1, 1), "text": "x", "weight": 40, "confidence": 0.99, "lowest": 0.7, "dispute": Dispute()}
    return ReadLine.model_validate(plain | keys)


def test_every_kind_of_doubt_lowers_the_confidence() -> None:
    text = "Find the sum of all primes."
    sure, agreed, doubts = statement_doubt([line(dispute=Dispute(characters=40))], text)
    assert sure > 0.9
    assert (agreed, doubts) == (1.0, [])
    for worse in (
        {"dispute": Dispute(characters=40, numerals=2)},
        {"dispute": Dispute(characters=40, letters=3)},
        {"lowest": 0.0},
        {"confidence": 0.9},
        {"stacked": True},
    ):
        assert statement_doubt([line(**worse)], text)[0] < sure
    assert statement_doubt([line(dispute=Dispute(characters=40))], "Find x2.")[0] < sure


def test_a_text_layer_is_not_doubted() -> None:
    assert statement_doubt([line(dispute=None)], "Find it.")[:2] == (1.0, None)


def test_answer_confidence() -> None:
    entry = KeyEntry(
        number="1", text="42", confidence=0.99, lowest=0.98, dispute=Dispute(characters=2), box=(0, 0, 1, 1)
    )
    assert answer_confidence(entry) == 0.99
    disputed = entry.model_copy(update={"dispute": Dispute(characters=2, numerals=1)})
    assert answer_confidence(disputed) < 0.87
    assert answer_confidence(entry.model_copy(update={"text": "6.65^Mditbet^(his)"})) < 0.6
