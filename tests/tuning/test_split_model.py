import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from mlx_lm.models.llama import Model
from mlx_lm.utils import load

from stages.tuning.split_model import split_model
from tests.tuning.counting import rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base")


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base", quantised=True)


@pytest.mark.parametrize("kind", ["folder", "quantised"])
def test_both_halves_make_the_whole(kind, request):
    model, _ = load(str(request.getfixturevalue(kind)))
    tokens = mx.array([row.tokens[:6] for row in rows(3)])
    for layers in (1, 2, 4):
        parts = split_model(model, layers, rows(1)[0].tokens)
        assert parts.lower(tokens).ndim == 3
        np.testing.assert_allclose(
            np.array(parts.head(parts.upper(parts.lower(tokens)))), np.array(model(tokens)), atol=1e-4
        )


def test_a_model_that_does_more_than_its_parts_stays_whole(folder, monkeypatch):
    model, _ = load(str(folder))
    whole = Model.__call__
    monkeypatch.setattr(Model, "__call__", lambda self, tokens, *a, **k: mx.tanh(whole(self, tokens, *a, **k)))
    tokens = mx.array([[5, 6, 7]])
    parts = split_model(model, 2, [5, 6, 7])
    assert parts.lower(tokens) is tokens
    assert mx.array_equal(parts.head(parts.upper(tokens)), model(tokens))
