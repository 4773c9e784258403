"""A folder of PDFs to problems: pages read (or found in the cache), files put together, problems judged, crops cut."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from stages.exams import isolated
from stages.exams.additions import with_additions
from stages.exams.assemble import Outcome, Paper, assemble, make_problem
from stages.exams.corrections import Correction, additions, read_corrections, stale
from stages.exams.isolated import PageJob, load_count, load_page, page_image, page_job, run_jobs
from stages.exams.outline import PageAnalysis
from stages.exams.settings import ExtractSettings
from stages.exams.shapes import Box, crop, png
from stages.exams.third import Look
from stages.study.errors import StudyError
from stages.study.files import cache_folder, digest, replace_folder
from stages.study.records import Problem


@dataclass
class Extraction:
    """What a corpus gave. `images` tells where the upright image of a page lies, by file and page."""

    problems: list[Problem]
    outcomes: dict[str, Outcome]
    images: dict[tuple[str, int], Path]
    keys: dict[str, tuple[str, int, tuple[int, int, int, int]]] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)


def extract(
    corpus: str,
    folder: Path,
    settings: ExtractSettings,
    cores: int,
    backend: dict[str, Any],
    look: Look | None = None,
) -> Extraction:
    """Problems of all PDFs in `folder`, file by file; raises StudyError for a folder that holds none.

    `look` is asked what it sees in the questions that `settings.vision` names.
    """
    pages, failures, jobs = read_pages(folder, settings, cores, backend)
    corrections = read_corrections(Path("data/corrections") / f"{corpus}.jsonl")
    papers, outcomes = assemble(pages, settings.sections, set(additions(corrections)))
    for name, failure in failures.items():
        outcomes[name] = Outcome(troubles=[failure])
    images = {(Path(job.path).name, job.page): page_image(_cache(), job) for job in jobs}
    found = _problems(corpus, papers, settings, corrections, images, look)
    problems = with_additions(corpus, found, papers, pages, corrections, settings)
    result = Extraction(problems, dict(sorted(outcomes.items())), images)
    _add_key_places(result, papers)
    result.stale = [f"{c.file}, page {c.page}, {c.place}: {why}" for c, why in stale(corrections, problems)]
    if not problems:
        raise StudyError(f"{folder}: no problem found; {_told(result.outcomes)}")
    if settings.strict and (told := _told(result.outcomes)):
        raise StudyError(f"{folder}: {told}; put it right, or set extract.strict: false to go on with the rest")
    return result


def _problems(
    corpus: str,
    papers: Sequence[Paper],
    settings: ExtractSettings,
    corrections: Sequence[Correction],
    images: dict[tuple[str, int], Path],
    look: Look | None,
) -> list[Problem]:
    """The papers' questions as problems, those among them that `look` is to see with what it saw."""
    questions = [(paper, question) for paper in papers for question in paper.exam.questions]
    problems = [make_problem(corpus, paper, question, settings, corrections) for paper, question in questions]
    if look is None or settings.vision.ask == "none":
        return problems
    asked = {
        problem.id: problem
        for problem in problems
        if not problem.reading.corrected
        and (settings.vision.ask == "all" or problem.reading.confidence < settings.min_confidence)
    }

    def image(name: str) -> bytes:
        source = asked[name].source
        return png(crop(_page(images, (source.file, source.page)), Box(*source.box)))

    seen = look([(name, problem.statement) for name, problem in asked.items()], image)
    return [
        make_problem(corpus, paper, question, settings, corrections, seen[problem.id])
        if problem.id in seen
        else problem
        for (paper, question), problem in zip(questions, problems, strict=True)
    ]


def _page(images: dict[tuple[str, int], Path], place: tuple[str, int]) -> np.ndarray:
    """The upright image of a page, by file and number."""
    image = cv2.imread(str(images[place]), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise StudyError(f"{images[place]}: no image any more; run extract again")
    return image


def _cache() -> Path:
    return cache_folder() / "pages"


def pdf_files(folder: Path) -> list[Path]:
    """The exams of a corpus, by name."""
    return sorted((p for p in folder.glob("*") if p.suffix.lower() == ".pdf" and p.is_file()), key=lambda p: p.name)


def read_pages(
    folder: Path, settings: ExtractSettings, cores: int, backend: dict[str, Any]
) -> tuple[dict[str, list[PageAnalysis]], dict[str, str], list[PageJob]]:
    """Analyses of all pages by file, why some files have none, and the pages' jobs."""
    paths = pdf_files(folder)
    if not paths:
        raise StudyError(f"{folder}: no PDF files; put the exams there, or set corpus in params.yaml")
    reader = isolated.reader_version(settings)
    kept = _cache().absolute()
    digests = {path: digest(path) for path in paths}
    counts = [page_job(path.absolute(), digests[path], 0, reader) for path in paths]
    run_jobs(counts, kept, settings, cores, backend, "files")
    jobs, failures = [], {}
    for path, job in zip(paths, counts, strict=True):
        count = load_count(kept, job)
        if count.failure:
            failures[path.name] = count.failure
        jobs += [page_job(path.absolute(), digests[path], page, reader) for page in range(1, count.pages + 1)]
    run_jobs(jobs, kept, settings, cores, backend, "pages")
    pages: dict[str, list[PageAnalysis]] = {path.name: [] for path in paths if path.name not in failures}
    for job in jobs:
        name = Path(job.path).name
        pages[name].append(load_page(kept, job).model_copy(update={"file": name}))
    return pages, failures, jobs


def count_of(folder: Path, file: str, settings: ExtractSettings) -> int:
    """The pages of one PDF of the folder; raises StudyError where there is none of that name, or it cannot be read."""
    count = load_count(_cache(), _single_job(folder, file, 0, settings))
    if count.failure:
        raise StudyError(f"{file}: {count.failure}")
    return count.pages


def upright_image(folder: Path, file: str, page: int, settings: ExtractSettings) -> Path:
    """Where the upright image of a page lies; the page is read first where the cache does not hold it."""
    if not 1 <= page <= count_of(folder, file, settings):
        raise StudyError(f"{file}: no page {page}")
    job = _single_job(folder, file, page, settings)
    if failure := load_page(_cache(), job).failure:
        raise StudyError(f"{file}: page {page}: {failure}")
    return page_image(_cache(), job)


def _single_job(folder: Path, file: str, page: int, settings: ExtractSettings) -> PageJob:
    """The job of one page, done."""
    path = next((path for path in pdf_files(folder) if path.name == file), None)
    if path is None:
        raise StudyError(f"{folder}: no PDF named {file[:200]}")
    job = page_job(path.absolute(), digest(path), page, isolated.reader_version(settings))
    run_jobs([job], _cache().absolute(), settings, 1, {"backend": "loky"}, "page")
    return job


def _add_key_places(result: Extraction, papers: Sequence[Paper]) -> None:
    by_place = {(paper.exam.year, paper.exam.code): paper for paper in papers}
    for problem in result.problems:
        paper = by_place.get((problem.year, problem.section))
        if paper and problem.number in paper.key and paper.key_page:
            result.keys[problem.id] = (paper.key_file, paper.key_page, paper.key[problem.number].box)


def _told(outcomes: dict[str, Outcome]) -> str:
    return "; ".join(f"{name}: {trouble}" for name, outcome in outcomes.items() for trouble in outcome.troubles)


def measure(result: Extraction) -> dict[str, Any]:
    """Counts of what was read and what cannot be used, by reason, and what each file gave."""
    problems = result.problems
    return {
        "files": len(result.outcomes),
        "pages": sum(outcome.pages for outcome in result.outcomes.values()),
        "questions": len(problems),
        "usable": sum(p.usable for p in problems),
        "unusable": dict(sorted(Counter(p.reason for p in problems if not p.usable).items())),
        "doubtful": sum(p.reading.doubtful for p in problems),
        "needs_figure": sum(p.needs_figure for p in problems),
        "has_math": sum(p.has_math for p in problems),
        "engines": dict(sorted(Counter(p.reading.engine for p in problems).items())),
        "corrected": sum(p.reading.corrected for p in problems),
        "stale_corrections": result.stale,
        "outcomes": {
            name: {"pages": o.pages, "questions": o.questions, "answers": o.answers, "troubles": o.troubles}
            for name, o in result.outcomes.items()
        },
    }


def write_crops(folder: Path, result: Extraction) -> None:
    """Cut the image of every question and of its answer out of the pages, and put the digests into `result.problems`.

    The folder is replaced whole. One page's image is held at a time, so that memory does not grow with the corpus.
    """
    cuts: dict[tuple[str, int], list[tuple[str, tuple[int, int, int, int]]]] = {}
    for problem in result.problems:
        source = problem.source
        cuts.setdefault((source.file, source.page), []).append((problem.id, source.box))
        if problem.id in result.keys:
            file, page, box = result.keys[problem.id]
            cuts.setdefault((file, page), []).append((f"{problem.id}.key", box))
    digests: dict[str, str] = {}
    with replace_folder(folder) as fresh:
        for place, parts in sorted(cuts.items()):
            image = _page(result.images, place)
            for name, box in parts:
                data = png(crop(image, Box(*box)))
                (fresh / f"{name}.png").write_bytes(data)
                digests[name] = hashlib.sha256(data).hexdigest()
    result.problems = [
        problem.model_copy(update={"source": problem.source.model_copy(update={"crop_sha256": digests[problem.id]})})
        for problem in result.problems
    ]
