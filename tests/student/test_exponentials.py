"""The kernels that take the place of MLX's have its values and gradients."""

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.student import exponentials

assert tiny
mlx_attention, mlx_logsumexp, mlx_silu = (
    exponentials._mlx_attention,
    exponentials._mlx_logsumexp,
    exponentials._mlx_silu,
)


def normal(*shape: int, scale: float = 1.0) -> mx.array:
    return mx.array(np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32) * scale)


def same(ours: mx.array, theirs: mx.array) -> None:
    np.testing.assert_allclose(np.array(ours), np.array(theirs), rtol=2e-5, atol=2e-5)


FUNCTIONS = {
    "silu": (exponentials.silu, mlx_silu),
    "softmax": (exponentials.softmax, lambda x: mx.softmax(x, axis=-1)),
    "logsumexp": (exponentials.last_logsumexp, lambda x: mlx_logsumexp(x, axis=-1, keepdims=True)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("scale", [1.0, 30.0, 200.0])
def test_values_and_gradients_are_mlxs(name, scale):
    ours, theirs = FUNCTIONS[name]
    x, weights = normal(3, 5, 40, scale=scale), normal(3, 5, 40)
    same(ours(x), theirs(x))
    gradients = [
        mx.grad(lambda x, one=one: (one(x) * weights[..., : one(x).shape[-1]]).sum())(x) for one in (ours, theirs)
    ]
    same(*gradients)


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=20))
def test_softmax_is_a_distribution_however_large_the_scores(scores):
    weights = np.array(exponentials.softmax(mx.array(scores)))
    assert np.isfinite(weights).all()
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-5)


def masks(length: int, seen: int) -> dict[str, object]:
    allowed = mx.arange(seen - length, seen)[:, None] >= mx.arange(seen)
    padded = allowed & (mx.array([0, 2])[:, None, None, None] <= mx.arange(seen)) | (mx.arange(seen) == 0)
    return {
        "none": None,
        "causal": "causal",
        "shared": allowed,
        "padded": padded,
        "added": mx.where(allowed, 0.0, -1e9),
    }


@pytest.mark.parametrize("mask", masks(1, 1))
@pytest.mark.parametrize(("length", "seen"), [(7, 7), (1, 9), (3, 8)])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_attention_is_mlxs(mask, length, seen, groups):
    queries, keys, values = normal(2, 4, length, 8), normal(2, groups, seen, 8), normal(2, groups, seen, 8)

    def attend(function):
        def loss(queries, keys, values):
            return (function(queries, keys, values, scale=0.3, mask=masks(length, seen)[mask]) ** 2).sum()

        value = function(queries, keys, values, scale=0.3, mask=masks(length, seen)[mask])
        return value, *mx.grad(loss, argnums=(0, 1, 2))(queries, keys, values)

    for ours, theirs in zip(attend(exponentials.attention), attend(mlx_attention), strict=True):
        same(ours, theirs)


@pytest.mark.parametrize(("rows", "scale"), [(1, 1.0), (8, 30.0), (21, 5.0)])
def test_cross_entropy_is_mlxs(rows, scale):
    logits, weights = normal(rows, 40, scale=scale), normal(rows)
    targets = mx.array(np.random.default_rng(rows).integers(0, 40, rows))

    def value_and_gradient(function):
        return mx.value_and_grad(lambda logits: (function(logits, targets) * weights).sum())(logits)

    same(exponentials.cross_entropy(logits, targets), exponentials._mlx_cross_entropy(logits, targets))
    for ours, theirs in zip(
        value_and_gradient(exponentials._cross_entropy),
        value_and_gradient(exponentials._mlx_cross_entropy),
        strict=True,
    ):
        same(ours, theirs)


def test_a_row_that_may_see_nothing_stays_finite():
    hidden = exponentials.attention(*[normal(1, 2, 3, 4)] * 3, scale=1.0, mask=mx.zeros((3, 3), mx.bool_))
    assert np.isfinite(np.array(hidden)).all()


def test_other_types_go_to_mlx():
    half = normal(1, 2, 3, 4).astype(mx.float16)
    assert exponentials.attention(half, half, half, scale=1.0).dtype == mx.float16
    assert exponentials._logsumexp(half, axis=-1).dtype == mx.float16
    same(exponentials._logsumexp(normal(4, 5), axis=0), mlx_logsumexp(normal(4, 5), axis=0))
    same(exponentials._logsumexp(normal(4, 5)), mlx_logsumexp(normal(4, 5)))
    smoothed = [
        function(normal(4, 5), mx.array([0, 1, 2, 3]), label_smoothing=0.1)
        for function in (exponentials._cross_entropy, exponentials._mlx_cross_entropy)
    ]
    same(*smoothed)
