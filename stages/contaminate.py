"""Count how many statements of the exams and benchmarks the student before training knows by heart.

    python -m stages.contaminate      (dvc repro contaminate)

Writes metrics/contamination.json: by source, and for the exams by year, how many statements it continues exactly, and
nearly so. What it knows by heart it may have been trained on; that it does not know one does not say the opposite.
"""

import sys
from collections.abc import Iterable
from typing import Any

from stages.generation.continued import LEAST, NEAR, SHARE, Cut, continued, cut, likeness
from stages.generation.settings import GenerateSettings
from stages.questions.benchmarks import read_benchmarks
from stages.student import base, cpu
from stages.study import params as parameters
from stages.study.errors import run_stage
from stages.study.files import read_records, write_json
from stages.study.records import Problem
from stages.study.versions import STUDENT, check_versions

KNOWN = {"math-500": "known to be in the training data of Qwen2.5, arXiv:2507.10532"}


def main() -> None:
    parameters.no_arguments(sys.argv[1:], "stages.contaminate")
    params = parameters.load()
    settings = params.block("generate", GenerateSettings)
    check_versions(STUDENT)
    problems = {one.id: one for one in read_records("data/problems.jsonl", Problem) if one.usable}
    sources = {"exams": {one.id: one.statement for one in problems.values()}}
    for name, told in read_benchmarks(params.benchmarks).items():
        sources[name] = {one.id: one.statement for one in told.values()}
    cpu.prepare(params.machine.usable_cores())
    loaded = base.load()
    found: dict[str, Any] = {"share": SHARE, "least_words": LEAST, "near": NEAR / 100, "sources": {}}
    for source, statements in sources.items():
        pairs = [*continued(cut(statements), loaded, settings.batch_size)]
        found["sources"][source] = {"statements": len(statements), **counted(pairs)}
        if source in KNOWN:
            found["sources"][source]["known"] = KNOWN[source]
        if source == "exams":
            years = sorted({one.year for one in problems.values()})
            found["sources"][source]["by_year"] = {
                str(year): counted(pair for pair in pairs if problems[pair[0].name].year == year) for year in years
            }
    write_json("metrics/contamination.json", found)


def counted(pairs: Iterable[tuple[Cut, str]]) -> dict[str, int]:
    """How many were continued, exactly and at least nearly."""
    alike = [likeness(one.rest, said) for one, said in pairs]
    return {
        "continued": len(alike),
        "exact": sum(one == 100 for one in alike),
        "near": sum(one >= NEAR for one in alike),
    }


if __name__ == "__main__":
    run_stage(main)
