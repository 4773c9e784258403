"""A loopback server that misbehaves as real ones do, and writes down what it did; its log is the witness.

    python -m tests.teacher.faulty --log LOG [--port 8123] [--fault empty:0.15 ...] [--delay 0.2] [--per-minute 100]

It answers as the sample's author does (`--words N`: with N words of reasoning about anything). Whether a try meets a
fault depends on the request and on how often it was tried, so that runs can be compared. One JSON line in the log per
request: its sha256 without the stream's switches, and what it met: a fault's name, or `answered` once all was written
(`answered in part` where the answer is blank or cut off by itself).
"""

import argparse
import asyncio
import json
import random
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stages.teacher.store import fingerprint

FAULTS = ("429", "429 wait", "500", "503", "reset", "torn", "silence", "empty", "half", "doubled", "html", "wrong type",
          "error 200", "blank", "cut off", "cut off unbilled", "cut off overbilled",
          "refused", "401", "402")  # fmt: skip
PASSING = FAULTS[: FAULTS.index("blank")]
SPOILT = FAULTS[FAULTS.index("blank") : FAULTS.index("refused")]

Brain = Callable[[dict[str, Any]], dict[str, Any]]  # request body to completion


class Server:
    """`faults` are rates by name, `delay` seconds before every answer, `per_minute` a sliding limit on requests."""

    def __init__(
        self,
        brain: Brain,
        faults: Mapping[str, float] | None = None,
        delay: float = 0.0,
        per_minute: int = 0,
        log: Path | None = None,
        silence: float = 30.0,
        headers: Mapping[str, str] | None = None,
        plain: bool = False,
    ) -> None:
        self._brain, self._faults, self._delay, self._per_minute = brain, faults or {}, delay, per_minute
        self._silence, self._headers, self._plain = silence, dict(headers or {}), plain
        self._log = log.open("a", buffering=1) if log else None
        self._tries: Counter[str] = Counter()
        self._let_in: deque[float] = deque()
        self.seen: list[tuple[str, str]] = []  # request and what it met
        self.keys: set[str] = set()
        self.under_way = self.most_under_way = 0

    def met(self, *outcomes: str) -> int:
        """How many requests met one of these."""
        return sum(outcome in outcomes for _, outcome in self.seen)

    def bought_twice(self) -> int:
        """Answers in full beyond one a request."""
        answered = Counter(request for request, outcome in self.seen if outcome == "answered")
        return sum(count - 1 for count in answered.values())

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                lowered = {name.lower(): value for name, value in fields.items()}
                body = json.loads(await reader.readexactly(int(lowered.get("content-length", 0))))
                self.keys.add(lowered.get("authorization", ""))
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                try:
                    await self._answer(body, writer)
                finally:
                    self.under_way -= 1
                if writer.is_closing():
                    break
        writer.close()

    async def _answer(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        request = fingerprint({key: value for key, value in body.items() if key not in ("stream", "stream_options")})
        self._tries[request] += 1
        fault = self._fault(request)
        began = time.time()
        await asyncio.sleep(self._delay)
        outcome = fault or "answered"
        try:
            if fault in ("", *SPOILT):
                completion = self._brain(body)
                if fault:
                    completion = _spoilt(completion, fault, body)
                elif not _whole(completion):
                    outcome = "answered in part"  # by the brain's own will
                await self._send(writer, 200, *self._encoded(completion, bool(body.get("stream"))))
            else:
                await self._misbehave(fault, body, writer)
        except ConnectionError:
            outcome = f"{outcome}, client gone"
        self.seen.append((request, outcome))
        if self._log:
            self._log.write(
                json.dumps({"request": request, "met": outcome, "began": began, "ended": time.time()}) + "\n"
            )

    def _fault(self, request: str) -> str:
        if self._per_minute:
            now = time.monotonic()
            while self._let_in and self._let_in[0] < now - 60:
                self._let_in.popleft()
            if len(self._let_in) >= self._per_minute:
                return "429"
            self._let_in.append(now)
        dice = random.Random(f"{request} {self._tries[request]}").random()
        for fault, rate in self._faults.items():
            if dice < rate:
                return fault
            dice -= rate
        return ""

    async def _misbehave(self, fault: str, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        json_type = "application/json"
        whole = json.dumps(self._brain(body)).encode() if fault in ("torn", "half", "doubled", "wrong type") else b""
        message = json.dumps({"error": {"message": f"no: {fault}", "code": fault}}).encode()
        if fault in ("429", "500", "503", "401", "402"):
            await self._send(writer, int(fault), message, json_type)
        elif fault == "429 wait":
            await self._send(writer, 429, message, json_type, {"Retry-After": "0.3"})
        elif fault == "refused":
            await self._send(writer, 400, message, json_type)
        elif fault == "reset":
            writer.transport.abort()
        elif fault == "torn":
            await self._send(writer, 200, whole[: len(whole) // 2], json_type, length=len(whole))
            writer.transport.abort()
        elif fault == "silence":
            await asyncio.sleep(self._silence)
            writer.transport.abort()
        elif fault == "html":
            await self._send(writer, 200, b"<html><body>Bad gateway</body></html>", "text/html")
        else:
            said = {"empty": b"", "half": whole[: len(whole) // 2], "doubled": whole + whole, "error 200": message}
            wrong = whole.replace(b'"content": "', b'"content": ["', 1).replace(b'", "role"', b'"], "role"', 1)
            await self._send(writer, 200, said.get(fault, wrong), json_type)

    def _encoded(self, completion: dict[str, Any], stream: bool) -> tuple[bytes, str]:
        if not stream or self._plain:
            return b"\n\n" + json.dumps(completion).encode(), "application/json"
        choice, lines = completion["choices"][0], [": keep-alive\n\n"]
        for name in ("reasoning_content", "content"):
            text = choice["message"].get(name) or ""
            for start in range(0, len(text), 400):
                delta = {"index": 0, "delta": {name: text[start : start + 400]}, "finish_reason": None}
                lines.append(f"data: {json.dumps({'model': completion['model'], 'choices': [delta]})}\n\n")
        end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
        last = {"model": completion["model"], "choices": [end], "usage": completion.get("usage")}
        lines.append(f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n")
        return "".join(lines).encode(), "text/event-stream"

    async def _send(self, writer: asyncio.StreamWriter, status: int, content: bytes, kind: str,
                    headers: Mapping[str, str] | None = None, length: int | None = None) -> None:  # fmt: skip
        told = {"Content-Type": kind, "Content-Length": str(len(content) if length is None else length)}
        lines = [
            f"HTTP/1.1 {status} X",
            *(f"{k}: {v}" for k, v in (told | self._headers | dict(headers or {})).items()),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        await writer.drain()


@contextmanager
def running(server: Server, port: int = 0) -> Iterator[str]:
    """Run a server in a thread; gives its base URL."""
    loop, ready, where = asyncio.new_event_loop(), threading.Event(), list[int]()

    async def serve() -> None:
        listening = await asyncio.start_server(server.handle, "127.0.0.1", port, backlog=512)
        where.append(listening.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.get_running_loop().create_future()

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    task = loop.create_task(serve())
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield f"http://127.0.0.1:{where[0]}/v1"
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


def completion(content: str, reasoning: str = "", finish: str = "stop", model: str = "m") -> dict[str, Any]:
    """A chat completion as servers write it."""
    message: dict[str, Any] = {"content": content, "role": "assistant"}
    if reasoning:
        message["reasoning_content"] = reasoning
    usage = {"prompt_tokens": 10, "completion_tokens": len(content.split()) + len(reasoning.split())}
    return {"model": model, "choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}


def _whole(told: dict[str, Any]) -> bool:
    choice = told["choices"][0]
    return choice["finish_reason"] != "length" and bool((choice["message"].get("content") or "").strip())


def _spoilt(whole: dict[str, Any], fault: str, body: dict[str, Any]) -> dict[str, Any]:
    """A blank in a completion's place, or its first half, with true usage, none, or as if the budget was spent."""
    if fault == "blank":
        return completion("", model=whole["model"])
    message = whole["choices"][0]["message"]
    text, thoughts = message["content"], message.get("reasoning_content") or ""
    said = "" if thoughts else text[: len(text) // 2]
    told = completion(said, thoughts[: len(thoughts) // 2], "length", model=whole["model"])
    if fault == "cut off unbilled":
        del told["usage"]
    elif fault == "cut off overbilled":
        told["usage"]["completion_tokens"] = body["max_tokens"]
    return told


def author_brain(body: dict[str, Any]) -> dict[str, Any]:
    """The sample's author, with the role that his messages lack."""
    from data.sample.author import answer

    told = answer(body).model_dump(exclude_none=True)
    told["choices"][0]["message"]["role"] = "assistant"
    return told


def wordy_brain(words: int) -> Brain:
    """Reasoning of so many words and the answer 2; where six levels are asked for, six as long as they may be."""

    def text(count: int, mark: str) -> str:
        return " ".join(f"√{number}" if number % 9 == 0 else mark for number in range(count))

    reasoning = text(words, "word")

    def brain(body: dict[str, Any]) -> dict[str, Any]:
        limits = re.findall(r"^(R[1-6]): at most (\d+) words", body["messages"][0]["content"], re.MULTILINE)
        if limits:
            levels = (f"=== {level} ===\n{text(int(limit) - 2, level.lower())}\nAnswer: 2" for level, limit in limits)
            return completion("\n".join(levels), model=body["model"])
        return completion("Answer: 2", reasoning, model=body["model"])

    return brain


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--per-minute", type=int, default=0)
    parser.add_argument("--silence", type=float, default=30.0)
    parser.add_argument("--words", type=int, default=0)
    parser.add_argument("--plain", action="store_true")
    told = parser.parse_args()
    faults = {name: float(rate) for name, rate in (item.rsplit(":", 1) for item in told.fault)}
    brain = wordy_brain(told.words) if told.words else author_brain
    server = Server(brain, faults, told.delay, told.per_minute, told.log, told.silence, plain=told.plain)
    with running(server, told.port) as url:
        print(url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
