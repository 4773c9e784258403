"""metrics/looks.jsonl: how often the held-out problems were looked at, a line each time something about a look is new.

Whoever changes a setting after reading a report has used the held-out problems to choose it. The log counts the
occasions; a report that is made once more from the same responses adds none. It is committed, but no output of DVC:
going back to an earlier experiment must neither take its lines away nor make the report run again.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import stages
from stages.report.inputs import Study
from stages.report.summary import headline
from stages.study.errors import StudyError
from stages.study.files import digest, replace

LOG = Path("metrics/looks.jsonl")
KEYS = ("assignment", "responses", "judge", "params")  # what tells one look from another: sha256, 16 digits
JUDGE = ("answers", "grading", "questions")  # rooms that decide what is right
Look = dict[str, Any]


def look(study: Study, summary: Mapping[str, Any]) -> Look:
    """This look: which problems, whose responses, judged by which code, under which params, and what was seen."""
    params = study.params
    settings = params.model_dump(mode="json", exclude={"machine"})
    settings["blocks"] = {name: block for name, block in params.blocks.items() if name != "report"}
    code = sorted(file for room in JUDGE for file in (Path(stages.__path__[0]) / room).glob("*.py"))
    level = headline(summary)
    said = {
        run: {" ".join(map(str, key)): (told.text, told.finish_reason) for key, (told, _) in answers.items()}
        for run, answers in study.answers.items()
    }
    return {
        "assignment": _digest(study.exam.fold_of),
        "responses": _digest(said),
        "judge": digest(*code)[:16],
        "params": _digest(settings),
        "corpus": params.corpus,
        "students": len(study.answers),
        "level": level,
        "correct": summary["levels"][level]["held_out"]["correct"],
        "problems": summary["levels"][level]["held_out"]["n"],
    }


def _digest(value: Any) -> str:
    """sha256 of a value, whatever the order of its keys; 16 digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def looks_with(this: Look, path: Path = LOG) -> list[Look]:
    """All looks on record, and this one at the end if it is new; raises StudyError for a line that is no look."""
    known: list[Look] = []
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            one = json.loads(line)
            known.append({key: one[key] for key in this})
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise StudyError(
                f"{path}:{number}: no look: {error!r}; `git checkout {path}` brings the log back"
            ) from None
    return known if any(_same(one, this) for one in known) else [*known, this]


def _same(one: Look, other: Look) -> bool:
    return all(one[key] == other[key] for key in KEYS)


def write_looks(looks: list[Look], path: Path = LOG) -> None:
    """The log, a JSON object a line."""
    with replace(path) as file:
        file.writelines(json.dumps(one) + "\n" for one in looks)


def count(looks: list[Look], this: Look) -> int:
    """How many looks were at the problems that this one is at, itself included."""
    return sum(one["assignment"] == this["assignment"] for one in looks)
