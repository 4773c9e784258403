"""Greedy responses in fixed batches, shared out among processes.

Greedy output depends on the batch it is made in: rounding differs with the shape of the products. So the batches
depend on the prompts and the batch size alone, and a process takes whole ones. Prompts of two parts never share one:
what a student says to the held-out problems does not depend on which others it is asked.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import takewhile
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal, NamedTuple

import joblib
from tqdm import tqdm

from stages.student import base, cpu
from stages.study.params import Generate, Machine

Messages = list[dict[str, str]]


class Asked(NamedTuple):
    """A conversation, and the part of the exam that it belongs to."""

    part: str
    messages: Messages


class Response(NamedTuple):
    """What the student said, its length in tokens without the stop token, and why it ended."""

    text: str
    tokens: int
    finish_reason: Literal["stop", "length"]


def respond(asked: list[Asked], adapter: Path | None, generate: Generate, machine: Machine) -> list[Response]:
    """The student's response to each conversation, in the order asked."""
    if adapter is not None:
        base.check_adapter(adapter)
    cut = batches(asked, generate.batch_size)
    jobs = [[asked[place].messages for place in places] for places in cut]
    responses: dict[int, Response] = {}
    with tqdm(total=len(asked), desc="answering", unit="problem", disable=None) as bar:
        done = _share(jobs, adapter, generate.max_tokens, machine)
        for places, answered in zip(cut, done, strict=True):
            responses.update(zip(places, answered, strict=True))
            bar.update(len(places))
    return [responses[place] for place in range(len(asked))]


def batches(asked: list[Asked], size: int) -> list[list[int]]:
    """Places in `asked`, each part's own, the longest prompts first, at most `size` together."""

    def length(place: int) -> int:
        return sum(len(message["content"]) for message in asked[place].messages)

    cut = []
    for part in sorted({one.part for one in asked}):
        places = [place for place, one in enumerate(asked) if one.part == part]
        places.sort(key=lambda place: (-length(place), place))
        cut += [places[first : first + size] for first in range(0, len(places), size)]
    return cut


def _share(
    jobs: list[list[Messages]], adapter: Path | None, max_tokens: int, machine: Machine
) -> Iterator[list[Response]]:
    """Results in the order of the jobs. One process works in place: a second would only cost a second model.

    No more processes than joblib counts CPUs, which `LOKY_MAX_CPU_COUNT` limits where stages run side by side.
    """
    workers = min(machine.workers, len(jobs), joblib.cpu_count())
    if workers <= 1:
        _start(adapter, max_tokens, machine.threads)
        yield from map(_work, jobs)
        return
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_start, initargs=(adapter, max_tokens, machine.threads)
    ) as pool:
        yield from pool.map(_work, jobs)


_student: tuple[Any, Any, int]


def _start(adapter: Path | None, max_tokens: int, threads: int) -> None:
    global _student
    cpu.prepare(threads)
    _student = (*base.load(adapter), max_tokens)


def _work(job: list[Messages]) -> list[Response]:
    from stages.student.rows import prompt_tokens

    model, tokenizer, max_tokens = _student
    return batch(model, tokenizer, [prompt_tokens(tokenizer, messages) for messages in job], max_tokens)


def common_start(sequences: list[list[int]]) -> list[int]:
    """The tokens that all sequences begin with."""
    columns = takewhile(lambda column: len(set(column)) == 1, zip(*sequences, strict=False))
    return [column[0] for column in columns]


def batch(model: Any, tokenizer: Any, prompts: list[list[int]], max_tokens: int) -> list[Response]:
    """One batch of prompts through mlx-lm's BatchGenerator; what all of them begin with is read only once."""
    import mlx.core as mx
    from mlx_lm.generate import BatchGenerator
    from mlx_lm.models.cache import make_prompt_cache

    shared = common_start([prompt[:-1] for prompt in prompts])
    cache = make_prompt_cache(model)
    if shared:
        model(mx.array([shared]), cache=cache)
        mx.eval([layer.state for layer in cache])
    generator = BatchGenerator(
        model,
        stop_tokens=[[token] for token in sorted(tokenizer.eos_token_ids)],
        completion_batch_size=len(prompts),
        prefill_batch_size=len(prompts),
    )
    ids = generator.insert(
        [prompt[len(shared) :] for prompt in prompts],
        max_tokens=[max_tokens] * len(prompts),
        caches=[cache] * len(prompts),
    )
    tokens: dict[int, list[int]] = {one: [] for one in ids}
    reasons: dict[int, Literal["stop", "length"]] = {}
    while answered := generator.next_generated():
        for one in answered:
            if one.finish_reason != "stop":
                tokens[one.uid].append(one.token)
            if one.finish_reason:
                reasons[one.uid] = one.finish_reason
    generator.close()
    return [Response(tokenizer.decode(tokens[one]), len(tokens[one]), reasons[one]) for one in ids]
