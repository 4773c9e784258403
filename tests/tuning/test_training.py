import importlib
import sys

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mlx_lm.models.llama import TransformerBlock
from mlx_lm.utils import load

from stages.student import adapters
from stages.student.rows import TokenizedRow
from stages.study.errors import StudyError
from stages.tuning import features, training
from stages.tuning.settings import TrainSettings
from stages.tuning.split_model import plain, split_model
from tests.tuning.counting import rows

TRAIN = TrainSettings(
    iterations=6,
    long_iterations=9,
    batch_size=4,
    learning_rate=1e-2,
    schedule="constant",
    layers=2,
    rank=4,
    scale=2.0,
    dropout=0.0,
    validate_every=2,
    max_tokens=64,
    checkpoint_gradients=False,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base")


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base", quantised=True)


def tune(folder, *, seed=1, keep_last=False, train=TRAIN, valid=None):
    """Weights, config, and what was reported: (iteration, training loss, validation loss)."""
    reported = []
    model, _ = load(str(folder))
    trained = training.tune(
        model,
        rows(10),
        valid or rows(5, seed=9),
        train,
        iterations=train.long_iterations if keep_last else train.iterations,
        keep_last=keep_last,
        seed=seed,
        report=lambda *values: reported.append(values),
    )
    return trained.weights, trained.config, reported


def save(folder, weights, config):
    digests = {"base_digest": "", "data_digest": "", "versions": {}}
    run = {"run": "R1-r0", "level": "R1", "replicate": 0, "fold": 0, "seed": 1, "kept_iteration": 1}
    adapters.save(folder, weights, config, adapters.Training.model_validate(run | digests))


def apart(one, other) -> float:
    assert one.keys() == other.keys()
    return max(float(mx.abs(one[name] - other[name]).max()) for name in one)


@pytest.mark.parametrize("kind", ["folder", "quantised"])
def test_the_loss_is_the_mean_over_completion_tokens(kind, request):
    """Against the whole model, row by row without padding, in NumPy."""
    model, _ = load(str(request.getfixturevalue(kind)))
    some = rows(5)
    parts = split_model(model, 2, some[0].tokens)
    (batch,) = training.batches(features.examples(parts, some), 5, generator=np.random.default_rng(0))
    loss, count = training.completion_loss(parts, model, *batch)
    losses = []
    for row in some:
        logits = np.array(model(mx.array([row.tokens[:-1]])).astype(mx.float32))[0].astype(np.float64)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        losses += [-logs[place - 1, row.tokens[place]] for place in range(row.start, len(row.tokens))]
    assert count.item() == len(losses) == sum(len(row.tokens) - row.start for row in some)
    assert loss.item() == pytest.approx(np.mean(losses), rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 20), size=st.integers(1, 7), seed=st.integers(0, 3))
def test_an_epoch_holds_every_row_once_with_rows_of_like_length_together(n, size, seed):
    dataset = [features.Example(mx.zeros((len(row.tokens) - 1, 2)), row) for row in rows(n)]

    def epoch(seed):
        found = training.batches(dataset, size, generator=np.random.default_rng(seed), loop=True)
        return [next(found) for _ in range(-(-n // size))]

    trained = [int(batch[4].sum()) for batch in epoch(seed)]
    assert sum(trained) == sum(len(row.tokens) - row.start for row in rows(n))
    assert sum(len(batch[0]) for batch in epoch(seed)) == n
    lengths = sorted(batch[0].shape[1] for batch in epoch(seed))
    assert (
        sum(lengths)
        <= sum(sorted(len(row.tokens) + training.PAD for row in rows(n))[size - 1 :: size]) + 30 + training.PAD
    )
    again = [int(batch[4].sum()) for batch in epoch(seed)]
    assert trained == again
    validation = [list(training.batches(dataset, size, generator=np.random.default_rng(s))) for s in (1, 2)]
    assert all(
        mx.array_equal(a, b) for one, two in zip(*validation, strict=True) for a, b in zip(one, two, strict=True)
    )


def test_training_learns_and_the_best_checkpoint_is_kept(folder):
    weights, config, reported = tune(folder, train=TRAIN.model_copy(update={"iterations": 25, "validate_every": 10}))
    assert [iteration for iteration, _, _ in reported] == list(range(26))
    assert [iteration for iteration, _, valid in reported if valid is not None] == [0, 10, 20, 25]
    valid = {iteration: loss for iteration, _, loss in reported if loss is not None}
    assert min(valid.values()) < valid[0] - 0.05
    assert config == {
        "fine_tune_type": "lora",
        "num_layers": 2,
        "lora_parameters": {"rank": 4, "scale": 2.0, "dropout": 0.0},
    }
    assert valid_loss(folder, weights, config) == pytest.approx(min(valid.values()), rel=1e-5)


def test_a_worse_last_checkpoint_is_kept_by_a_long_run_only(folder):
    """Rows that count down get harder the more counting up is learnt."""
    down = [TokenizedRow([*row.tokens[-2::-1], 1], row.start) for row in rows(5, seed=9)]
    best, config, reported = tune(folder, valid=down)
    last, _, longer = tune(folder, valid=down, keep_last=True)
    assert longer[-1][0] == 9
    valid, later = ([loss for _, _, loss in one if loss is not None] for one in (reported, longer))
    assert later[-1] > min(later)
    assert valid_loss(folder, best, config, down) == pytest.approx(min(valid), rel=1e-5)
    assert valid_loss(folder, last, config, down) == pytest.approx(later[-1], rel=1e-5)


def valid_loss(folder, weights, config, valid=None) -> float:
    """The loss of saved and loaded adapters on the validation rows, by the whole model."""
    save(folder.parent / "adapter", weights, config)
    model, _ = load(str(folder), adapter_path=str(folder.parent / "adapter"))
    parts = plain(model)
    (batch,) = training.batches(
        features.examples(parts, valid or rows(5, seed=9)), 5, generator=np.random.default_rng(0)
    )
    return training.completion_loss(parts, model, *batch)[0].item()


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_seed_fixes_the_weights(folder, dropout):
    train = TRAIN.model_copy(update={"dropout": dropout})
    first = tune(folder, seed=1, train=train)
    assert apart(first[0], tune(folder, seed=1, train=train)[0]) == 0
    assert apart(first[0], tune(folder, seed=2, train=train)[0]) > 1e-3


def test_how_often_is_validated_changes_nothing_in_training(folder):
    often, seldom = (tune(folder, train=TRAIN.model_copy(update={"validate_every": every})) for every in (1, 6))
    assert [loss for _, loss, _ in often[2]] == [loss for _, loss, _ in seldom[2]]


@pytest.mark.parametrize("kind", ["folder", "quantised"])
def test_frozen_layers_computed_once_give_the_weights_of_the_whole_model(kind, request, monkeypatch):
    folder = request.getfixturevalue(kind)
    cut, _, losses = tune(folder)
    monkeypatch.setattr(training, "split_model", lambda model, tuned, probe: plain(model))
    whole, _, plain_losses = tune(folder)
    assert apart(cut, whole) < 1e-3
    np.testing.assert_allclose(
        [loss for _, loss, _ in losses[1:]], [loss for _, loss, _ in plain_losses[1:]], rtol=1e-4
    )


def test_checkpointed_gradients_are_the_same(folder, monkeypatch):
    monkeypatch.setattr(TransformerBlock, "__call__", TransformerBlock.__call__)  # mlx-lm replaces it for good
    traded = tune(folder, train=TRAIN.model_copy(update={"checkpoint_gradients": True}))[0]
    monkeypatch.undo()
    assert apart(tune(folder)[0], traded) < 1e-4


def test_mlx_lm_loads_adapters_by_its_own_command(folder, tmp_path, monkeypatch, capsys):
    weights, config, _ = tune(folder)
    save(tmp_path / "R1-r0", weights, config)
    command = ["mlx_lm.generate", "--model", str(folder), "--adapter-path", str(tmp_path / "R1-r0")]
    monkeypatch.setattr(sys, "argv", [*command, "--prompt", "1", "--max-tokens", "3"])
    importlib.import_module("mlx_lm.generate").main()
    assert "Generation: 3 tokens" in capsys.readouterr().out


def test_more_layers_than_there_are_is_an_error(folder):
    with pytest.raises(StudyError, match=r"train\.layers: 5 of a student that has 4"):
        tune(folder, train=TRAIN.model_copy(update={"layers": 5}))


def test_the_learning_rate_is_constant_or_falls_to_nothing():
    assert training.rate(TRAIN, 6) == TRAIN.learning_rate
    falling = training.rate(TRAIN.model_copy(update={"schedule": "linear"}), 6)
    steps = [float(falling(mx.array(step))) for step in range(7)]
    np.testing.assert_allclose(steps, TRAIN.learning_rate * np.arange(6, -1, -1) / 6, atol=1e-8)
