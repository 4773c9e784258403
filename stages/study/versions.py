"""The packages that can change a number, and the versions that the study's numbers were made with.

    python -m stages.study.versions      (what `make repro` does first)

writes what is installed into data/versions.yaml, where DVC sees a change: the stages that compute with a package run
again. A stage that finds other versions installed than written there stops, so that an upgrade never mixes numbers.
"""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

from stages.study.errors import StudyError, run_stage
from stages.study.files import replace

FILE = Path("data/versions.yaml")
STUDENT = ("mlx", "mlx-lm", "numpy", "scipy-openblas32", "tokenizers", "transformers")
READING = ("numpy", "onnxruntime", "opencv-python-headless", "pypdfium2", "rapidocr")
PACKAGES = tuple(sorted({*STUDENT, *READING}))


def installed(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """The installed version of each package; `none` for one that this platform does without."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found


def recorded() -> dict[str, str]:
    """The versions in data/versions.yaml; raises StudyError where the file is missing or does not name them all."""
    try:
        known = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = None
    if not isinstance(known, dict) or not set(PACKAGES) <= known.keys():
        raise StudyError(f"{FILE}: missing, or without some package; run `python -m stages.study.versions`")
    return {package: str(known[package]) for package in PACKAGES}


def check_versions(packages: Sequence[str]) -> None:
    """Raise StudyError where a package is installed in another version than the study's numbers were made with."""
    known, here = recorded(), installed(packages)
    changed = [f"{name} {here[name]} (recorded: {known[name]})" for name in packages if here[name] != known[name]]
    if changed:
        raise StudyError(
            f"{FILE}: other versions are installed: {', '.join(changed)}; install the recorded ones, or run `python -m "
            "stages.study.versions` to go on with these: what was computed with the others will run again"
        )


def main() -> None:
    here = installed()
    text = "# Versions that the numbers were made with; written by `python -m stages.study.versions`.\n"
    text += yaml.safe_dump(here, sort_keys=True)
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        with replace(FILE) as file:
            file.write(text)
        print(f"{FILE}: {', '.join(f'{name} {one}' for name, one in here.items())}")


if __name__ == "__main__":
    run_stage(main)
