"""What the page shows of each problem, and what a person may decide about it.

Nothing is kept in memory: problems and decisions are read anew where their files changed, so that several windows,
several servers and a run of `extract` can be at work at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
from pydantic import ValidationError

from stages.exams.assemble import problem_id
from stages.exams.corrections import (
    Correction,
    Place,
    additions,
    append_correction,
    concerns,
    correction_of,
    name_of,
    read_corrections,
    stale,
)
from stages.exams.shapes import Box, crop, png
from stages.mathematics.formulas import mathematics
from stages.study.errors import StudyError
from stages.study.files import explain, read_records
from stages.study.records import Problem, Reading, Source, StrictRecord


@dataclass(frozen=True)
class Desk:
    """What is worked on: the corpus, where its problems, crops and decisions lie, and who decides.

    `pages` counts a file's pages; `page_image` tells where the upright image of one of them lies, both by file name.
    """

    corpus: str
    problems: Path
    crops: Path
    corrections: Path
    who: str
    pages: Callable[[str], int]
    page_image: Callable[[str, int], Path]


class Decision(StrictRecord):
    """What the page sends about a problem: all that holds from now on. `seen` is how many decisions it knew of."""

    id: str
    seen: int
    statement: str | None = None
    answer: str | None = None
    needs_figure: bool | None = None
    rejected: bool = False
    withdrawn: bool = False
    note: str = ""


class Missed(StrictRecord):
    """A question that was missed; `name` is its year, section and number."""

    file: str
    page: int
    place: Place
    name: str
    statement: str
    answer: str | None = None
    note: str = ""


class Conflict(Exception):
    """Somebody else has decided about the problem meanwhile."""


def state(desk: Desk, known: str = "", lines: int = 0) -> dict[str, Any]:
    """Problems with their decisions as the page shows them: all, or those decided since `lines` lines of decisions.

    `known` is the stamp of the problems that the page has; with another one it gets all.
    """
    stamp, problems = _problems(desk)
    corrections = read_corrections(desk.corrections)
    since = lines if known == stamp else 0
    everything = with_added(desk, problems, corrections)
    about = _by_problem(everything, corrections)
    recent = {id(correction) for correction in corrections[since:]}
    shown = [p for p in everything if known != stamp or any(id(c) in recent for c in about[p.id])]
    return {
        "corpus": desk.corpus,
        "stamp": stamp,
        "lines": len(corrections),
        "items": [item(desk, problem, about[problem.id]) for problem in shown],
        "stale": [_stale_item(corrections, c, why) for c, why in stale(corrections, everything)],
    }


def item(desk: Desk, problem: Problem, about: Sequence[Correction]) -> dict[str, Any]:
    """One problem as the page shows it; `about` are the decisions that concern it."""
    decision = correction_of(problem, about)
    read = as_read(problem, about)
    statement, answer = read.get("statement", problem.statement), read.get("answer", problem.answer)
    figure = problem.needs_figure
    if decision:
        statement = statement if decision.statement is None else decision.statement
        answer = answer if decision.answer is None else decision.answer
        figure = figure if decision.needs_figure is None else decision.needs_figure
    return {
        "id": problem.id,
        "name": name_of(problem),
        "file": problem.source.file,
        "page": problem.source.page,
        "place": problem.source.place,
        "statement": statement,
        "answer": answer,
        "html": {"statement": mathematics(statement), "answer": mathematics(answer)},
        "read": read,
        "note": problem.answer_note,
        "confidence": problem.reading.confidence,
        "answer_confidence": problem.reading.answer_confidence,
        "doubts": problem.reading.doubts,
        "doubtful": problem.reading.doubtful,
        "reason": problem.reason,
        "needs_figure": figure,
        "crop": problem.source.crop_sha256 or "",
        "key": (desk.crops / f"{problem.id}.key.png").exists(),
        "seen": len(about),
        "decision": decision and decision.model_dump(mode="json", exclude={"file", "page", "place", "before"}),
    }


def as_read(problem: Problem, about: Sequence[Correction]) -> dict[str, str]:
    """Statement and answer before any decision; what extract has already replaced, the decisions remember."""
    if problem.reading.corrected:
        return next((correction.before for correction in reversed(about) if correction.before), {})
    return {"statement": problem.statement, "answer": problem.answer}


def with_added(desk: Desk, problems: Sequence[Problem], corrections: Sequence[Correction]) -> list[Problem]:
    """The problems, and the questions that were added since extract has run, which have no crop yet."""
    names = {name_of(problem) for problem in problems}
    return [*problems, *(_added(desk, c) for name, c in additions(corrections).items() if name not in names)]


def _added(desk: Desk, correction: Correction) -> Problem:
    year, section, number = (correction.added or "").split()
    return Problem(
        id=problem_id(desk.corpus, int(year), section, number),
        corpus=desk.corpus,
        year=int(year),
        section=section,
        number=number,
        statement=correction.statement or "",
        answer=correction.answer or "",
        source=Source(file=correction.file, page=correction.page, box=(0, 0, 0, 0), place=correction.place),
        reading=Reading(engine="person", confidence=1.0, corrected=True),
    )


def decide(desk: Desk, decision: Decision) -> dict[str, Any]:
    """Write a decision down; raises Conflict where the page did not know of the last one, StudyError for nonsense."""
    problem, about = _find(desk, decision.id)
    if decision.seen != len(about):
        raise Conflict
    read = as_read(problem, about)
    told = {key: _plain(value) for key in ("statement", "answer") if (value := getattr(decision, key)) is not None}
    if told.get("statement") == "":
        raise StudyError("there is no statement to accept: type it, or reject the problem")
    if problem.reading.engine == "person" and not decision.withdrawn:
        told.setdefault("statement", problem.statement)
    same = bool(told) and all(read.get(key) == value for key, value in told.items())
    _append(
        desk,
        **told,
        file=problem.source.file,
        page=problem.source.page,
        place=problem.source.place,
        needs_figure=decision.needs_figure,
        rejected=decision.rejected,
        accepted=same and not decision.rejected and not decision.withdrawn,
        withdrawn=decision.withdrawn,
        added=name_of(problem) if problem.reading.engine == "person" else None,
        before=read,
        note=_plain(decision.note),
    )
    return _shown(desk, decision.id)


def add(desk: Desk, missed: Missed) -> dict[str, Any]:
    """Write down a question that was missed; raises StudyError where its name is taken or its place is none."""
    name = _plain(missed.name)
    _, problems = _problems(desk)
    known = with_added(desk, problems, read_corrections(desk.corrections))
    if name in {name_of(problem) for problem in known}:
        raise StudyError(f"{name}: there is such a question; give another number")
    if not 1 <= missed.page <= desk.pages(missed.file):
        raise StudyError(f"{missed.file}: no page {missed.page}")
    answer = _plain(missed.answer) if missed.answer else None
    where = {"file": missed.file, "page": missed.page, "place": missed.place}
    _append(desk, **where, added=name, statement=_plain(missed.statement), answer=answer, note=_plain(missed.note))
    year, section, number = name.split()
    return _shown(desk, problem_id(desk.corpus, int(year), section, number))


def take_back(desk: Desk, line: int) -> dict[str, Any]:
    """Take back the decision in this line (from 0) of the file, which concerns no problem any more."""
    corrections = read_corrections(desk.corrections)
    if not 0 <= line < len(corrections):
        raise StudyError(f"{desk.corrections}: no line {line + 1}")
    gone = corrections[line]
    _append(desk, file=gone.file, page=gone.page, place=gone.place, added=gone.added, withdrawn=True)
    return state(desk, known=_problems(desk)[0], lines=len(corrections))


def picture(desk: Desk, identity: str, key: bool) -> bytes:
    """The crop of a question or of its key, as a PNG; what was only added is cut out of its page."""
    problem, _ = _find(desk, identity)
    path = desk.crops / f"{problem.id}{'.key' * key}.png"
    if path.exists() or key:
        return path.read_bytes()
    image = cv2.imread(str(desk.page_image(problem.source.file, problem.source.page)), cv2.IMREAD_GRAYSCALE)
    if image is None or problem.source.place is None:
        raise StudyError(f"{problem.source.file}: page {problem.source.page} has no image")
    height, width = image.shape
    left, top, right, bottom = problem.source.place
    return png(crop(image, Box(left * width, top * height, right * width, bottom * height)))


@lru_cache(maxsize=1)
def _load(path: Path, changed: int) -> list[Problem]:
    return read_records(path, Problem)


def _problems(desk: Desk) -> tuple[str, list[Problem]]:
    """The problems, and a stamp that another run of extract changes."""
    try:
        changed = desk.problems.stat().st_mtime_ns
    except FileNotFoundError:
        raise StudyError(f"{desk.problems}: no such file; run `dvc repro extract` first, or wait for it") from None
    return str(changed), _load(desk.problems, changed)


def _find(desk: Desk, identity: str) -> tuple[Problem, list[Correction]]:
    """A problem and the decisions about it; raises StudyError where there is none of that name."""
    _, problems = _problems(desk)
    corrections = read_corrections(desk.corrections)
    for problem in with_added(desk, problems, corrections):
        if problem.id == identity:
            return problem, [correction for correction in corrections if concerns(correction, problem)]
    raise StudyError(f"{identity[:80]}: no such problem")


def _shown(desk: Desk, identity: str) -> dict[str, Any]:
    """The problem after a decision; None for one that was added and is now taken back."""
    corrections = read_corrections(desk.corrections)
    for problem in with_added(desk, _problems(desk)[1], corrections):
        if problem.id == identity:
            return {"item": item(desk, problem, [c for c in corrections if concerns(c, problem)])}
    return {"item": None}


def _by_problem(problems: Sequence[Problem], corrections: Sequence[Correction]) -> dict[str, list[Correction]]:
    pages: dict[tuple[str, int], list[Correction]] = {}
    for correction in corrections:
        pages.setdefault((correction.file, correction.page), []).append(correction)
    return {
        problem.id: [c for c in pages.get((problem.source.file, problem.source.page), ()) if concerns(c, problem)]
        for problem in problems
    }


def _stale_item(corrections: Sequence[Correction], correction: Correction, why: str) -> dict[str, Any]:
    line = next(place for place, other in enumerate(corrections) if other is correction)
    told = correction.model_dump(mode="json", exclude_defaults=True, exclude={"file", "page", "place", "before"})
    return {"line": line, "why": why, "file": correction.file, "page": correction.page, "told": told}


def _append(desk: Desk, **fields: Any) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        correction = Correction.model_validate(fields | {"who": desk.who, "when": now})
    except ValidationError as error:
        raise StudyError(explain(error)) from None
    append_correction(desk.corrections, correction)


def _plain(text: str) -> str:
    """On one line, with single spaces and without control characters, as the reader writes."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
