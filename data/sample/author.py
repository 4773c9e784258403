"""The sample's teacher: it answers chat completion requests with what the project wrote about its own problems.

It slips now and then, always at the same problems, so that verification, second attempts, the verifier model and
rejected chains have work to do. `record` lets the teacher stages ask it and keeps what it said; `python -m data.sample`
calls it.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from rapidfuzz import fuzz, process

from data.sample.competition import Question, competition
from data.sample.markup import linear
from stages import compress, solve, verify
from stages.answers import compare
from stages.study.errors import StudyError
from stages.study.params import Params
from stages.study.records import Problem
from stages.teacher import Body, Reply, Request
from stages.teacher.completion import Completion, StoredReply
from stages.teacher.session import reply_of
from stages.teacher.settings import CompressSettings, SolveSettings, TeacherSettings, VerifySettings
from stages.teacher.store import fingerprint
from stages.teacher.verdicts import ask_verifier, choose, verdicts

SEED = 7
LEAST_LIKENESS = 80  # rapidfuzz ratio, 0..100; another problem is less like it, a misread statement more
TOKENS_PER_WORD = 1.4

# How many problems meet each mishap. Of a solver: `once` is mended at the second attempt; a worded answer is one that
# only a reader can judge.
SOLVER_SLIPS = {"wrong": 12, "blank": 2, "blank once": 4, "cut off": 2, "cut off once": 4, "worded": 6,
                "worded wrong": 3}  # fmt: skip
# Of a compressor: which rule is broken, and in how many attempts.
COMPRESSOR_SLIPS = {("length", 1): 5, ("missing level", 1): 4, ("no answer line", 1): 4, ("wrong answer", 1): 3,
                    ("cut off", 1): 2, ("length", 2): 1, ("wrong answer", 99): 1, ("missing level", 99): 1}  # fmt: skip


def answer(body: Body) -> Completion:
    """The answer to a request of the stages solve, verify or compress.

    The problem is found by its statement; raises StudyError for a request about no problem of the competition.
    """
    said = body["messages"][0]["content"]
    tags = dict(re.findall(r"<(\w+)>\n(.*?)\n</\1>", said, re.DOTALL))
    question = _find(tags.get("problem", ""))
    if question is None:
        raise StudyError(f"no problem of the sample competition: {said[-200:]!r}")
    if "given_answer" in tags:
        return _completion(body, _verdict(question))
    if "reasoning" in tags:
        attempt = 1 + sum(message["role"] == "assistant" for message in body["messages"])
        return _completion(body, *_six_chains(question, tags["answer"], attempt))
    return _completion(body, *_solution(question, again="This is attempt" in said))


def record(problems: Sequence[Problem], options: Params) -> list[StoredReply]:
    """The author's reply to every request that the stages make about the extracted `problems`, by fingerprint."""
    said: dict[str, StoredReply] = {}

    def ask(role: str, requests: Iterable[Request], total: int) -> Iterator[tuple[str, Reply]]:
        names = []
        for name, body, _ in requests:
            request = fingerprint(body)
            said[request] = StoredReply(request=request, response=answer(body))
            names.append((name, said[request]))
        return ((name, reply_of(told)) for name, told in names)

    usable = [problem for problem in problems if problem.usable]
    teacher, settings = options.block("teacher", TeacherSettings), options.block("solve", SolveSettings)
    solutions = list(solve.solve(usable, ask, teacher.solver, settings))
    samples = verify.candidates(usable, solutions)
    judged = (item for items in samples.values() for item in items.values())
    ask_verifier(judged, ask, teacher.verifier, options.block("verify", VerifySettings))
    chosen = choose(samples, settings.choose, lambda one, other: compare(one, other).verdict == "match")
    verified = list(verdicts(chosen, solutions))
    list(compress.compress(usable, verified, ask, teacher.compressor, options.block("compress", CompressSettings)))
    return [said[request] for request in sorted(said)]


@cache
def _questions() -> dict[str, Question]:
    """The questions that can be answered, by their statement in linear form; the first of equal ones."""
    questions: dict[str, Question] = {}
    for exam in competition():
        for question in exam.questions:
            if question.item.chains:
                questions.setdefault(linear(question.item.statement), question)
    return questions


@cache
def _slips() -> tuple[Mapping[str, str], Mapping[str, tuple[str, int]]]:
    """By problem id, what goes wrong for the solver, and for the compressor; no problem meets both."""
    ids = [question.id for question in _questions().values()]
    random.Random(SEED).shuffle(ids)
    solver = [slip for slip, count in SOLVER_SLIPS.items() for _ in range(count)]
    compressor = [slip for slip, count in COMPRESSOR_SLIPS.items() for _ in range(count)]
    return dict(zip(ids, solver, strict=False)), dict(zip(ids[len(solver) :], compressor, strict=False))


@cache
def _find(statement: str) -> Question | None:
    """The question whose statement is nearest to one that a page reader may have misread here and there."""
    questions = _questions()
    nearest = process.extractOne(statement, questions.keys(), scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS)
    return questions[nearest[0]] if nearest else None


def _solution(question: Question, again: bool) -> tuple[str, str, str]:
    """Content, reasoning and finish reason of a solver's attempt."""
    item = question.item
    slip = _slips()[0].get(question.id, "")
    if slip.endswith("once") and again:
        slip = ""
    half = _part(item.reasoning, 0.5)
    if slip.startswith("cut off"):
        return "", half, "length"
    if slip.startswith("blank"):
        return "", item.reasoning, "stop"
    if slip == "wrong":
        return f"Answer: {item.wrong}", f"{half} That leaves {item.wrong}.", "stop"
    if slip.startswith("worded"):
        value = item.wrong if slip == "worded wrong" else linear(item.answer)
        return f"Answer: the value {value} found above", item.reasoning, "stop"
    return f"{item.chains['R5']}\n\nAnswer: {linear(item.answer)}", item.reasoning, "stop"


def _verdict(question: Question) -> str:
    if _slips()[0].get(question.id) == "worded":
        return "CORRECT\nThe words around the value do not change it."
    return "INCORRECT\nThe true answer is another one."


def _six_chains(question: Question, key: str, attempt: int) -> tuple[str, str, str]:
    """Content, reasoning (none) and finish reason of a compressor's reply."""
    slip, attempts = _slips()[1].get(question.id, ("", 0))
    if attempt > attempts:
        slip = ""
    chains = dict(question.item.chains)
    ends = dict.fromkeys(chains, f"\nAnswer: {key}")
    if slip == "length":
        chains["R3"], chains["R4"] = chains["R4"], chains["R3"]
    if slip == "missing level":
        del chains["R5"]
    if slip == "no answer line":
        ends["R2"] = ""
    if slip == "wrong answer":
        ends["R6"] = f"\nAnswer: {question.item.wrong}"
    reply = "\n\n".join(f"=== {level} ===\n{text}{ends[level]}" for level, text in sorted(chains.items()))
    if slip == "cut off":
        return _part(reply, 0.7), "", "length"
    return reply, "", "stop"


def _part(text: str, share: float) -> str:
    """The beginning of a text, up to the end of a word."""
    return text[: int(len(text) * share)].rpartition(" ")[0]


def _completion(body: Body, content: str, reasoning: str = "", finish: str = "stop") -> Completion:
    """A chat completion as DeepSeek's API writes it, with token counts a real tokenizer would come near."""
    asked = " ".join(message["content"] for message in body["messages"])
    prompt, completion = (round(len(text.split()) * TOKENS_PER_WORD) for text in (asked, f"{reasoning} {content}"))
    message: dict[str, Any] = {"content": content, "reasoning_content": reasoning or None}
    return Completion.model_validate(
        {
            "choices": [{"message": message, "finish_reason": finish}],
            "model": body["model"],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": body["max_tokens"] if finish == "length" else completion,
            },
        }
    )
