"""Let one run's student, or one that is asked in a way of its own, answer exam problems and the benchmarks.

    python -m stages.generate R1-r0      (dvc repro generate@R1-r0)
    python -m stages.generate base       (dvc repro generate-variant@base)

Writes data/responses/R1-r0.jsonl. `stages.questions.exam` says which problems each student answers, `variants` in
params.yaml who is asked how.
"""

import sys
from pathlib import Path

from stages.generation.respond import Tuned, identify, kept_batches, respond
from stages.generation.settings import GenerateSettings, asking
from stages.questions.exam import read_exam
from stages.questions.examples import examples_of
from stages.student.base import base_digest
from stages.study import params as parameters
from stages.study.errors import run_stage
from stages.study.files import write_records
from stages.study.versions import STUDENT, check_versions


def main() -> None:
    """Write the responses to everything that the run, or the variant, is asked."""
    usage = "stages.generate NAME (a key of `runs` or `variants` in params.yaml)"
    key = parameters.single_argument(sys.argv[1:], usage)
    params = parameters.load()
    run, variant, settings = params.trained(key), params.asked(key), params.block("generate", GenerateSettings)
    check_versions(STUDENT)
    questions = read_exam(params).asked_of(run, variant)
    untrained, tuned = base_digest(), None
    if run is not None:
        expected = {"run": variant.run, "level": str(run.level), "replicate": run.replicate, "fold": run.fold}
        expected["base_digest"] = untrained
        tuned = Tuned(Path("models") / variant.student, expected)
    how = asking(settings, variant, examples_of(questions, variant.shots))
    student = identify(key, untrained, tuned, how)
    with kept_batches(student) as kept:
        write_records(f"data/responses/{key}.jsonl", respond(questions, student, tuned, how, params.machine, kept))


if __name__ == "__main__":
    run_stage(main)
