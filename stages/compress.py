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
from stages.study.records import Chain, Problem, Verified
from stages.teacher import Ask, Request, connect, prompts
from stages.teacher.dialogues import Dialogue, Outcomes
from stages.teacher.settings import CompressSettings, Role, TeacherMachine, TeacherSettings


def compress(
    problems: Sequence[Problem], verified: Iterable[Verified], ask: Ask, role: Role, settings: CompressSettings
) -> Iterator[Dialogue]:
    """A dialogue about each problem whose solution is verified, when it has ended: by attempts, then as in `verified`.

    `verified` is gone through several times, so that only dialogues that go on are held.
    """
    known = {problem.id: problem for problem in problems}

    def begun() -> Iterator[Dialogue]:
        for item in verified:
            if item.verdict == "match" and item.problem_id in known:
                yield Dialogue(known[item.problem_id], item.solution, settings, _same)

    def talk(dialogues: Iterable[Dialogue], again: Iterable[Dialogue], total: int) -> Iterator[Dialogue]:
        requests = (
            Request(item.problem.id, prompts.body(role, item.messages, settings.max_tokens)) for item in dialogues
        )
        for dialogue, (_, reply) in zip(again, ask("compressor", requests, total), strict=True):
            dialogue.receive(reply)
            yield dialogue

    heard = talk(begun(), begun(), sum(1 for item in verified if item.verdict == "match" and item.problem_id in known))
    for attempt in range(1, settings.attempts + 1):
        going_on: list[Dialogue] = []
        for dialogue in heard:
            if dialogue.may_go_on and attempt < settings.attempts:
                going_on.append(dialogue)
            else:
                yield dialogue
        heard = talk(going_on, going_on, len(going_on))


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
