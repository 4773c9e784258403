"""The keys of MATH-500 and of the real exams: themselves, re-written, nearly missed, and against each other."""

import json
import re
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from stages.answers import compare
from tests.answers.published_chains import study
from tests.answers.rewrites import near_misses, rewritings

SHARED = Path("../shared")
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the real keys are not here")

# Pairs of different keys that may match: the policies on units, angles, bases, brackets and names, one by one.
BY_POLICY = {"unit", "angle", "base", "order", "assignment", "percent", "ratio", "equation"}


def keys() -> list[str]:
    """The distinct keys."""
    rows = (SHARED / "benchmarks/math-500.jsonl").read_text("utf-8").splitlines()
    rows += (SHARED / "obryan/truth/problems.jsonl").read_text("utf-8").splitlines()
    return sorted({json.loads(row)["answer"] for row in rows})


def test_each_key_matches_itself_and_its_rewritings() -> None:
    missed = []
    for key in keys():
        pairs = rewritings(key)
        assert len(pairs) >= 5, key
        missed += [(key, how, text) for how, text in pairs if compare(key, text).verdict != "match"]
        assert compare(key, key).verdict == "match"
    assert not missed


def test_no_key_matches_its_near_misses() -> None:
    accepted = []
    for key in keys():
        pairs = near_misses(key)
        assert len(pairs) >= 5, key
        accepted += [(key, how, text) for how, text in pairs if compare(key, text).verdict == "match"]
    assert not accepted


def plain(key: str) -> str:
    """A key with its LaTeX for fractions, roots and spaces taken away, to see whether two are the same in writing."""
    text = re.sub(r"\\[!,]\s*|\s|\\left|\\right", "", key)
    text = re.sub(
        r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}|\\frac(\d)(\d)", lambda m: f"{m[1] or m[3]}/{m[2] or m[4]}", text
    )
    return re.sub(r"\\sqrt\{?(\w+)\}?", r"√\1", text).replace("\\pi", "π").replace(",", "")


@pytest.mark.long
def test_different_keys_do_not_match_but_by_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["stages.answers.compare"]  # each key is read once: 375 x 375 pairs are many
    for name in ("parse", "fold", "unwrap"):
        monkeypatch.setattr(module, name, lru_cache(maxsize=None)(getattr(module, name)))
    every = keys()
    unexplained = []
    for key in every:
        for other in every:
            result = compare(key, other)
            if (
                key != other
                and result.verdict == "match"
                and result.policy not in BY_POLICY
                and plain(key) != plain(other)
            ):
                unexplained.append((key, other, result.reason))
    assert {frozenset(pair[:2]) for pair in unexplained} == {
        frozenset(pair) for pair in (("-2,1", "1,-2"), ("1.2", "\\frac65"), ("4", "4.00"))
    }


def test_published_chains_end_in_the_true_answer_where_they_are_whole() -> None:
    counts, contradictions = study(SHARED / "obryan")
    assert set(counts) == {"R1", "R2", "R3", "R4", "R5", "R6"}
    assert counts["R1"]["match"] >= 0.98 * counts["R1"]["texts"]
    assert all(count["match"] >= 0.8 * count["texts"] for count in counts.values())
    assert counts["R2"]["truncated"] == max(count["truncated"] for count in counts.values())
    assert len(contradictions) < 25
