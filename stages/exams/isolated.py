"""Pages read in processes of their own, each result kept, so that no page can hang, kill or bloat a run.

`read_pages` shares pages out over workers. A worker starts `python -m stages.exams.isolated` with a list of pages; that
process puts each finished page into the cache folder, under a key made of the file's bytes, the page's number, the
settings and the code, and is held to limits of time and memory by the kernel. Where it dies, the page it was at is put
down as unreadable and the rest goes to a fresh process. What is in the folder is never read again.
"""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config
from pydantic import BaseModel
from tqdm import tqdm

from stages.exams.outline import PageAnalysis
from stages.exams.settings import ExtractSettings
from stages.exams.shapes import png
from stages.study.errors import StudyError
from stages.study.files import replace
from stages.study.versions import READING, installed

CHUNK = 8  # pages that one process reads: its start costs about as much as one of them
MEMORY = 2 * 2**30  # bytes of data that the process may hold
THREADS = 1  # of one page: pages share out the cores
PATIENCE = 3  # times its processor seconds that a page may take by the clock


class PageJob(BaseModel):
    """One page to read, or (page 0) a file whose pages are to be counted. `name` is its key in the cache."""

    path: str
    page: int
    name: str


class PageCount(BaseModel):
    """How many pages a file has, or why it cannot be opened."""

    pages: int = 0
    failure: str = ""


@cache
def code_version() -> str:
    """sha256 over this room's code and the versions of what it reads with."""
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        total.update(path.read_bytes())
    total.update(repr(sorted(installed(READING).items())).encode())
    return total.hexdigest()


def reader_version(settings: ExtractSettings) -> str:
    """What of settings and code decides how a page is read."""
    from stages.exams.second import engine

    parts = [code_version(), str(settings.dpi), engine(settings.second_reader), str(settings.page_seconds)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def page_job(path: Path, digest: str, page: int, reader: str) -> PageJob:
    """The job of one page of a file with this digest."""
    return PageJob(path=str(path), page=page, name=hashlib.sha256(f"{digest} {page} {reader}".encode()).hexdigest())


def run_jobs(
    jobs: Sequence[PageJob],
    folder: Path,
    settings: ExtractSettings,
    cores: int,
    backend: dict[str, Any],
    what: str,
) -> None:
    """See to it that `folder` holds the result of every job; each core reads one page at a time.

    `cores` are this machine's; another engine than loky has workers of its own, and uses all of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    left = [job for job in jobs if not (folder / f"{job.name}.json").exists()]
    size = max(1, min(CHUNK, -(-len(left) // cores)))
    chunks = [left[place : place + size] for place in range(0, len(left), size)]
    if not chunks:
        return
    workers = min(cores, len(chunks)) if backend["backend"] == "loky" else -1
    with parallel_config(n_jobs=workers, **backend):
        results = Parallel(return_as="generator_unordered")(
            delayed(_read_chunk)(chunk, folder, settings) for chunk in chunks
        )
        with tqdm(total=len(left), desc=what, unit="page", disable=None) as bar:
            for count in results:
                bar.update(count)


def _read_chunk(jobs: list[PageJob], folder: Path, settings: ExtractSettings) -> int:
    """Have a child process read the pages, as many times as it takes."""
    count = len(jobs)
    while jobs:
        told = [job.model_dump() for job in jobs]
        task = {"jobs": told, "folder": str(folder), "settings": settings.model_dump()}
        root = Path(__file__).parents[2]
        start = time.monotonic()
        died = ""
        try:
            child = subprocess.run(
                [sys.executable, "-m", "stages.exams.isolated"],
                input=json.dumps(task).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=PATIENCE * settings.page_seconds * len(jobs),
                env=os.environ | {"PYTHONPATH": str(root)},
            )
            if child.returncode:
                died = _how_it_died(child.returncode, child.stderr, settings)
        except subprocess.TimeoutExpired:
            died = f"took longer than {time.monotonic() - start:.0f} s"
        rest = [job for job in jobs if not (folder / f"{job.name}.json").exists()]
        if rest and not died:
            raise StudyError(f"{rest[0].path}: page {rest[0].page}: the reading process ended without a result")
        if rest:
            _keep(folder, rest[0], _failed(rest[0], died))
        jobs = rest[1:]
    return count


def _how_it_died(code: int, stderr: bytes, settings: ExtractSettings) -> str:
    if code == -signal.SIGXCPU:
        return f"took more than {settings.page_seconds} s of processor time"
    last = stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    if code == -signal.SIGINT or "KeyboardInterrupt" in "".join(last):
        raise KeyboardInterrupt
    if last and last[0].startswith("OSError: [Errno 28]"):
        raise OSError(28, "No space left on device")
    if "MemoryError" in "".join(last) or code == -signal.SIGABRT:
        return f"needs more than {MEMORY // 2**20} MiB of memory"
    return f"the reading process died ({signal.Signals(-code).name if code < 0 else ''.join(last) or code})"


def _failed(job: PageJob, why: str) -> BaseModel:
    return PageAnalysis(page=job.page, failure=why) if job.page else PageCount(failure=why)


def _keep(folder: Path, job: PageJob, result: BaseModel, image: np.ndarray | None = None) -> None:
    """The image first: a result without its image is never there."""
    if image is not None:
        part = folder / f"{job.name}.{os.getpid()}.part"
        part.write_bytes(png(image))
        part.rename(folder / f"{job.name}.png")
    with replace(folder / f"{job.name}.json") as file:
        file.write(result.model_dump_json())


def load_page(folder: Path, job: PageJob) -> PageAnalysis:
    """The analysis of a page that was read."""
    return PageAnalysis.model_validate_json((folder / f"{job.name}.json").read_bytes())


def load_count(folder: Path, job: PageJob) -> PageCount:
    """The count of a file's pages."""
    return PageCount.model_validate_json((folder / f"{job.name}.json").read_bytes())


def page_image(folder: Path, job: PageJob) -> Path:
    """Where the upright image of a page lies."""
    return folder / f"{job.name}.png"


def _limit(seconds: int) -> None:
    """From here on, so many more seconds of processor time; then the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """The child: reads its task from standard input."""
    task = json.load(sys.stdin)
    settings = ExtractSettings.model_validate(task["settings"])
    folder = Path(task["folder"])
    if sys.platform == "linux":  # elsewhere the kernel does not count it
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    for job in (PageJob.model_validate(job) for job in task["jobs"]):
        _limit(settings.page_seconds)
        _keep(folder, job, *_work(job, settings))


def _work(job: PageJob, settings: ExtractSettings) -> tuple[BaseModel, np.ndarray | None]:
    from stages.exams.pages import count_pages
    from stages.exams.reading import read_page

    try:
        if job.page == 0:
            return PageCount(pages=count_pages(Path(job.path))), None
        return read_page(Path(job.path), job.page, settings, THREADS)
    except StudyError as error:
        return _failed(job, str(error).removeprefix(f"{job.path}: ")), None


if __name__ == "__main__":
    main()
