"""Each verified solution's reasoning at six lengths: `python -m stages.compress`, to data/chains.jsonl.

One request asks for all six levels, so that the long reasoning is billed once and all levels have one author. A reply
that breaks a rule of `stages.teacher.chains` goes back with what is wrong, up to `compress.attempts`; a problem whose
chains never pass is left out of all six. metrics/chains.json sums up.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence

from stages.answers import compare
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import Records, read_records, write_json, write_records
from stages.study.records import Chain, Problem, Solution, Verified
from stages.teacher import Ask, Body, Request, connect, prompts
from stages.teacher.dialogues import Dialogue, Outcomes
from stages.teacher.settings import CompressSettings, Role, TeacherMachine, TeacherSettings


def compress(
    problems: Sequence[Problem], verified: Iterable[Verified], ask: Ask, role: Role, settings: CompressSettings
) -> Iterator[Dialogue]:
    """A dialogue about each problem whose solution is verified, when it has ended: by attempts, then as in `verified`.

    `verified` is gone through several times, so that no long reasoning is held.
    """
    known = {problem.id: problem for problem in problems}
    going_on = {
        item.problem_id: Dialogue(known[item.problem_id], settings, _same)
        for item in verified
        if item.verdict == "match" and item.problem_id in known
    }
    for attempt in range(1, settings.attempts + 1):
        talking, going_on = going_on, {}
        requests = (
            Request(item.problem_id, _body(talking[item.problem_id], item.solution, role, settings))
            for item in verified
            if item.problem_id in talking
        )
        for problem_id, reply in ask("compressor", requests, len(talking)):
            dialogue = talking.pop(problem_id)  # its chains are not held after they were given
            dialogue.receive(reply)
            if dialogue.may_go_on and attempt < settings.attempts:
                going_on[problem_id] = dialogue
            else:
                yield dialogue


def _body(dialogue: Dialogue, solution: Solution, role: Role, settings: CompressSettings) -> Body:
    return prompts.body(role, dialogue.messages(solution), settings.max_tokens)


def _same(key: str, answer: str) -> bool:
    return compare(key, answer).verdict == "match"


def main() -> None:
    params.no_arguments(sys.argv[1:], "stages.compress")
    study = params.load()
    teacher, settings = study.block("teacher", TeacherSettings), study.block("compress", CompressSettings)
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    verified, outcomes = Records("data/verified.jsonl", Verified), Outcomes()

    def passed() -> Iterator[Chain]:
        with connect(teacher, study.machine.teacher_block(TeacherMachine), study.recording) as ask:
            for dialogue in compress(problems, verified, ask, teacher.compressor, settings):
                outcomes.add(dialogue)
                yield from dialogue.chains
        if not outcomes.passed:
            raise StudyError(
                f"none of {len(problems)} usable problems has chains; metrics/teacher.json has the verdicts"
            )

    write_records("data/chains.jsonl", passed())
    write_json("metrics/chains.json", outcomes.summary(len(problems)))


if __name__ == "__main__":
    run_stage(main)
