"""Published chains in the teacher's place: makes a recording of them that the pipeline then checks like any teacher.

    python -m stages.import_chains FILE data/recordings/CORPUS.jsonl      (after `dvc repro extract`)
    dvc exp run -S PROFILE.compress.attempts=1

FILE holds one JSON object a line with problem_id, published_level, text and answer. A problem's longest text answers
as its solver, all its texts answer as its six levels, put in order of length, because published levels are not always
shorter from one to the next. Each keeps the answer it reaches, so that solve, verify and compress do their work: what
contradicts the key, is cut off, or is not the shorter argument that its level stands for is left out and counted there.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence

from stages.chains.rules import count_words
from stages.grading.judge import found_answer, judge
from stages.study import params
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records
from stages.study.records import Level, Problem, StrictRecord
from stages.teacher import chains, prompts
from stages.teacher.completion import Choice, Completion, Message, StoredReply
from stages.teacher.recording import write_replies
from stages.teacher.settings import CompressSettings, SolveSettings, TeacherSettings, VerifySettings
from stages.teacher.store import fingerprint

UNSHOWN = "published texts are not shown to a verifier"


class Published(StrictRecord):
    """One published text."""

    problem_id: str
    published_level: str
    text: str
    answer: str


def record(published: Sequence[Published], problems: Sequence[Problem], study: params.Params) -> Iterator[StoredReply]:
    """A reply to every request that the teacher stages will make about `problems`: what the published texts say."""
    texts: dict[str, list[str]] = defaultdict(list)
    for item in published:
        texts[item.problem_id.casefold()].append(item.text)
    teacher, solve = study.block("teacher", TeacherSettings), study.block("solve", SolveSettings)
    verify, compress = study.block("verify", VerifySettings), study.block("compress", CompressSettings)
    for problem in problems:
        told = sorted(texts[problem.id.casefold()], key=count_words, reverse=True)
        solution = told[0] if told else ""
        for attempt in range(1, solve.attempts + 1):
            asked = prompts.solve(problem.statement, attempt)
            body = prompts.body(teacher.solver, asked, solve.max_tokens, solve.temperature)
            yield from (_reply(body, solution, sample) for sample in range(1, solve.samples + 1))
        judged = judge(problem.answer, solution, "stop")
        asked = prompts.verify(problem.statement, problem.answer, str(judged.answer))
        yield StoredReply(
            request=fingerprint(prompts.body(teacher.verifier, asked, verify.max_tokens)), failure=UNSHOWN
        )
        if judged.verdict == "match":
            limits = chains.word_limits(solution, compress.levels)
            asked = prompts.compress(problem.statement, solution, problem.answer, limits)
            yield _reply(prompts.body(teacher.compressor, asked, compress.max_tokens), six_levels(told))


def _reply(body: dict[str, object], said: str, sample: int = 1) -> StoredReply:
    completion = Completion(choices=[Choice(message=Message(content=said), finish_reason="stop")])
    return StoredReply(request=fingerprint(body), sample=sample if sample > 1 else None, response=completion)


def six_levels(texts: Sequence[str]) -> str:
    """Texts, longest first, as a compressor's reply; each ends in the answer it reaches, if it reaches one."""
    sections = []
    for level, text in zip(Level, texts, strict=False):
        body, answer = chains.split_answer(text)
        answer = answer or found_answer(text, "stop")
        sections.append(f"=== {level} ===\n{chains.with_answer(body, answer) if answer else body}")
    return "\n".join(sections)


def main() -> None:
    if len(sys.argv) != 3:
        raise StudyError("usage: python -m stages.import_chains FILE RECORDING")
    source, out = sys.argv[1:]
    study = params.load()
    problems = [problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable]
    published = read_records(source, Published)
    covered = {item.problem_id.casefold() for item in published} & {problem.id.casefold() for problem in problems}
    if not covered:
        raise StudyError(f"{source}: no text about any usable problem of data/problems.jsonl; compare their ids")
    replies = {(told.request, told.sample or 1): told for told in record(published, problems, study)}
    write_replies(out, (replies[key] for key in sorted(replies)))
    print(f"{out}: published texts of {len(covered)} of {len(problems)} usable problems")


if __name__ == "__main__":
    run_stage(main)
