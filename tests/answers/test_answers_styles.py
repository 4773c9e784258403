"""Answers as models and people write them, and how responses end."""

import json

from stages.answers import compare, extract
from tests.answers.styles import FOLDER, pairs, responses, wrong_pairs, wrong_responses


def test_every_pair_is_judged_as_labelled() -> None:
    assert len(pairs()) >= 300
    assert not list(wrong_pairs())


def test_every_answer_is_found() -> None:
    assert len(responses()) >= 120
    assert not list(wrong_responses())


def test_endings() -> None:
    missed = []
    for line in (FOLDER / "endings.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        found = extract(row["response"]).answer
        if (found is None) != (row["expected"] is None) or (
            found is not None and compare(row["expected"], found).verdict != "match"
        ):
            missed.append((row, found))
    assert not missed
