"""A verdict on each solution: `python -m stages.verify`, data/solutions.jsonl to data/verified.jsonl.

The last attempt counts. The checker (`stages.answers`) decides; the verifier model sees only what it cannot decide,
never a blank or cut-off solution, and both verdicts are kept. metrics/teacher.json sums up.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, cast

from stages.answers import compare
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.records import Problem, Solution, Verdict, Verified
from stages.study.statistics import wilson
from stages.teacher import Ask, Reply, bill, connect, prompts

WHY = 300  # characters kept of a verifier's sentence


def verify(
    problems: Sequence[Problem], solutions: Sequence[Solution], ask: Ask, model: str, settings: params.Verify
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
    verdict, why = "no", _failure(solution)
    if not why:
        comparison = compare(problem.answer, solution.answer or "")
        verdict, why = comparison.verdict, comparison.reason
    return Verified(
        problem_id=problem.id,
        solution=solution,
        verdict="match" if verdict == "match" else "no",
        decided_by="verifier" if verdict == "undecided" else "checker",
        checker=cast(Verdict, verdict),
        why=why,
    )


def read_verdict(reply: str) -> tuple[Literal["match", "no"], str]:
    """`match` or `no`, and why, from a verifier's reply. One that does not begin with a verdict is a `no`."""
    first, _, rest = reply.strip().partition("\n")
    word = re.match(r"[\W_]*(CORRECT|INCORRECT)\b", first, re.IGNORECASE)
    if word is None:
        return "no", "the verifier gave no verdict"
    why = " ".join(f"{first[word.end() :].lstrip('*_ .:,-')} {rest}".split())[:WHY]
    return "match" if word[1].upper() == "CORRECT" else "no", why


def _failure(solution: Solution) -> str:
    """`truncated` or `blank`, and empty for a solution with an answer."""
    if solution.finish_reason == "length":
        return "truncated"
    return "blank" if solution.answer is None else ""


def summary(
    problems: Sequence[Problem], solutions: Sequence[Solution], verified: Sequence[Verified], replies: Sequence[Reply]
) -> dict[str, object]:
    """The metrics. Every problem is solved, truncated, blank or wrong; the last three count as wrong."""
    outcomes = {
        item.problem_id: "solved" if item.verdict == "match" else _failure(item.solution) or "wrong"
        for item in verified
    }

    def accuracy(chosen: Sequence[Problem]) -> dict[str, int | float]:
        solved = sum(outcomes[problem.id] == "solved" for problem in chosen)
        low, high = wilson(solved, len(chosen))
        share = solved / len(chosen)
        return {"share": round(share, 4), "low": round(low, 4), "high": round(high, 4), "n": len(chosen)}

    def by(group: Callable[[Problem], str]) -> dict[str, dict[str, int | float]]:
        names = sorted({group(problem) for problem in problems})
        return {name: accuracy([problem for problem in problems if group(problem) == name]) for name in names}

    def count(kinds: Sequence[str], values: Iterable[str]) -> dict[str, int]:
        counts = Counter(values)
        return {kind: counts[kind] for kind in kinds}

    return {
        "problems": len(problems),
        **count(("solved", "truncated", "blank", "wrong"), outcomes.values()),
        "accuracy": accuracy(problems),
        "by_section": by(lambda problem: problem.section),
        "by_year": by(lambda problem: str(problem.year)),
        "decided_by": count(("checker", "verifier"), (item.decided_by for item in verified)),
        "checker": count(("match", "no", "undecided"), (item.checker for item in verified)),
        "attempts": len(solutions),
        "recovered": sum(item.verdict == "match" and item.solution.attempt > 1 for item in verified),
        "solver": bill(solutions),
        "verifier": bill(replies),
    }


def main() -> None:
    options = params.load()
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    solutions = read_records("data/solutions.jsonl", Solution)
    with connect(options.active.teacher) as ask:
        verified, replies = verify(problems, solutions, ask, options.active.teacher.verifier, options.active.verify)
    write_records("data/verified.jsonl", verified)
    write_json("metrics/teacher.json", summary(problems, solutions, verified, replies))


if __name__ == "__main__":
    run_stage(main)
