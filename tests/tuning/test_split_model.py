"""A model cut into frozen and tuned layers has the losses and gradients of the whole one."""

import importlib

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import mlx.nn as nn
import numpy as np
from mlx.utils import tree_flatten
from mlx_lm.models.llama import Model
from mlx_lm.utils import load

from stages.student.adapters import add_lora
from stages.student.rows import TokenizedRow
from stages.tuning.batches import make_batch
from stages.tuning.features import features_in_batches
from stages.tuning.loss import summed_loss
from stages.tuning.split_model import plain, split_model
from tests.tuning.counting import rows

SHARED = {
    "hidden_size": 64,
    "num_hidden_layers": 4,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "vocab_size": 320,
    "rope_theta": 10000.0,
    "max_position_embeddings": 512,
    "head_dim": 16,
    "tie_word_embeddings": True,
}
WINDOW = {"sliding_window": 12, "layer_types": ["sliding_attention", "full_attention"] * 2}
ARCHITECTURES = {  # name: model type, changes, quantised, whether it can be cut for short rows, and for long ones
    "qwen2": ("qwen2", {}, False, True, True),
    "qwen2, 4-bit": ("qwen2", {}, True, True, True),
    "qwen3": ("qwen3", {}, False, True, True),
    "llama": ("llama", {}, False, True, True),
    "llama with a window": ("llama", WINDOW, False, True, False),
    "gemma3": ("gemma3_text", {"sliding_window": 12, "sliding_window_pattern": 2}, False, False, False),
    "mixtral": ("mixtral", {"num_local_experts": 4, "num_experts_per_tok": 2}, False, True, True),
}
SHORT = [TokenizedRow([*range(5, 15), 1], 4), TokenizedRow([*range(40, 47), 1], 3)]
LONG = [*SHORT, TokenizedRow([*range(60, 100), 1], 20)]


def model_of(name: str):
    kind, changes, quantised, *_ = ARCHITECTURES[name]
    module = importlib.import_module(f"mlx_lm.models.{kind}")
    mx.random.seed(4)
    model = module.Model(module.ModelArgs.from_dict(SHARED | {"model_type": kind} | changes))
    if quantised:
        nn.quantize(model, group_size=32, bits=4)
    parameters = {"rank": 4, "scale": 2.0, "dropout": 0.0}
    add_lora(model, {"fine_tune_type": "lora", "num_layers": 2, "lora_parameters": parameters})
    for path, one in tree_flatten(model.trainable_parameters()):
        model.load_weights([(path, one + 0.05 * mx.random.normal(one.shape))], strict=False)
    model.train()
    return model


def longest(rows: list[TokenizedRow]) -> list[int]:
    return max(rows, key=lambda row: len(row.tokens)).tokens


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("length", ["short", "long"])
def test_cut_or_plain_as_is_right_with_the_losses_and_gradients_of_the_whole(name, length):
    some = SHORT if length == "short" else LONG
    model = model_of(name)
    parts = split_model(model, 2, longest(some))
    assert parts.cut == ARCHITECTURES[name][3 if length == "short" else 4]

    def both(parts):
        batch = make_batch(some, features_in_batches(parts))
        loss = nn.value_and_grad(model, lambda: summed_loss(parts, batch, train=True))
        value, gradient = loss()
        return float(value), dict(tree_flatten(gradient))

    expected = sum(row_loss(model, row) for row in some)
    (cut_loss, cut_gradient), (loss, gradient) = both(parts), both(plain(model))
    assert cut_loss == pytest.approx(loss, rel=2e-5)
    assert loss == pytest.approx(expected, rel=2e-5)
    assert cut_gradient.keys() == gradient.keys() != set()
    for path, one in gradient.items():
        scale = float(mx.abs(one).max())
        np.testing.assert_allclose(np.array(cut_gradient[path]), np.array(one), atol=1e-5 * max(1.0, scale), rtol=1e-3)


def row_loss(model, row: TokenizedRow) -> float:
    """In float64, from the model's logits for the row alone."""
    logits = np.array(model(mx.array([row.tokens[:-1]])).astype(mx.float32))[0].astype(np.float64)
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return -sum(logs[place - 1, row.tokens[place]] for place in range(row.start, len(row.tokens)))


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_the_parts_make_the_whole(tmp_path, layers):
    model, _ = load(str(tiny.make(tmp_path / "base")))
    tokens = mx.array([row.tokens[:6] for row in rows(3)])
    parts = split_model(model, layers, rows(1)[0].tokens)
    assert parts.lower(tokens).ndim == 3
    np.testing.assert_allclose(
        np.array(parts.head(parts.upper(parts.lower(tokens)))), np.array(model(tokens)), atol=1e-4
    )


def test_a_model_that_does_more_than_its_parts_stays_whole(tmp_path, monkeypatch):
    model, _ = load(str(tiny.make(tmp_path / "base")))
    whole = Model.__call__
    monkeypatch.setattr(Model, "__call__", lambda self, tokens, *a, **k: mx.tanh(whole(self, tokens, *a, **k)))
    tokens = mx.array([[5, 6, 7]])
    parts = split_model(model, 2, [5, 6, 7])
    assert not parts.cut
    assert parts.lower(tokens) is tokens
    assert mx.array_equal(parts.head(parts.upper(tokens)), model(tokens))
