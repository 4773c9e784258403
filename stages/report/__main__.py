"""Tables, figures and one page from everything the study measured.

    python -m stages.report               (dvc repro report)
    python -m stages.report --readme      writes README.md's tables anew, from metrics/
    python -m stages.report --compare REV REV    lays two committed studies side by side, in plots/compare.html

Writes metrics/summary.json, the series and figures in plots/, plots/report.html, in plots/tables every table as
Markdown and CSV and every grade, every response in plots/samples, and a model card; prints the tables.
metrics/looks.jsonl gets a line if the held-out problems were never looked at like this.
"""

import json
import sys
from pathlib import Path

from stages.report.compare import compare_page
from stages.report.figures import figures
from stages.report.inputs import load
from stages.report.interchange import model_card, samples
from stages.report.looks import count, look, looks_with, write_looks
from stages.report.offline import dvc_page
from stages.report.page import render
from stages.report.readme import rewrite
from stages.report.series import series, write_series
from stages.report.summary import summarise
from stages.report.tables import tables
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import replace, replace_folder, write_json

COMPARED = Path("plots/compare.html")


def main() -> None:
    if sys.argv[1:] == ["--readme"]:
        rewrite(Path("README.md"))
        return
    if sys.argv[1:2] == ["--compare"] and len(sys.argv) == 4:
        with replace(COMPARED) as file:
            file.write(compare_page(*sys.argv[2:]))
        print(COMPARED)
        return
    parameters.no_arguments(sys.argv[1:], "stages.report [--readme | --compare REV REV]")
    params = parameters.load()
    if all(run.long for run in params.runs.values()):
        raise StudyError("params.yaml: runs: only long runs; the report needs a run of at least one level")
    study = load(params)
    summary = summarise(study)
    rows = series(study, summary)
    drawn = figures(study, summary, rows)
    this = look(study, summary)
    looks = looks_with(this)
    page = render(study, summary, drawn, bool(rows["accuracy"]["trained"].notna().any()), count(looks, this))

    write_json("metrics/summary.json", summary)
    for name, lines in rows.items():
        write_series(f"plots/{name}.tsv", lines)
    texts = {f"{name}.svg": text for name, text in drawn.items()}
    texts |= {"report.html": page, "dvc_page.html": dvc_page(), "model_card.md": model_card(study, summary)}
    for name, text in texts.items():
        with replace(Path("plots") / name) as file:
            file.write(text)
    made = tables(summary)
    with replace_folder("plots/tables") as folder:
        for name, table in made.items():
            table.write(folder / name)
        study.marks.to_csv(folder / "grades.csv", index=False, lineterminator="\n")
    with replace_folder("plots/samples") as folder:
        for run in study.answers:
            texts_of_run = (json.dumps(one, ensure_ascii=False) + "\n" for one in samples(study, run))
            (folder / f"{run}.jsonl").write_text("".join(texts_of_run), encoding="utf-8")
    write_looks(looks)
    for table in made.values():
        print(f"\n{table.title}\n\n{table.markdown()}\n\n{table.note}")
    print("\nThe whole report: plots/report.html")


if __name__ == "__main__":
    run_stage(main)
