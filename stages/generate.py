"""Let one run's student, or the student before training, answer exam problems and the benchmark.

    python -m stages.generate R1-r0      (dvc repro generate@R1-r0)
    python -m stages.generate base       (dvc repro generate-base)

Writes data/responses/R1-r0.jsonl. `stages.questions.exam` says which problems each run answers.
"""

import sys
from pathlib import Path

from stages.generation.respond import Tuned, identify, kept_batches, respond
from stages.generation.settings import GenerateSettings
from stages.questions.exam import read_exam, run_named
from stages.student.base import base_digest
from stages.study import params as parameters
from stages.study.errors import run_stage
from stages.study.files import write_records
from stages.study.versions import STUDENT, check_versions


def main() -> None:
    """Write the responses to everything that the run, or the base student, is asked."""
    key = parameters.single_argument(sys.argv[1:], "stages.generate RUN (`base`, or a key of `runs:` in params.yaml)")
    params = parameters.load()
    run, settings = run_named(params, key), params.block("generate", GenerateSettings)
    check_versions(STUDENT)
    questions = read_exam(params).asked_of(run)
    untrained, tuned = base_digest(), None
    if run is not None:
        expected = {"run": key, "level": run.level, "replicate": run.replicate, "fold": run.fold}
        expected["base_digest"] = untrained
        tuned = Tuned(Path("models/adapters") / key, expected)
    student = identify(key, untrained, tuned, settings.max_tokens)
    with kept_batches(student) as kept:
        write_records(f"data/responses/{key}.jsonl", respond(questions, student, tuned, settings, params.machine, kept))


if __name__ == "__main__":
    run_stage(main)
