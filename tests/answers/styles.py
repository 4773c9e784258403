"""Answers as models and people write them, labelled by hand: `python -m tests.answers.styles` scores the checker.

`styles.tsv` holds pairs (truth, candidate, the verdict or verdicts that are right), `responses.jsonl` whole responses
with the answer that a reader takes from them (`expected`, null for none; `truncated` where the text was cut off). They
were written in rounds, and labelled before the code was run on them; what a round taught was mended by class. Right at
the first look:

    pairs      306 of 482, then 226 of 232, 254 of 270, 163 of 171, 142 of 149, and 67 of 68
    responses  115 of 162, then 104 of 119, 67 of 84, 77 of 85, 55 of 65, 56 of 60, 57 of 60, 100 of 108,
               78 of 88, 45 of 48, and 42 of 46

A few labels of the last rounds were set right where they spoke against a policy, and one response of the last, whose
sentence gives two values, was left out as undecidable; then all were mended. The last figure of a row is the one to
expect of what nobody here has seen.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from stages.answers import compare, extract

FOLDER = Path(__file__).parent


def pairs() -> list[tuple[str, str, str]]:
    """truth, candidate, expected."""
    lines = (FOLDER / "styles.tsv").read_text("utf-8").splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]  # type: ignore[misc]


def responses() -> list[dict[str, str | bool | None]]:
    """style, response, expected and, where it is true, truncated."""
    return [json.loads(line) for line in (FOLDER / "responses.jsonl").read_text("utf-8").splitlines()]


def wrong_pairs() -> Iterator[tuple[str, str, str, str]]:
    """truth, candidate, expected, verdict of each pair whose verdict is wrong."""
    for truth, candidate, expected in pairs():
        verdict = compare(truth, candidate).verdict
        if verdict not in expected.split("-or-"):
            yield truth, candidate, expected, verdict


def wrong_responses() -> Iterator[tuple[str, str | None, str | None]]:
    """response, expected, found of each response whose answer was not found, or found where there is none."""
    for row in responses():
        found = extract(str(row["response"]), bool(row.get("truncated"))).answer
        expected = row["expected"]
        if found is None or expected is None:
            right = found is expected
        else:
            right = compare(str(expected), found).verdict == "match"
        if not right:
            yield str(row["response"]), None if expected is None else str(expected), found


def main() -> None:
    """Print the scores and what is wrong."""
    missed = list(wrong_pairs())
    counts = Counter({"match": "false matches", "no": "wrong no"}.get(row[3], "undecided") for row in missed)
    print(f"{len(pairs()) - len(missed)} of {len(pairs())} pairs as labelled; wrong: {dict(counts)}")
    lost = list(wrong_responses())
    print(f"{len(responses()) - len(lost)} of {len(responses())} answers found")
    for row in [*missed, *lost]:
        print(*(repr(field) for field in row), sep="\t")


if __name__ == "__main__":
    main()
