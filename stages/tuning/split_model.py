"""A student divided below its lowest tuned layer, so that what no adapter changes is computed once.

The layers below the tuned ones give a row the same activations in every epoch, at every validation and for every
seed. The head, over tens of thousands of words, is only needed where the row is trained. Both are exact.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import mlx.core as mx

COMPARED = 8  # positions; all of them would take several times the memory of a training step

Function = Callable[[mx.array], mx.array]


class SplitModel(NamedTuple):
    """`lower`: tokens (batch, length) to features; `upper`: features to hidden states; `head`: hidden to logits.

    `cut` says whether the model is divided; else features are tokens, and hidden states are logits. `release` gives the
    memory of the layers back that `lower` alone needs, which then cannot be called any more.
    """

    lower: Function
    upper: Function
    head: Function
    cut: bool
    release: Callable[[], None] = lambda: None


def plain(model: Any) -> SplitModel:
    """The undivided model, for an architecture of another build."""
    return SplitModel(lower=lambda tokens: tokens, upper=model, head=lambda logits: logits, cut=False)


def checkpoint_layers(model: Any) -> None:
    """Have the layers of this model, and of no other, compute their activations again in the backward pass."""
    for layer in model.layers:
        layer_class: Any = type(layer)
        layer.__class__ = _checkpointed(layer_class)


@cache
def _checkpointed(layer_class: Any) -> Any:
    class Checkpointed(layer_class):  # type: ignore[misc]
        def __call__(self, *arguments: Any, **options: Any) -> Any:
            def run(trained: Any, *arguments: Any, **options: Any) -> Any:
                self.update(trained)
                return layer_class.__call__(self, *arguments, **options)

            return mx.checkpoint(run)(self.trainable_parameters(), *arguments, **options)

    return Checkpointed


def split_model(model: Any, tuned: int, probe: list[int]) -> SplitModel:
    """Cut `model` below its `tuned` uppermost layers.

    mlx-lm's models share the shape embed_tokens, layers, norm, head, but some do more (scaled embeddings, windows,
    capped logits). So both ways are computed for the tokens `probe`, which must be as long as the longest row that the
    model will see: a window shows only in rows longer than itself. Where the two differ, the model is left `plain`. The
    last positions are compared, whose logits hang on all before them.
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

    def release() -> None:
        for layer in body.layers[:-tuned]:
            layer.clear()  # a module is a dictionary of its parts

    divided = SplitModel(
        lower=lambda tokens: through(body.layers[:-tuned], body.embed_tokens(tokens)),
        upper=lambda features: body.norm(through(body.layers[-tuned:], features)),
        head=model.lm_head if hasattr(model, "lm_head") else body.embed_tokens.as_linear,
        cut=True,
        release=release,
    )
    tokens = mx.array([probe])
    try:
        found = divided.head(divided.upper(divided.lower(tokens))[:, -COMPARED:])
        same = mx.allclose(found, model(tokens)[:, -COMPARED:], rtol=1e-3, atol=1e-3)
    except (AttributeError, TypeError, ValueError):  # layers that are called in another way
        return plain(model)
    return divided if same else plain(model)
