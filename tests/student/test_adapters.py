"""Adapters: what is loaded is what was trained, and anything else is named."""

import json
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
from mlx.utils import tree_flatten

from stages.student import adapters, base
from stages.study.errors import StudyError

CONFIG = {"fine_tune_type": "lora", "num_layers": 2, "lora_parameters": {"rank": 4, "scale": 2.0, "dropout": 0.3}}
TRAINING = {
    "run": "R1-r0",
    "level": "R1",
    "replicate": 0,
    "fold": 0,
    "seed": 1,
    "base_digest": "b" * 64,
    "data_digest": "d" * 64,
    "kept_iteration": 3,
    "versions": {"mlx": "1"},
}
EXPECTED = {name: TRAINING[name] for name in ("run", "level", "replicate", "fold", "seed", "base_digest")}
R1_R0 = Path("models/adapters/R1-r0")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.make(base.BASE)


def weights(config=CONFIG) -> adapters.Weights:
    """Of an adapter that changes something."""
    model, _ = base.load()
    adapters.add_lora(model, config)
    mx.random.seed(3)
    return {name: mx.random.normal(one.shape) for name, one in tree_flatten(model.trainable_parameters())}


def save(found=None, config=CONFIG, **changes) -> None:
    training = adapters.Training.model_validate(TRAINING | changes)
    adapters.save(R1_R0, weights(config) if found is None else found, config, training)


@pytest.mark.parametrize("kind", ["lora", "dora"])
def test_an_adapter_changes_what_the_student_says_and_has_no_dropout_then(project, kind):
    config = CONFIG | {"fine_tune_type": kind}
    save(config=config)
    tokens = mx.array([[5, 6, 7, 8]])
    model, _ = base.load(lazy=True)
    before = model(tokens)
    adapters.put_on(model, R1_R0, EXPECTED)
    after = model(tokens)
    assert float(mx.abs(after - before).max()) > 0.1
    assert mx.array_equal(model(tokens), after)


def test_the_digest_tells_weights_and_configuration(project):
    digests = set()
    for change in ({}, {"seed": 2}, {"found": {name: one + 1 for name, one in weights().items()}}):
        save(**change)
        digests.add(adapters.adapter_digest(R1_R0))
    assert len(digests) == 3


def without(name: str) -> adapters.Weights:
    found = weights()
    del found[name]
    return found


Q = "model.layers.3.self_attn.q_proj"
TENSORS = [
    (lambda: {}, "no tensors in it"),
    (lambda: without(f"{Q}.lora_a"), f"tensor {Q}.lora_a is missing"),
    (lambda: without(f"{Q}.lora_b"), f"tensor {Q}.lora_b is missing"),
    (lambda: weights() | {f"{Q}.lora_a": mx.ones((64, 3))}, rf"tensor {Q}.lora_a has shape \(64, 3\), not \(64, 4\)"),
    (lambda: weights() | {"model.layers.0.x.lora_a": mx.ones(3)}, "model.layers.0.x.lora_a has no place"),
    (lambda: weights() | {f"{Q}.lora_b": mx.full((4, 64), float("nan"))}, f"{Q}.lora_b holds a number that is not"),
    (
        lambda: {name: one * (not name.endswith("lora_b")) for name, one in weights().items()},
        "every lora_b is zero",
    ),
]


@pytest.mark.parametrize(("made", "message"), TENSORS)
def test_tensors_that_are_not_the_trained_ones(project, made, message):
    save(made())
    with pytest.raises(StudyError, match=rf"R1-r0/adapters.safetensors: run R1-r0: .*{message}.*train@R1-r0"):
        adapters.put_on(base.load()[0], R1_R0, EXPECTED)


def test_one_lora_b_may_be_zero(project):
    save(weights() | {f"{Q}.lora_b": mx.zeros((4, 64))})
    adapters.put_on(base.load()[0], R1_R0, EXPECTED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run": "R1-r1"}, "of another run: study.run is R1-r1, and R1-r0 of run R1-r0"),
        ({"level": "R2"}, "of another run: study.level is R2, and R1 of run R1-r0"),
        ({"replicate": 1}, "of another run: study.replicate is 1"),
        ({"fold": 1}, "of another run: study.fold is 1"),
        ({"seed": 2}, "of another run: study.seed is 2"),
        ({"base_digest": "c" * 64}, f"trained on another base student: study.base_digest is {'c' * 64}"),
    ],
)
def test_an_adapter_of_another_training(project, change, message):
    save(**change)
    with pytest.raises(StudyError, match=f"R1-r0/adapter_config.json: {message}.*train@R1-r0"):
        adapters.put_on(base.load()[0], R1_R0, EXPECTED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"study": None}, "run R1-r0: study"),
        ({"study": TRAINING | {"run": 1}}, "run R1-r0: study.run"),
        ({"num_layers": None}, "not written by `train`"),
        ({"lora_parameters": {}}, "not written by `train`"),
    ],
)
def test_a_configuration_that_is_not_this_projects(project, change, message):
    save()
    path = R1_R0 / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(StudyError, match=message):
        adapters.put_on(base.load()[0], R1_R0, EXPECTED)


@pytest.mark.parametrize("missing", ["adapters.safetensors", "adapter_config.json"])
def test_half_an_adapter_is_named(project, missing):
    save()
    (R1_R0 / missing).unlink()
    with pytest.raises(StudyError, match=f"{missing}: no such file; run `dvc repro train@R1-r0`"):
        adapters.adapter_digest(R1_R0)


def test_weights_that_are_no_tensors(project):
    save()
    (R1_R0 / "adapters.safetensors").write_text("no tensors")
    with pytest.raises(StudyError, match=r"R1-r0/adapters\.safetensors: run R1-r0: "):
        adapters.put_on(base.load()[0], R1_R0, EXPECTED)


def test_a_crash_leaves_the_earlier_adapter(project, monkeypatch):
    save()
    before = {path: path.read_bytes() for path in R1_R0.iterdir()}

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    made = weights()
    monkeypatch.setattr(adapters.mx, "save_safetensors", full)
    with pytest.raises(OSError, match="No space"):
        save(made, seed=2)
    assert {path: path.read_bytes() for path in R1_R0.iterdir()} == before
    assert [path.name for path in Path("models/adapters").iterdir()] == ["R1-r0"]
