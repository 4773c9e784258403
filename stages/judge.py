"""Ask a model about the students' answers that the checker leaves undecided. Off unless `judge.ask` says so.

    python -m stages.judge      (dvc repro judge)

Writes data/judged.jsonl, with both verdicts, and metrics/judged.json: by student, what the model says about the
undecided answers. Neither moves an accuracy: `evaluate` counts an undecided answer as wrong for every student alike.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from stages.questions.exam import Question, read_exam
from stages.study import params as parameters
from stages.study.errors import run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.records import Grade, Judged, Verdict
from stages.teacher import Ask, Reply, Request, bill, connect
from stages.teacher.prompts import body, verify
from stages.teacher.settings import JudgeSettings, Role, TeacherMachine, TeacherSettings
from stages.teacher.verdicts import read_verdict

Asked = tuple[Question, Grade]


def main() -> None:
    parameters.no_arguments(sys.argv[1:], "stages.judge")
    params = parameters.load()
    teacher, settings = params.block("teacher", TeacherSettings), params.block("judge", JudgeSettings)
    exam = read_exam(params)
    open_ones: list[Asked] = []
    for key in [*params.variants, *params.runs] if settings.ask == "undecided" else []:
        questions = {(one.source, one.problem_id): one for one in exam.asked_of(params.trained(key), params.asked(key))}
        grades = read_records(f"data/grades/{key}.jsonl", Grade)
        open_ones += [(questions[one.source, one.problem_id], one) for one in grades if one.verdict == "undecided"]
    with connect(teacher, params.machine.teacher_block(TeacherMachine), params.recording) as ask:
        judged, replies = second_verdicts(open_ones, ask, teacher.verifier, settings)
    write_records("data/judged.jsonl", judged)
    write_json("metrics/judged.json", {"ask": settings.ask, "students": counted(judged), "verifier": bill(replies)})


def second_verdicts(
    asked: Sequence[Asked], ask: Ask, role: Role, settings: JudgeSettings
) -> tuple[list[Judged], list[Reply]]:
    """The model's verdict on each answer, in order, and its replies; one that cannot be read is asked for again.

    What the server refuses stays undecided: it would refuse it again.
    """
    found: dict[int, Judged] = {}
    replies: list[Reply] = []
    waiting = [*range(len(asked))]
    for attempt in range(1, settings.attempts + 1):
        requests = [
            Request(
                f"{grade.student.run}: {grade.problem_id}",
                body(role, verify(question.statement, question.key, grade.answer or ""), settings.max_tokens),
                attempt,
            )
            for question, grade in (asked[place] for place in waiting)
        ]
        unread = []
        for place, (_, reply) in zip(waiting, ask("verifier", iter(requests), len(requests)), strict=True):
            told: tuple[Verdict, str] = ("undecided", reply.failure) if reply.failure else read_verdict(reply.text)
            found[place] = _judged(asked[place][1], *told)
            replies.append(reply)
            if found[place].model == "undecided" and not reply.failure:
                unread.append(place)
        waiting = unread
    return [found[place] for place in range(len(asked))], replies


def _judged(grade: Grade, verdict: Verdict, why: str) -> Judged:
    return Judged(
        run=grade.student.run,
        source=grade.source,
        problem_id=grade.problem_id,
        sample=grade.sample,
        answer=grade.answer or "",
        checker="undecided",
        model=verdict,
        why=why,
    )


def counted(judged: Sequence[Judged]) -> Mapping[str, Mapping[str, int]]:
    """By student, how often the model says what about the answers that the checker leaves undecided."""
    by_run: dict[str, Counter[str]] = {}
    for one in judged:
        by_run.setdefault(one.run, Counter())[one.model] += 1
    return {run: {kind: count[kind] for kind in ("match", "no", "undecided")} for run, count in by_run.items()}


if __name__ == "__main__":
    run_stage(main)
