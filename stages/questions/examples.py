"""The worked examples that may stand before a problem: the first few of those that split chose for its fold."""

from collections.abc import Iterable
from pathlib import Path

from stages.questions.exam import Question
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import Example

EXAMPLES = Path("data/examples.jsonl")


def examples_of(questions: Iterable[Question], shots: int) -> dict[int | None, list[Example]]:
    """By the folds of the questions, the first `shots` examples of each; raises StudyError where there are too few.

    None of a fold's examples resembles a problem that the fold holds out, so no question sees its own answer.
    """
    chosen = read_records(EXAMPLES, Example) if shots else []
    found = {}
    for fold in sorted({one.fold for one in questions}, key=lambda fold: (fold is None, fold)):
        mine = [one for one in chosen if one.fold == fold]
        if len(mine) < shots:
            raise StudyError(f"{EXAMPLES}: fold {fold}: {len(mine)} worked examples of {shots}; take fewer shots")
        found[fold] = mine[:shots]
    return found
