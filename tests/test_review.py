"""stages.review: what it refuses, how it ends, and an evening's work in a real browser with real keys and clicks."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import extract, review
from stages.exams.corpus import count_of, upright_image
from stages.exams.settings import ExtractSettings
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import load
from stages.study.records import Problem
from tests.browser import CHROMIUM, Tab, chromium
from tests.exams.papers import typeset
from tests.proofreading.made import made_problem

ROOT = Path(__file__).parent.parent
HEAD = '#align(center, text(weight: "bold")[2031 Mathematics Competition \\ Freshman-Sophomore Individual Test])\n'
QUESTIONS = [
    "Find the least prime number that is more than 20.",
    "Simplify $(x^2 - 9)/(x + 3)$ as a polynomial.",
    "Find the exact length of the diagonal of a square of side 4.",
    "What share of the whole is one part of twelve that are equal?",
    "How many edges has a pyramid whose base is a regular heptagon?",
]
KEYS = ["23", "$x - 3$", "$4 sqrt(2)$", "$1/12$", "14", "2031"]
LOST = "Which year is printed at the top of the page that you read?"  # stands below the last question, unnumbered


def paper() -> str:
    """Five numbered questions, a sixth without its number, and a key of six answers."""
    rows = "".join(f"[{n}.], [{text}],\n" for n, text in enumerate(QUESTIONS, 1)) + f"[], [{LOST}],\n"
    slot = (
        "#let slot(n, body) = box(width: 3in, height: 0.6in, { place(bottom, [*#n.*])\n"
        "place(bottom, dx: 0.4in, line(length: 1.9in))\n"
        "place(bottom, dx: 0.4in, dy: -4pt, box(width: 1.9in, align(center, body))) })\n"
    )
    cells = "".join(f"[#slot({n}, [{answer}])]," for n, answer in enumerate(KEYS, 1))
    grid = f"#grid(columns: (0.4in, 1fr), row-gutter: 16pt,\n{rows})\n"
    return f"{HEAD}{grid}#pagebreak()\n{slot}{HEAD}#grid(columns: 2, {cells})\n"


@contextmanager
def served() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of `python -m stages.review`, and its process; it is ended as Ctrl-C does."""
    env = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "stages.review"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=env | {"PYTHONPATH": str(ROOT)}, **pipes) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().strip()
            assert address, process.stderr and process.stderr.read()
            yield address, process
        finally:
            process.send_signal(signal.SIGINT)


def problems() -> dict[str, Problem]:
    return {problem.number: problem for problem in read_records("data/problems.jsonl", Problem)}


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path("data/corrections/made.jsonl").read_text(encoding="utf-8").splitlines()]


def test_what_is_wrong_is_told(project: Path) -> None:
    with pytest.raises(StudyError, match="nothing has been extracted yet; run `dvc repro extract`"):
        review.main([])
    write_records("data/problems.jsonl", [made_problem(0, corpus="other")])
    with pytest.raises(StudyError, match=r"of corpus other, while params\.yaml says made"):
        review.main([])
    write_records("data/problems.jsonl", [made_problem(0)])
    Path("data/corrections").mkdir()
    Path("data/corrections/made.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"made\.jsonl:1"):
        review.main([])
    Path("data/corrections/made.jsonl").unlink()
    for arguments in (["--port", "x"], ["--prot", "1"], ["now"]):
        with pytest.raises(StudyError, match=r"usage: python -m stages\.review"):
            review.main(arguments)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for port in (taken.getsockname()[1], 70_000):
            with pytest.raises(StudyError, match=rf"port {port} cannot be used"):
                review.main(["--port", str(port)])


def test_control_c_ends_it(project: Path) -> None:
    write_records("data/problems.jsonl", [made_problem(0)])
    with served() as (address, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", address)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert "`dvc repro` takes up what stands in data/corrections/made.jsonl" in out


def test_pages_are_those_of_the_corpus(project: Path) -> None:
    folder = project / "data/raw/made"
    typeset(paper(), folder / "2031 FS.pdf")
    shutil.copy(folder / "2031 FS.pdf", project / "data/secret.pdf")
    (folder / "2032 FS.pdf").write_bytes(b"no PDF")
    settings = load().block("extract", ExtractSettings)
    assert count_of(folder, "2031 FS.pdf", settings) == 2
    assert upright_image(folder, "2031 FS.pdf", 2, settings).read_bytes().startswith(b"\x89PNG")
    for file, page in (("../../secret.pdf", 1), ("", 1), ("2031 FS.pdf", 3), ("2031 FS.pdf", 0), ("2032 FS.pdf", 1)):
        with pytest.raises(StudyError):
            upright_image(folder, file, page, settings)


def name(tab: Tab) -> str:
    return str(tab.run("document.querySelector('#name').textContent"))


def said(tab: Tab, text: str) -> None:
    tab.until(f"document.querySelector('#said').textContent.includes({json.dumps(text)})")


def opened(browser: Tab, address: str) -> Tab:
    tab = browser.tab(address)
    tab.until("document.readyState === 'complete' && document.querySelector('#name')?.textContent")
    return tab


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")
def test_from_the_keys_to_the_problems(project: Path) -> None:
    typeset(paper(), project / "data/raw/made/2031 FS.pdf")
    extract.main([])
    before = problems()
    assert LOST in before["5"].statement
    with served() as (address, _), chromium(project / "profile") as browser:
        tab = opened(browser, address)
        assert name(tab) == "2031 fs 1"
        tab.press("a")
        said(tab, "2031 fs 1 accepted.")
        tab.until("document.querySelector('#name').textContent === '2031 fs 2'")
        assert "mfrac" in tab.run("document.querySelector('#statement').innerHTML")
        edit(tab)
        tab.press("r")
        tab.until("!document.querySelector('#why').hidden")
        tab.type("a duplicate")
        tab.press("Enter")
        said(tab, "2031 fs 3 rejected.")
        tab.press("f")
        said(tab, "2031 fs 4 needs its figure.")
        tab.press("u")
        said(tab, "2031 fs 4 is as it was before.")
        add_the_lost_question(tab)
        assert [error for error in tab.errors if "/add" not in error] == []  # one was refused, as it should be
    check_lines()
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["sample"]["extract"]["dpi"] = 150  # what was decided does not depend on pixels
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    extract.main([])
    after = problems()
    assert after["1"].statement == before["1"].statement
    assert after["1"].reading.corrected
    assert (after["2"].statement, after["2"].answer) == ("Write (x^2-9)/(x+3) without √4.", "x - 3")
    assert (after["3"].usable, after["3"].reason) == (False, "rejected by a person")
    assert not after["4"].reading.corrected
    assert after["5"].statement == before["5"].statement
    assert (after["6"].statement, after["6"].answer, after["6"].usable) == ("Which year is it?", "2031", True)
    metrics = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))
    assert (metrics["questions"], metrics["corrected"], metrics["stale_corrections"]) == (6, 4, [])
    assert metrics["outcomes"]["2031 FS.pdf"]["troubles"] == []


def edit(tab: Tab) -> None:
    """Type another statement, signs by name, see it as mathematics, and save it."""
    tab.press("e")
    tab.until("document.activeElement.id === 'edit-statement'")
    tab.run("document.activeElement.select()")
    tab.type("Write (x^2-9)/(x+3) without \\sqrt 4.")
    preview = "document.querySelector('#preview-statement').innerHTML"
    tab.until(f"{preview}.includes('<mfrac>') && {preview}.includes('<msqrt>')")
    tab.press("Tab")
    tab.run("document.activeElement.select()")
    tab.type("x - 3")
    tab.press("Tab")
    tab.type("misread")
    tab.press("Enter")
    said(tab, "2031 fs 2 saved.")
    assert "edited" in tab.run("document.querySelector('[data-id=made-2031-fs-02]').getAttribute('aria-label')")


def add_the_lost_question(tab: Tab) -> None:
    """Draw its box with the mouse on the page, and type it."""
    tab.click("[data-id=made-2031-fs-05]")
    tab.until("document.querySelector('#name').textContent === '2031 fs 5'")
    tab.press("p")
    tab.until("document.querySelector('#sheet').open && document.querySelectorAll('#boxes div').length === 5")
    tab.until("document.querySelector('#paper-image').complete && document.querySelector('#paper-image').naturalWidth")
    corners = "(r => [[r.left + 2, r.top + r.height * .55], [r.right, r.bottom]])"
    start, end = tab.run(f"{corners}(document.querySelector('#boxes .now').getBoundingClientRect())")
    tab.drag(start, end)
    tab.until("document.activeElement.id === 'missed-number'")
    tab.type("5")
    tab.press("Tab", "Tab")
    tab.type("Which year is it?")
    tab.press("Enter")
    tab.until("document.querySelector('#missed-trouble').textContent.includes('there is such a question')")
    tab.click("#missed-number")
    tab.run("document.activeElement.select()")
    tab.type("6")
    tab.press("Enter")
    said(tab, "2031 fs 6 added.")
    assert name(tab) == "2031 fs 6"
    tab.until("document.querySelector('#crop').complete && document.querySelector('#crop').naturalWidth > 100")


def check_lines() -> None:
    told = lines()
    assert [sorted(set(line) - {"file", "page", "place", "who", "when", "before"}) for line in told] == [
        ["accepted", "answer", "statement"],
        ["answer", "note", "statement"],
        ["note", "rejected"],
        ["needs_figure"],
        ["withdrawn"],
        ["added", "statement"],
    ]
    assert all(line["who"] and line["when"] for line in told)
    assert all(line["before"]["statement"] for line in told[:5])
    assert (told[1]["note"], told[2]["note"], told[5]["added"]) == ("misread", "a duplicate", "2031 fs 6")


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")
def test_two_windows_and_hostile_text(project: Path) -> None:
    write_records("data/problems.jsonl", [made_problem(place) for place in range(4)])
    with served() as (address, _), chromium(project / "profile") as browser:
        one, other = opened(browser, address), opened(browser, address)
        for tab in (one, other):
            assert name(tab) == "2031 fs 3"  # the doubtful one comes first
            assert "<script>" in tab.run("document.querySelector('#statement').textContent")
            assert tab.run("document.title") == "Review · made"
        one.press("a")
        said(one, "2031 fs 3 accepted.")
        other.press("r")
        other.until("!document.querySelector('#why').hidden")
        other.press("Enter")
        said(other, "not saved: it was accepted by")
        assert "accepted" in other.run("document.querySelector('#state').textContent")
        other.press("Escape")
        other.press("4", "j", "j", "a")
        other.until("document.querySelector('[data-filter=corrected] b').textContent === '2'")
        one.send("Page.bringToFront")
        one.until("document.querySelector('[data-filter=corrected] b').textContent === '2'")
    assert [line.get("accepted") for line in lines()] == [True, True]


@pytest.mark.long
@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")
def test_six_hundred_problems_are_gone_through_at_once(project: Path) -> None:
    """From one key to the next problem in less than 100 ms of the processor, whatever else it does; nothing jumps."""
    made = []
    for n in range(600):
        year, number = 2000 + n // 20, n % 20 + 1
        problem = made_problem(n % 3, id=f"made-{year}-fs-{number:02}", number=str(number), year=year)
        source = problem.source.model_copy(update={"file": f"{problem.id}.pdf"})
        made.append(problem.model_copy(update={"source": source}))
    write_records("data/problems.jsonl", made)
    with served() as (address, _), chromium(project / "profile") as browser:
        tab = opened(browser, address)
        tab.press("4")
        tops = "map(name => document.querySelector(name).getBoundingClientRect().top)"
        where = f"['#crop-frame', '#statement', '.field.key'].{tops}"
        places = tab.run(where)
        for _ in range(3):
            tab.press("j")
            assert tab.run(where) == places
        start = time.monotonic()
        tab.press(*["j"] * 50)
        tab.until(
            "document.querySelector('[aria-current]').parentNode === document.querySelector('#list').children[53]"
        )
        per_key = (time.monotonic() - start) / 50
        tab.press("a")
        said(tab, "accepted")
    print(f"{1000 * per_key:.1f} ms a key")
    assert per_key < 0.1
