"""A verdict on each solution: `python -m stages.verify`, data/solutions.jsonl to data/verified.jsonl.

The last attempt of each sample counts. The checker (`stages.grading`) decides; the verifier model sees what it cannot
decide (`verify.ask: all` shows it every answer, to compare the two), never a blank or cut-off solution. A verdict that
cannot be read is asked for again, and then undecided. metrics/teacher.json sums up.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stages.answers import compare
from stages.grading.frame import accuracy, accuracy_by, teacher_frame
from stages.grading.judge import BLANK, CUT_OFF, judge
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import Records, read_records, write_json, write_records
from stages.study.records import Problem, Solution, Verified
from stages.teacher import Reply, bill, connect
from stages.teacher.settings import SolveSettings, TeacherMachine, TeacherSettings, VerifySettings
from stages.teacher.verdicts import Candidate, Choice, ask_verifier, tally

Samples = Mapping[str, Mapping[int, Candidate]]  # by problem id and sample


def candidates(problems: Sequence[Problem], solutions: Iterable[Solution]) -> Samples:
    """The last attempt of each problem's samples, judged by the checker. Raises StudyError for an unsolved problem."""
    known = {problem.id: problem for problem in problems}
    last: dict[str, dict[int, Candidate]] = {problem.id: {} for problem in problems}
    for item in solutions:
        if item.problem_id in known:
            problem = known[item.problem_id]
            found = judge(problem.answer, item.response, item.finish_reason)
            words, cut_off = len(f"{item.reasoning} {item.response}".split()), item.finish_reason == "length"
            last[problem.id][item.sample] = Candidate(problem, item.sample, item.attempt, found.answer, words,
                                                      found.verdict, item.failure or found.why, cut_off)  # fmt: skip
    if unsolved := [problem_id for problem_id, samples in last.items() if not samples]:
        count = f"{len(unsolved)} of {len(problems)} usable problems, {unsolved[0]} first"
        raise StudyError(f"data/solutions.jsonl: no solution of {count}; run `dvc repro solve`")
    return last


def verdicts(samples: Samples, solutions: Iterable[Solution], settings: SolveSettings) -> Iterator[Verified]:
    """One record a problem, in the order in which their chosen solutions stand in `solutions`."""

    def same(first: str, second: str) -> bool:
        return compare(first, second).verdict == "match"

    chosen = {name: Choice(list(items.values()), settings.choose, same) for name, items in samples.items()}
    for solution in solutions:
        choice = chosen.get(solution.problem_id)
        if choice and (solution.sample, solution.attempt) == (choice.taken.sample, choice.taken.attempt):
            yield choice.verified(solution)


def summary(
    problems: Sequence[Problem], solutions: Iterable[Solution], verified: Iterable[Verified], replies: Sequence[Reply]
) -> dict[str, object]:
    """The metrics: what `tally` counts, accuracy by the checker alone, and tokens."""
    grades = teacher_frame(verified, {problem.id: problem for problem in problems})
    return {
        "problems": len(problems),
        **tally(verified, {CUT_OFF: "truncated", BLANK: "blank"}),
        "attempts": sum(1 for _ in solutions),
        "accuracy": accuracy(grades),
        "by_section": accuracy_by(grades, "section"),
        "by_year": accuracy_by(grades, "year"),
        "solver": bill(solutions),
        "verifier": bill(replies),
    }


def main() -> None:
    params.no_arguments(sys.argv[1:], "stages.verify")
    study = params.load()
    teacher, settings = study.block("teacher", TeacherSettings), study.block("verify", VerifySettings)
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    solutions, verified = (Records("data/solutions.jsonl", Solution), Records("data/verified.jsonl", Verified))
    samples = candidates(problems, solutions)
    with connect(teacher, study.machine.teacher_block(TeacherMachine), study.recording) as ask:
        judged = (item for items in samples.values() for item in items.values())
        replies = ask_verifier(judged, ask, teacher.verifier, settings)
    write_records("data/verified.jsonl", verdicts(samples, solutions, study.block("solve", SolveSettings)))
    write_json("metrics/teacher.json", summary(problems, solutions, verified, replies))


if __name__ == "__main__":
    run_stage(main)
