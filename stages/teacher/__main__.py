"""The store of paid replies, and what a study will cost.

python -m stages.teacher stats              what was asked, answered, and paid, by server, role and model
python -m stages.teacher estimate           what the stages solve, verify and compress will cost (after extract)
python -m stages.teacher export             freezes what the corpus's study has used into data/recordings/CORPUS.jsonl
python -m stages.teacher import RECORDING   takes a recording's replies into the store, as paid to the server
"""

import sys
from pathlib import Path

from tabulate import tabulate

from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records
from stages.study.records import Problem
from stages.teacher import prompts
from stages.teacher.estimate import estimate
from stages.teacher.recording import Recording, write_replies
from stages.teacher.settings import CompressSettings, SolveSettings, TeacherMachine, TeacherSettings, VerifySettings
from stages.teacher.store import Store, explained, open_store, server_name, store_path

USAGE = "python -m stages.teacher stats | estimate | export | import RECORDING"


def main() -> None:
    study = params.load()
    match sys.argv[1:]:
        case ["stats"]:
            print_stats(_store(study))
        case ["estimate"]:
            print_estimate(study)
        case ["export"]:
            export(_store(study), study.recording)
        case ["import", recording]:
            take_in(_store(study, create=True), study, Path(recording))
        case _:
            raise StudyError(f"usage: {USAGE}")


def print_stats(store: Store) -> None:
    """A table of attempts by server, role, served model and outcome, and the sum of what was paid."""
    with explained(store.path):
        rows, spent = store.totals(), store.spent()
    print(tabulate([row | {"usd": f"{row['usd']:.4f}"} for row in rows], headers="keys", tablefmt="github"))
    print(f"\n{store.path}: ${spent:.4f} paid in all")


def export(store: Store, path: Path) -> None:
    """Write what `path`'s corpus has used, replies of the store beside those the recording has already.

    What was blank, cut off or refused is frozen as such: the study came to its numbers with it.
    """
    recorded = Recording(path)
    replies = {key: recorded.reply(key) for key in recorded}
    with explained(store.path):
        for key in store.used(path.stem):
            if told := store.reply(key):
                replies.setdefault((key.request, key.sample), told)
    write_replies(path, (replies[key] for key in sorted(replies)))
    print(f"{path}: {len(replies)} replies, {len(replies) - len(recorded)} of them new; `dvc add {path}` shares them")


def take_in(store: Store, study: params.Params, path: Path) -> None:
    """Take a recording's replies into the store."""
    if not path.exists():
        raise StudyError(f"{path}: no such file; usage: {USAGE}")
    Recording(path)  # refuses a broken line, by its number
    server = server_name(study.block("teacher", TeacherSettings).base_url)
    with explained(store.path):
        (new,) = store.together([lambda: store.take_over(path, server)])
    print(f"{store.path}: {new} replies of {path} are new")


def print_estimate(study: params.Params) -> None:
    """Calls, tokens and dollars by role, before anything is paid."""
    teacher, machine = study.block("teacher", TeacherSettings), study.machine.teacher_block(TeacherMachine)
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    server = server_name(teacher.base_url)
    plan = estimate(
        [prompts.solve(problem.statement, 1) for problem in problems],
        (study.block("solve", SolveSettings), study.block("verify", VerifySettings),
         study.block("compress", CompressSettings)),
        machine,
        store.measured(server) if (store := open_store(server, create=False)) else {},
    )  # fmt: skip
    print(tabulate([row.shown() for row in plan], headers="keys", tablefmt="github"))
    low, high, most = (sum(getattr(row, name) for row in plan) for name in ("usd", "usd_peak", "usd_most"))
    told = f"about ${low:.2f}, at peak hours ${high:.2f}; ${most:.2f} if every call used up its budget"
    print(f"\n{len(problems)} problems: {told}")


def _store(study: params.Params, create: bool = False) -> Store:
    store = open_store(server_name(study.block("teacher", TeacherSettings).base_url), create)
    if store is None:
        raise StudyError(f"{store_path()}: there is no store yet; it is made when a stage first asks a server")
    return store


if __name__ == "__main__":
    run_stage(main)
