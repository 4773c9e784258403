"""Features of the frozen layers: what they depend on, who shares them, and what is evicted."""

import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from mlx.nn.utils import value_and_grad
from mlx_lm.utils import load

from stages.student.adapters import flat
from stages.tuning import features
from stages.tuning.batches import make_batch
from stages.tuning.loss import summed_loss
from stages.tuning.settings import TrainSettings
from stages.tuning.split_model import plain, split_model
from stages.tuning.training import new_adapters
from tests.tuning.counting import rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base")


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "base", quantised=True)


def cut(folder):
    model, _ = load(str(folder))
    return split_model(model, 2, rows(1)[0].tokens)


@pytest.mark.parametrize("kind", ["folder", "quantised"])
def test_cached_features_are_those_computed_and_are_computed_once(kind, request, tmp_path):
    parts, some = cut(request.getfixturevalue(kind)), rows(9)
    computed = features.features_in_batches(parts)(some)
    features.cached_features(parts, some, tmp_path / "kept", tmp_path / "first")
    assert len(list((tmp_path / "kept").iterdir())) == len(some)
    unused = parts._replace(lower=None)  # what is read from the files needs no layers
    cached = features.cached_features(unused, some, tmp_path / "kept", tmp_path / "second")
    for row, one, other in zip(some, computed, cached(some), strict=True):
        assert len(other) == len(row.tokens) - 1
        assert one.dtype == other.dtype
        np.testing.assert_allclose(np.array(one), np.array(other), atol=1e-4)
    with pytest.raises(TypeError):  # not there: the layers are asked
        features.cached_features(unused, rows(3, seed=5), tmp_path / "kept", tmp_path / "third")


def test_a_rows_numbers_do_not_depend_on_its_company(folder, tmp_path):
    parts, some = cut(folder), rows(9)
    alone = [features.cached_features(parts, [row], tmp_path / "a", tmp_path / "alone")([row])[0] for row in some]
    together = features.cached_features(parts, some, tmp_path / "b", tmp_path / "together")(some)
    assert all(mx.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_a_training_holds_the_rows_that_others_evict_meanwhile(folder, tmp_path):
    parts, some = cut(folder), rows(4)
    lower = features.cached_features(parts, some, tmp_path / "kept", tmp_path / "held")
    before = lower(some)
    mx.eval(before)
    features.evict(tmp_path / "kept", 0)
    assert list((tmp_path / "kept").iterdir()) == []
    assert all(mx.array_equal(one, other) for one, other in zip(before, lower(some), strict=True))
    unused = parts._replace(lower=None)  # nor does it compute them again after a kill
    after = features.cached_features(unused, some, tmp_path / "kept", tmp_path / "held")(some)
    assert all(mx.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_row_that_is_evicted_before_it_is_held_is_computed_again(folder, tmp_path, monkeypatch):
    parts, some, link = cut(folder), rows(4), os.link
    taken = []

    def take(source, target):
        if not taken:
            taken.append(source)
            source.unlink()
        link(source, target)

    monkeypatch.setattr(features.os, "link", take)
    lower = features.cached_features(parts, some, tmp_path / "kept", tmp_path / "held")
    assert taken
    assert [len(one) for one in lower(some)] == [len(row.tokens) - 1 for row in some]


def test_a_student_whose_frozen_layers_were_released_trains_as_before(folder, tmp_path):
    model, _ = load(str(folder))
    settings = TrainSettings.model_validate(tiny.TRAIN)
    new_adapters(model, settings, 1)
    parts, some = split_model(model, 2, rows(1)[0].tokens), rows(4)
    lower = features.cached_features(parts, some, tmp_path / "kept", tmp_path / "held")
    batch = make_batch(some, lower)
    both = value_and_grad(model, lambda: summed_loss(parts, batch, train=True))
    before = both()
    mx.eval(before)
    parts.release()
    assert [bool(layer.parameters()) for layer in model.layers] == [False, False, True, True]
    after = both()
    assert mx.array_equal(before[0], after[0])
    for (name, one), (other_name, other) in zip(flat(before[1]).items(), flat(after[1]).items(), strict=True):
        assert name == other_name
        assert mx.array_equal(one, other)


def test_rows_share_files_by_their_tokens_alone(folder, tmp_path):
    parts, some = cut(folder), rows(5)
    features.cached_features(parts, some, tmp_path / "kept", tmp_path / "held")
    moved = [row._replace(start=1) for row in some]  # what is trained changes no activation
    other = some[0]._replace(tokens=[*some[0].tokens[:-1], 2])  # as long, other tokens
    features.cached_features(parts, [*moved, other, other], tmp_path / "kept", tmp_path / "held")
    assert len(list((tmp_path / "kept").iterdir())) == len(some) + 1


def test_the_key_tells_everything_that_the_features_depend_on(monkeypatch):
    keys = [features.cache_key("base", 2), features.cache_key("other", 2), features.cache_key("base", 3)]
    for name in ("installed", "code_digest"):
        with monkeypatch.context() as patched:
            patched.setattr(features, name, lambda *_: "another")
            keys.append(features.cache_key("base", 2))
    assert len(set(keys)) == len(keys)
    assert features.cache_key("base", 2) == keys[0]


def test_the_least_recently_used_go_first(tmp_path):
    for place, name in enumerate(["b", "a", "d", "c"]):
        path = tmp_path / name[0] / f"{name}.safetensors"
        path.parent.mkdir()
        path.write_bytes(b"x" * 10)
        os.utime(path, (place, place))
    features.evict(tmp_path, 40)
    assert len(list(tmp_path.rglob("*.safetensors"))) == 4
    features.evict(tmp_path, 25)
    assert sorted(path.stem for path in tmp_path.rglob("*.safetensors")) == ["c", "d"]


@pytest.mark.parametrize("held", ["first", "second"])
def test_a_training_makes_its_rows_the_last_used(folder, tmp_path, held):
    parts, some, kept = cut(folder), rows(3), tmp_path / "kept"
    features.cached_features(parts, some, kept, tmp_path / "first")
    for path in kept.iterdir():
        os.utime(path, (0, 0))
    features.cached_features(parts, some[1:2], kept, tmp_path / held)
    features.evict(kept, max(path.stat().st_size for path in kept.iterdir()))
    assert [path.name for path in kept.iterdir()] == [features._name(some[1])]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, r"computed once for 4 rows, 0\.\d\d GiB in .*\.cache/features/"),
        ({"limit": 10}, r"computed in every step: the rows' features take .* machine\.features_gib allows 0\.00 GiB"),
        ({"layers": 0}, "computed in every step: all layers are tuned"),
        ({"passes": 1}, "computed in every step: each row is read only once"),
        ({"whole": True}, "computed in every step: the student's architecture is not one that can be cut"),
    ],
)
def test_which_way_is_taken_is_told(folder, tmp_path, monkeypatch, capsys, changes, told):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    parts, some = cut(folder), rows(4)
    if changes.pop("whole", False):
        parts = plain(load(str(folder))[0])
    options = {"layers": 2, "passes": 3.0, "base_digest": "base", "limit": 2**30} | changes
    lower = features.choose(parts, some, tmp_path / "held", **options)
    assert re.search(told, capsys.readouterr().out)
    assert [len(one) for one in lower(some)] == [len(row.tokens) - 1 for row in some]
    once = "computed once" in told
    assert once == (tmp_path / ".cache" / "features").exists() == (tmp_path / "held").exists()
    if parts.cut:
        with pytest.raises(AttributeError) if once else nullcontext():  # the layers are released, or still needed
            parts.lower(mx.array([[1, 2]]))


PAPER = """
import json, resource, sys
from pathlib import Path
from stages.student import cpu
cpu.prepare(1)
import mlx.core as mx
from stages.student.rows import TokenizedRow
from stages.tuning import features
from stages.tuning.batches import make_batch
from stages.tuning.split_model import SplitModel

folder, length, width = Path(sys.argv[1]), 2048, 3584
rows = [TokenizedRow([number] * (length + 1), length - 20) for number in range(651)]
size = 2 * length * width
header = json.dumps({"features": {"dtype": "BF16", "shape": [length, width], "data_offsets": [0, size]}}).encode()
for row in rows:
    with (folder / features._name(row)).open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + size)  # zeros that take no room on disk
lower = features.cached_features(SplitModel(None, None, None, True), rows, folder, folder / "held")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for first in range(0, len(rows), 4):
    batch = make_batch(rows[first : first + 4], lower)
    mx.eval(batch)
    assert batch.features.shape[1:] == (length, width)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="counts resident memory in Linux's unit")
def test_reading_features_takes_the_memory_of_a_batch(tmp_path):
    """651 rows of 2,048 tokens, 3,584 wide: 9.6 GB on disk, 59 MB a batch of 4."""
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PAPER, str(tmp_path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert float(done.stdout.split()[-1]) < 300
