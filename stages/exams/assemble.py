"""Files to exams with their keys, and a question with its answer to a problem record.

A file, a page or a key that cannot be read costs what it holds and nothing else: `Outcome` takes down what each file
gave and what went wrong with it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from stages.exams.corrections import Correction, correction_of
from stages.exams.doubt import answer_confidence, statement_doubt
from stages.exams.filing import Exam, file_exams
from stages.exams.keys import KeyEntry
from stages.exams.labels import rank
from stages.exams.outline import PageAnalysis
from stages.exams.questions import QuestionText, fault, has_math, question_text
from stages.exams.sequence import Question
from stages.exams.settings import ExtractSettings
from stages.exams.third import Transcript, drafts, merged
from stages.study.records import Problem, Reading, Source


@dataclass
class Outcome:
    """What one file gave, and in words what it did not."""

    pages: int = 0
    questions: int = 0
    answers: int = 0
    troubles: list[str] = field(default_factory=list)


@dataclass
class Paper:
    """An exam with the key that belongs to it, from the same file or another one."""

    exam: Exam
    pages: dict[int, PageAnalysis]
    key: dict[str, KeyEntry] = field(default_factory=dict)
    key_file: str = ""
    key_page: int = 0


def assemble(
    files: dict[str, list[PageAnalysis]], names: dict[str, str], added: Collection[str] = ()
) -> tuple[list[Paper], dict[str, Outcome]]:
    """The papers in the order of year and section, each with its key, and what each file gave.

    `added` names the questions that a person adds (`2031 fs 7`): they are not missing.
    """
    outcomes = {name: Outcome(pages=len(pages)) for name, pages in sorted(files.items())}
    asked: dict[tuple[int, str], Exam] = {}
    keys: dict[tuple[int, str], Exam] = {}
    for name, outcome in outcomes.items():
        exams = file_exams(files[name], names)
        outcome.troubles += [f"page {page.page}: {page.failure}" for page in files[name] if page.failure]
        if not any(exam.questions or exam.key for exam in exams):
            outcome.troubles.append("no question and no answer sheet of a known section found")
        for exam in exams:
            if exam.year is None:
                outcome.troubles.append(f"{exam.code}: no year in the file's name or titles; put it into the name")
                continue
            for kind, table, count in (("questions", asked, exam.questions), ("answers", keys, exam.key)):
                if count:
                    _keep_better(table, exam, kind, outcomes)
    papers = []
    for place, exam in sorted(asked.items()):
        outcome = outcomes[exam.file]
        outcome.questions += len(exam.questions)
        if missing := [number for number in exam.missing if f"{exam.year} {exam.code} {number}" not in added]:
            outcome.troubles.append(f"{exam.year} {exam.code}: no question {', '.join(missing)} found")
        paper = Paper(exam, {p.page: p for p in files[exam.file]})
        papers.append(_with_key(paper, keys.get(place), outcomes, added))
    for place, exam in sorted(keys.items()):
        outcomes[exam.file].answers += sum(bool(entry.text) for entry in exam.key.values())
        if place not in asked:
            outcomes[exam.file].troubles.append(f"{exam.year} {exam.code}: a key, but no file holds its questions")
    return papers, outcomes


def _keep_better(table: dict[tuple[int, str], Exam], exam: Exam, kind: str, outcomes: dict[str, Outcome]) -> None:
    """Of two files that hold the same paper or key, the one with more of it counts; the other's outcome says so."""

    def size(of: Exam) -> int:
        return len(of.questions) if kind == "questions" else sum(bool(entry.text) for entry in of.key.values())

    place = (exam.year or 0, exam.code)
    other = table.setdefault(place, exam)
    if other is exam:
        return
    better, worse = (exam, other) if size(exam) > size(other) else (other, exam)
    table[place] = better
    outcomes[worse.file].troubles.append(f"{exam.year} {exam.code}: its {kind} are taken from {better.file}")


def _with_key(paper: Paper, source: Exam | None, outcomes: dict[str, Outcome], added: Collection[str]) -> Paper:
    """The paper with its key, if there is one; outcomes say what does not fit."""
    exam, outcome = paper.exam, outcomes[paper.exam.file]
    if source is None:
        outcome.troubles.append(f"{exam.year} {exam.code}: no filled answer key in any file")
        return paper
    numbers = {question.label.number for question in exam.questions}
    numbers |= {
        number for name in added for year, code, number in [name.split()] if (year, code) == (str(exam.year), exam.code)
    }
    paper.key, paper.key_file, paper.key_page = as_named(source.key, numbers), source.file, source.key_page or 0
    over = sorted((n for n, entry in paper.key.items() if entry.text and n not in numbers), key=rank)
    if len(over) == sum(bool(entry.text) for entry in paper.key.values()):
        outcomes[source.file].troubles.append(f"{exam.year} {exam.code}: the key matches no question")
    elif over:
        outcomes[source.file].troubles.append(f"{exam.year} {exam.code}: answers without a question: {', '.join(over)}")
    return paper


def as_named(key: dict[str, KeyEntry], numbers: set[str]) -> dict[str, KeyEntry]:
    """The key with its tiebreakers under the names that the paper gives them: T1 may be 9 there, or the other way."""
    named = dict(key)
    for ours, theirs in ((numbers, set(key)), (set(key), numbers)):
        ties = sorted(n for n in ours if n.startswith("T"))
        digits = [int(n) for n in ours if n.isdigit()]
        if not ties or any(n.startswith("T") for n in theirs):
            continue
        for place, tie in enumerate(ties, 1):
            plain = str(max(digits, default=0) + place)
            one, other = (tie, plain) if ours is numbers else (plain, tie)
            if other in key and one not in key:
                named[one] = named.pop(other)
    return named


def problem_id(corpus: str, year: int, section: str, number: str) -> str:
    """What a question is called from here to the report.

    >>> problem_id("sample", 2031, "fs", "7")
    'sample-2031-fs-07'
    """
    return f"{corpus}-{year}-{section}-{number.zfill(2)}"


def make_problem(
    corpus: str,
    paper: Paper,
    question: Question,
    settings: ExtractSettings,
    corrections: Sequence[Correction],
    seen: Transcript | None = None,
) -> Problem:
    """The record of one question, with what a third reader saw and what a person decided, where they did."""
    exam, page = paper.exam, paper.pages[question.page]
    read = question_text(page, question, paper.pages.get(question.page + 1))
    entry = paper.key.get(read.number)
    text = entry.text if entry and entry.text else read.answer
    over = [f"goes on on page {question.over[0]}"] if question.over else []
    confidence, agreed, doubts = statement_doubt(read.lines, read.statement)
    problem = Problem(
        id=problem_id(corpus, exam.year or 0, exam.code, read.number),
        corpus=corpus,
        year=exam.year or 0,
        section=exam.code,
        number=read.number,
        statement=read.statement,
        answer=text,
        answer_note=entry.note if entry else "",
        source=_source(corpus, paper, read, page),
        reading=Reading(
            engine=page.engine,
            confidence=round(confidence, 4),
            answer_confidence=round(answer_confidence(entry), 4) if entry and text else 1.0,
            agreement=None if agreed is None else round(agreed, 4),
            doubts=doubts + over,
        ),
    )
    figure = None
    if seen:
        problem, figure = merged(problem, seen, drafts(read.lines, read.statement))
    return judged(problem, read.drawn, figure, settings, correction_of(problem, corrections))


def _source(corpus: str, paper: Paper, read: QuestionText, page: PageAnalysis) -> Source:
    width, height = page.size
    x0, y0, x1, y1 = read.box.whole()
    x1, y1 = min(x1, width), min(y1, height)
    name = problem_id(corpus, paper.exam.year or 0, paper.exam.code, read.number)
    return Source(
        file=paper.exam.file,
        page=read.page,
        box=(x0, y0, x1, y1),
        place=(round(x0 / width, 4), round(y0 / height, 4), round(x1 / width, 4), round(y1 / height, 4)),
        crop=f"data/crops/{name}.png",
    )


def judged(
    problem: Problem, drawn: bool, told_figure: bool | None, settings: ExtractSettings, correction: Correction | None
) -> Problem:
    """The problem with a person's decision, and whether it can be used.

    `drawn`: a figure stands beside it; `told_figure`: whether it needs one, where a third reader said so.
    """
    reading = problem.reading
    sure = {"statement": reading.confidence, "answer": reading.answer_confidence}
    told: dict[str, object] = {}
    if correction:
        told = {k: v for k in ("statement", "answer") if (v := getattr(correction, k)) is not None}
        sure = {key: 1.0 if key in told or correction.accepted else value for key, value in sure.items()}
        reading = reading.model_copy(
            update={"corrected": True, "confidence": sure["statement"], "answer_confidence": sure["answer"]}
        )
    problem = problem.model_copy(update=told)
    reason, figure = fault(problem.statement, problem.answer, drawn)
    if correction and correction.needs_figure is not None:
        told_figure = correction.needs_figure
    if told_figure is not None:
        figure = told_figure
        reason = "needs a figure" if figure else "" if reason == "needs a figure" else reason
        reason = reason or ("" if problem.answer else "no answer in the key")
    if correction and correction.rejected:
        reason = "rejected by a person"
    low = [key for key, value in sure.items() if value < settings.min_confidence]
    if low and not reason and not settings.keep_doubtful:
        reason = f"{low[0]} read with too little confidence"
    update = {
        "reading": reading.model_copy(update={"doubtful": bool(low)}),
        "has_math": has_math(problem.statement),
        "needs_figure": figure,
        "usable": not reason,
        "reason": reason,
    }
    return problem.model_copy(update=update)
