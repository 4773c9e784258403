"""Cross-entropy over trained tokens, head and loss in chunks.

Logits of all trained positions at once take vocabulary x positions numbers, and their gradient as many again: several
GB for a vocabulary of 152,064. In chunks, the gradient of the hidden states is computed beside the loss and kept in
their place (as in Liger's fused linear cross-entropy), so that no chunk's logits outlive it. The products are the same.
"""

from functools import partial
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import numpy as np

from stages.tuning.batches import Batch
from stages.tuning.split_model import Function, SplitModel

CHUNK_BYTES = 64 << 20  # of one chunk's logits in float32


def summed_loss(parts: SplitModel, batch: Batch, *, train: bool) -> mx.array:
    """Sum of -log p over the trained tokens of a batch, in nats; to be differentiated only where `train` says so."""
    hidden = parts.upper(batch.features)[batch.lines, batch.columns]
    return (head_losses(parts.head, hidden, batch.targets, train=train) * batch.weights).sum()


def head_losses(head: Function, hidden: mx.array, targets: mx.array, *, train: bool) -> mx.array:
    """Cross-entropy (positions,) of hidden states (positions, width); `head` holds nothing that is trained."""
    chunk = max(1, CHUNK_BYTES // (4 * head(hidden[:1]).shape[-1]))
    if len(hidden) <= chunk:
        return _losses(head, hidden, targets)
    cuts = [slice(first, first + chunk) for first in range(0, len(hidden), chunk)]
    if not train:
        return mx.concatenate([_copy(_losses(head, hidden[cut], targets[cut])) for cut in cuts])

    @mx.custom_function
    def losses(hidden: mx.array, targets: mx.array) -> tuple[mx.array, mx.array]:
        values, gradients, hidden = [], [], _copy(hidden)
        for cut in cuts:
            loss = partial(_losses, head, targets=targets[cut])
            value, gradient = mx.vjp(loss, [hidden[cut]], [mx.ones(len(hidden[cut]))])
            values.append(_copy(value[0]))
            gradients.append(_copy(gradient[0]))
        return mx.concatenate(values), mx.concatenate(gradients)

    @losses.vjp
    def _(primals: Any, cotangents: Any, outputs: Any) -> tuple[mx.array, mx.array]:
        by = cotangents[0][:, None].astype(outputs[1].dtype)
        return by * outputs[1], mx.zeros_like(primals[1])

    both: Any = losses(hidden, targets)
    result: mx.array = both[0]
    return result


def _losses(head: Function, hidden: mx.array, targets: mx.array) -> mx.array:
    return nn.losses.cross_entropy(head(hidden).astype(mx.float32), targets)


def _copy(one: mx.array) -> mx.array:
    """The same numbers without what they were computed from, which MLX keeps while a gradient is being taken."""
    return mx.array(np.array(one.view(mx.uint8))).view(one.dtype)
