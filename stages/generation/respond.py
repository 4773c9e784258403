"""Greedy responses in fixed batches, shared out among processes, each batch kept until all are there.

Greedy output depends on the batch it is made in: rounding differs with the shape of the products. So the batches
depend on the prompts and the batch size alone, and a process takes whole ones. A killed generation finds its finished
batches under `.cache/generation/` and ends in the same bytes.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from stages.generation.settings import GenerateSettings
from stages.questions.exam import Question
from stages.questions.prompt import student_messages
from stages.student import base, cpu
from stages.student.cache import code_digest, unfinished
from stages.student.rows import prompt_tokens
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import Machine
from stages.study.records import Response, Student
from stages.study.versions import STUDENT, installed


class Tuned(NamedTuple):
    """An adapter's folder, and the values of its `Training` that it must have."""

    folder: Path
    expected: dict[str, Any]


class Job(NamedTuple):
    """A batch of prompts, as tokens, and the file that the responses to it are kept in."""

    prompts: list[list[int]]
    file: Path


def identify(run: str, base_digest: str, tuned: Tuned | None, budget: int) -> Student:
    """What identifies the student that is asked; raises StudyError where its adapter is missing."""
    cpu.prepare(1)
    from stages.student.adapters import adapter_digest

    prompt = prompt_tokens(base.load_tokenizer(), student_messages("statement"))
    return Student(
        run=run,
        base_digest=base_digest,
        adapter_digest=adapter_digest(tuned.folder) if tuned else "",
        prompt_digest=sha256(repr(prompt).encode()).hexdigest(),
        budget=budget,
    )


@contextmanager
def kept_batches(student: Student) -> Iterator[Path]:
    """The folder of the batches that this student has finished, by this code; removed once the block is through."""
    rooms = code_digest(Path(__file__).parent, Path(cpu.__file__).parent)
    folder = unfinished("generation", student.model_dump(), rooms, installed(STUDENT))
    yield folder
    shutil.rmtree(folder)


def respond(
    questions: list[Question],
    student: Student,
    tuned: Tuned | None,
    settings: GenerateSettings,
    machine: Machine,
    kept: Path,
) -> list[Response]:
    """The student's response to each question, sorted by source and problem.

    Batches that are in the folder `kept` are read from there, the others are kept there as soon as they are finished.
    Raises StudyError for an adapter that is not what `tuned` expects.
    """
    model, tokenizer = _load(tuned)
    prompts = [prompt_tokens(tokenizer, student_messages(question.statement)) for question in questions]
    cut = batches([question.fold for question in questions], [len(one) for one in prompts], settings.batch_size)
    jobs = []
    for places in cut:
        batch = [prompts[place] for place in places]
        jobs.append(Job(batch, kept / f"{sha256(repr(batch).encode()).hexdigest()}.jsonl"))
    waiting = [job for job in jobs if not job.file.exists()]
    with tqdm(total=len(questions), desc="answering", unit="problem", disable=None) as bar:
        bar.update(len(questions) - sum(len(job.prompts) for job in waiting))
        for job in _finish(waiting, (model, tokenizer), tuned, settings.max_tokens, machine):
            bar.update(len(job.prompts))
    responses = []
    for places, job in zip(cut, jobs, strict=True):
        for place, said in zip(places, _read(job), strict=True):
            responses.append(
                Response(
                    source=questions[place].source,
                    problem_id=questions[place].problem_id,
                    words=len(said.text.split()),
                    student=student,
                    **said.model_dump(),
                )
            )
    return sorted(responses, key=lambda one: (one.source != "exams", one.source, one.problem_id))


def batches(folds: list[int | None], lengths: list[int], size: int) -> list[list[int]]:
    """Places of prompts, the longest first, in as few batches of even size as may be.

    A batch holds problems of one fold, or of the benchmark (None). So what a student says to the problems it has never
    seen does not depend on which others it is asked, and all students, base included, answer a problem in the same
    company.
    """
    cut = []
    for fold in sorted(set(folds), key=lambda fold: (fold is None, fold)):
        places = sorted((place for place, one in enumerate(folds) if one == fold), key=lambda place: -lengths[place])
        number = -(-len(places) // size)
        bounds = [len(places) * one // number for one in range(number + 1)]
        cut += [places[first:last] for first, last in pairwise(bounds)]
    return cut


def _load(tuned: Tuned | None) -> tuple[Any, Any]:
    """Model and tokenizer; the weights are read when they are used, so a check of the adapter alone is cheap."""
    cpu.prepare(1)
    from stages.student.adapters import put_on

    model, tokenizer = base.load(lazy=True)
    if tuned:
        put_on(model, tuned.folder, tuned.expected)
    return model, tokenizer


def _finish(
    jobs: list[Job], loaded: tuple[Any, Any], tuned: Tuned | None, max_tokens: int, machine: Machine
) -> Iterator[Job]:
    """Work on all jobs, as many at once as there are cores; yields each job when it is done."""
    processes, threads = machine.processes(len(jobs))
    if processes == 1:  # a second process would only cost a second model
        _start(loaded, tuned, max_tokens, threads)
        yield from map(_work, jobs)
        return
    arguments = (None, tuned, max_tokens, threads)
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=arguments) as pool:
        yield from pool.map(_work, jobs)


_student: tuple[Any, Any, int]


def _start(loaded: tuple[Any, Any] | None, tuned: Tuned | None, max_tokens: int, threads: int) -> None:
    global _student
    if parent := parent_process():
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _student = (*(loaded or _load(tuned)), max_tokens)
    cpu.prepare(threads)


def _end_with(parent: int) -> None:
    """A worker whose parent was killed would wait for jobs for ever."""
    wait([parent])
    os._exit(1)


def _work(job: Job) -> Job:
    from stages.generation.greedy import answer_batch

    model, tokenizer, max_tokens = _student
    write_records(job.file, answer_batch(model, tokenizer, job.prompts, max_tokens))
    return job


def _read(job: Job) -> Any:
    from stages.generation.greedy import Said

    said = read_records(job.file, Said)
    if len(said) != len(job.prompts):
        raise StudyError(f"{job.file}: {len(said)} responses to {len(job.prompts)} prompts; remove it and run again")
    return said
