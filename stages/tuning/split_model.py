"""A student divided below its lowest tuned layer, so that what no adapter changes is computed once.

The layers below the tuned ones give a row the same activations in every epoch, at every validation and for every
seed. The head, over tens of thousands of words, is only needed where the row is trained. Both are exact.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import mlx.core as mx

Function = Callable[[mx.array], mx.array]


class SplitModel(NamedTuple):
    """`lower`: tokens (batch, length) to features; `upper`: features to hidden states; `head`: hidden to logits.

    `cut` says whether the model is divided; else features are tokens, and hidden states are logits.
    """

    lower: Function
    upper: Function
    head: Function
    cut: bool


def plain(model: Any) -> SplitModel:
    """The undivided model, for an architecture of another build."""
    return SplitModel(lower=lambda tokens: tokens, upper=model, head=lambda logits: logits, cut=False)


def split_model(model: Any, tuned: int, probe: list[int]) -> SplitModel:
    """Cut `model` below its `tuned` uppermost layers.

    mlx-lm's models share the shape embed_tokens, layers, norm, head, but some do more (scaled embeddings, windows,
    capped logits). So both ways are computed for the tokens `probe`, best the longest row; where they differ, the
    model is left `plain`.
    """
    from mlx_lm.models.base import create_attention_mask

    body = getattr(model, "model", None)
    if not all(hasattr(body, part) for part in ("embed_tokens", "layers", "norm")):
        return plain(model)
    assert body is not None

    def through(layers: list[Any], hidden: mx.array) -> mx.array:
        mask = create_attention_mask(hidden)
        for layer in layers:
            hidden = layer(hidden, mask, cache=None)
        return hidden

    divided = SplitModel(
        lower=lambda tokens: through(body.layers[:-tuned], body.embed_tokens(tokens)),
        upper=lambda features: body.norm(through(body.layers[-tuned:], features)),
        head=model.lm_head if hasattr(model, "lm_head") else body.embed_tokens.as_linear,
        cut=True,
    )
    tokens = mx.array([probe])
    try:
        same = mx.allclose(divided.head(divided.upper(divided.lower(tokens))), model(tokens), rtol=1e-3, atol=1e-3)
    except (AttributeError, TypeError, ValueError):  # layers that are called in another way
        return plain(model)
    return divided if same else plain(model)
