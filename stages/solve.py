"""The teacher solves each usable problem: `python -m stages.solve`, data/problems.jsonl to data/solutions.jsonl.

The solver sees the statement only, `solve.samples` times. A solution that is cut off or gives no answer is asked for
again, up to `solve.attempts`; every attempt is kept.
"""

import sys
from collections.abc import Iterator, Sequence

from stages.grading.judge import found_answer
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_records
from stages.study.records import Problem, Solution
from stages.teacher import Ask, Reply, Request, connect, prompts
from stages.teacher.settings import Role, SolveSettings, TeacherMachine, TeacherSettings


def solve(problems: Sequence[Problem], ask: Ask, role: Role, settings: SolveSettings) -> Iterator[Solution]:
    """All attempts at `problems`: first attempts in the order of problems and samples, then second ones, and so on."""
    open_samples = [(problem, sample) for problem in problems for sample in range(1, settings.samples + 1)]
    for attempt in range(1, settings.attempts + 1):
        requests = (
            Request(problem.id, _body(problem, attempt, role, settings), sample) for problem, sample in open_samples
        )
        still_open = []
        for (problem, sample), (_, reply) in zip(open_samples, ask("solver", requests, len(open_samples)), strict=True):
            solution = _solution(problem.id, sample, attempt, reply)
            if _is_open(solution):
                still_open.append((problem, sample))
            yield solution
        open_samples = still_open


def _body(problem: Problem, attempt: int, role: Role, settings: SolveSettings) -> dict[str, object]:
    return prompts.body(role, prompts.solve(problem.statement, attempt), settings.max_tokens, settings.temperature)


def _solution(problem_id: str, sample: int, attempt: int, reply: Reply) -> Solution:
    return Solution(
        problem_id=problem_id,
        sample=sample,
        attempt=attempt,
        reasoning=reply.reasoning,
        response=reply.text,
        answer=found_answer(reply.text, reply.finish_reason),
        finish_reason=reply.finish_reason,
        usage=reply.usage,
        model=reply.model,
        request=reply.request,
        failure=reply.failure,
    )


def _is_open(solution: Solution) -> bool:
    """Whether another attempt may help; what the server refuses, it refuses again."""
    return not solution.failure and (solution.finish_reason == "length" or solution.answer is None)


def main() -> None:
    params.no_arguments(sys.argv[1:], "stages.solve")
    study = params.load()
    teacher, settings = study.block("teacher", TeacherSettings), study.block("solve", SolveSettings)
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    if not problems:
        raise StudyError("data/problems.jsonl: no usable problem; metrics/extract.json says why they were left out")
    with connect(teacher, study.machine.teacher_block(TeacherMachine), study.recording) as ask:
        write_records("data/solutions.jsonl", solve(problems, ask, teacher.solver, settings))


if __name__ == "__main__":
    run_stage(main)
