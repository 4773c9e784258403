"""Every figure of metrics/summary.json and of the page, recomputed from the responses alone by other code."""

import csv
import json
import re
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from stages.report.__main__ import main
from stages.report.tables import tables
from tests.report.html import Page
from tests.report.made_study import ROOT, grid_row, write_params, write_study
from tests.report.recount import Recount, detectable, power


def assert_same(told: Any, counted: Any, place: str = "") -> int:
    """Both say the same to 12 digits; the number of values that were compared."""
    if isinstance(counted, dict):
        assert isinstance(told, dict), place
        assert told.keys() == counted.keys(), place
        return sum(assert_same(told[key], counted[key], f"{place}.{key}") for key in counted)
    if isinstance(counted, list):
        assert len(told) == len(counted), place
        return sum(assert_same(*pair, f"{place}.{n}") for n, pair in enumerate(zip(told, counted, strict=True)))
    if isinstance(counted, float) and not isinstance(told, bool):
        assert told == pytest.approx(counted, rel=1e-9, abs=1e-12), place
    else:
        assert told == counted, place
    return 1


def summary() -> dict[str, Any]:
    return json.loads(Path("metrics/summary.json").read_text(encoding="utf-8"))


GRIDS = {
    "two levels on two folds": {
        **{f"R1-r{n}": grid_row("R1", n, n % 3, whole=n == 4, benchmark=n < 2) for n in range(6)},
        **{f"R4-r{n}": grid_row("R4", n, n, benchmark=False) for n in (1, 2)},
    },
    "controls, and a mix on another fold": {
        **{f"R1-r{n}": grid_row("R1", n, n, benchmark=False) for n in range(2)},
        **{f"{level}-r0": grid_row(level, benchmark=False) for level in ("cut-R4", "answer", "R4")},
        "mix-r1": grid_row("2R1+R4", 1, 1, benchmark=False),
    },
    "controls alone": {"a": grid_row("answer", benchmark=False), "b": grid_row("cut-R4", benchmark=False)},
    "no fold in common": {"a": grid_row("R2", 0, 0), "b": grid_row("R3", 0, 1, benchmark=False)},
    "one run": {"only": grid_row("R4", whole=True)},
}


def test_every_number_of_the_summary(printed):
    assert assert_same(summary(), Recount().summary()) > 1500


@pytest.mark.parametrize("name", GRIDS)
def test_every_number_with_another_grid(study, name):
    write_params(GRIDS[name], folds=3)
    write_study(seed=3)
    main()
    assert_same(summary(), Recount().summary())


def test_every_number_under_the_published_protocol(study):
    write_params(protocol="published")
    write_study(seed=5)
    main()
    counted = Recount().summary()
    assert sum(counted["leaks"].values()) > 0
    assert_same(summary(), counted)
    text = " ".join(Page(Path("plots/report.html").read_text(encoding="utf-8")).text.split())
    told = counted["levels"]["R1"]["all"]
    assert f"{100 * told['mean']:.1f} % of all, of which {100 * told['trained_share']:.1f} % were trained on" in text
    assert f"near-duplicate was trained on: {sum(counted['leaks'].values())} of 250" in text


def cells(told: dict[str, Any], words: bool = True) -> list[str]:
    """A row's cells as the tables print them, worked out here once more."""
    shown = [
        f"{told['correct']}",
        f"{told['correct'] / told['n'] * 100:.1f}",
        f"{told['low'] * 100:.1f} – {told['high'] * 100:.1f}",
        str(told["truncated"]),
        str(told["blank"]),
        "0",
    ]
    return [*shown, f"{told['words']:.0f}"] if words else shown


def versus(told: dict[str, Any] | None) -> list[str]:
    if told is None:
        return [""] * 5
    p = "< 0.0001" if told["p"] < 0.0001 else f"{told['p']:.4f}"
    gain, low, high = (f"{100 * told[key]:+.1f}".replace("-", "−") for key in ("difference", "low", "high"))
    return [gain, f"{low} – {high}", f"+{told['gained']}", f"−{told['lost']}", p]


def share(told: dict[str, Any]) -> str:
    return f"{100 * told['correct'] / told['n']:.1f}"


def expected_tables() -> dict[str, list[list[str]]]:
    """Cells of every table of results, by title, from the summary, whose numbers are recounted above."""
    s = summary()
    compared, level = s["compared"], s["levels"]["R1"]
    base, teacher = s["base"]["held_out"], s["teacher"]["held_out"]

    def grouped(by: str) -> list[list[str]]:
        rows = {"base": base, "R1": level["held_out"], "teacher": teacher}
        return [
            [
                name,
                *(
                    f"{share(group)} ({100 * group['low']:.1f} – {100 * group['high']:.1f})"
                    for group in told[by].values()
                ),
                str(told["truncated"]),
                str(told["blank"]),
            ]
            for name, told in rows.items()
        ]

    def fold(name: str) -> list[list[str]]:
        rows = [["base", "–", "", *cells(s["folds"][name]["base"]), *versus(None)]]
        for key in s["folds"][name]["runs"]:
            told = s["runs"][key]
            scores = [*cells(told["held_out"]), *versus(told["versus_base"])]
            rows.append([key, told["level"], str(told["seed"]), *scores])
        return [*rows, ["teacher", "–", "", *cells(s["folds"][name]["teacher"]), *versus(None)]]

    whole = s["runs"]["R1-r0"]["all"]
    drawn = s["variants"]["R1-r0-sampled"]
    vote = drawn["sampling"]["majority"]
    asked = [s["base"], *(run for run in s["runs"].values() if "benchmarks" in run)]
    outside = [told["benchmarks"]["made"] for told in asked]
    return {
        "Held-out accuracy over all problems": [
            ["base", *cells(base), *versus(None)],
            ["R1", *cells(level["held_out"]), *versus(level["versus_base"])],
            ["teacher", *cells(teacher), *versus(None)],
        ],
        "Held-out accuracy by section, %": grouped("by_section"),
        "Held-out accuracy by year, %": grouped("by_year"),
        "Levels on the same held-out problems": [
            ["base", *cells(compared["base"]), ""],
            *(
                [name, *cells(told), f"{s['levels'][name]['chain_words']:.0f}"]
                for name, told in compared["levels"].items()
            ),
            ["teacher", *cells(compared["teacher"]), ""],
        ],
        "Levels paired, problem by problem": [
            [
                name,
                against,
                *versus(told[key]),
                "< 0.0001" if told[key]["holm"] < 0.0001 else f"{told[key]['holm']:.4f}",
                str(told["truncated"]),
                str(told["blank"]),
            ]
            for against, key in (("base", "versus_base"), ("R1", "versus_first"))
            for name, told in compared["levels"].items()
            if told[key]
        ],
        "Levels by section, %": [
            [name, *(share(group) for group in told["by_section"].values()), str(told["truncated"]), str(told["blank"])]
            for name, told in {"base": compared["base"], **compared["levels"], "teacher": compared["teacher"]}.items()
        ],
        **{f"Runs of fold {name}": fold(name) for name in s["folds"]},
        "All problems, with the share that was trained on": [
            ["base", share(base), "0.0", "", "", share(base), str(base["truncated"]), str(base["blank"])],
            [
                "R1-r0",
                share(whole),
                f"{100 * whole['trained_share']:.1f}",
                *(share(whole["by_split"][split]) for split in ("train", "valid", "test")),
                str(whole["truncated"]),
                str(whole["blank"]),
            ],
        ],
        "Fair baselines": [
            [
                f"{key}, best" if key == s["baselines"]["best"] else key,
                str(told["budget"]),
                str(told["held_out"]["n"]),
                *(cell for place, cell in enumerate(cells(told["held_out"])) if place not in (0, 5, 6)),
                f"{share(told['finished'])}\u00a0% of {told['finished']['n']}",
                share(told["level"]),
                *versus(told["versus"]),
            ]
            for key, told in s["baselines"]["of"].items()
        ],
        "Asked in another way": [
            [
                key,
                told["student"],
                way,
                str(told["problems"]),
                share(told["held_out"]),
                share(told["usual"]),
                *versus(told["versus"]),
                f"{100 * told['flips']['answers'] / told['problems']:.1f}",
                f"{100 * told['flips']['verdicts'] / told['problems']:.1f}",
                str(told["held_out"]["truncated"]),
                str(told["held_out"]["blank"]),
            ]
            for key, way in (
                ("base-long", "800 tokens, batches of 64"),
                ("base-shots", "400 tokens, batches of 64, 4 worked examples"),
                ("R1-r0-batch", "400 tokens, batches of 16"),
            )
            for told in [s["variants"][key]]
        ],
        "Several drawn responses": [
            [
                "R1-r0-sampled",
                "R1-r0",
                "400 tokens, batches of 64, temperature 0.7",
                "50",
                share(drawn["usual"]),
                *(
                    f"{100 * one['share']:.1f} ({100 * one['low']:.1f} – {100 * one['high']:.1f})"
                    for one in drawn["sampling"]["pass_at"].values()
                ),
                f"{share(vote)} ({100 * vote['low']:.1f} – {100 * vote['high']:.1f})",
                str(drawn["held_out"]["truncated"]),
                str(drawn["held_out"]["blank"]),
            ]
        ],
        "Accuracy by length of the response, %": [
            [
                name,
                *(
                    f"{share(one)} of {one['n']} ({one['shortest']}–{one['longest']})"
                    for one in level["by_length"][name]
                ),
                f"{share(told['finished'])}\u00a0% of {told['finished']['n']}",
                str(told["truncated"]),
                str(told["blank"]),
            ]
            for (name, quarters), told in zip(
                level["by_length"].items(), (level["base"], level["held_out"]), strict=True
            )
        ],
        "Benchmarks by subject and difficulty, %": [
            ["made", "subject", "sums", "30", *(share(told["by_subject"]["sums"]) for told in outside)]
        ],
        "Benchmarks from outside the exams": [
            ["made", "base", *cells(s["base"]["benchmarks"]["made"])],
            *(
                ["made", key, *cells(told["benchmarks"]["made"])]
                for key, told in s["runs"].items()
                if "benchmarks" in told
            ),
        ],
    }


def test_every_cell_of_the_pages_tables(printed):
    page = Page(Path("plots/report.html").read_text(encoding="utf-8"))
    expected = expected_tables()
    assert expected.keys() <= page.tables.keys()
    for title, rows in expected.items():
        assert page.tables[title][1:] == rows, title


def test_markdown_holds_the_same_cells(printed):
    expected = expected_tables()
    made = {table.title: table for name, table in tables(summary()).items() if not name.startswith("published")}
    assert made.keys() == expected.keys()
    for title, table in made.items():
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.markdown().splitlines()]
        assert rows[2:] == expected[title], title


def test_every_table_says_what_failed_and_has_one_denominator(printed):
    for name, table in tables(summary()).items():
        if name.startswith("published") or name == "benchmark_groups":  # each row has its own
            continue
        assert {"cut off", "blank"} <= set(table.cells.columns), name
        if name in ("variants", "sampling", "benchmark", "benchmark_groups", "baselines"):  # each row names its own
            continue
        assert name == "pairs" or table.cells.iloc[0, 0] == "base", name
        assert re.match(r"All rows: the same \d+ problems", table.note), name


def test_the_opening_says_what_was_counted(printed):
    text = " ".join(Page(Path("plots/report.html").read_text(encoding="utf-8")).text.split())
    s = summary()
    level = s["levels"]["R1"]
    held, before = level["held_out"], level["base"]
    best = s["baselines"]["of"][s["baselines"]["best"]]
    name = s["baselines"]["best"]
    over = "the student before training" if name == "base" else f"the best baseline, {name}"
    gain, pair = best["versus"], level["versus_base"]
    for told in (
        f"Distillation helped: {100 * gain['difference']:+.1f} points over {over} (95 % interval"
        f" {100 * gain['low']:+.1f} to {100 * gain['high']:+.1f}, exact McNemar p < 0.0001), from"
        f" {share(best['held_out'])} % to {share(best['level'])} % of {best['level']['n']} held-out problems, in"
        f" {best['level']['words']:.0f} words a response instead of {best['held_out']['words']:.0f}, at the cost of"
        f" {s['cost']['total']:.2f} US dollars for the teacher’s tokens and of 5 trainings, each on"
        f" {fmean(s['runs'][f'R1-r{n}']['trained_tokens'] for n in range(5)):,.0f} tokens.",
        "each problem is asked of a run that had not seen it",
        f"95 % interval {100 * held['low']:.1f} – {100 * held['high']:.1f}",
        f"before training {100 * before['low']:.1f} – {100 * before['high']:.1f}",
        f"{share(before['finished'])} % of {before['finished']['n']} were right before training and"
        f" {share(held['finished'])} % of {held['finished']['n']} after it",
        "1 look at these held-out problems is on record",
        f"training gained {pair['gained']} and lost {pair['lost']} of 250",
        f"Of the 250 answers, {held['truncated']} were cut off at the token budget and {held['blank']} held no answer;"
        f" before training {before['truncated']} and {before['blank']}",
        f"scatters by a standard deviation of {100 * level['over_folds']['std']:.1f} points",
        f"Problems alone would give about {100 * level['expected_std']:.1f}",
        f"{100 * s['seeds'][0]['difference']:.1f} points between the best and the worst",
        f"{s['problems']['all']} problems are {s['problems']['clusters']} clusters",
        *(f"{100 * gain:+.1f} points at {name}" for name, gain in s["detectable_gain"].items() if gain),
    ):
        assert told in text, told


@pytest.mark.parametrize(("n", "low", "high"), [(64, (13.4, 13.6), (17.6, 17.8)), (651, (4.3, 4.5), (5.5, 5.8))])
def test_power_by_other_code(n, low, high):
    found = [100 * gain for gain in detectable(n).values() if gain]
    assert low[0] <= found[0] <= low[1]
    assert high[0] <= found[1] <= high[1]
    assert power(n, 0.25, 0.0) < 0.05


def test_the_published_study_stands_beside_ours(printed):
    told = json.loads((ROOT / "stages/report/published.json").read_text(encoding="utf-8"))
    made = summary()
    page = Page(Path("plots/report.html").read_text(encoding="utf-8"))
    header, *rows = page.tables["The published study beside this one"]
    assert "ours on made, held out, %" in header
    shown = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert shown["base"]["published, %"] == f"{100 * told['student_base']['accuracy']:.1f}"
    assert shown["R1"]["published, %"] == "69.4 ± 0.2 (5 seeds)"
    for level, one in told["levels_all_questions"].items():
        count, only = one["overall"]["all"], told["levels_teacher_correct_only"][level]["overall"]["all"]
        share = f"{100 * count['correct'] / count['total']:.1f} ({count['correct']} of {count['total']})"
        assert shown[level]["published, %"] == share
        right = f"{100 * only['correct'] / only['total']:.1f}"
        assert shown[level]["where the teacher was right, %"] == right
    ours = {"base": made["base"], "teacher": made["teacher"], **made["levels"]}
    for name, one in ours.items():
        held = one["held_out"]
        assert shown[name]["ours on made, held out, %"] == f"{100 * held['correct'] / held['n']:.1f} of {held['n']}"
        assert shown[name]["our words"] == f"{held['words']:.0f}"


def test_the_published_figures_by_section_and_year(printed):
    told = json.loads((ROOT / "stages/report/published.json").read_text(encoding="utf-8"))
    made = summary()
    page = Page(Path("plots/report.html").read_text(encoding="utf-8"))
    [header, *rows] = page.tables["The published study by section, %"]
    for row in (dict(zip(header, row, strict=True)) for row in rows):
        name = row["trained on"]
        ours = (made["teacher"] if name == "teacher" else made["levels"][name])["held_out"]
        for section in ("fs", "js", "tp"):
            mine = ours["by_section"][section]
            assert row[f"{section}, ours"] == f"{share(mine)} of {mine['n']}"
            if name in told["levels_all_questions"]:
                count = told["levels_all_questions"][name]["section"][section]
                assert row[f"{section}, published"] == f"{100 * count['correct'] / count['total']:.1f}"
    assert rows[0][1::2][:3] == ["70.0", "71.0", "64.3"]  # R1, as published
    [header, *rows] = page.tables["The published study by year, %"]
    for row in (dict(zip(header, row, strict=True)) for row in rows):
        theirs = told["levels_all_questions"][row["trained on"]]["year"]
        mine = made["levels"][row["trained on"]]["held_out"]["by_year"]
        for year, count in theirs.items():
            if row["study"] == "published":
                assert row[year] == f"{100 * count['correct'] / count['total']:.1f}"
            else:
                assert row[year] == (share(mine[year]) if year in mine else "")
    others = {row[0]: row[1:] for row in page.tables["What else was published"][1:]}
    long = made["long"]["R1-long"]
    assert others["outside the exams"][0] == "MATH-500: 73.1 ± 0.2 %"
    assert (
        f"R4-r0 on made: {share(made['runs']['R4-r0']['benchmarks']['made'])} % of 60" in others["outside the exams"][1]
    )
    assert others["validation loss of a long run"] == [
        "0.374 at iteration 200, 0.826 at 1000",
        f"R1-long: {long['minimum_valid_loss']:.3f} at iteration {long['minimum_iteration']},"
        f" {long['last_valid_loss']:.3f} at {long['last_iteration']}",
    ]


def test_tables_and_grades_stand_beside_the_page_as_files(printed):
    made = tables(summary())
    folder = Path("plots/tables")
    assert {path.name for path in folder.iterdir()} == {
        "grades.csv",
        *(f"{name}.{kind}" for name in made for kind in ("md", "csv")),
    }
    for name, table in made.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == [[*table.cells.columns], *table.cells.to_numpy().tolist()]
        assert table.markdown() in (folder / f"{name}.md").read_text(encoding="utf-8")
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        grades = list(csv.DictReader(file))
    held_out = [one for one in grades if (one["run"], one["split"]) == ("R1-r2", "test")]
    assert sum(one["correct"] == "True" for one in held_out) == made_up("R1-r2")["correct"]
    assert len(held_out) == made_up("R1-r2")["n"]


def made_up(run: str) -> dict[str, Any]:
    return summary()["runs"][run]["held_out"]
