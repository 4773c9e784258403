"""The sample's teacher: it answers chat completion requests with what the project wrote about its own problems.

It slips now and then, always at the same problems, so that verification, second attempts, the verifier model and
rejected chains have work to do. `record` lets it answer the teacher stages over a real connection and keeps what it
said; `python -m stages.sample` calls it.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfile
from threading import Thread
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from stages.sample.competition import Question, competition
from stages.sample.markup import linear
from stages.study.errors import StudyError
from stages.study.files import replace

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

Handler = Callable[[dict[str, Any]], tuple[int, Any]]


def answer(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """HTTP status and body for a chat completion request of the stages solve, verify or compress.

    The problem is found by its statement; a request about no problem of the competition gets 404.
    """
    said = body["messages"][0]["content"]
    tags = dict(re.findall(r"<(\w+)>\n(.*?)\n</\1>", said, re.DOTALL))
    question = _find(tags.get("problem", ""))
    if question is None:
        return 404, {"error": {"message": "no problem of the sample competition"}}
    if "given_answer" in tags:
        return 200, _completion(body, _verdict(question))
    if "reasoning" in tags:
        attempt = 1 + sum(message["role"] == "assistant" for message in body["messages"])
        return 200, _completion(body, *_six_chains(question, tags["answer"], attempt))
    return 200, _completion(body, *_solution(question, again="This is attempt" in said))


@contextmanager
def serve(handler: Handler = answer) -> Iterator[str]:
    """A real server on a free loopback port; gives its base URL. `handler` maps a request body to status and body."""

    class Post(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, reply = handler(body)
            content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            # Nobody else is waiting: a client that has to try again may do so at once.
            self.send_header("Retry-After-Ms", "1")
            with suppress(ConnectionError):  # a client may have given up
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Post) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


def record(problems: Path, out: Path) -> None:
    """Write the recording `out` of every request that the profile `sample` makes about the extracted `problems`.

    Run from the project's top folder, after extraction. The stages solve, verify and compress run as they are, in a
    folder of their own, against the author on loopback; the recording is their store of answers, sorted. The same
    problems and params.yaml give the same bytes. Raises StudyError, and leaves `out`, when a stage fails.
    """
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    teacher = params["sample"]["teacher"]
    with tempfile.TemporaryDirectory() as name, serve() as url:
        folder = Path(name)
        params["profile"] = "sample"
        teacher |= {"recording": None, "base_url": url}
        (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        (folder / "data").mkdir()
        copyfile(problems, folder / "data" / "problems.jsonl")
        environment = os.environ | {
            teacher["key_variable"]: "none needed",
            "DVC_ROOT": name,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "NO_PROXY": "127.0.0.1",
        }
        for stage in ("solve", "verify", "compress"):
            done = subprocess.run([sys.executable, "-m", f"stages.{stage}"], cwd=folder, env=environment, check=False)
            if done.returncode:
                raise StudyError(f"stages.{stage} failed on the sample's author; {out} is unchanged")
        (store,) = (folder / ".cache" / "teacher").glob("*.jsonl")
        lines = sorted(line for line in store.read_text(encoding="utf-8").split("\n") if line)
    with replace(out) as file:
        file.writelines(f"{line}\n" for line in lines)


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


def _completion(body: dict[str, Any], content: str, reasoning: str = "", finish: str = "stop") -> dict[str, Any]:
    """A chat completion as DeepSeek's API writes it, with token counts a real tokenizer would come near."""
    asked = " ".join(message["content"] for message in body["messages"])
    prompt, completion = (round(len(text.split()) * TOKENS_PER_WORD) for text in (asked, f"{reasoning} {content}"))
    message = {"role": "assistant", "content": content}
    if reasoning:
        message["reasoning_content"] = reasoning
    return {
        "object": "chat.completion",
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": body["max_tokens"] if finish == "length" else completion,
            "total_tokens": prompt + completion,
        },
    }
