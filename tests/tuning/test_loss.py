"""The loss in chunks against the whole, in value, gradient and memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import mlx.nn as nn
import numpy as np

from stages.tuning import loss

assert tiny
VOCABULARY, WIDTH = 320, 16


def made(positions: int, dtype=mx.float32, vocabulary: int = VOCABULARY):
    random = np.random.default_rng(positions)
    head = mx.array(random.normal(size=(WIDTH, vocabulary)).astype(np.float32)).astype(dtype)
    hidden = mx.array(random.normal(size=(positions, WIDTH)).astype(np.float32)).astype(dtype)
    return head, hidden, mx.array(random.integers(0, vocabulary, positions))


@pytest.mark.parametrize("rows", [1, 3, 7, 20, 50])
@pytest.mark.parametrize("dtype", [mx.float32, mx.bfloat16])
def test_chunks_have_the_losses_and_gradients_of_the_whole(monkeypatch, rows, dtype):
    head, hidden, targets = made(20, dtype)
    weights = mx.array(np.random.default_rng(1).normal(size=20).astype(np.float32))

    def summed(hidden, train=True):
        return (loss.head_losses(lambda one: one @ head, hidden, targets, train=train) * weights).sum()

    whole = mx.value_and_grad(summed)(hidden)
    monkeypatch.setattr(loss, "CHUNK_BYTES", rows * VOCABULARY * 4)
    chunked = mx.value_and_grad(summed)(hidden)
    assert chunked[1].dtype == dtype
    precise = 1e-5 if dtype == mx.float32 else 2e-2
    for one, other in ((whole[0], chunked[0]), (whole[0], summed(hidden, train=False)), (whole[1], chunked[1])):
        one, other = (np.array(value.astype(mx.float32)) for value in (one, other))
        np.testing.assert_allclose(one, other, rtol=precise, atol=precise)


def test_a_quantised_head_in_chunks(monkeypatch):
    _, hidden, targets = made(20)
    hidden = mx.concatenate([hidden, hidden], axis=1)
    head = nn.QuantizedLinear(2 * WIDTH, VOCABULARY, bias=False, group_size=32, bits=4)

    def summed(hidden):
        return loss.head_losses(head, hidden, targets, train=True).sum()

    whole = mx.value_and_grad(summed)(hidden)
    monkeypatch.setattr(loss, "CHUNK_BYTES", 6 * VOCABULARY * 4)
    for one, other in zip(whole, mx.value_and_grad(summed)(hidden), strict=True):
        np.testing.assert_allclose(np.array(one), np.array(other), rtol=1e-4, atol=1e-4)


def test_the_loss_is_more_exact_than_mlxs():
    """Beside float64, over a vocabulary of SmolLM2's size."""
    random = np.random.default_rng(3)
    logits = random.normal(size=(8, 49_152)).astype(np.float32) * 4
    targets = random.integers(0, 49_152, 8)
    exact = np.log(np.exp(logits.astype(np.float64)).sum(-1)) - logits[np.arange(8), targets].astype(np.float64)
    found = loss.head_losses(lambda one: one, mx.array(logits), mx.array(targets), train=False)
    np.testing.assert_allclose(np.array(found), exact, rtol=2e-6)


PEAK = """
import resource
from stages.student import cpu
cpu.prepare(1)
import mlx.core as mx
from stages.tuning import loss

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

head = mx.random.normal((8, 152_064)).astype(mx.bfloat16)
hidden = mx.random.normal((6_000, 8)).astype(mx.bfloat16)
targets = mx.random.randint(0, 152_064, (6_000,))
mx.eval(head, hidden, targets)
before = peak()
summed = lambda hidden: loss.head_losses(lambda one: one @ head, hidden, targets, train=True).sum()
mx.eval(mx.value_and_grad(summed)(hidden))
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts resident memory in Linux's unit")
def test_memory_does_not_grow_with_vocabulary_times_positions():
    """4 rows of 1,500 trained tokens over 152,064 words: 7 GB at once."""
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", PEAK], env=env, capture_output=True, text=True, check=True)
    assert float(done.stdout.split()[-1]) < 600
