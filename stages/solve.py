"""The teacher solves each usable problem: `python -m stages.solve`, data/problems.jsonl to data/solutions.jsonl.

The solver sees the statement only. A solution that is cut off or gives no answer is asked for again, up to
`solve.attempts`; every attempt is kept.
"""

import sys
from collections.abc import Sequence

from stages.grading.judge import found_answer
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_records
from stages.study.records import Problem, Solution
from stages.teacher import Ask, Reply, connect, prompts
from stages.teacher.settings import SolveSettings, TeacherMachine, TeacherSettings


def solve(problems: Sequence[Problem], ask: Ask, model: str, settings: SolveSettings) -> list[Solution]:
    """All attempts at `problems`, in their order and then by attempt."""
    attempts: dict[str, list[Solution]] = {problem.id: [] for problem in problems}
    open_problems = list(problems)
    for attempt in range(1, settings.attempts + 1):
        bodies = {
            problem.id: prompts.body(
                model, prompts.solve(problem.statement, attempt), settings.max_tokens, settings.temperature
            )
            for problem in open_problems
        }
        replies = ask(f"solve, attempt {attempt}", bodies)
        for problem in open_problems:
            attempts[problem.id].append(_solution(problem.id, attempt, replies[problem.id]))
        open_problems = [problem for problem in open_problems if _is_open(attempts[problem.id][-1])]
    return [solution for solutions in attempts.values() for solution in solutions]


def _solution(problem_id: str, attempt: int, reply: Reply) -> Solution:
    return Solution(
        problem_id=problem_id,
        attempt=attempt,
        reasoning=reply.reasoning,
        response=reply.text,
        answer=found_answer(reply.text, reply.finish_reason),
        finish_reason=reply.finish_reason,
        usage=reply.usage,
        model=reply.model,
        request=reply.request,
    )


def _is_open(solution: Solution) -> bool:
    return solution.finish_reason == "length" or solution.answer is None


def main() -> None:
    params.no_arguments(sys.argv[1:], "stages.solve")
    study = params.load()
    teacher = study.block("teacher", TeacherSettings)
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    if not problems:
        raise StudyError("data/problems.jsonl: no usable problem; metrics/extract.json says why they were left out")
    with connect(teacher, study.machine.teacher_block(TeacherMachine), study.recording) as ask:
        solutions = solve(problems, ask, teacher.solver, study.block("solve", SolveSettings))
    write_records("data/solutions.jsonl", solutions)


if __name__ == "__main__":
    run_stage(main)
