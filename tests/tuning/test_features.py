import os
import re

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from mlx_lm.utils import load

from stages.tuning import features
from stages.tuning.split_model import plain, split_model
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
    features.cached_features(parts, some, tmp_path)
    assert len(list(tmp_path.iterdir())) == len(some)
    unused = parts._replace(lower=None)  # what is read from the files needs no layers
    cached = features.cached_features(unused, some, tmp_path)
    for row, one, other in zip(some, computed, cached(some), strict=True):
        assert len(other) == len(row.tokens) - 1
        assert one.dtype == other.dtype
        np.testing.assert_allclose(np.array(one), np.array(other), atol=1e-4)
    with pytest.raises(TypeError):  # not there: the layers are asked
        features.cached_features(unused, rows(3, seed=5), tmp_path)


def test_a_rows_numbers_do_not_depend_on_its_company(folder, tmp_path):
    parts, some = cut(folder), rows(9)
    alone = [features.cached_features(parts, [row], tmp_path / "alone")([row])[0] for row in some]
    together = features.cached_features(parts, some, tmp_path / "together")(some)
    assert all(mx.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_a_row_that_was_evicted_meanwhile_is_computed_again(folder, tmp_path):
    parts, some = cut(folder), rows(4)
    lower = features.cached_features(parts, some, tmp_path)
    before = lower(some)
    mx.eval(before)
    for path in tmp_path.iterdir():
        path.unlink()
    assert all(mx.array_equal(one, other) for one, other in zip(before, lower(some), strict=True))


def test_rows_share_files_by_their_tokens_alone(folder, tmp_path):
    parts, some = cut(folder), rows(5)
    features.cached_features(parts, some, tmp_path)
    moved = [row._replace(start=1) for row in some]  # what is trained changes no activation
    other = some[0]._replace(tokens=[*some[0].tokens[:-1], 2])  # as long, other tokens
    features.cached_features(parts, [*moved, other, other], tmp_path)
    assert len(list(tmp_path.iterdir())) == len(some) + 1


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


def test_reading_makes_a_row_the_last_used(folder, tmp_path):
    parts, some = cut(folder), rows(3)
    features.cached_features(parts, some, tmp_path)
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    features.cached_features(parts, some[1:2], tmp_path)
    size = max(path.stat().st_size for path in tmp_path.iterdir())
    features.evict(tmp_path, size)
    assert [path.name for path in tmp_path.iterdir()] == [features._name(some[1])]


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
    lower = features.choose(parts, some, **options)
    assert re.search(told, capsys.readouterr().out)
    assert [len(one) for one in lower(some)] == [len(row.tokens) - 1 for row in some]
    assert ("computed once" in told) == (tmp_path / ".cache" / "features").exists()
