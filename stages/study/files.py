"""Reading and writing records: whole files and whole folders only, so that a crash leaves the earlier ones in place."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from stages.study.errors import StudyError

Record = TypeVar("Record", bound=BaseModel)


def cache_folder() -> Path:
    """`.cache/` of the main repository: downloads, paid answers, unfinished work; never a stage's output.

    DVC sets `$DVC_ROOT` to the main repository even in its temporary copies.
    """
    return Path(os.environ.get("DVC_ROOT", ".")) / ".cache"


def digest(*paths: Path) -> str:
    """sha256 over the contents of files, in the order given; raises StudyError where one is missing."""
    total = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        except FileNotFoundError:
            raise StudyError(f"{path}: no such file; run the stage that writes it (`dvc repro`)") from None
    return total.hexdigest()


@contextmanager
def replace_folder(path: Path | str) -> Iterator[Path]:
    """An empty folder to fill; it takes the place of `path` only when the block ends without an error.

    It is filled under `.cache/making/`, which is cleared of what a killed process left there. The earlier folder is
    moved aside before the new one takes its place, and comes back should that fail: at no moment is the only copy of
    either one removed.
    """
    path = Path(path).absolute()
    workshop = _workshop(path)
    name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    fresh, earlier = workshop / name, workshop / f"{name}.earlier"
    if earlier.exists() and not path.exists():  # killed between the two renames
        earlier.rename(path)
    for leftover in (fresh, earlier):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
        if path.exists():
            path.rename(earlier)
        try:
            fresh.rename(path)
        except BaseException:
            if earlier.exists():
                earlier.rename(path)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if path.exists():
            shutil.rmtree(earlier, ignore_errors=True)


def _workshop(path: Path) -> Path:
    """`.cache/making/` of this working tree, or `.making/` beside `path` if that is another disk: no rename crosses."""
    workshop = Path(".cache").absolute() / "making"
    for folder in (workshop, path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    same_disk = workshop.stat().st_dev == path.parent.stat().st_dev
    return workshop if same_disk else path.parent / ".making"


@contextmanager
def replace(path: Path | str) -> Iterator[IO[str]]:
    """A text file to write; it takes the place of `path` only when the block ends without an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_records(path: Path | str, records: Iterable[BaseModel]) -> None:
    """Write one JSON object a line, in the order given."""
    with replace(path) as file:
        for record in records:
            file.write(json.dumps(record.model_dump(mode="json"), ensure_ascii=False) + "\n")


class Records(Generic[Record]):
    """The records of a JSON Lines file, read anew, one by one, each time they are gone through."""

    def __init__(self, path: Path | str, model: type[Record]) -> None:
        self._path, self._model = path, model

    def __iter__(self) -> Iterator[Record]:
        """Raises StudyError with file, line and key where a line does not fit."""
        try:
            with Path(self._path).open("rb") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield self._read(line, number)
        except FileNotFoundError:
            raise StudyError(f"{self._path}: no such file; run the stage that writes it (`dvc repro`)") from None

    def _read(self, line: bytes, number: int) -> Record:
        try:
            return self._model.model_validate_json(line.decode())
        except UnicodeDecodeError as error:
            raise StudyError(
                f"{self._path}:{number}: not UTF-8 text ({error.reason} at byte {error.start} of the line)"
            ) from None
        except ValidationError as error:
            raise StudyError(f"{self._path}:{number}: {explain(error)}") from None


def read_records(path: Path | str, model: type[Record]) -> list[Record]:
    """All records of a JSON Lines file; see `Records`."""
    return list(Records(path, model))


def write_json(path: Path | str, value: Any) -> None:
    """Write a metrics file: indented JSON, keys in the order given."""
    with replace(path) as file:
        file.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path | str) -> Any:
    """A metrics file's value; raises StudyError where it is missing or not JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; run the stage that writes it (`dvc repro`)") from None
    except json.JSONDecodeError as error:
        raise StudyError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None


def explain(error: ValidationError) -> str:
    """The first fault of a pydantic error as `key.path: what is wrong`, and how many more there are."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "(line)"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{key}: {first['msg']}{more}"
