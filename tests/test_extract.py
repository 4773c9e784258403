"""stages.extract: whole corpora to problems, what it refuses, and that it writes all or nothing."""

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import extract
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.records import Problem
from tests.exams.papers import typeset

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data/raw/sample"
REAL = ROOT.parent / "shared/obryan"

TITLES = {"fs": "Freshman-Sophomore Individual Test", "js": "Junior-Senior Individual Test"}
QUESTIONS = [
    ("Find the least prime number that is more than 20.", "23"),
    ("Simplify $(x^2 - 9)/(x + 3)$ as a polynomial.", "$x - 3$"),
    ("Find the exact length of the diagonal of a square of side 4.", "$4 sqrt(2)$"),
    ("In the figure shown, find the number of triangles of all sizes.", "27"),
    ("What share of the whole is one part of twelve that are equal?", "$1/12$"),
]


def heading(year: int, code: str) -> str:
    return f'#align(center, text(weight: "bold")[{year} Mathematics Competition \\ {TITLES[code]}])\n'


def questions(year: int, code: str) -> str:
    rows = "".join(f"[{n}.], [{text}],\n" for n, (text, _) in enumerate(QUESTIONS, 1))
    return heading(year, code) + f"#grid(columns: (0.4in, 1fr), row-gutter: 16pt,\n{rows})\n"


def key(year: int, code: str, first: int = 1, blank: bool = False) -> str:
    slot = (
        "#let slot(n, body) = box(width: 3in, height: 0.6in, { place(bottom, [*#n.*])\n"
        "place(bottom, dx: 0.4in, line(length: 1.9in))\n"
        "place(bottom, dx: 0.4in, dy: -4pt, box(width: 1.9in, align(center, body))) })\n"
    )
    rows = "".join(f"[#slot({n}, [{'' if blank else a}])]," for n, (_, a) in enumerate(QUESTIONS, first))
    return slot + heading(year, code) + f"#grid(columns: 2, {rows})\n"


PAGE = "#pagebreak()\n"
Run = Callable[..., list[Problem]]


def settings(project: Path, **keys: Any) -> None:
    """Change keys of the block `extract`."""
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    params["sample"]["extract"] |= keys
    (project / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


def pages_read(project: Path) -> set[str]:
    """Results of pages that lie in the cache."""
    return {path.name for path in (project / ".cache/pages").glob("*.json")}


def put(project: Path, **files: str) -> None:
    """Typeset files into the corpus; `_` in a name stands for a space."""
    for name, source in files.items():
        typeset(source, project / "data/raw/made" / f"{name.lstrip('_').replace('_', ' ')}.pdf")


def outputs(project: Path) -> dict[str, str]:
    files = [*project.glob("data/crops/*"), project / "data/problems.jsonl", project / "metrics/extract.json"]
    return {str(f.relative_to(project)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.exists()}


def test_separate_and_combined_files(project: Path) -> None:
    put(
        project,
        _2031_FR_SO_Exam=questions(2031, "fs"),
        _2031_FR_SO_Key=key(2031, "fs"),
        _2032_All_Tests=PAGE.join([questions(2032, "js"), key(2032, "js", blank=True), "", key(2032, "js")]),
    )
    extract.main([])
    problems = read_records("data/problems.jsonl", Problem)
    numbers = [f"{n:02}" for n in range(1, 6)]
    assert [p.id for p in problems] == [f"made-{exam}-{n}" for exam in ("2031-fs", "2032-js") for n in numbers]
    for exam in (problems[:5], problems[5:]):
        assert [p.answer.replace(" ", "") for p in exam] == ["23", "x-3", "4√2", "27", "1/12"]
        assert exam[1].statement.replace(" ", "") == "Simplify(x^2-9)/(x+3)asapolynomial."
        assert [p.usable for p in exam] == [True, True, True, False, True]
        assert (exam[3].reason, exam[3].needs_figure) == ("needs a figure", True)
    metrics = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))
    assert (metrics["files"], metrics["pages"], metrics["questions"], metrics["usable"]) == (3, 6, 10, 8)
    assert metrics["unusable"] == {"needs a figure": 2}
    assert metrics["engines"] == {"text": 10}
    assert "truth" not in metrics
    for problem in problems:
        assert problem.source.crop == f"data/crops/{problem.id}.png"
        assert Path(problem.source.crop).read_bytes().startswith(b"\x89PNG")
        assert Path(f"data/crops/{problem.id}.key.png").exists()


def test_text_layer_loads_no_network(project: Path) -> None:
    put(project, _2031_FS=questions(2031, "fs") + PAGE + key(2031, "fs"))
    code = "import sys; from stages import extract; extract.main([]); print(sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "'stages.exams.corpus'" in run.stdout
    assert "onnxruntime" not in run.stdout
    assert "rapidocr" not in run.stdout
    assert run.stderr == ""  # no progress bar where nobody watches


def test_corrections_and_truth(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(project, _2031_FS=questions(2031, "fs") + PAGE + key(2031, "fs"))
    extract.main([])
    first, second = read_records("data/problems.jsonl", Problem)[:2]
    place = {"file": "2031 FS.pdf", "page": 1, "who": "me", "when": "2031-05-01", "note": "looked at the page"}
    decisions = [
        {"place": first.source.place, "statement": "Find the least prime over 20.", "answer": "29"},
        {"place": second.source.place, "rejected": True},
        {"place": (0.1, 0.9, 0.2, 0.95), "answer": "7"},
    ]
    Path("data/corrections").mkdir()
    lines = "\n".join(json.dumps(place | decision) for decision in decisions)
    Path("data/corrections/made.jsonl").write_text(lines, encoding="utf-8")
    rows = [
        {"id": "a", "statement": "Find the least prime over 20.", "answer": "23", "number": "1", "more": 1},
        {"id": "b", "statement": "Simplify (x^2 - 9)/(x + 3) as a polynomial.", "answer": "x – 3", "number": "2"},
        {"id": "c", "statement": "nonsense", "answer": "", "number": "3", "defect": True},
    ]
    text = "\n".join(json.dumps(row | {"year": 2031, "section": "fs"}) for row in rows)
    Path("data/raw/made/truth.jsonl").write_text(text, encoding="utf-8")
    settings(project, dpi=150)  # decisions do not depend on pixels
    extract.main([])
    problem, rejected = read_records("data/problems.jsonl", Problem)[:2]
    assert (problem.statement, problem.answer, problem.reading.corrected) == (rows[0]["statement"], "29", True)
    assert (rejected.usable, rejected.reason) == (False, "rejected by a person")
    metrics = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))
    assert metrics["corrected"] == 2
    stale = "2031 FS.pdf, page 1, (0.1, 0.9, 0.2, 0.95): no question stands there"
    assert metrics["stale_corrections"] == [stale]
    told = f"warning: data/corrections/made.jsonl: {stale}; decide again with `make review`"
    assert told in capsys.readouterr().err.splitlines()
    assert (metrics["truth"]["questions"], metrics["truth"]["recall"]) == (2, 1.0)
    assert metrics["truth"]["wrong_answers"] == ["made-2031-fs-01"]
    assert metrics["truth"]["wrong_statements"] == []


def test_doubtful_problems_stay_away_from_the_teacher_unless_told(project: Path) -> None:
    source = questions(2031, "fs") + PAGE + key(2031, "fs")
    typeset(source, project / "data/raw/made/2031 FS.pdf", scan=0.4)
    for keep in (False, True):
        settings(project, min_confidence=1.0, keep_doubtful=keep)
        extract.main([])
        problems = read_records("data/problems.jsonl", Problem)
        assert [p.answer.replace(" ", "") for p in problems] == ["23", "x-3", "4√2", "27", "1/12"]
        assert all(p.reading.engine == "rapidocr" and 0.5 < p.reading.confidence < 1 for p in problems)
        assert all(p.reading.doubtful for p in problems)
        wanted = {""} if keep else {"statement read with too little confidence"}
        assert {p.reason for p in problems if not p.needs_figure} == wanted
    metrics = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))
    assert metrics["doubtful"] == 5


WHOLE = questions(2031, "fs") + PAGE + key(2031, "fs")
# What lies beside the good file, what its outcome says, and how many problems there are.
TROUBLES: list[tuple[dict[str, str], str, str, int]] = [
    ({"_2032_FS": "#lorem(300)"}, "2032 FS.pdf", "no question and no answer sheet", 5),
    ({"_2032_FS": questions(2032, "fs")}, "2032 FS.pdf", "2032 fs: no filled answer key in any file", 10),
    (
        {"_2032_FS": questions(2032, "fs") + PAGE + key(2032, "fs", blank=True)},
        "2032 FS.pdf",
        "2032 fs: no filled answer key in any file",
        10,
    ),
    ({"_2032_JS_Key": key(2032, "js")}, "2032 JS Key.pdf", "2032 js: a key, but no file holds its questions", 5),
    (
        {"_2032_FS": questions(2032, "fs"), "_2032_FS_Key": key(2032, "fs", first=11)},
        "2032 FS Key.pdf",
        "2032 fs: the key matches no question",
        10,
    ),
    ({"_2031_Fr_So": questions(2031, "fs")}, "2031 Fr So.pdf", "its questions are taken from 2031 FS.pdf", 5),
    ({"_2031_Fr_So": key(2031, "fs")}, "2031 Fr So.pdf", "its answers are taken from 2031 FS.pdf", 5),
    ({"FS": WHOLE.replace("2031", "The")}, "FS.pdf", "fs: no year in the file's name or titles", 5),
]


@pytest.mark.parametrize(("files", "name", "trouble", "count"), TROUBLES)
def test_what_one_file_lacks_costs_nothing_else(
    project: Path, files: dict[str, str], name: str, trouble: str, count: int
) -> None:
    put(project, _2031_FS=WHOLE, **files)
    extract.main([])
    problems = read_records("data/problems.jsonl", Problem)
    assert len(problems) == count
    assert [p.usable for p in problems[:5]] == [True, True, True, False, True]
    assert {p.reason for p in problems[5:]} <= {"no answer in the key", "needs a figure"}
    outcomes = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))["outcomes"]
    assert trouble in " ".join(outcomes[name]["troubles"])
    before = outputs(project)
    settings(project, strict=True)
    with pytest.raises(StudyError, match=re.escape(f"{name}: ")):
        extract.main([])
    assert outputs(project) == before


@pytest.mark.parametrize("damage", ["truncated", "garbage", "not a PDF"])
def test_a_bad_file_is_named_and_stops_no_other(project: Path, damage: str) -> None:
    put(project, _2031_FS=WHOLE, _2032_FS=questions(2032, "fs"))
    path = project / "data/raw/made/2032 FS.pdf"
    data = path.read_bytes()
    bad = {"truncated": data[: len(data) // 2], "garbage": b"%PDF-1.7\n" + b"\x00" * 3000 + b"%%EOF", "not a PDF": b"x"}
    path.rename(path.with_suffix(".PDF")).write_bytes(bad[damage])
    extract.main([])
    assert len(read_records("data/problems.jsonl", Problem)) == 5
    metrics = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))
    assert len(metrics["outcomes"]["2032 FS.PDF"]["troubles"]) == 1


def test_no_pdf_and_no_problem_are_errors(project: Path) -> None:
    with pytest.raises(StudyError, match="data/raw/made: no PDF files"):
        extract.main([])
    put(project, _2031_FS=key(2031, "fs"))
    with pytest.raises(StudyError, match=r"no problem found; 2031 FS\.pdf: 2031 fs: a key, but no file"):
        extract.main([])


def test_only_new_pages_are_read(project: Path) -> None:
    put(project, _2031_FS=WHOLE)
    extract.main([])
    first = pages_read(project)
    assert len(first) == 3  # two pages, and the count of the file's pages
    stamps = {path: path.stat().st_mtime_ns for path in (project / ".cache/pages").iterdir()}
    put(project, _2032_JS=questions(2032, "js"))
    extract.main([])
    assert len(pages_read(project) - first) == 2
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())


@pytest.mark.parametrize("arguments", [["--corpsu", "x"], ["x"], ["--corpus", "other"], ["--out", "x"], ["--out"]])
def test_unknown_arguments_are_errors(project: Path, arguments: list[str]) -> None:
    put(project, _2031_FS=WHOLE)
    with pytest.raises(StudyError, match=r"usage|unknown argument|belong together"):
        extract.main(arguments)
    assert outputs(project) == {}


def test_another_corpus_leaves_the_outputs_alone(project: Path) -> None:
    put(project, _2031_FS=WHOLE)
    shutil.copytree(project / "data/raw/made", project / "data/raw/other")
    extract.main(["--corpus", "other", "--out", "other.jsonl"])
    assert outputs(project) == {}
    assert [p.id for p in read_records("other.jsonl", Problem)] == [f"other-2031-fs-0{n}" for n in range(1, 6)]
    assert json.loads(Path("other.metrics.json").read_text(encoding="utf-8"))["questions"] == 5


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample competition is not in data/raw/sample")
def test_text_and_scans_do_not_depend_on_the_cores(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in [SAMPLE / "2025 TP.pdf", *SAMPLE.glob("2021 *Two-Person*.pdf")]:
        shutil.copy(path, project / "data/raw/made")
    rows = [json.loads(line) for line in (SAMPLE / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if row["year"] in (2021, 2025) and row["section"] == "tp"]
    Path("data/raw/made/truth.jsonl").write_text("\n".join(map(json.dumps, kept)), encoding="utf-8")
    results = []
    for cores in ("1", "2"):
        monkeypatch.setenv("STAGE_CORES", cores)
        shutil.rmtree(project / ".cache", ignore_errors=True)
        extract.main([])
        results.append(outputs(project))
    assert results[0] == results[1]
    assert len(results[0]) == 2 * len(kept) + 2
    metrics = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))
    assert metrics["engines"] == {"rapidocr": 12, "text": 12}
    assert metrics["truth"]["recall"] == metrics["truth"]["precision"] == 1.0
    assert metrics["truth"]["statements_right"] >= 0.95
    assert metrics["truth"]["answers_right"] >= 0.95


@pytest.mark.skipif(not REAL.exists(), reason="the real exams are not in ../shared/obryan")
def test_real_exam(project: Path) -> None:
    shutil.copy(REAL / "pdf/2014 Two-Person Speed Test.pdf", project / "data/raw/made")
    rows = [json.loads(line) for line in (REAL / "truth/problems.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = [json.dumps(row) for row in rows if row["year"] == 2014]
    Path("data/raw/made/truth.jsonl").write_text("\n".join(kept), encoding="utf-8")
    extract.main([])
    truth = json.loads(Path("metrics/extract.json").read_text(encoding="utf-8"))["truth"]
    assert truth["recall"] == truth["answers_right"] == 1.0
    assert truth["similarity"] > 0.9


def test_full_disk_keeps_earlier_results(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(project, _2031_FS=questions(2031, "fs") + PAGE + key(2031, "fs"))
    extract.main([])
    before = outputs(project)
    put(project, _2032_JS=questions(2032, "js") + PAGE + key(2032, "js"))
    write, left = Path.write_bytes, iter(range(7))

    def write_until_full(self: Path, data: bytes) -> int:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", write_until_full)
    with pytest.raises(OSError, match="No space left"):
        extract.main([])
    assert outputs(project) == before
    assert not list(project.glob("data/.*"))
