"""A recording: replies to requests, one JSON object a line, committed or under DVC; it answers before any server."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from stages.study.errors import StudyError
from stages.study.files import explain, replace
from stages.teacher.completion import StoredReply


class Recording:
    """The lines of a file by request and sample; only their places are held in memory. No file is an empty one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[tuple[str, int], int] = {}
        if not path.exists():
            return
        place = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    told = self._read(line, number)
                    self._places[told.request, told.sample or 1] = place
                place += len(line)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Request and sample of every line, in order."""
        return iter(sorted(self._places))

    def reply(self, key: tuple[str, int]) -> StoredReply:
        """The reply to a request; raises KeyError where there is none."""
        with self.path.open("rb") as file:
            file.seek(self._places[key])
            return self._read(file.readline(), 0)

    def _read(self, line: bytes, number: int) -> StoredReply:
        try:
            return StoredReply.model_validate_json(line)
        except ValidationError as error:
            raise StudyError(f"{self.path}:{number}: {explain(error)}") from None


def write_replies(path: Path | str, replies: Iterable[StoredReply]) -> None:
    """Write a recording, in the order given; what a line does not say is left out of it."""
    with replace(path) as file:
        for told in replies:
            file.write(told.model_dump_json(exclude_none=True) + "\n")
