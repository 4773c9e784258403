"""stages.study.versions: an upgrade that could change a number is not passed over in silence."""

from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from stages.study import versions
from stages.study.errors import StudyError
from stages.study.versions import FILE, PACKAGES, check_versions, installed, main, recorded


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()


def change(**told: str | None) -> None:
    known = yaml.safe_load(FILE.read_text(encoding="utf-8")) | told
    FILE.write_text(yaml.safe_dump({key: value for key, value in known.items() if value is not None}), encoding="utf-8")


def test_what_is_installed_is_written_once(capsys):
    main()
    assert "numpy" in capsys.readouterr().out
    assert recorded() == installed()
    assert recorded()["numpy"] == version("numpy")
    assert FILE.read_text(encoding="utf-8").startswith("# Versions that the numbers were made with")
    before = FILE.stat().st_mtime_ns
    main()
    assert FILE.stat().st_mtime_ns == before  # untouched, so DVC sees no change
    assert capsys.readouterr().out == ""
    change(numpy="0.1")
    main()
    assert recorded() == installed()


def test_a_package_that_this_platform_lacks_has_no_version():
    found = installed(["numpy", "no-such-package-at-all"])
    assert found == {"numpy": version("numpy"), "no-such-package-at-all": "none"}


def test_another_version_stops_a_stage():
    main()
    check_versions(PACKAGES)
    change(numpy="0.1")
    with pytest.raises(StudyError, match=rf"data/versions.yaml: .*numpy {version('numpy')} \(recorded: 0.1\)"):
        check_versions(["numpy"])
    check_versions([one for one in PACKAGES if one != "numpy"])  # who does not compute with it goes on


@pytest.mark.parametrize("fault", [lambda: FILE.unlink(), lambda: change(numpy=None), lambda: FILE.write_text("- 1")])
def test_a_record_that_is_missing_or_not_whole(fault):
    main()
    fault()
    with pytest.raises(StudyError, match=r"data/versions.yaml: missing, or without some package; run"):
        check_versions(["mlx"])


def test_the_committed_record_names_every_package():
    root = Path(versions.__file__).parents[2]
    assert yaml.safe_load((root / FILE).read_text(encoding="utf-8")).keys() == {*PACKAGES}
