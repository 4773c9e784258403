"""Exam PDFs of `data/raw/<corpus>/` to problems with their key's answers. `python -m stages.extract`

Reads corpus and <profile>.extract of params.yaml, the corpus's `truth.jsonl` if there is one (for the metrics only),
and `data/corrections/<corpus>.jsonl` if there is one. Writes `data/problems.jsonl`, `data/crops/<id>.png` (question)
and `<id>.key.png` (answer), `metrics/extract.json`.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import cv2
from joblib import Parallel, delayed
from tqdm import tqdm

from stages.exams.corrections import Correction, read_corrections
from stages.exams.linear import join
from stages.exams.outline import Answer, Mark, Section, Survey, sections, survey
from stages.exams.pages import count_pages, open_page
from stages.exams.questions import Question, fault, read_questions
from stages.exams.score import read_truth, score
from stages.study import params as study_params
from stages.study.errors import StudyError, run_stage
from stages.study.files import write_json, write_records
from stages.study.records import Problem, Reading, Source

Result = TypeVar("Result")


def main() -> None:
    params = study_params.load()
    folder = Path("data/raw") / params.corpus
    options, machine = params.active.extract, params.machine
    paths = sorted(folder.glob("*.pdf"), key=lambda path: path.name)
    if not paths:
        raise StudyError(f"{folder}: no PDF files; put the exams there, or set corpus in params.yaml")
    pages = [(path, number) for path in paths for number in range(1, count_pages(path) + 1)]

    surveys = _each(_survey, [(p, n, options.dpi, machine.threads) for p, n in pages], machine.workers, "pages")
    exams = assemble(surveys, paths, options.sections)

    spans: dict[tuple[str, int], list[tuple[Mark, int | None]]] = {}
    for exam in exams:
        for page, mark, end in exam.questions:
            spans.setdefault((exam.file, page), []).append((mark, end))
    work = [(folder / f, n, options.dpi, machine.threads, tuple(s)) for (f, n), s in sorted(spans.items())]
    read = _each(_read, work, machine.workers, "questions")
    questions = {(w[0].name, q.page, q.number): q for w, page in zip(work, read, strict=True) for q in page}

    engines = {(s.file, s.page): s.engine for s in surveys}
    corrections = read_corrections(Path("data/corrections") / f"{params.corpus}.jsonl")
    problems: list[Problem] = []
    crops: dict[str, bytes] = {}
    for exam in exams:
        for page, mark, _ in exam.questions:
            question, answer = questions[exam.file, page, mark.number], exam.answers.get(mark.number)
            engine = engines[exam.file, page]
            problem = make_problem(params.corpus, exam, question, answer, engine, options.min_confidence, corrections)
            problems.append(problem)
            crops[f"{problem.id}.png"] = question.image
            if answer:
                crops[f"{problem.id}.key.png"] = answer.image
    truth = folder / "truth.jsonl"
    metrics = measure(problems, len(pages), len(paths))
    if truth.exists():
        metrics["truth"] = score(problems, read_truth(truth))
    _write_crops(Path("data/crops"), crops)
    write_records("data/problems.jsonl", problems)
    write_json("metrics/extract.json", metrics)


def _each(work: Callable[..., Result], jobs: list[tuple[Any, ...]], workers: int, what: str) -> list[Result]:
    """Run the jobs over processes; results in the order of the jobs."""
    results = Parallel(n_jobs=min(workers, len(jobs)), return_as="generator")(delayed(work)(*job) for job in jobs)
    return list(tqdm(results, total=len(jobs), desc=what, unit="page", disable=None))


def _survey(path: Path, number: int, dpi: int, threads: int) -> Survey:
    page, read = _open(path, number, dpi, threads)
    return survey(page, read)


def _read(path: Path, number: int, dpi: int, threads: int, spans: Iterable[tuple[Mark, int | None]]) -> list[Question]:
    page, read = _open(path, number, dpi, threads)
    return read_questions(page, tuple(spans), read)


def _open(path: Path, number: int, dpi: int, threads: int):  # type: ignore[no-untyped-def]
    cv2.setNumThreads(threads)
    page = open_page(path, number, dpi)
    if page.labels is None:
        return page, join
    from stages.exams.recognise import reader  # the network is loaded only where a page needs it

    return page, reader(page, threads)


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
        if not any(section.answers[n].text for _, (n, *_), _ in _numbers(section) if n in section.answers):
            raise StudyError(f"{paths[0].parent / keys[year, code].file}: the key matches no question of {year} {code}")
    return [section for _, section in sorted(asked.items())]


def _numbers(section: Section) -> list[tuple[int, tuple[str], int | None]]:
    return [(page, (mark.number,), end) for page, mark, end in section.questions]


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


def measure(problems: list[Problem], pages: int, files: int) -> dict[str, Any]:
    """Counts of what was read and what cannot be used, by reason."""
    return {
        "files": files,
        "pages": pages,
        "questions": len(problems),
        "usable": sum(p.usable for p in problems),
        "unusable": dict(sorted(Counter(p.reason for p in problems if not p.usable).items())),
        "engines": dict(sorted(Counter(p.reading.engine for p in problems).items())),
        "corrected": sum(p.reading.corrected for p in problems),
    }


def _write_crops(folder: Path, crops: dict[str, bytes]) -> None:
    """Put a new folder in the place of the old one, whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        fresh.chmod(0o755)
        for name, data in sorted(crops.items()):
            (fresh / name).write_bytes(data)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


if __name__ == "__main__":
    run_stage(main)
