"""How likely the base student finds a text as its answer to a prompt."""

from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import make_prompt_cache

from stages.student.rows import prompt_tokens

CHUNK = 256  # tokens read at once: logits of a long text are gigabytes


def mean_log_likelihood(model: Any, tokenizer: Any, messages: list[dict[str, str]], text: str) -> float:
    """Mean of log p over the tokens of `text`, in nats, given the chat messages before it; -inf of an empty text.

    A text is read alone, so that its number does not depend on what else is asked.
    """
    prompt, said = prompt_tokens(tokenizer, messages), tokenizer.encode(text, add_special_tokens=False)
    if not said:
        return float("-inf")
    tokens, cache, total = mx.array([*prompt, *said]), make_prompt_cache(model), 0.0
    for first in range(0, len(tokens) - 1, CHUNK):
        last = min(first + CHUNK, len(tokens) - 1)
        logits = model(tokens[None, first:last], cache=cache)[0].astype(mx.float32)
        targets = tokens[first + 1 : last + 1]
        found = mx.take_along_axis(logits, targets[:, None], axis=-1)[:, 0] - mx.logsumexp(logits, axis=-1)
        total += float(found[max(0, len(prompt) - 1 - first) :].sum())
    return total / len(said)
