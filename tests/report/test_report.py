"""The report as a whole: what it writes, that it writes the same twice, that the page is safe and needs nothing."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from stages.grading.statistics import wilson
from stages.questions.exam import read_exam
from stages.report.__main__ import main
from stages.report.cells import interval, p_value
from stages.report.inputs import Curve, load
from stages.report.page import CONTROLS, examples, facts, visible
from stages.report.summary import minimum, overfitting
from stages.study import params
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.params import BASE
from stages.study.records import Response
from tests.report.html import Page
from tests.report.made_study import GRID, HOSTILE, MODEL, ROOT, VARIANTS, grade, grid_row, write_params, write_study

OUTS = [
    "metrics/summary.json",
    "plots/report.html",
    "plots/dvc_page.html",
    "plots/tables",
    "plots/samples",
    "plots/model_card.md",
    *(
        f"plots/{name}.svg"
        for name in ("accuracy", "heat", "length", "loss", "loss_levels", "pooled", "sections", "tradeoff")
    ),
    *(f"plots/{name}.tsv" for name in ("accuracy", "loss", "sections")),
]
LOG = "metrics/looks.jsonl"  # in git, and no output: it only grows


def written() -> dict[str, bytes]:
    files = [file for name in [*OUTS, LOG] for file in ([Path(name)] if Path(name).is_file() else Path(name).iterdir())]
    return {str(path): path.read_bytes() for path in files}


def rows(name: str) -> list[dict[str, str]]:
    with Path(f"plots/{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_it_writes_what_the_pipeline_declares_and_nothing_else(printed):
    found = {str(path) for path in Path("plots").iterdir() if path.name != "training"} | {"metrics/summary.json"}
    found |= {str(path) for path in Path("metrics").glob("*.jsonl")}
    assert found == {*OUTS, LOG}
    stage = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["report"]
    entries = [*stage["outs"], *stage["metrics"], *stage["plots"]]
    assert {entry if isinstance(entry, str) else next(iter(entry)) for entry in entries} == set(OUTS)


def test_the_same_bytes_twice(study, capsys):
    before = written()
    for name in before:
        Path(name).unlink()
    main()
    assert written() == before
    told = capsys.readouterr().out
    assert "Held-out accuracy over all problems" in told
    assert "R1-long" in told
    assert "−" in told


def test_order_of_lines_does_not_matter(study):
    before = written()
    for path in [*Path("data").glob("*.jsonl"), *Path("data/responses").glob("*.jsonl")]:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(reversed(lines)), encoding="utf-8")
    main()
    hidden = [
        {name: re.sub(rb"\b[0-9a-f]{32}\b", b"md5", text) for name, text in made.items()}
        for made in (before, written())
    ]
    assert hidden[0] == hidden[1]  # but for the files' md5


def test_series_hold_the_summary(printed):
    summary = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    accuracy = {row["run"]: row for row in rows("accuracy")}
    assert accuracy.keys() == summary["runs"].keys()
    for run, row in accuracy.items():
        told = summary["runs"][run]
        base = summary["folds"][str(told["fold"])]["base"]
        for key in ("accuracy", "low", "high", "correct", "n", "truncated", "blank", "words"):
            assert float(row[key]) == told["held_out"][key]
        for key in ("accuracy", "low", "high", "words"):
            assert float(row[f"base_{key}"]) == base[key]
    assert [run for run, row in accuracy.items() if row["trained"]] == ["R1-r0"]
    level = summary["levels"]["R1"]
    for row in rows("sections"):
        of = {"base": level["base"], "R1": level["held_out"], "teacher": level["teacher"]}[row["level"]]
        told = of["by_section"][row["section"]]
        assert {key: float(row[key]) for key in told} == told
    assert len(rows("sections")) == 9
    long = [row for row in rows("loss") if row["run"] == "R1-long"]
    lowest = min((float(row["valid_loss"]), int(row["iteration"])) for row in long if row["valid_loss"])
    assert summary["long"]["R1-long"]["minimum_iteration"] == lowest[1]
    assert len(long) == 161


def test_numbers_are_rounded_once_from_exact_values():
    """15 of 64: the lower end is 14.7499 %, which was once rounded to 0.1475, and that to 14.8."""
    low, high = wilson(15, 64)
    assert interval({"low": low, "high": high}) == "14.7 – 35.1"


def test_figures_are_well_formed_and_inert(printed):
    figures = [Path(name) for name in OUTS if name.endswith(".svg")]
    assert len(figures) == 8
    for path in figures:
        root = ET.parse(path).getroot()
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert tags <= {"svg", "g", "path", "text", "tspan", "defs", "clipPath", "rect", "line", "style"}, path
        assert len(list(root.iter())) > 50, path
    lowest = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))["long"]["R1-long"]
    assert f"lowest at iteration {lowest['minimum_iteration']}" in Path("plots/loss.svg").read_text(encoding="utf-8")


def test_the_page_needs_nothing_from_outside_and_runs_nothing(printed):
    page = Page(Path("plots/report.html").read_text(encoding="utf-8"))
    assert {"table", "svg", "figure", "dl"} <= page.tags
    assert not page.tags & {"script", "link", "iframe", "object", "embed", "image", "use", "form"}
    images = [value for name, value in page.attributes if name == "src"]
    assert len(images) == 3
    assert all(re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/=]+", image) for image in images)
    links = [value for name, value in page.attributes if name in ("href", "xlink:href", "action", "srcset")]
    assert links
    assert all(re.fullmatch(r"#[\w-]+", link) for link in links)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    style = re.search(r"<style>(.*?)</style>", Path("plots/report.html").read_text(encoding="utf-8"), re.DOTALL)
    assert style
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_hostile_text_is_shown_and_does_nothing(printed):
    source = Path("plots/report.html").read_text(encoding="utf-8")
    assert "<script" not in source
    assert "\x1b" not in source
    assert "\u202e" not in source
    shown = Page(source).text
    assert "<script>alert('x')</script> & {{ 7 * 7 }} ␛[2J[U+202E]" in shown
    assert HOSTILE.translate(CONTROLS) in shown


def test_the_page_shows_parameters_versions_and_cost(printed):
    text = " ".join(Page(Path("plots/report.html").read_text(encoding="utf-8")).text.split())
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    for block in raw["sample"].values():
        for key, value in block.items():
            if isinstance(value, int | float):
                assert re.search(rf"{key}: {re.escape(str(value).lower())}\b", text), key
    for name, version in yaml.safe_load(Path("data/versions.yaml").read_text(encoding="utf-8")).items():
        assert f"{name} {version}" in text
    assert MODEL[:16] in text


@pytest.mark.parametrize("count", [0, 3, 6, 10_000])
def test_examples_are_held_out_and_nobody_chose_them(study, count):
    loaded = load(study)
    chosen = examples(loaded, "R1", count)
    assert len(chosen) == min(count, len(loaded.exam.problems))
    if count >= 3:
        assert [example["kind"] for example in chosen[:3]] == ["gained", "lost", "right before and after"]
    kinds = {
        (False, True): "gained",
        (True, False): "lost",
        (True, True): "right before and after",
        (False, False): "wrong before and after",
    }
    for example in chosen:
        one = example["problem"].id
        (before, (said, first)), (run, (response, second)) = example["responses"].items()
        assert before == BASE
        assert study.runs[run].fold == loaded.exam.fold_of[one]
        assert {said.problem_id, first.problem_id, response.problem_id, second.problem_id} == {one}
        assert example["kind"] == kinds[first.verdict == "match", second.verdict == "match"]


def test_a_grid_of_one_run(study):
    """No long run, no second level, no second fold: every output is there all the same."""
    write_params({"only": grid_row("R4", fold=2, benchmark=False)})
    write_study()
    main()
    text = " ".join(Page(Path("plots/report.html").read_text(encoding="utf-8")).text.split())
    assert "asked of a run that it was kept from (fold 2)" in text
    assert "No level has a run for each fold" in text
    assert "Loss of only" in text
    assert all(written().values())


def test_the_page_speaks_of_overfitting_only_where_the_loss_rose(study):
    rose, fell = "to show what overfitting costs", "these iterations show no overfitting"
    page = Path("plots/report.html")
    assert rose in page.read_text(encoding="utf-8")
    assert fell not in page.read_text(encoding="utf-8")
    path = Path("plots/training/R1-long/plots/metrics/valid/loss.tsv")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:-1], "160\t0.01"]) + "\n", encoding="utf-8")
    main()
    assert rose not in page.read_text(encoding="utf-8")
    assert fell in page.read_text(encoding="utf-8")


def test_nothing_tells_of_trained_problems_where_none_were_asked(study):
    shown = ('id="all"', "the run on the problems that it was trained on")
    page = Path("plots/report.html")
    assert all(text in page.read_text(encoding="utf-8") for text in shown)
    assert "problems trained on" in Path("plots/accuracy.svg").read_text(encoding="utf-8")
    before = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    grid = GRID | {"R1-r0": GRID["R1-r0"] | {"all_problems": False}}
    write_params(grid, VARIANTS)
    held_out = {one.problem_id for one in read_exam(params.load()).assignments if (one.fold, one.split) == (0, "test")}
    said = read_records("data/responses/R1-r0.jsonl", Response)
    kept = [one for one in said if one.source != "exams" or one.problem_id in held_out]
    write_records("data/responses/R1-r0.jsonl", kept)
    grade("R1-r0")
    main()
    assert not any(text in page.read_text(encoding="utf-8") for text in shown)
    assert "#all" not in page.read_text(encoding="utf-8")
    assert "problems trained on" not in Path("plots/accuracy.svg").read_text(encoding="utf-8")
    after = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    assert before["runs"]["R1-r0"].pop("all")
    assert after == before  # what a run is asked besides changes no held-out number


def test_only_long_runs_is_an_error(study):
    write_params({"R1-long": grid_row("R1", long=True)})
    with pytest.raises(StudyError, match=r"params.yaml: runs: only long runs"):
        main()


def test_a_fault_leaves_the_earlier_report(study):
    before = written()
    Path("data/responses/R6-r0.jsonl").unlink()
    with pytest.raises(StudyError, match="R6-r0"):
        main()
    assert written() == before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x^2 ≤ 3\n\tπ", "x^2 ≤ 3\n\tπ"),
        ("\x00\x1b\x7f\r", "␀␛␡␍"),
        ("a\u202eb\u2066\u200b\u2028", "a[U+202E]b[U+2066][U+200B][U+2028]"),
    ],
)
def test_visible(text, shown):
    assert visible(text) == shown


def test_facts_of_any_metrics():
    values, tables = facts(
        {
            "problems": 3,
            "share": 0.123456,
            "left_out": {"a_b": 1, "c": None},
            "empty": {},
            "pairs": [],
            "missing": [f"p{n}" for n in range(10)],
            "words": {"R1": {"mean": 1.5}, "R2": {"mean": 1.0, "max": 2}},
        }
    )
    assert values == [
        ("problems", "3"),
        ("share", "0.1235"),
        ("left out", "a b 1, c –"),
        ("pairs", "none"),
        ("missing", "p0, p1, p2, p3, p4, p5, p6, p7 and 2 more"),
    ]
    [table] = tables
    assert (table.title, list(table.cells.columns)) == ("words", ["", "mean", "max"])
    assert table.cells.to_numpy().tolist() == [["R1", "1.5", "–"], ["R2", "1", "2"]]


@pytest.mark.parametrize(("p", "text"), [(1, "1.0000"), (0.0499, "0.0499"), (0.0001, "0.0001"), (9e-5, "< 0.0001")])
def test_p_values_are_not_rounded_to_zero(p, text):
    assert p_value(p) == text


@pytest.mark.parametrize(
    ("losses", "lowest"),
    [({0: 2.0, 10: 1.0, 20: 1.5}, 10), ({0: 2.0, 10: 1.0, 20: 1.0}, 10), ({30: 1.0, 0: 3.0}, 30), ({0: 1.0}, 0)],
)
def test_the_minimum_is_the_first_lowest(losses, lowest):
    assert minimum(losses) == lowest
    told = overfitting(Curve({}, losses))
    assert (told["minimum_iteration"], told["last_iteration"]) == (lowest, max(losses))
    assert told["minimum_valid_loss"] <= told["last_valid_loss"]


def test_an_argument_that_is_not_known_is_refused(study, monkeypatch):
    monkeypatch.setattr("sys.argv", ["report", "--fast"])
    with pytest.raises(StudyError, match=r"--fast: unknown argument; usage: python -m stages.report"):
        main()
