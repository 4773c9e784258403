"""Exam PDFs of `data/raw/<corpus>/` to problems with their key's answers. `python -m stages.extract`

Reads corpus and <profile>.extract of params.yaml, the corpus's `truth.jsonl` if there is one (for the metrics only),
and `data/corrections/<corpus>.jsonl` if there is one. Writes `data/problems.jsonl`, `data/crops/<id>.png` (question)
and `<id>.key.png` (answer), `metrics/extract.json`. Where `extract.vision` says so, the teacher's `reader` looks at
crops; what it says is paid for once, and kept in the store.

`python -m stages.extract --corpus NAME --out FILE` reads any folder below data/raw and writes its problems to FILE and
their metrics beside it, without touching the study's outputs.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stages.exams.corpus import extract, measure, write_crops
from stages.exams.score import read_truth, score
from stages.exams.settings import ExtractSettings
from stages.exams.third import Transcript
from stages.study import params as study_params
from stages.study.errors import StudyError, run_stage
from stages.study.files import write_json, write_records
from stages.study.versions import READING, check_versions
from stages.teacher import Reply, bill, connect
from stages.teacher.reader import transcribe
from stages.teacher.settings import TeacherMachine, TeacherSettings


def main(arguments: list[str] | None = None) -> None:
    options = _options(sys.argv[1:] if arguments is None else arguments)
    params = study_params.load()
    check_versions(READING)
    params = params.model_copy(update={"corpus": options.corpus or params.corpus})
    settings = params.block("extract", ExtractSettings)
    teacher, machine = params.block("teacher", TeacherSettings), params.machine.teacher_block(TeacherMachine)
    folder = Path("data/raw") / params.corpus
    replies: list[Reply] = []

    def look(asked: Sequence[tuple[str, str]], image: Callable[[str], bytes]) -> dict[str, Transcript]:
        """Asks the teacher's reader; what it is billed for is noted in `replies`."""
        with connect(teacher, machine, params.recording) as ask:
            vision = settings.vision
            found, paid = transcribe(asked, image, ask, teacher.role("reader"), vision.attempts, vision.max_tokens)
        replies.extend(paid)
        return dict(found)

    result = extract(
        params.corpus, folder, settings, params.machine.usable_cores(), params.machine.joblib_backend(), look
    )
    metrics = measure(result)
    if replies:
        metrics["reader"] = bill(replies)
    for line in result.stale:
        print(
            f"warning: data/corrections/{params.corpus}.jsonl: {line}; decide again with `make review`", file=sys.stderr
        )
    truth = folder / "truth.jsonl"
    if truth.exists():
        metrics["truth"] = score(result.problems, read_truth(truth))
    if options.out:
        write_records(options.out, result.problems)
        write_json(options.out.with_suffix(".metrics.json"), metrics)
        return
    write_crops(Path("data/crops"), result)
    write_records("data/problems.jsonl", result.problems)
    write_json("metrics/extract.json", metrics)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stages.extract", exit_on_error=False, allow_abbrev=False)
    parser.add_argument("--corpus", help="folder below data/raw; with --out only")
    parser.add_argument("--out", type=Path, help="file for the problems, instead of the study's outputs")
    try:
        options, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise StudyError(f"{error}; usage: {parser.format_usage().split(': ', 1)[1].strip()}") from None
    if unknown:
        raise StudyError(f"{' '.join(unknown)}: unknown argument; {' '.join(parser.format_usage().split())}")
    if bool(options.corpus) != bool(options.out):
        raise StudyError("--corpus and --out belong together: the study's own corpus stands in params.yaml")
    return options


if __name__ == "__main__":
    run_stage(main)
