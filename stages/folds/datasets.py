"""The rows that students are trained on: every problem's text at every level, dealt into the files of each fold."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stages.chains.rules import SixLevels
from stages.folds.trained import deal, text_at
from stages.questions.prompt import student_messages
from stages.study.files import replace_folder, write_records
from stages.study.levels import parts
from stages.study.records import Problem, Row

LevelRows = dict[str, dict[str, Row]]


def level_rows(levels: Iterable[str], problems: Mapping[str, Problem], chains: Mapping[str, SixLevels]) -> LevelRows:
    """Each level or control that `levels` are made of: its rows by problem, the student's prompt and the text."""
    return {
        level: {one: _row(problems[one], text_at(level, six)) for one, six in chains.items()}
        for level in dict.fromkeys(one for level in levels for one in parts(level))
    }


def write_datasets(
    folder: Path, levels: Iterable[str], rows: LevelRows, splits: Mapping[tuple[int, str], Sequence[str]], seed: int
) -> None:
    """Write `folder`/<level>/fold-<k>/<split>.jsonl, the problems of `splits` in their order; whole or not at all."""
    with replace_folder(folder) as making:
        for level in levels:
            for (fold, split), ids in splits.items():
                dealt = deal(level, ids, seed)
                write_records(
                    making / level / f"fold-{fold}" / f"{split}.jsonl", [rows[dealt[one]][one] for one in ids]
                )


def _row(problem: Problem, text: str) -> Row:
    messages = [*student_messages(problem.statement), {"role": "assistant", "content": text}]
    return Row(messages=messages, problem_id=problem.id)
