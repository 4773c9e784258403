"""README.md's tables of results, generated from metrics/ and never typed.

They stand between the lines `<!-- results -->` and `<!-- /results -->`; a test holds them against the metrics.
"""

from pathlib import Path
from typing import Any

from stages.report.cells import percent
from stages.report.summary import headline
from stages.report.tables import tables, verdict
from stages.study.errors import StudyError
from stages.study.files import read_json, replace

BEGIN, END = "<!-- results -->", "<!-- /results -->"
SHOWN = ("pooled", "baselines", "sections", "compared", "pairs", "all", "benchmark")  # the others stand on the page


def results(summary: dict[str, Any]) -> str:
    """The block's text: what the tables show in words, then the tables with their notes."""
    level = headline(summary)
    told = summary["levels"][level]
    parts = [
        f"{verdict(summary)} Cut off at the budget were {told['base']['truncated']} answers of the untrained student"
        f" and {told['held_out']['truncated']} of the trained one: read the gain with that, as training also teaches to"
        " end."
    ]
    for key, run in summary["long"].items():
        then = summary["runs"][key]["held_out"]
        parts.append(
            f"{key} trains on to iteration {run['last_iteration']}. Its validation loss is lowest at iteration"
            f" {run['minimum_iteration']}, with {run['minimum_valid_loss']:.2f}, and ends at"
            f" {run['last_valid_loss']:.2f}; with its last checkpoint it answers {then['correct']} of {then['n']}."
        )
    for seeds in summary["seeds"]:
        shares = ", ".join(f"{run} {percent(share)} %" for run, share in seeds["accuracy"].items())
        parts.append(f"Another seed on the same fold: {shares}.")
    made = tables(summary)
    for name in SHOWN:
        if name in made:
            table = made[name]
            parts += [f"**{table.title}**", table.markdown(), table.note]
    return "\n\n".join(parts)


def rewrite(path: Path) -> None:
    """Put the results of metrics/summary.json in their place in the README; raises StudyError where it has none."""
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise StudyError(f"{path}: the lines {BEGIN} and {END} are to stand there once each")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    with replace(path) as file:
        file.write(f"{before}{BEGIN}\n\n{results(read_json('metrics/summary.json'))}\n\n{END}{after}")
