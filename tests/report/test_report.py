"""The report as a whole: what it writes, that it writes the same twice, that the page is safe and needs nothing."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from stages.report.__main__ import main
from stages.report.inputs import BASE, load
from stages.report.page import CONTROLS, examples, facts, visible
from stages.study import params
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Prediction
from tests.report.made_study import HOSTILE, ROOT, recount, write_study

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects tags, attributes and text of a page, and fails where tags do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text += data


def declared() -> list[str]:
    """What dvc.yaml says the report stage writes."""
    stage = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["report"]
    entries = [*stage["outs"], *stage["metrics"], *stage["plots"]]
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def written() -> dict[str, bytes]:
    return {name: Path(name).read_bytes() for name in declared()}


def rows(name: str) -> list[dict[str, str]]:
    with Path(f"plots/{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_it_writes_what_the_pipeline_declares_and_nothing_else(printed):
    found = {str(path) for path in Path("plots").iterdir() if path.is_file()} | {"metrics/summary.json"}
    assert found == set(declared())


def test_the_same_bytes_twice(study, capsys):
    before = written()
    for name in before:
        Path(name).unlink()
    main()
    assert written() == before
    told = capsys.readouterr().out
    assert "Held-out accuracy by reasoning level" in told
    assert "R1-long" in told
    assert "−" in told


def test_order_of_lines_does_not_matter(study):
    before = written()
    for path in [*Path("data").glob("*.jsonl"), *Path("data/predictions").rglob("*.jsonl")]:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(reversed(lines)), encoding="utf-8")
    main()
    assert written() == before


def test_series_hold_the_summary(printed):
    summary = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    accuracy = {row["run"]: row for row in rows("accuracy")}
    assert list(accuracy) == [BASE, *summary["runs"]]
    for run, row in accuracy.items():
        record = (summary["base"] if run == BASE else summary["runs"][run])["held_out"]
        for key in ("accuracy", "low", "high", "correct", "n", "truncated", "blank"):
            assert float(row[key]) == record[key]
    sections = [row for row in rows("sections") if row["run"] == "R2-r0"]
    assert sum(int(row["n"]) for row in sections) == summary["problems"]["held_out"]
    assert sum(int(row["correct"]) for row in sections) == summary["runs"]["R2-r0"]["held_out"]["correct"]
    long = [row for row in rows("loss") if row["run"] == "R1-long"]
    lowest = min((float(row["valid_loss"]), int(row["iteration"])) for row in long if row["valid_loss"])
    assert summary["long"]["R1-long"]["minimum_iteration"] == lowest[1]
    assert len(long) == 161


def test_figures_are_well_formed_and_inert(printed):
    figures = [Path(name) for name in declared() if name.endswith(".svg")]
    assert len(figures) == 5
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
    assert not page.tags & {"script", "link", "iframe", "object", "embed", "img", "image", "use", "form"}
    links = [value for name, value in page.attributes if name in ("href", "src", "xlink:href", "action", "srcset")]
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


def test_the_page_says_what_the_summary_says(printed):
    summary = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    text = " ".join(Page(Path("plots/report.html").read_text(encoding="utf-8")).text.split())
    level = summary["levels"]["R1"]["held_out"]
    assert f"answers {100 * level['accuracy']:.1f} % of 75 problems that were kept from it" in text
    assert f"sample standard deviation {100 * level['std']:.1f} points" in text
    versus = summary["runs"]["R1-r0"]["versus_base"]
    assert f"gets {versus['gained']} right that the untrained student got wrong, and {versus['lost']} wrong" in text
    assert "R1-r4 4001" in text
    assert f"learning_rate: {params.load().active.train.learning_rate}" in text


@pytest.mark.parametrize("count", [0, 3, 6, 10_000])
def test_examples_are_held_out_and_nobody_chose_them(study, count):
    loaded = load(study.runs)
    chosen = examples(loaded, "R1-r0", count)
    assert len(chosen) == min(count, len(loaded.held_out))
    assert all(example["problem"].id in loaded.held_out for example in chosen)
    if count >= 3:
        assert {example["kind"] for example in chosen[:3]} == {"gained", "lost", "right before and after"}
    for example in chosen:
        right = tuple(one.correct for one in example["responses"].values())
        assert (
            example["kind"]
            == {
                (False, True): "gained",
                (True, False): "lost",
                (True, True): "right before and after",
                (False, False): "wrong before and after",
            }[right]
        )


def change_params(**top) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params |= top
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def test_a_grid_of_one_run(study):
    """No long run, no second level, no replicate: every output is there all the same."""
    change_params(runs={"only": {"level": "R4", "replicate": 0, "long": False, "all_problems": False}})
    write_study()
    main()
    text = " ".join(Page(Path("plots/report.html").read_text(encoding="utf-8")).text.split())
    assert "trained on R4; one replicate" in text
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


def test_only_held_out_problems_answered(study):
    """The made-up students answer everything; with held-out problems only, nothing tells of all of them."""
    assert 'id="all"' in Path("plots/report.html").read_text(encoding="utf-8")
    assert "problems trained on" in Path("plots/accuracy.svg").read_text(encoding="utf-8")
    answer_held_out_only(BASE, *study.runs)
    main()
    summary = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    assert not any("all" in one for one in (summary["base"], *summary["runs"].values(), *summary["levels"].values()))
    page = Path("plots/report.html").read_text(encoding="utf-8")
    assert "#all" not in page
    assert "trained on, which is why" not in page
    assert "problems trained on" not in Path("plots/accuracy.svg").read_text(encoding="utf-8")


def answer_held_out_only(*runs: str) -> None:
    for run in runs:
        path = f"data/predictions/{run}.jsonl"
        write_records(path, [one for one in read_records(path, Prediction) if one.split == "test"])
        recount(run)


def test_one_run_that_answers_all_changes_no_held_out_number(study):
    """As in the sample: R1-r0 is asked everything, the others the held-out problems."""
    before = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    answer_held_out_only(BASE, *(run for run in study.runs if run != "R1-r0"))
    main()
    after = json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))
    assert after["runs"]["R1-r0"] == before["runs"]["R1-r0"]
    assert [run for run, told in after["runs"].items() if "all" in told] == ["R1-r0"]
    for run in study.runs:
        assert after["runs"][run]["held_out"] == before["runs"][run]["held_out"]
        assert after["runs"][run]["versus_base"] == before["runs"][run]["versus_base"]
    assert [row["run"] for row in rows("accuracy") if row["trained"]] == ["R1-r0"]
    assert 'id="all"' in Path("plots/report.html").read_text(encoding="utf-8")


def test_only_long_runs_is_an_error(study):
    change_params(runs={"R1-long": {"level": "R1", "replicate": 0, "long": True, "all_problems": False}})
    with pytest.raises(StudyError, match=r"params.yaml: runs: only long runs"):
        main()


def test_a_fault_leaves_the_earlier_report(study):
    before = written()
    Path("data/predictions/R6-r0.jsonl").unlink()
    with pytest.raises(StudyError, match="R6-r0"):
        main()
    assert written() == before


def test_names_from_params_are_text_in_figures_and_page(study):
    change_params(runs={"<b>&run": {"level": "R1", "replicate": 0, "long": False, "all_problems": False}})
    write_study()
    main()
    page = Page(Path("plots/report.html").read_text(encoding="utf-8"))
    assert "b" in page.tags  # the page's own
    assert "Loss of <b>&run" in page.text
    for name in ("accuracy", "loss", "words"):
        ET.parse(f"plots/{name}.svg")


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
    assert (table.title, table.header) == ("words", ("", "mean", "max"))
    assert table.rows == [("R1", "1.5", "–"), ("R2", "1", "2")]
