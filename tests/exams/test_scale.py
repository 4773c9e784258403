"""Many files, many pages, and files of any kind: what is read anew, in how much memory, and what is told."""

import os
import resource
from pathlib import Path

import pytest

from stages.exams import corpus
from stages.exams.corpus import read_pages
from stages.exams.pages import MOST_PAGES, count_pages
from stages.exams.settings import ExtractSettings
from stages.study.errors import StudyError
from tests.exams import mutated
from tests.exams.papers import typeset

SETTINGS = ExtractSettings(dpi=100, min_confidence=0.5, sections={}, second_reader="network")
SEQUENTIAL = {"backend": "sequential"}


def results(cache: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in cache.glob("*.json")}


def test_one_new_file_beside_thirty_known_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the new file is counted, and only its two pages are read."""
    monkeypatch.setattr(corpus, "_cache", lambda: tmp_path / "cache")
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(30):
        typeset(f"Paper {number}", folder / f"{number}.pdf")
    read_pages(folder, SETTINGS, 1, SEQUENTIAL)
    before = results(tmp_path / "cache")
    assert len(before) == 2 * 30
    typeset("New \n#pagebreak()\n one", folder / "new.pdf")
    pages, failures, _ = read_pages(folder, SETTINGS, 1, SEQUENTIAL)
    after = results(tmp_path / "cache")
    assert before.items() <= after.items()
    assert len(after) == len(before) + 3  # a count and two pages
    assert len(pages["new.pdf"]) == 2
    assert failures == {}


@pytest.mark.long
def test_a_file_of_300_pages_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process that reads holds more than 600 MiB: the peak over all children of this test's process so far."""
    monkeypatch.setattr(corpus, "_cache", lambda: tmp_path / "cache")
    folder = tmp_path / "papers"
    folder.mkdir()
    typeset("\n#pagebreak()\n".join(f"{n}. What is {n} plus {n}?" for n in range(1, 301)), folder / "a.pdf")
    pages, _, _ = read_pages(folder, SETTINGS, 1, SEQUENTIAL)
    assert len(pages["a.pdf"]) == 300
    assert not any(page.failure for page in pages["a.pdf"])
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 600 * 1024


def test_a_file_of_too_many_pages_is_told(tmp_path: Path) -> None:
    pages = b" ".join(b"3 0 R" for _ in range(MOST_PAGES + 1))
    tree = b"<</Type /Pages /Kids [%s] /Count %d>>" % (pages, MOST_PAGES + 1)
    (tmp_path / "a.pdf").write_bytes(mutated.pdf(mutated.CATALOG, tree, mutated.page()))
    with pytest.raises(StudyError, match="1,001 pages, more than 1,000"):
        count_pages(tmp_path / "a.pdf")


@pytest.mark.long
def test_damaged_files_have_outcomes_and_stop_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file of each kind of damage; `python -m tests.exams.mutated` tries hundreds."""
    monkeypatch.setitem(os.environ, "DVC_ROOT", str(tmp_path))
    folder = tmp_path / "papers"
    folder.mkdir()
    sources = mutated.originals()
    (folder / "healthy.pdf").write_bytes(sources[0])
    for number in range(len(mutated.DAMAGES)):
        _, name, data = mutated.mutated(number, 7, sources)
        (folder / name).write_bytes(data)
    told = mutated.outcomes_of(folder)
    assert len(told) == len(mutated.DAMAGES) + 1
    assert all(told.values())
    assert told["healthy.pdf"] == "1 pages read"
