"""Exam PDFs of `data/raw/<corpus>/` to problems with their key's answers. `python -m stages.extract`

Reads corpus and <profile>.extract of params.yaml, the corpus's `truth.jsonl` if there is one (for the metrics only),
and `data/corrections/<corpus>.jsonl` if there is one. Writes `data/problems.jsonl`, `data/crops/<id>.png` (question)
and `<id>.key.png` (answer), `metrics/extract.json`.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import cv2
from joblib import Parallel, delayed
from tqdm import tqdm

from stages.exams.assemble import assemble, make_problem
from stages.exams.corrections import read_corrections
from stages.exams.linear import Read, join
from stages.exams.outline import Mark, Survey, survey
from stages.exams.pages import count_pages, open_page
from stages.exams.questions import Question, read_questions
from stages.exams.score import read_truth, score
from stages.exams.settings import ExtractSettings
from stages.exams.shapes import Page
from stages.study import params as study_params
from stages.study.errors import StudyError, run_stage
from stages.study.files import replace_folder, write_json, write_records
from stages.study.records import Problem
from stages.study.versions import READING, check_versions

Result = TypeVar("Result")


def main() -> None:
    study_params.no_arguments(sys.argv[1:], "stages.extract")
    params = study_params.load()
    check_versions(READING)
    folder = Path("data/raw") / params.corpus
    options, cores = params.block("extract", ExtractSettings), params.machine.usable_cores()
    paths = sorted(folder.glob("*.pdf"), key=lambda path: path.name)
    if not paths:
        raise StudyError(f"{folder}: no PDF files; put the exams there, or set corpus in params.yaml")
    pages = [(path.resolve(), number) for path in paths for number in range(1, count_pages(path) + 1)]

    jobs = [(path, number, options.dpi) for path, number in pages]
    surveys = _each(_survey, jobs, cores, "pages")
    exams = assemble(surveys, paths, options.sections)

    spans: dict[tuple[str, int], list[tuple[Mark, int | None]]] = {}
    for exam in exams:
        for page, mark, end in exam.questions:
            spans.setdefault((exam.file, page), []).append((mark, end))
    asked = [job for job in jobs if (job[0].name, job[1]) in spans]
    read = _each(_read, [(*job, spans[job[0].name, job[1]]) for job in asked], cores, "questions")
    questions = {(job[0].name, q.page, q.number): q for job, page in zip(asked, read, strict=True) for q in page}

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
    with replace_folder("data/crops") as crop_folder:
        for name, data in sorted(crops.items()):
            (crop_folder / name).write_bytes(data)
    write_records("data/problems.jsonl", problems)
    write_json("metrics/extract.json", metrics)


def _each(work: Callable[..., Result], jobs: list[tuple[Any, ...]], workers: int, what: str) -> list[Result]:
    """Run the jobs over processes; results in the order of the jobs."""
    results = Parallel(n_jobs=min(workers, len(jobs)), return_as="generator")(delayed(work)(*job) for job in jobs)
    return list(tqdm(results, total=len(jobs), desc=what, unit="page", disable=None))


def _survey(path: Path, number: int, dpi: int) -> Survey:
    page, read = _open(path, number, dpi)
    return survey(page, read)


def _read(path: Path, number: int, dpi: int, spans: Sequence[tuple[Mark, int | None]]) -> list[Question]:
    page, read = _open(path, number, dpi)
    return read_questions(page, spans, read)


def _open(path: Path, number: int, dpi: int) -> tuple[Page, Read]:
    cv2.setNumThreads(1)  # pages share out the cores
    page = open_page(path, number, dpi)
    if page.labels is None:
        return page, join
    from stages.exams.recognise import reader  # the network is loaded only where a page needs it

    return page, reader(page, 1)


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


if __name__ == "__main__":
    run_stage(main)
