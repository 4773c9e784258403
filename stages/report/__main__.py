"""Tables, figures and one page from everything the study measured.

    python -m stages.report               (dvc repro report)
    python -m stages.report --readme      writes README.md's tables anew, from metrics/

Writes metrics/summary.json, the series and figures in plots/, plots/report.html, and in plots/tables every table as
Markdown and CSV and every grade; prints the tables.
"""

import sys
from pathlib import Path

from stages.report.figures import figures
from stages.report.inputs import load
from stages.report.offline import dvc_page
from stages.report.page import render
from stages.report.readme import rewrite
from stages.report.series import series, write_series
from stages.report.summary import summarise
from stages.report.tables import tables
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import replace, replace_folder, write_json


def main() -> None:
    if sys.argv[1:] == ["--readme"]:
        rewrite(Path("README.md"))
        return
    parameters.no_arguments(sys.argv[1:], "stages.report [--readme]")
    params = parameters.load()
    if all(run.long for run in params.runs.values()):
        raise StudyError("params.yaml: runs: only long runs; the report needs a run of at least one level")
    study = load(params)
    summary = summarise(study)
    rows = series(study, summary)
    drawn = figures(study, summary, rows)
    page = render(study, summary, drawn, bool(rows["accuracy"]["trained"].notna().any()))

    write_json("metrics/summary.json", summary)
    for name, lines in rows.items():
        write_series(f"plots/{name}.tsv", lines)
    texts = {f"{name}.svg": text for name, text in drawn.items()} | {"report.html": page, "dvc_page.html": dvc_page()}
    for name, text in texts.items():
        with replace(Path("plots") / name) as file:
            file.write(text)
    made = tables(summary)
    with replace_folder("plots/tables") as folder:
        for name, table in made.items():
            table.write(folder / name)
        study.marks.to_csv(folder / "grades.csv", index=False, lineterminator="\n")
    for table in made.values():
        print(f"\n{table.title}\n\n{table.markdown()}\n\n{table.note}")
    print("\nThe whole report: plots/report.html")


if __name__ == "__main__":
    run_stage(main)
