import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
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


@pytest.mark.parametrize("kind", ["folder", "quantised"])
def test_cached_features_are_those_computed_and_are_computed_once(kind, request, tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    model, _ = load(str(request.getfixturevalue(kind)))
    parts, some = split_model(model, 2, rows(1)[0].tokens), rows(features.TOGETHER + 3)
    computed = features.examples(parts, some)
    features.cached_examples(parts, some, "key")
    (kept,) = (tmp_path / ".cache" / "features").iterdir()
    parts = parts._replace(lower=None)  # what is read from the file needs no layers
    for one, other in zip(computed, features.cached_examples(parts, some, "key"), strict=True):
        assert one.features.dtype == other.features.dtype
        assert mx.array_equal(one.features, other.features)
        assert one.row == other.row
    with pytest.raises(TypeError):  # not in the file: the layers are asked
        features.cached_examples(parts, some, "another key")
    assert list(kept.parent.iterdir()) == [kept]


def test_the_key_tells_everything_that_the_features_depend_on(folder, monkeypatch):
    model, _ = load(str(folder))
    parts, some = split_model(model, 2, rows(1)[0].tokens), rows(3)
    longer = [one._replace(tokens=[*one.tokens[:-1], 2]) for one in some]  # as long, other tokens
    keys = [
        features.cache_key("base", 2, parts, some),
        features.cache_key("other", 2, parts, some),
        features.cache_key("base", 3, parts, some),
        features.cache_key("base", 2, plain(model), some),
        features.cache_key("base", 2, parts, longer),
        features.cache_key("base", 2, parts, some[::-1]),
    ]
    monkeypatch.setattr(features, "installed", lambda packages: {"mlx": "another"})
    keys.append(features.cache_key("base", 2, parts, some))
    monkeypatch.undo()
    monkeypatch.setattr(features, "code_digest", lambda *paths: "changed")
    keys.append(features.cache_key("base", 2, parts, some))
    monkeypatch.undo()
    assert len(set(keys)) == len(keys)
    moved = [one._replace(start=1) for one in some]  # what is trained changes no activation
    assert features.cache_key("base", 2, parts, moved) == keys[0]
