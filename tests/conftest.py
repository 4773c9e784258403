"""What all tests share: properties are not timed, the longest files come first, and a project to extract from."""

import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

settings.register_profile("study", deadline=None)
settings.load_profile("study")

ROOT = Path(__file__).parent.parent
LONGEST = ("test_end_to_end.py", "test_real_corpus.py")  # minutes each: begun last, one core would wait for them


@pytest.hookimpl(tryfirst=True)  # before marks are selected by
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker("slow")
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Without papers yet: the real params.yaml and versions, corpus `made`, one core, a portable second reader."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["corpus"] = "made"
    params["machine"]["cores"] = 1
    params["sample"]["extract"]["second_reader"] = "network"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    (tmp_path / "data/raw/made").mkdir(parents=True)
    shutil.copy(ROOT / "data/versions.yaml", tmp_path / "data/versions.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return tmp_path
