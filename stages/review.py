"""A page on which a person corrects what was read of the exams. `make review`, or `python -m stages.review [--port N]`

Not a stage of the pipeline: it shows what `extract` made of the corpus of params.yaml (`data/problems.jsonl`, its
crops, the exams' pages) and adds each decision as a line to `data/corrections/<corpus>.jsonl`. `dvc repro` then takes
it up. Nothing leaves this machine; Ctrl-C ends it.
"""

import argparse
import getpass
import os
import subprocess
import sys
import webbrowser
from functools import partial
from pathlib import Path

from stages.exams.corpus import count_of, upright_image
from stages.exams.corrections import read_corrections
from stages.exams.settings import ExtractSettings
from stages.proofreading.desk import Desk
from stages.proofreading.server import make_server
from stages.study import params as study_params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records
from stages.study.records import Problem


def main(arguments: list[str] | None = None) -> None:
    port = _port(sys.argv[1:] if arguments is None else arguments)
    params = study_params.load()
    settings = params.block("extract", ExtractSettings)
    folder = Path("data/raw") / params.corpus
    desk = Desk(
        corpus=params.corpus,
        problems=Path("data/problems.jsonl"),
        crops=Path("data/crops"),
        corrections=Path("data/corrections") / f"{params.corpus}.jsonl",
        who=_who(),
        pages=partial(count_of, folder, settings=settings),
        page_image=partial(upright_image, folder, settings=settings),
    )
    _check(desk)
    server, address = make_server(desk, port)
    try:
        print(f"{address}\nCtrl-C ends it; every decision is in {desk.corrections} at once.", flush=True)
        if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(address)  # elsewhere it would start a browser in this terminal
        server.serve_forever()
    except KeyboardInterrupt:
        print(f"\nstopped; `dvc repro` takes up what stands in {desk.corrections}")
    finally:
        server.server_close()


def _check(desk: Desk) -> None:
    """That there is something to look at, and that every decision so far can be read."""
    if not desk.problems.exists():
        raise StudyError(f"{desk.problems}: nothing has been extracted yet; run `dvc repro extract` first")
    others = {problem.corpus for problem in read_records(desk.problems, Problem)} - {desk.corpus}
    if others:
        raise StudyError(
            f"{desk.problems}: of corpus {', '.join(sorted(others))}, while params.yaml says {desk.corpus}; "
            "run `dvc repro extract` first"
        )
    read_corrections(desk.corrections)


def _who() -> str:
    """The name that decisions are signed with: git's, else the account's."""
    try:
        told = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return getpass.getuser()
    return told.stdout.strip() or getpass.getuser()


def _port(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m stages.review", exit_on_error=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, default=0, help="port on this machine; any that is free if not told")
    usage = " ".join(parser.format_usage().split())
    try:
        options, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise StudyError(f"{error}; {usage}") from None
    if unknown:
        raise StudyError(f"{' '.join(unknown)}: unknown argument; {usage}")
    return int(options.port)


if __name__ == "__main__":
    run_stage(main)
