"""A verdict on each solution: `python -m stages.verify`, data/solutions.jsonl to data/verified.jsonl.

The last attempt counts. The checker (`stages.answers`) decides; the verifier model sees only what it cannot decide,
never a blank or cut-off solution, and both verdicts are kept. metrics/teacher.json sums up.
"""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from stages.grading.frame import accuracy, accuracy_by, teacher_frame
from stages.grading.judge import BLANK, CUT_OFF, judge
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.records import Problem, Solution, Verified
from stages.teacher import Ask, Reply, bill, connect, prompts
from stages.teacher.settings import TeacherMachine, TeacherSettings, VerifySettings

WHY = 300  # characters kept of a verifier's sentence


def verify(
    problems: Sequence[Problem], solutions: Sequence[Solution], ask: Ask, model: str, settings: VerifySettings
) -> tuple[list[Verified], list[Reply]]:
    """Verdicts in the order of `problems`, and the verifier's replies. Raises StudyError for an unsolved problem."""
    last = {solution.problem_id: solution for solution in solutions}
    if unsolved := [problem.id for problem in problems if problem.id not in last]:
        count = f"{len(unsolved)} of {len(problems)} usable problems, {unsolved[0]} first"
        raise StudyError(f"data/solutions.jsonl: no solution of {count}; run `dvc repro solve`")
    verified = {problem.id: check(problem, last[problem.id]) for problem in problems}
    undecided = [problem for problem in problems if verified[problem.id].checker == "undecided"]
    bodies = {
        problem.id: prompts.body(
            model,
            prompts.verify(problem.statement, problem.answer, last[problem.id].answer or ""),
            settings.max_tokens,
        )
        for problem in undecided
    }
    replies = ask("verify", bodies)
    for problem in undecided:
        verdict, why = read_verdict(replies[problem.id].text)
        verified[problem.id] = verified[problem.id].model_copy(update={"verdict": verdict, "why": why})
    return list(verified.values()), list(replies.values())


def check(problem: Problem, solution: Solution) -> Verified:
    """The checker's verdict; where it has none, a `no` that waits for the verifier's."""
    judged = judge(problem.answer, solution.response, solution.finish_reason)
    return Verified(
        problem_id=problem.id,
        solution=solution,
        verdict="match" if judged.verdict == "match" else "no",
        decided_by="verifier" if judged.verdict == "undecided" else "checker",
        checker=judged.verdict,
        why=judged.why,
    )


def read_verdict(reply: str) -> tuple[Literal["match", "no"], str]:
    """`match` or `no`, and why, from a verifier's reply. One that does not begin with a verdict is a `no`."""
    first, _, rest = reply.strip().partition("\n")
    word = re.match(r"[\W_]*(CORRECT|INCORRECT)\b", first, re.IGNORECASE)
    if word is None:
        return "no", "the verifier gave no verdict"
    why = " ".join(f"{first[word.end() :].lstrip('*_ .:,-')} {rest}".split())[:WHY]
    return "match" if word[1].upper() == "CORRECT" else "no", why


def summary(
    problems: Sequence[Problem], solutions: Sequence[Solution], verified: Sequence[Verified], replies: Sequence[Reply]
) -> dict[str, object]:
    """The metrics. Every problem is solved, truncated, blank or wrong; the last three count as wrong."""
    grades = teacher_frame(verified, {problem.id: problem for problem in problems})
    outcomes = Counter(
        "solved" if item.verdict == "match" else {CUT_OFF: "truncated", BLANK: "blank"}.get(item.why, "wrong")
        for item in verified
    )
    decided_by, checker = Counter(item.decided_by for item in verified), Counter(item.checker for item in verified)
    return {
        "problems": len(problems),
        **{kind: outcomes[kind] for kind in ("solved", "truncated", "blank", "wrong")},
        "accuracy": accuracy(grades),
        "by_section": accuracy_by(grades, "section"),
        "by_year": accuracy_by(grades, "year"),
        "decided_by": {kind: decided_by[kind] for kind in ("checker", "verifier")},
        "checker": {kind: checker[kind] for kind in ("match", "no", "undecided")},
        "attempts": len(solutions),
        "recovered": sum(item.verdict == "match" and item.solution.attempt > 1 for item in verified),
        "solver": bill(solutions),
        "verifier": bill(replies),
    }


def main() -> None:
    params.no_arguments(sys.argv[1:], "stages.verify")
    study = params.load()
    teacher = study.block("teacher", TeacherSettings)
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    solutions = read_records("data/solutions.jsonl", Solution)
    settings = study.block("verify", VerifySettings)
    with connect(teacher, study.machine.teacher_block(TeacherMachine), study.recording) as ask:
        verified, replies = verify(problems, solutions, ask, teacher.verifier, settings)
    write_records("data/verified.jsonl", verified)
    write_json("metrics/teacher.json", summary(problems, solutions, verified, replies))


if __name__ == "__main__":
    run_stage(main)
