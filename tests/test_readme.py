"""The committed README says what the committed metrics say; another machine's or seed's results are not compared."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@cache
def committed(path: str) -> str:
    done = subprocess.run(["git", "show", f"HEAD:{path}"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        pytest.skip(f"not in a commit: {path}: {done.stderr.strip()}")
    return done.stdout


def metrics(name: str) -> dict:
    return json.loads(committed(f"metrics/{name}"))


def table(first: str) -> dict[str, list[str]]:
    """Rows by first cell of the table whose header begins with the cell `first`."""
    lines = committed("README.md").split(f"\n| {first} |", 1)[1].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[: lines.index("")]]
    return {row[0]: row[1:] for row in rows}


def test_the_table_of_results_is_the_summary():
    summary = metrics("summary.json")
    levels = {level: (str(told["replicates"]), told["held_out"]) for level, told in summary["levels"].items()}
    rows = {
        "base student": ("", summary["base"]["held_out"]),
        **levels,
        "teacher (recorded)": ("", summary["teacher"]["held_out"]),
    }
    expected = {}
    for name, (replicates, told) in rows.items():
        std = "" if told.get("std") is None else f"{100 * told['std']:.1f}"
        accuracy, cut = f"{100 * told['accuracy']:.1f}", f"{told['truncated']:g}"
        expected[name] = [replicates, accuracy, std, cut, f"{told['words']:.0f}"]
    assert table("trained on") == expected


@pytest.mark.parametrize("run", ["R1-r0", "R1-long"])
def test_runs_named_in_the_text_have_the_marks_told(run):
    told = metrics("summary.json")["runs"][run]["held_out"]
    text = committed("README.md").replace("\n", " ")
    assert re.search(rf"{run}[^.|]*? (?:answers|has) {told['correct']} of {told['n']}\b", text)


def test_what_the_text_says_of_base_replicates_and_benchmark():
    summary = metrics("summary.json")
    base, runs = summary["base"], summary["runs"]
    text = " ".join(committed("README.md").split())
    assert f"{base['held_out']['truncated']} of the base student's {base['held_out']['n']} answers never" in text
    assert (base["held_out"]["correct"], runs["R1-r0"]["versus_base"]["p"] < 0.0001) == (0, True)
    weak = runs["R1-r1"]
    assert f"R1-r1, has {weak['held_out']['correct']} (p = {weak['versus_base']['p']:.2f})" in text
    best = max(run["benchmark"]["correct"] for run in runs.values())
    assert f"the base student gets {base['benchmark']['correct']} right and no run more than {best}." in text
    curve = summary["long"]["R1-long"]
    assert curve["minimum_iteration"] == curve["last_iteration"], "the text says that nothing shows overfitting"


def test_the_table_of_the_earlier_stages_is_their_metrics():
    read, taught, chains, split = (metrics(f"{name}.json") for name in ("extract", "teacher", "chains", "split"))
    passed, left_out = chains["passed_at_attempt"], chains["left_out"]
    assert read["truth"]["statements_right"] == read["truth"]["answers_right"] == 1
    assert split["benchmark"]["near_training_rows"] == split["near_duplicate_pairs"]["same_year"] == 0
    assert {stage: text for stage, (text,) in table("stage | figure").items()} == {
        "`extract`": f"{read['questions']} questions on {read['pages']} pages of {read['files']} files, one year"
        " scanned; all statements and answers right against the truth",
        "`solve`, `verify`": f"{taught['problems']} usable problems, {taught['solved']} solved"
        f" ({100 * taught['accuracy']['share']:.1f} %); {taught['wrong']} wrong, {taught['blank']} blank,"
        f" {taught['truncated']} cut off; {taught['recovered']} recovered at the second attempt",
        "`compress`": f"{chains['with_chains']} problems with six chains; {passed['2']} passed at the second attempt,"
        f" {passed['3']} at the third, {sum(left_out.values()) - left_out['unverified']} never",
        "`split`": f"{split['near_duplicate_pairs']['across_years']} near-duplicate pairs across years, all within a"
        " split; no benchmark problem resembles a training row",
    }


def test_accuracy_on_all_problems_is_told_with_the_share_trained_on():
    told = metrics("runs/R1-r0.json")
    everything, trained = told["all"], told["by_split"]["train"]
    text = " ".join(committed("README.md").split())
    assert f"R1-r0 on all {everything['n']} problems is {100 * everything['accuracy']:.1f} %" in text
    assert f"({100 * everything['trained_share']:.1f} % of them were trained on)" in text
    assert f"{100 * trained['accuracy']:.1f} % on the training split" in text
