"""Where unfinished work waits under `.cache/`, so that a killed stage goes on instead of starting again."""

import hashlib
import shutil
import time
from pathlib import Path

from stages.study.files import cache_folder

WEEK = 7 * 24 * 3600


def unfinished(kind: str, *decided_by: object) -> Path:
    """The folder `.cache/<kind>/<key>`; the key is a digest of all that decides the result.

    It is made where needed and removed by whoever finishes the work. Work of the same kind that nobody touched for a
    week is removed here, so that what killed stages leave behind is bounded.
    """
    top = cache_folder() / kind
    folder = top / hashlib.sha256(repr(decided_by).encode()).hexdigest()[:32]
    for other in top.glob("*"):
        if other != folder and time.time() - other.stat().st_mtime > WEEK:
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def code_digest(*modules: Path) -> str:
    """sha256 over Python files and the files of folders, in the order of their paths."""
    found = sorted(path for one in modules for path in ([one] if one.is_file() else one.glob("*.py")))
    total = hashlib.sha256()
    for path in found:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
