"""Files to exams, and a question with its answer to a problem record."""

from pathlib import Path

from stages.exams.corrections import Correction
from stages.exams.outline import Answer, Section, Survey, sections
from stages.exams.questions import Question, fault
from stages.study.errors import StudyError
from stages.study.records import Problem, Reading, Source


def assemble(surveys: list[Survey], paths: list[Path], names: dict[str, str]) -> list[Section]:
    """The exams: questions of one file joined to the key of the same year and section, wherever that stands."""
    asked: dict[tuple[int, str], Section] = {}
    keys: dict[tuple[int, str], Section] = {}
    for path in paths:
        own = [page for page in surveys if page.file == path.name]
        found = sections(own, names)
        if not any(section.questions for section in found) and not any(page.answers for page in own):
            raise StudyError(f"{path}: no question and no answer sheet found; remove the file or name its section")
        for section in found:
            if section.year is None:
                raise StudyError(f"{path}: no year in the file's name or titles; put it into the name")
            for kind, table in (("questions", asked), ("answers", keys)):
                if getattr(section, kind):
                    other = table.setdefault((section.year, section.code), section)
                    if other is not section:
                        raise StudyError(
                            f"{path}: {kind} of {section.year} {section.code} are in {other.file} too; remove one"
                        )
    if not asked:
        raise StudyError(f"{paths[0].parent}: no file holds questions")
    for (year, code), section in sorted(keys.items()):
        if (year, code) not in asked:
            raise StudyError(
                f"{paths[0].parent / section.file}: a key of {year} {code}, but no file holds its questions"
            )
    for (year, code), section in sorted(asked.items()):
        if (year, code) not in keys:
            raise StudyError(f"{paths[0].parent / section.file}: no filled answer key of {year} {code} in any file")
        section.answers = keys[year, code].answers
        numbers = [mark.number for _, mark, _ in section.questions]
        if not any(number in section.answers and section.answers[number].text for number in numbers):
            raise StudyError(f"{paths[0].parent / keys[year, code].file}: the key matches no question of {year} {code}")
    return [section for _, section in sorted(asked.items())]


def make_problem(
    corpus: str,
    exam: Section,
    question: Question,
    answer: Answer | None,
    engine: str,
    min_confidence: float,
    corrections: dict[str, Correction],
) -> Problem:
    """The record of one question, with a person's correction of it if there is one."""
    name = f"{corpus}-{exam.year}-{exam.code}-{question.number.zfill(2)}"
    correction = corrections.get(question.sha256)
    statement, text = question.statement, answer.text if answer else ""
    sure = {"statement": question.confidence, "answer": answer.confidence if text and answer else 1.0}
    if correction:
        statement = correction.statement if correction.statement is not None else statement
        text = correction.answer if correction.answer is not None else text
        sure = {key: 1.0 if getattr(correction, key) is not None else value for key, value in sure.items()}
    reason, needs_figure = fault(statement, text, question.drawn)
    for key, value in sure.items():
        if not reason and value < min_confidence:
            reason = f"{key} read with too little confidence"
    return Problem(
        id=name,
        corpus=corpus,
        year=exam.year or 0,
        section=exam.code,
        number=question.number,
        statement=statement,
        answer=text,
        needs_figure=needs_figure,
        usable=not reason,
        reason=reason,
        source=Source(
            file=exam.file,
            page=question.page,
            box=question.box,
            crop=f"data/crops/{name}.png",
            crop_sha256=question.sha256,
        ),
        reading=Reading(engine=engine, confidence=round(sure["statement"], 4), corrected=correction is not None),
    )
