"""Responses in fixed batches, shared out among processes, each batch kept until all are there.

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

from stages.generation.said import Said
from stages.generation.settings import Asking
from stages.questions.exam import EXAMS, Question
from stages.questions.prompt import student_messages
from stages.student import base, cpu
from stages.student.cache import code_digest, unfinished
from stages.student.rows import prompt_tokens
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import Machine
from stages.study.records import Response, Student
from stages.study.versions import STUDENT, installed

Messages = list[dict[str, str]]


class Tuned(NamedTuple):
    """An adapter's folder, and the values of its `Training` that it must have."""

    folder: Path
    expected: dict[str, Any]


class Job(NamedTuple):
    """A batch of prompts, as messages and as tokens, the seeds to draw with, and the file that its responses go to."""

    messages: list[Messages]
    prompts: list[list[int]]
    seeds: list[int]
    file: Path


def identify(run: str, base_digest: str, tuned: Tuned | None, asking: Asking) -> Student:
    """What identifies the student that is asked; raises StudyError where its adapter is missing."""
    cpu.prepare(1)
    from stages.student.adapters import adapter_digest

    tokenizer = base.load_tokenizer()
    shown = dict.fromkeys(map(tuple, asking.examples.values())) or [()]  # without examples one prompt for all folds
    prompts = [prompt_tokens(tokenizer, student_messages("statement", asking.instruction, one)) for one in shown]
    return Student(
        run=run,
        base_digest=base_digest,
        adapter_digest=adapter_digest(tuned.folder) if tuned else "",
        prompt_digest=sha256(",".join(map(repr, prompts)).encode()).hexdigest(),
        budget=asking.budget,
        batch_size=asking.batch_size,
        temperature=asking.temperature,
        engine=f"openai {asking.server.model}" if asking.server else f"mlx {base.numerics()}",
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
    asking: Asking,
    machine: Machine,
    kept: Path,
) -> list[Response]:
    """The student's responses to each question, sorted by source, problem and sample.

    Batches that are in the folder `kept` are read from there, the others are kept there as soon as they are finished.
    Raises StudyError for an adapter that is not what `tuned` expects.
    """
    model, tokenizer = _load(tuned)
    asked = [(question, sample) for question in questions for sample in range(1, asking.samples + 1)]
    jobs = []
    for places, messages, prompts in _prompts([question for question, _ in asked], tokenizer, asking):
        seeds = [_seed(student.run, *asked[place]) for place in places] if asking.temperature else []
        name = sha256(repr((prompts, seeds) if seeds else prompts).encode()).hexdigest()
        jobs.append((places, Job(messages, prompts, seeds, kept / f"{name}.jsonl")))
    waiting = [job for _, job in jobs if not job.file.exists()]
    with tqdm(total=len(asked), desc="answering", unit="response", disable=None) as bar:
        bar.update(len(asked) - sum(len(job.prompts) for job in waiting))
        for job in _finish(waiting, (model, tokenizer), tuned, asking, machine):
            bar.update(len(job.prompts))
    responses = []
    for places, job in jobs:
        for place, said in zip(places, _read(job), strict=True):
            question, sample = asked[place]
            responses.append(
                Response(
                    source=question.source,
                    problem_id=question.problem_id,
                    sample=sample,
                    words=len(said.text.split()),
                    student=student,
                    **said.model_dump(),
                )
            )
    return sorted(responses, key=lambda one: (one.source != EXAMS, one.source, one.problem_id, one.sample))


def _prompts(
    questions: list[Question], tokenizer: Any, asking: Asking
) -> Iterator[tuple[list[int], list[Messages], list[list[int]]]]:
    """The batches: places of the questions, their messages, their tokens."""
    messages = [
        student_messages(one.statement, asking.instruction, asking.examples.get(one.fold, ())) for one in questions
    ]
    prompts = [prompt_tokens(tokenizer, one) for one in messages]
    for places in batches([one.fold for one in questions], [len(one) for one in prompts], asking.batch_size):
        yield places, [messages[place] for place in places], [prompts[place] for place in places]


def _seed(run: str, question: Question, sample: int) -> int:
    """Of one response's sampling: the same whatever else is asked, another for each student, problem and sample."""
    named = repr((run, question.source, question.problem_id, sample))
    return int.from_bytes(sha256(named.encode()).digest()[:8])


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
    jobs: list[Job], loaded: tuple[Any, Any], tuned: Tuned | None, asking: Asking, machine: Machine
) -> Iterator[Job]:
    """Work on all jobs, as many at once as there are cores; yields each job when it is done."""
    if asking.server:
        from stages.generation.served import answer_served

        for job in jobs:
            student = str(tuned.expected["run"]) if tuned else None
            said = answer_served(asking.server, student, job.messages, asking.budget, asking.temperature, job.seeds)
            write_records(job.file, said)
            yield job
        return
    processes, threads = machine.processes(len(jobs))
    if processes == 1:  # a second process would only cost a second model
        _start(loaded, tuned, asking, threads)
        yield from map(_work, jobs)
        return
    arguments = (None, tuned, asking, threads)
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=arguments) as pool:
        yield from pool.map(_work, jobs)


_student: tuple[Any, Any, Asking]


def _start(loaded: tuple[Any, Any] | None, tuned: Tuned | None, asking: Asking, threads: int) -> None:
    global _student
    if parent := parent_process():
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _student = (*(loaded or _load(tuned)), asking)
    cpu.prepare(threads)


def _end_with(parent: int) -> None:
    """A worker whose parent was killed would wait for jobs for ever."""
    wait([parent])
    os._exit(1)


def _work(job: Job) -> Job:
    from stages.generation.decoding import answer_batch

    model, tokenizer, asking = _student
    said = answer_batch(model, tokenizer, job.prompts, asking.budget, asking.temperature, job.seeds)
    write_records(job.file, said)
    return job


def _read(job: Job) -> list[Said]:
    said = read_records(job.file, Said)
    if len(said) != len(job.prompts):
        raise StudyError(f"{job.file}: {len(said)} responses to {len(job.prompts)} prompts; remove it and run again")
    return said
