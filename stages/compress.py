"""Each verified solution's reasoning at six lengths: `python -m stages.compress`, to data/chains.jsonl.

One request asks for all six levels, so that the long reasoning is billed once and all levels have one author. A reply
that breaks a rule of `stages.teacher.chains` goes back with what is wrong, up to `compress.attempts`; a problem whose
chains never pass is left out of all six. metrics/chains.json sums up.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from stages.answers import compare
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.records import Chain, Problem, Solution, Verified
from stages.teacher import Ask, Reply, bill, chains, connect, prompts
from stages.teacher.settings import CompressSettings, TeacherMachine, TeacherSettings


@dataclass
class Talk:
    """The conversation about one problem's chains. `faults` are those of the last reply, as kind to sentence."""

    problem: Problem
    messages: prompts.Messages
    replies: list[Reply] = field(default_factory=list)
    faults: Mapping[str, str] = field(default_factory=dict)
    chains: list[Chain] = field(default_factory=list)


def compress(
    problems: Sequence[Problem], verified: Sequence[Verified], ask: Ask, model: str, settings: CompressSettings
) -> list[Talk]:
    """A conversation about each problem whose solution is verified, in the order of `problems`."""
    solutions = {item.problem_id: item.solution for item in verified if item.verdict == "match"}
    talks = [_begin(problem, solutions[problem.id]) for problem in problems if problem.id in solutions]
    open_talks = talks
    for attempt in range(1, settings.attempts + 1):
        bodies = {talk.problem.id: prompts.body(model, talk.messages, settings.max_tokens) for talk in open_talks}
        replies = ask(f"compress, attempt {attempt}", bodies)
        for talk in open_talks:
            _hear(talk, replies[talk.problem.id])
        open_talks = [talk for talk in open_talks if talk.faults]
    return talks


def _begin(problem: Problem, solution: Solution) -> Talk:
    # A model that does not show its reasoning has it in the response.
    reasoning = solution.reasoning or solution.response
    limits = chains.word_limits(reasoning)
    return Talk(problem, prompts.compress(problem.statement, reasoning, problem.answer, limits))


def _hear(talk: Talk, reply: Reply) -> None:
    """Take a reply into the conversation: as chains, or with what is wrong with it."""
    key = talk.problem.answer
    sections = chains.parse(reply.text)
    talk.replies.append(reply)
    talk.faults = chains.faults(sections, key, same=lambda truth, answer: compare(truth, answer).verdict == "match")
    if reply.finish_reason == "length":
        talk.faults = {"truncated": "The reply is longer than the space for it and was cut off."} | talk.faults
    if talk.faults:
        talk.messages = [*talk.messages, *prompts.mend(reply.text, talk.faults, key)]
    else:
        bodies = {level: chains.split_answer(text)[0] for level, text in sections}
        talk.chains = chains.records(talk.problem.id, bodies, key)


def summary(problems: Sequence[Problem], talks: Sequence[Talk]) -> dict[str, object]:
    """The metrics. Every usable problem has six chains or is left out, unverified or by the first rule broken last."""
    passed = [talk for talk in talks if not talk.faults]
    broken = Counter(next(iter(talk.faults)) for talk in talks if talk.faults)
    return {
        "problems": len(problems),
        "with_chains": len(passed),
        "left_out": {"unverified": len(problems) - len(talks), **{kind: broken[kind] for kind in sorted(broken)}},
        "passed_at_attempt": _count(len(talk.replies) for talk in passed),
        "retries": sum(len(talk.replies) - 1 for talk in talks),
        **chains.measure([chain for talk in passed for chain in talk.chains]),
        "compressor": bill(reply for talk in talks for reply in talk.replies),
    }


def _count(values: Iterable[int]) -> dict[str, int]:
    return {str(value): count for value, count in sorted(Counter(values).items())}


def main() -> None:
    params.no_arguments(sys.argv[1:], "stages.compress")
    study = params.load()
    teacher, settings = study.block("teacher", TeacherSettings), study.block("compress", CompressSettings)
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    verified = read_records("data/verified.jsonl", Verified)
    with connect(teacher, study.machine.teacher_block(TeacherMachine), study.recording) as ask:
        talks = compress(problems, verified, ask, teacher.compressor, settings)
    for talk in talks:
        if talk.faults:
            print(f"{talk.problem.id}: left out after {len(talk.replies)} attempts: {' '.join(talk.faults.values())}")
    if not any(talk.chains for talk in talks):
        raise StudyError(f"none of {len(problems)} usable problems has chains; metrics/teacher.json has the verdicts")
    write_records("data/chains.jsonl", (chain for talk in talks for chain in talk.chains))
    write_json("metrics/chains.json", summary(problems, talks))


if __name__ == "__main__":
    run_stage(main)
