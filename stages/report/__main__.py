"""Tables, figures and one page from everything the study measured.

    python -m stages.report      (dvc repro report)

Writes metrics/summary.json, the series and figures in plots/, and plots/report.html; prints the tables.
"""

from pathlib import Path

from tabulate import tabulate

from stages.report.figures import figures, longest, series, tuned, write_series
from stages.report.inputs import BASE, load
from stages.report.page import examples, render
from stages.report.tables import levels, summarise, tables
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import replace, write_json


def main() -> None:
    """Read what the stages wrote, count, and write all of the report."""
    params = parameters.load()
    study = load(params.runs)
    of_level = levels(study)
    if not of_level:
        raise StudyError("params.yaml: runs: only long runs; the report needs a run of at least one level")
    summary = summarise(study, {run: params.run_seed(run) for run in params.runs})
    rows = series(study, summary)
    drawn = figures(study, summary, rows)
    made = tables(study, summary)
    headline = next(iter(of_level))
    shown = of_level[headline][0]
    page = render(
        study=study,
        summary=summary,
        tables=made,
        figures=drawn,
        headline=headline,
        shown=shown,
        base=BASE,
        examples=examples(study, shown, params.active.report.examples),
        longest=longest(study),
        diamonds=any(row["trained"] is not None for row in tuned(rows["accuracy"])),
        profile=params.profile,
        shared={"seed": params.seed, "corpus": params.corpus, "benchmark": params.benchmark},
        blocks={
            "extract": params.active.extract,
            "teacher": params.active.teacher,
            "solve": params.active.solve,
            "verify": params.active.verify,
            "compress": params.active.compress,
            "split": params.active.split,
            "student": params.active.student,
            "train": params.active.train,
            "generate": params.active.generate,
        },
    )

    write_json("metrics/summary.json", summary)
    for name, lines in rows.items():
        write_series(f"plots/{name}.tsv", lines)
    for name, text in {**{f"{name}.svg": text for name, text in drawn.items()}, "report.html": page}.items():
        with replace(Path("plots") / name) as file:
            file.write(text)
    for table in made.values():
        align = ["left"] * table.text + ["right"] * (len(table.header) - table.text)
        print(f"\n{table.title}\n")
        print(tabulate(table.rows, table.header, disable_numparse=True, colalign=align))
        print(table.note)
    print("\nThe whole report: plots/report.html")


if __name__ == "__main__":
    run_stage(main)
