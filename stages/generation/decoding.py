"""One batch of prompts, answered through mlx-lm's BatchGenerator: greedily, or drawn."""

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any, Literal

import mlx.core as mx
from mlx_lm.generate import BatchGenerator
from mlx_lm.models.cache import make_prompt_cache

from stages.generation.said import Said


def common_start(sequences: list[list[int]]) -> list[int]:
    """The tokens that all sequences begin with."""
    columns = takewhile(lambda column: len(set(column)) == 1, zip(*sequences, strict=False))
    return [column[0] for column in columns]


def sampler(temperature: float, seed: int) -> Callable[[mx.array], mx.array]:
    """Draws one sequence's tokens, from logarithms of probabilities [1, vocabulary], with random numbers of its own.

    So what is drawn does not depend on the batch, but for its rounding.
    """
    key = mx.random.key(seed)

    def draw(logprobs: mx.array) -> mx.array:
        nonlocal key
        key, now = mx.random.split(key)
        return mx.random.categorical(logprobs / temperature, key=now)

    return draw


def answer_batch(
    model: Any,
    tokenizer: Any,
    prompts: list[list[int]],
    max_tokens: int,
    temperature: float = 0.0,
    seeds: Sequence[int] = (),
) -> list[Said]:
    """Responses of at most `max_tokens` tokens; what all prompts begin with is read only once.

    With a temperature they are drawn, each with its own seed of `seeds`.
    """
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
        samplers=[sampler(temperature, seed) for seed in seeds] if temperature else None,
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
    return [
        Said(text=tokenizer.decode(tokens[one]), tokens=len(tokens[one]), finish_reason=reasons[one]) for one in ids
    ]
