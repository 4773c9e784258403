"""Reading and writing records: whole files only, so that a crash leaves the earlier file in place."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import BaseModel, ValidationError

from stages.study.errors import StudyError

Record = TypeVar("Record", bound=BaseModel)


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


def read_records(path: Path | str, model: type[Record]) -> list[Record]:
    """Read a JSON Lines file of `model`; raises StudyError with file, line and key where a line does not fit."""
    records = []
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; run the stage that writes it (`dvc repro`)") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append(model.model_validate_json(line))
        except ValidationError as error:
            raise StudyError(f"{path}:{number}: {explain(error)}") from None
    return records


def write_json(path: Path | str, value: Any) -> None:
    """Write a metrics file: indented JSON, keys in the order given."""
    with replace(path) as file:
        file.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def explain(error: ValidationError) -> str:
    """The first fault of a pydantic error as `key.path: what is wrong`, and how many more there are."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "(line)"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{key}: {first['msg']}{more}"
