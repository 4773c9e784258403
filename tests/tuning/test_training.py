"""Training: what is tuned, kept, clipped and accumulated, and that it goes on exactly where it was stopped."""

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from mlx.nn.utils import value_and_grad
from mlx.optimizers import Adam
from mlx_lm.models.llama import TransformerBlock
from mlx_lm.utils import load

from stages.student import adapters
from stages.student.rows import TokenizedRow
from stages.study.errors import StudyError
from stages.tuning import loss, training
from stages.tuning.batches import epoch, in_order, make_batch
from stages.tuning.checkpoint import Progress
from stages.tuning.features import features_in_batches
from stages.tuning.loss import summed_loss
from stages.tuning.schedule import plan
from stages.tuning.settings import TrainSettings
from stages.tuning.split_model import checkpoint_layers, plain, split_model
from stages.tuning.training import Rows
from tests.tuning.counting import rows

SETTINGS = TrainSettings.model_validate(
    tiny.TRAIN | {"length": 6, "long_length": 9, "batch_size": 4, "learning_rate": 1e-2, "validations": 3}
)
UP = Rows(rows(10), rows(5, seed=9))
DOWN = Rows(UP.train, [TokenizedRow([*row.tokens[-2::-1], 1], row.start) for row in UP.valid])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base")


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base", quantised=True)


def tune(folder, tmp_path, *, seed=1, long=False, rows=UP, cut=True, save_every=1e9, **changes):
    """Weights and progress of a training, and the configuration of its adapter."""
    settings = SETTINGS.model_copy(update=changes)
    model, _ = load(str(folder))
    config = training.new_adapters(model, settings, seed)
    if settings.checkpoint_gradients:
        checkpoint_layers(model)
    parts = split_model(model, config["num_layers"], max(rows.train, key=lambda row: len(row.tokens)).tokens)
    parts = parts if cut else plain(model)
    assert parts.cut == cut
    planned = plan(settings, long, -(-len(rows.train) // settings.batch_size))
    lower = features_in_batches(parts)
    with patch.object(training, "SAVE_EVERY", save_every):
        trained = training.tune(model, parts, rows, settings, planned, seed=seed, lower=lower, state=tmp_path / "state")
    return trained.weights, trained.progress, config


def valid_loss(folder, tmp_path, weights, config, valid) -> float:
    """The loss of saved and loaded adapters on the validation rows, by the whole model."""
    save(tmp_path / "adapter", weights, config)
    model, _ = load(str(folder), adapter_path=str(tmp_path / "adapter"))
    batch = make_batch(valid, features_in_batches(plain(model)))
    return float(summed_loss(plain(model), batch, train=False)) / batch.trained_tokens


def save(folder, weights, config):
    digests = {"base_digest": "", "data_digest": "", "versions": {}}
    run = {"run": "R1-r0", "level": "R1", "replicate": 0, "fold": 0, "seed": 1, "kept_iteration": 1}
    adapters.save(folder, weights, config, adapters.Training.model_validate(run | digests))


def apart(one, other) -> float:
    assert one.keys() == other.keys()
    return max(float(mx.abs(one[name] - other[name]).max()) for name in one)


def losses(progress) -> dict[int, float]:
    return {point.iteration: point.valid_loss for point in progress.curve}


def test_training_learns(folder, tmp_path):
    weights, progress, config = tune(folder, tmp_path, length=25, validations=5)
    assert list(losses(progress)) == [0, 5, 10, 15, 20, 25]
    assert progress.curve[0].train_loss is None
    assert progress.curve[-1].train_loss < progress.curve[1].train_loss - 0.05
    assert min(losses(progress).values()) < losses(progress)[0] - 0.05
    epochs, rest = divmod(25, 3)
    assert progress.trained_tokens > epochs * sum(len(row.tokens) - row.start for row in UP.train)
    assert rest == 1
    assert config == {
        "fine_tune_type": "lora",
        "num_layers": 2,
        "lora_parameters": {"rank": 4, "scale": 2.0, "dropout": 0.0},
    }
    assert valid_loss(folder, tmp_path, weights, config, UP.valid) == pytest.approx(progress.kept_loss, rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "kept"), [({}, "best"), ({"keep": "last"}, "last"), ({"long": True}, "last")], ids=str
)
def test_the_checkpoint_that_is_kept(folder, tmp_path, changes, kept):
    """Rows that count down get easier at first, and harder the more counting up is learnt."""
    found = tune(folder, tmp_path, rows=DOWN, length=12, long_length=12, validations=12, learning_rate=3e-2, **changes)
    weights, progress, config = found
    curve = losses(progress)
    best = min(curve, key=curve.get)
    assert 0 < best < 12, "the minimum must be inside, or the two checkpoints are one"
    assert curve[12] > curve[best] * 1.01
    wanted = best if kept == "best" else 12
    assert progress.kept_iteration == wanted
    assert progress.kept_loss == curve[wanted]
    assert valid_loss(folder, tmp_path, weights, config, DOWN.valid) == pytest.approx(curve[wanted], rel=1e-5)


def test_patience_ends_a_usual_run_only(folder, tmp_path):
    full = losses(tune(folder, tmp_path, rows=DOWN, length=12, validations=12, learning_rate=3e-2)[1])
    best = min(full, key=full.get)
    _, short, _ = tune(folder, tmp_path, rows=DOWN, length=12, validations=12, learning_rate=3e-2, patience=2)
    since = 0
    for iteration in full:
        since = 0 if full[iteration] == min(list(full.values())[: iteration + 1]) else since + 1
        if since == 2:
            break
    assert short.iteration == iteration < 12
    assert short.kept_iteration <= best
    _, long, _ = tune(
        folder, tmp_path, rows=DOWN, long=True, long_length=12, validations=12, learning_rate=3e-2, patience=2
    )
    assert long.iteration == 12


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_seed_fixes_the_weights(folder, tmp_path, dropout):
    first = tune(folder, tmp_path, seed=1, dropout=dropout)[0]
    assert apart(first, tune(folder, tmp_path, seed=1, dropout=dropout)[0]) == 0
    assert apart(first, tune(folder, tmp_path, seed=2, dropout=dropout)[0]) > 1e-3


def test_dropout_is_on_in_training_and_off_in_validation(folder, tmp_path):
    without, with_it = (tune(folder, tmp_path, dropout=dropout) for dropout in (0.0, 0.5))
    assert apart(without[0], with_it[0]) > 1e-3
    weights, progress, config = with_it
    assert progress.kept_loss == pytest.approx(valid_loss(folder, tmp_path, weights, config, UP.valid), rel=1e-5)


def test_how_often_is_validated_changes_nothing_in_training(folder, tmp_path):
    often, seldom = (
        tune(folder, tmp_path, dropout=0.3, validations=number, keep="last", rows=DOWN) for number in (6, 1)
    )
    assert apart(often[0], seldom[0]) == 0


@pytest.mark.parametrize("kind", ["folder", "quantised"])
def test_the_cut_model_gives_the_weights_of_the_whole_one(kind, request, tmp_path):
    folder = request.getfixturevalue(kind)
    cut, whole = (tune(folder, tmp_path, cut=cut) for cut in (True, False))
    assert apart(cut[0], whole[0]) < 1e-3
    np.testing.assert_allclose(list(losses(cut[1]).values()), list(losses(whole[1]).values()), rtol=1e-4)


def test_accumulated_batches_weigh_by_their_trained_tokens(folder, tmp_path):
    """Two rows at once, or one after the other: the same step, however unequal they are."""
    two = Rows([TokenizedRow([*range(5, 13), 1], 1), TokenizedRow([*range(9, 16), 1], 6)], UP.valid)
    told = {"rows": two, "length": 4, "learning_rate": 1e-3}
    at_once = tune(folder, tmp_path, batch_size=2, **told)
    in_turn = tune(folder, tmp_path, batch_size=1, accumulate=2, **told)
    assert apart(at_once[0], in_turn[0]) < 3e-5
    assert at_once[1].trained_tokens == in_turn[1].trained_tokens == 4 * (8 + 2)
    uneven = tune(folder, tmp_path, batch_size=1, **told)
    assert apart(at_once[0], uneven[0]) > 1e-3


def test_a_clipped_gradient_has_the_norm_asked_for(folder, tmp_path):
    gradient = {"a": mx.array([3.0]), "b": {"c": mx.array([4.0])}}
    assert training._clipped(gradient, 5.0, 0.0) is gradient
    assert training._clipped(gradient, 5.0, 6.0) is gradient
    clipped = training._clipped(gradient, 5.0, 1.0)
    np.testing.assert_allclose([clipped["a"].item(), clipped["b"]["c"].item()], [0.6, 0.8], rtol=1e-6)
    decayed = tune(folder, tmp_path, optimizer="adamw", weight_decay=0.5, keep="last")[0]
    plainly = tune(folder, tmp_path, optimizer="adamw", weight_decay=0.0, keep="last")[0]
    assert apart(decayed, plainly) > 1e-4
    assert apart(plainly, tune(folder, tmp_path, keep="last")[0]) == 0


def test_checkpointed_gradients_are_the_same_and_other_models_stay_as_they_are(folder, tmp_path):
    before = TransformerBlock.__call__
    for cut in (True, False):
        traded = tune(folder, tmp_path, checkpoint_gradients=True, cut=cut)[0]
        assert apart(tune(folder, tmp_path, cut=cut)[0], traded) < 1e-4
    assert TransformerBlock.__call__ is before


@pytest.mark.parametrize(
    ("changes", "tensors"),
    [
        ({"layers": "all", "cut": True}, 4 * 7 * 2),
        ({"targets": ["self_attn.q_proj", "mlp.down_proj"]}, 2 * 2 * 2),
        ({"method": "dora"}, 2 * 7 * 3),
        ({"scale": None, "alpha": 8.0}, 2 * 7 * 2),
    ],
    ids=str,
)
def test_what_is_tuned_loads_as_it_was(folder, tmp_path, changes, tensors):
    weights, progress, config = tune(folder, tmp_path, **changes)
    assert len(weights) == tensors
    assert progress.kept_loss < losses(progress)[0]
    assert valid_loss(folder, tmp_path, weights, config, UP.valid) == pytest.approx(progress.kept_loss, rel=1e-5)
    if "alpha" in changes:
        assert apart(weights, tune(folder, tmp_path)[0]) == 0  # 8 / rank 4 is the scale of 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 5}, r"train\.layers: 5 of a student that has 4"),
        ({"targets": ["self_attn.q"]}, r"train\.targets: self_attn\.q: no module of a layer; there are .*q_proj"),
        ({"targets": ["input_layernorm"]}, r"train\.targets"),
    ],
)
def test_what_cannot_be_tuned(folder, tmp_path, changes, message):
    with pytest.raises(StudyError, match=message):
        tune(folder, tmp_path, **changes)


def test_a_loss_that_is_not_finite_stops_with_the_last_good_weights_kept(folder, tmp_path):
    with pytest.raises(StudyError, match=r"not finite\. The weights of iteration \d+, .*state\.safetensors"):
        tune(folder, tmp_path, learning_rate=1e30)
    kept = mx.load(str(tmp_path / "state" / "state.safetensors"))
    assert any(name.startswith("now:") for name in kept)
    assert all(np.isfinite(np.array(one)).all() for name, one in kept.items() if name.startswith("kept:"))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_broken_student_is_not_saved_as_a_trained_one(folder, tmp_path, bad):
    model, _ = load(str(folder))
    training.new_adapters(model, SETTINGS, 1)
    model.lm_head.weight = model.lm_head.weight * bad
    parts = split_model(model, 2, UP.train[0].tokens)
    planned = plan(SETTINGS, False, 3)
    lower = features_in_batches(parts)
    with pytest.raises(StudyError, match="validation loss nan at iteration 1: not finite"):
        training.tune(model, parts, UP, SETTINGS, planned, seed=1, lower=lower, state=tmp_path / "state")


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_a_training_goes_on_exactly_after_every_kill(folder, tmp_path, monkeypatch, optimizer):
    """Killed in each second step that it does, after the gradient and before the step is saved."""
    changes = {"optimizer": optimizer, "dropout": 0.3, "schedule": "cosine", "warmup": 0.3, "accumulate": 2}
    weights, progress, _ = tune(folder, tmp_path / "whole", rows=DOWN, **changes)
    clipped, steps = training._clipped, []

    def kill(*arguments):
        steps.append(1)
        if len(steps) == 2:
            raise ConnectionAbortedError
        return clipped(*arguments)

    monkeypatch.setattr(training, "_clipped", kill)
    for _ in range(5):
        with pytest.raises(ConnectionAbortedError):
            tune(folder, tmp_path / "killed", rows=DOWN, save_every=0, **changes)
        steps.clear()
    again, resumed, _ = tune(folder, tmp_path / "killed", rows=DOWN, save_every=0, **changes)
    assert len(steps) == 1
    assert apart(weights, again) == 0
    assert resumed == progress


def test_a_state_every_now_and_then_only_repeats_what_came_after(folder, tmp_path, monkeypatch):
    weights, progress, _ = tune(folder, tmp_path / "whole")
    times = iter([0.0] * 3 + [1000.0] * 2 + [1000.0] * 99)
    monkeypatch.setattr(training.time, "monotonic", lambda: next(times))
    gradient, seen = training._clipped, []

    def stop_at_the_fifth(*arguments):
        seen.append(1)
        if len(seen) == 5:
            raise ConnectionAbortedError
        return gradient(*arguments)

    monkeypatch.setattr(training, "_clipped", stop_at_the_fifth)
    with pytest.raises(ConnectionAbortedError):
        tune(folder, tmp_path / "killed", save_every=120)
    monkeypatch.undo()
    again, resumed, _ = tune(folder, tmp_path / "killed")
    assert apart(weights, again) == 0
    assert resumed == progress


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_step_saves_and_stops(folder, tmp_path, monkeypatch, number):
    weights, progress, _ = tune(folder, tmp_path / "whole")
    before = signal.getsignal(number)
    clipped, steps = training._clipped, []

    def signalled(*arguments):
        steps.append(1)
        if len(steps) == 3:
            os.kill(os.getpid(), number)
        return clipped(*arguments)

    monkeypatch.setattr(training, "_clipped", signalled)
    with pytest.raises(KeyboardInterrupt):
        tune(folder, tmp_path / "killed")
    assert len(steps) == 3
    assert signal.getsignal(number) is before
    again, resumed, _ = tune(folder, tmp_path / "killed")
    assert len(steps) == 6  # no step is done twice
    assert apart(weights, again) == 0
    assert resumed == progress


def test_mlx_lm_loads_adapters_by_its_own_command(folder, tmp_path, monkeypatch, capsys):
    weights, _, config = tune(folder, tmp_path)
    save(tmp_path / "R1-r0", weights, config)
    command = ["mlx_lm.generate", "--model", str(folder), "--adapter-path", str(tmp_path / "R1-r0")]
    monkeypatch.setattr(sys, "argv", [*command, "--prompt", "1", "--max-tokens", "3"])
    importlib.import_module("mlx_lm.generate").main()
    assert "==========" in capsys.readouterr().out


def test_the_loss_is_the_mean_over_completion_tokens(folder):
    """Against the whole model, row by row without padding, in NumPy."""
    model, _ = load(str(folder))
    parts = split_model(model, 2, UP.train[0].tokens)
    found = training._valid_loss(model, parts, UP.valid, 3, features_in_batches(parts))
    expected = []
    for row in UP.valid:
        logits = np.array(model(mx.array([row.tokens[:-1]])))[0].astype(np.float64)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        expected += [-logs[place - 1, row.tokens[place]] for place in range(row.start, len(row.tokens))]
    assert found == pytest.approx(np.mean(expected), rel=1e-5)
    assert sum(len(places) for places in in_order(UP.valid, 3)) == len(UP.valid)


def plain_losses(folder, settings, iterations) -> list[float]:
    """Mean losses of a loop without features, chunks or padding: the whole model, one row after the other."""
    model, _ = load(str(folder))
    training.new_adapters(model, settings, 1)
    optim = Adam(settings.learning_rate)
    epochs = [epoch(UP.train, settings.batch_size, 1, number) for number in range(20)]
    batches = iter([batch for one in epochs for batch in one])

    def summed(rows):
        total = mx.array(0.0)
        for row in rows:
            logits = model(mx.array([row.tokens[:-1]]))[0, row.start - 1 :]
            top = logits.max(-1)
            logs = mx.log(mx.exp(logits - top[:, None]).sum(-1)) + top
            total += (logs - mx.take_along_axis(logits, mx.array(row.tokens[row.start :])[:, None], -1)[:, 0]).sum()
        return total / sum(len(row.tokens) - row.start for row in rows)

    found = []
    for _ in range(iterations):
        chosen = [UP.train[place] for _ in range(settings.accumulate) for place in next(batches)]
        loss, gradient = value_and_grad(model, summed)(chosen)
        optim.update(model, gradient)
        found.append(float(loss))
    return found


@pytest.mark.parametrize(
    ("changes", "chunk"),
    [
        ({}, 1 << 26),
        ({}, 4 * 320 * 3),  # three positions at a time
        ({"cut": False}, 1 << 26),
        ({"accumulate": 2}, 4 * 320 * 3),
        ({"checkpoint_gradients": True}, 1 << 26),
    ],
    ids=str,
)
def test_the_first_20_losses_are_those_of_a_plain_loop(folder, tmp_path, monkeypatch, changes, chunk):
    monkeypatch.setattr(loss, "CHUNK_BYTES", chunk)
    changes = {"learning_rate": 2e-4, **changes}  # the sample's; at fifty times this, rounding grows with every step
    _, progress, _ = tune(folder, tmp_path, length=20, validations=20, **changes)
    settings = SETTINGS.model_copy(update={name: one for name, one in changes.items() if name != "cut"})
    found = [point.train_loss for point in progress.curve[1:]]
    np.testing.assert_allclose(found, plain_losses(folder, settings, 20), rtol=2e-5)


TOGETHER = """
import sys
from pathlib import Path
from tests.tuning.test_training import *
weights, progress, _ = tune(Path(sys.argv[1]), Path(sys.argv[2]), batch_size=3, length=5)
if mx.distributed.init().rank() == 0:
    mx.save_safetensors(sys.argv[3], weights)
    Path(sys.argv[3]).with_suffix(".json").write_text(progress.model_dump_json())
"""


@pytest.mark.slow
def test_two_processes_train_as_one_does(folder, tmp_path):
    """Of 10 rows in batches of 3, the last batch leaves one of the two without a row."""
    script = tmp_path / "together.py"
    script.write_text(TOGETHER)
    command = [str(Path(sys.executable).with_name("mlx.launch")), "-n", "2", "--backend", "ring", "--", sys.executable]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    out = tmp_path / "weights.safetensors"
    subprocess.run([*command, str(script), str(folder), str(tmp_path), str(out)], env=env, check=True, timeout=300)
    weights, progress, _ = tune(folder, tmp_path / "alone", batch_size=3, length=5)
    together = Progress.model_validate_json(out.with_suffix(".json").read_text())
    assert together.trained_tokens == progress.trained_tokens
    np.testing.assert_allclose(list(losses(together).values()), list(losses(progress).values()), rtol=1e-5)
    assert apart(mx.load(str(out)), weights) < 1e-4
