"""The learning rate and the plan of a run, as tables."""

import numpy as np
import pytest
from pydantic import ValidationError

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages.tuning.schedule import learning_rate, plan
from stages.tuning.settings import TrainSettings


def settings(**changes) -> TrainSettings:
    return TrainSettings.model_validate(tiny.TRAIN | {"learning_rate": 1.0} | changes)


@pytest.mark.parametrize(
    ("changes", "rates"),
    [
        ({"schedule": "constant"}, [1, 1, 1, 1]),
        ({"schedule": "linear"}, [1, 0.75, 0.5, 0.25]),
        ({"schedule": "cosine"}, [1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2]),
        ({"schedule": "constant", "warmup": 0.5}, [0.5, 1, 1, 1]),
        ({"schedule": "linear", "warmup": 0.5}, [0.5, 1, 1, 0.5]),
        ({"schedule": "linear", "warmup": 0.3}, [0.5, 1, 1, 0.5]),
    ],
    ids=str,
)
def test_the_learning_rate(changes, rates):
    found = [learning_rate(settings(**changes), iteration, 4) for iteration in range(1, 5)]
    np.testing.assert_allclose(found, rates)


@pytest.mark.parametrize(
    ("changes", "long", "batches", "iterations", "validate_after"),
    [
        ({}, False, 10, 3, (2, 3)),
        ({}, True, 10, 5, (2, 5)),
        ({"unit": "epochs"}, False, 10, 30, (15, 30)),
        ({"unit": "epochs", "length": 0.5}, False, 11, 6, (3, 6)),
        ({"unit": "epochs", "accumulate": 4}, False, 10, 8, (4, 8)),
        ({"unit": "epochs", "long_length": 2}, True, 10, 20, (10, 20)),
        ({"validations": 12}, False, 10, 3, (1, 2, 3)),
    ],
    ids=str,
)
def test_the_plan(changes, long, batches, iterations, validate_after):
    found = plan(settings(**changes), long, batches)
    assert (found.iterations, found.validate_after) == (iterations, validate_after)


def test_a_long_run_keeps_its_last_checkpoint_and_has_no_patience():
    usual, long = (plan(settings(patience=3), long, 10) for long in (False, True))
    assert (usual.keep_last, usual.patience) == (False, 3)
    assert (long.keep_last, long.patience) == (True, 0)
    assert plan(settings(keep="last"), False, 10).keep_last


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alpha": 8.0}, "either scale or alpha"),
        ({"scale": None}, "either scale or alpha"),
        ({"layers": 0}, "a number from 1 on, or all"),
        ({"layers": "some"}, "all"),
        ({"weight_decay": 0.1}, "weight_decay is adamw's"),
    ],
)
def test_settings_that_contradict_each_other(changes, message):
    with pytest.raises(ValidationError, match=message):
        settings(**changes)


def test_alpha_is_a_scale_for_each_rank():
    assert settings(scale=None, alpha=16.0, rank=4).lora_scale == 4.0
    assert settings(scale=3.0).lora_scale == 3.0
