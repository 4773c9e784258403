"""A verdict on each solution: `python -m stages.verify`, data/solutions.jsonl to data/verified.jsonl.

The last attempt of each sample counts. The checker (`stages.grading`) decides; the verifier model sees what it cannot
decide (`verify.ask: all` shows it every answer, to compare the two), never a blank or cut-off solution. A verdict that
cannot be read is asked for again, and then undecided. metrics/teacher.json sums up.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from stages.answers import compare
from stages.grading.frame import accuracy, accuracy_by, teacher_frame
from stages.grading.judge import BLANK, CUT_OFF, judge
from stages.questions.prompt import student_messages
from stages.student import base, cpu
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import Records, read_records, write_json, write_records
from stages.study.records import Problem, Solution, Verified
from stages.study.versions import STUDENT, check_versions
from stages.teacher import Reply, bill, connect
from stages.teacher.settings import SolveSettings, TeacherMachine, TeacherSettings, VerifySettings
from stages.teacher.verdicts import Candidate, Choice, Samples, ask_verifier, choose, sample_rates, tally, verdicts


def candidates(problems: Sequence[Problem], solutions: Iterable[Solution]) -> Samples:
    """The last attempt of each problem's samples, judged by the checker. Raises StudyError for an unsolved problem."""
    known = {problem.id: problem for problem in problems}
    last: dict[str, dict[int, Candidate]] = {problem.id: {} for problem in problems}
    for item in solutions:
        if problem := known.get(item.problem_id):
            found = judge(problem.answer, item.response, item.finish_reason)
            words, cut_off = len(f"{item.reasoning} {item.response}".split()), item.finish_reason == "length"
            last[problem.id][item.sample] = Candidate(problem, item.sample, item.attempt, found.answer, words,
                                                      found.verdict, item.failure or found.why, cut_off)  # fmt: skip
    if unsolved := [problem_id for problem_id, samples in last.items() if not samples]:
        count = f"{len(unsolved)} of {len(problems)} usable problems, {unsolved[0]} first"
        raise StudyError(f"data/solutions.jsonl: no solution of {count}; run `dvc repro solve`")
    return last


def find_likelihoods(samples: Samples, solutions: Iterable[Solution], threads: int) -> None:
    """Put into `samples` how likely the base student finds the verified ones, where a problem has several."""
    check_versions(STUDENT)
    right = [[item for item in items.values() if item.verdict == "match"] for items in samples.values()]
    rivals = {(one.problem.id, one.sample, one.attempt): one for items in right if len(items) > 1 for one in items}
    if not rivals:
        return
    cpu.prepare(threads)
    from stages.student.likelihood import mean_log_likelihood

    student = base.load()
    for said in solutions:
        if rival := rivals.get((said.problem_id, said.sample, said.attempt)):
            text = "\n".join(filter(None, (said.reasoning, said.response)))
            # The last digits, in which machines differ, decide nothing.
            rival.likelihood = round(mean_log_likelihood(*student, student_messages(rival.problem.statement), text), 4)


def summary(
    problems: Sequence[Problem],
    solutions: Iterable[Solution],
    verified: Iterable[Verified],
    replies: Sequence[Reply],
    choices: Mapping[str, Choice],
) -> dict[str, object]:
    """The metrics: what `tally` counts, accuracy of first samples by the checker alone, and tokens."""
    grades = teacher_frame(verified, {problem.id: problem for problem in problems})
    return {
        "problems": len(problems),
        **tally(verified, {CUT_OFF: "truncated", BLANK: "blank"}),
        "attempts": sum(1 for _ in solutions),
        "accuracy": accuracy(grades),
        "sample_rates": sample_rates(choices.values()),
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
    samples, solving = candidates(problems, solutions), study.block("solve", SolveSettings)
    with connect(teacher, study.machine.teacher_block(TeacherMachine), study.recording) as ask:
        replies = ask_verifier(chain(*(items.values() for items in samples.values())), ask, teacher.verifier, settings)
    if solving.choose == "likeliest":
        find_likelihoods(samples, solutions, study.machine.usable_cores())
    choices = choose(samples, solving.choose, lambda one, other: compare(one, other).verdict == "match")
    write_records("data/verified.jsonl", verdicts(choices, solutions))
    write_json("metrics/teacher.json", summary(problems, solutions, verified, replies, choices))


if __name__ == "__main__":
    run_stage(main)
