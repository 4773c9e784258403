"""SiLU, attention, log-sum-exp and cross-entropy with NumPy's exponential, for MLX on a Linux CPU.

MLX's CPU wheel for Linux computes `exp` one number at a time, 13 ns each; NumPy's SIMD code takes 0.4 ns. These four
hold all exponentials of a transformer, and with fast products under them they would take three quarters of the time.
NumPy needs values, so each call evaluates its input, and `mx.compile` is switched off. Gradients are their own.
"""

from typing import Any

import mlx.core as mx
import mlx.nn as nn
import numpy as np

_mlx_attention = mx.fast.scaled_dot_product_attention
_mlx_cross_entropy = nn.losses.cross_entropy
_mlx_logsumexp = mx.logsumexp
_mlx_silu: Any = vars(nn)["silu"]


def use_numpy() -> None:
    """Put this module's functions in the place of MLX's, for every model of mlx-lm. What is not float32 goes to MLX."""
    mx.disable_compile()
    for module, name, function in (
        (nn, "silu", lambda x: silu(x) if x.dtype == mx.float32 else _mlx_silu(x)),
        (mx, "logsumexp", _logsumexp),
        (nn.losses, "cross_entropy", _cross_entropy),
        (mx.fast, "scaled_dot_product_attention", attention),
    ):
        setattr(module, name, function)


@mx.custom_function
def silu(x: mx.array) -> mx.array:
    """x / (1 + exp(-x)), elementwise."""
    value = np.asarray(x)
    with np.errstate(over="ignore"):  # exp(-x) = inf is right: the result is -0
        below = np.exp(-value)
    below += 1
    return mx.array(np.divide(value, below, out=below))


@silu.vjp
def _silu_vjp(x: mx.array, gradient: mx.array, result: mx.array) -> mx.array:
    with np.errstate(over="ignore"):
        sigmoid = np.exp(-np.asarray(x))
    sigmoid += 1
    np.reciprocal(sigmoid, out=sigmoid)
    by = mx.array(sigmoid)
    return gradient * (by + result * (1 - by))


@mx.custom_function
def softmax(x: mx.array) -> mx.array:
    """Softmax over the last axis."""
    value = np.asarray(x)
    weights = np.subtract(value, value.max(axis=-1, keepdims=True))
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=-1, keepdims=True)
    return mx.array(weights)


@softmax.vjp
def _softmax_vjp(x: mx.array, gradient: mx.array, result: mx.array) -> mx.array:
    weighted = gradient * result
    return weighted - result * weighted.sum(axis=-1, keepdims=True)


@mx.custom_function
def last_logsumexp(x: mx.array) -> mx.array:
    """log(sum(exp(x))) over the last axis, which stays as one of length 1."""
    value = np.asarray(x)
    top = value.max(axis=-1, keepdims=True)
    shifted = value - top
    np.exp(shifted, out=shifted)
    return mx.array(np.log(shifted.sum(axis=-1, keepdims=True)) + top)


@last_logsumexp.vjp
def _last_logsumexp_vjp(x: mx.array, gradient: mx.array, result: mx.array) -> mx.array:
    shares = np.asarray(x) - np.asarray(result)
    np.exp(shares, out=shares)
    shares *= np.asarray(gradient)
    return mx.array(shares)


def _logsumexp(a: mx.array, /, axis: Any = None, keepdims: bool = False, **options: Any) -> mx.array:
    if a.dtype != mx.float32 or axis not in (-1, a.ndim - 1) or options:
        return _mlx_logsumexp(a, axis, keepdims, **options)
    kept: Any = last_logsumexp(a)
    result: mx.array = kept if keepdims else kept.squeeze(-1)
    return result


@mx.custom_function
def cross_entropy(logits: mx.array, targets: mx.array) -> mx.array:
    """-log(softmax(logits)[target]) for each row: logits (rows, words), targets (rows,)."""
    value, chosen = np.asarray(logits), np.asarray(targets)
    result = np.empty(len(value), np.float32)
    for rows in _blocks(value):
        top = value[rows].max(axis=-1, keepdims=True)
        shifted = value[rows] - top
        wanted = np.take_along_axis(shifted, chosen[rows, None], axis=-1)[:, 0]
        np.exp(shifted, out=shifted)
        result[rows] = np.log(shifted.sum(axis=-1)) - wanted
    return mx.array(result)


@cross_entropy.vjp
def _cross_entropy_vjp(primals: Any, gradient: mx.array, result: mx.array) -> tuple[mx.array, mx.array]:
    value, chosen, by = np.asarray(primals[0]), np.asarray(primals[1])[:, None], np.asarray(gradient)[:, None]
    total = np.asarray(result)[:, None] + np.take_along_axis(value, chosen, axis=-1)  # log of the sum of exponentials
    shares = np.empty_like(value)
    for rows in _blocks(value):
        block = np.subtract(value[rows], total[rows], out=shares[rows])
        np.exp(block, out=block)
        np.put_along_axis(block, chosen[rows], np.take_along_axis(block, chosen[rows], axis=-1) - 1, axis=-1)
        block *= by[rows]
    return mx.array(shares), mx.zeros_like(primals[1])


def _blocks(value: np.ndarray) -> list[slice]:
    """Rows of a head's output a few at a time, so that they stay in the processor's cache between two operations."""
    return [slice(first, first + 8) for first in range(0, len(value), 8)]


def _cross_entropy(logits: mx.array, targets: mx.array, *arguments: Any, **options: Any) -> mx.array:
    if logits.dtype != mx.float32 or logits.ndim != 2 or targets.ndim != 1 or arguments or options:
        return _mlx_cross_entropy(logits, targets, *arguments, **options)
    computed: Any = cross_entropy(logits, targets)
    result: mx.array = computed
    return result


def attention(
    queries: mx.array, keys: mx.array, values: mx.array, *, scale: float, mask: Any = None, **options: Any
) -> mx.array:
    """As MLX's: queries (batch, heads, length, width), keys and values (batch, groups of heads, seen, width)."""
    if queries.dtype != mx.float32 or any(value is not None for value in options.values()):
        return _mlx_attention(queries, keys, values, scale=scale, mask=mask, **options)
    batch, heads, length, width = queries.shape
    groups, seen = keys.shape[1], keys.shape[2]
    grouped = (queries * scale).reshape(batch, groups, heads // groups, length, width)
    scores = grouped @ mx.expand_dims(keys, 2).swapaxes(-1, -2)
    if isinstance(mask, str):  # "causal"
        mask = mx.arange(seen - length, seen)[:, None] >= mx.arange(seen)
    if mask is not None:
        if mask.ndim == 4:  # (batch or 1, heads or 1, length, seen)
            mask = mask.reshape(mask.shape[0], *((1, 1) if mask.shape[1] == 1 else (groups, -1)), *mask.shape[2:])
        # Added, not chosen by mx.where, which takes ten times as long; a query that may see nothing sees all evenly.
        scores = scores + (mx.where(mask, 0.0, mx.finfo(mx.float32).min) if mask.dtype == mx.bool_ else mask)
    weights: Any = softmax(scores)
    result: mx.array = (weights @ mx.expand_dims(values, 2)).reshape(batch, heads, length, -1)
    return result
