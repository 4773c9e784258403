"""The Batch API over a real connection: files up, files down, resumed by id, failed lines once more."""

import json
import re
import sqlite3
import threading
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stages.study.errors import StudyError
from stages.teacher import batch
from stages.teacher.settings import Role
from tests.teacher.conftest import Bench, echo


class Batches:
    """Files and batches of a made-up server; `fate(body, try)` gives status and body of one request's reply."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict] = {}
        self.asked: Counter[str] = Counter()
        self.looks = 0  # at a batch before it is done
        self.fails = ""
        self.forgets_id = False  # makes the next batch, and breaks off before it says so

    def fate(self, body: dict, tries: int) -> tuple[int, dict]:
        return 200, echo(body)

    def post(self, path: str, body: bytes) -> dict | None:
        if path.endswith("/files"):
            content = re.search(rb'filename="[^"]*"\r\n[^\r]*\r\n\r\n(.*?)\r\n--', body, re.DOTALL)[1]
            self.files[f"file-{len(self.files)}"] = content
            return self.file(f"file-{len(self.files) - 1}")
        told = json.loads(body)
        name = f"batch-{len(self.batches)}"
        self.batches[name] = told | {"id": name, "object": "batch", "created_at": 1, "status": "in_progress",
                                     "looks": self.looks}  # fmt: skip
        if self.forgets_id:
            self.forgets_id = False
            return None
        return self.batches[name]

    def file(self, name: str) -> dict:
        return {"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": "x", "purpose": "batch",
                "status": "processed"}  # fmt: skip

    def get(self, path: str) -> bytes | dict:
        if "/files/" in path:
            return self.files[path.split("/")[-2]]
        if path.split("?")[0].endswith("/batches"):
            return {"object": "list", "data": list(self.batches.values()), "has_more": False}
        made = self.batches[path.split("/")[-1]]
        made["looks"] -= 1
        if made["looks"] < 0 and made["status"] == "in_progress":
            self.finish(made)
        return made

    def finish(self, made: dict) -> None:
        if self.fails:
            made |= {"status": "failed", "errors": {"data": [{"message": self.fails}]}}
            return
        lines: dict[bool, list[str]] = {True: [], False: []}
        for line in self.files[made["input_file_id"]].decode().splitlines():
            request = json.loads(line)
            self.asked[request["custom_id"]] += 1
            status, body = self.fate(request["body"], self.asked[request["custom_id"]])
            response = {"status_code": status, "body": body}
            lines[status == 200].append(json.dumps({"custom_id": request["custom_id"], "response": response}))
        made["status"] = "completed"
        for kind, key in ((True, "output_file_id"), (False, "error_file_id")):
            if lines[kind]:
                made[key] = f"file-{len(self.files)}"
                self.files[made[key]] = "\n".join(lines[kind]).encode()


@pytest.fixture
def batches(bench, monkeypatch):
    """A server with the Batch API alone, and a Bench that asks it."""
    monkeypatch.setattr(batch, "POLL", 0.01)
    serving = Batches()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.reply(serving.get(self.path))

        def do_POST(self) -> None:
            self.reply(serving.post(self.path, self.rfile.read(int(self.headers["Content-Length"]))))

        def reply(self, told: bytes | dict | None) -> None:
            if told is None:
                self.close_connection = True
                return
            content = told if isinstance(told, bytes) else json.dumps(told).encode()
            with suppress(ConnectionError):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        yield serving, bench(settings={"base_url": url}, machine={"batch": True})
        server.shutdown()
        thread.join()


def spent(made: Bench) -> float:
    with sqlite3.connect(made.folder / ".cache" / "teacher.sqlite") as db:
        return db.execute("SELECT spent FROM servers").fetchone()[0]


def test_replies_come_through_batches_into_the_store_at_half_the_price(batches, monkeypatch):
    serving, made = batches
    monkeypatch.setattr(batch, "LINES", 4)
    serving.looks = 2
    texts = [str(number) for number in range(10)]
    for _ in range(2):
        assert {name: reply.text for name, reply in made.ask(*texts).items()} == {t: f"Answer: {t}" for t in texts}
    sizes = [serving.files[told["input_file_id"]].count(b"custom_id") for told in serving.batches.values()]
    assert sorted(sizes) == [2, 4, 4]
    assert set(serving.asked.values()) == {1}
    assert spent(made) == pytest.approx(10 * (10 * 1 + 3 * 2) / 1e6 / 2)


def test_failed_lines_go_into_another_batch_and_refused_ones_do_not(batches):
    serving, made = batches

    def fate(body, tries):
        text = body["messages"][0]["content"]
        if text == "refused":
            return 400, {"error": {"message": "filtered"}}
        if text == "lasting" or (text == "later" and tries < 3):
            return 500, {"error": {"message": "boom"}}
        return 200, {"choices": []} if text == "broken" and tries == 1 else echo(body)

    serving.fate = fate
    replies = made.ask("good", "refused", "later", "lasting", "broken")
    assert replies["good"].text == "Answer: good"
    assert replies["later"].text == "Answer: later"
    assert replies["broken"].text == "Answer: broken"
    assert "filtered" in replies["refused"].failure
    assert "boom" in replies["lasting"].failure
    assert sorted(serving.asked.values()) == [1, 1, 2, 3, batch.ROUNDS]


@pytest.mark.parametrize("told", [True, False])
def test_a_run_that_ends_meanwhile_finds_its_batch_again(batches, monkeypatch, told):
    serving, made = batches
    serving.looks = 10**9
    serving.forgets_id = not told
    stop = "retrieve" if told else "create"

    async def ends(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    from openai.resources.batches import AsyncBatches

    whole = getattr(AsyncBatches, stop)

    async def made_and_killed(self, *args: object, **named: object) -> None:
        with suppress(Exception):
            await whole(self.__class__(self._client.with_options(max_retries=0)), *args, **named)
        raise RuntimeError("killed")

    monkeypatch.setattr(AsyncBatches, stop, ends if told else made_and_killed)
    with pytest.raises(RuntimeError, match="killed"):
        made.ask("a", "b")
    monkeypatch.setattr(AsyncBatches, stop, whole)
    serving.batches["batch-0"]["looks"] = 0
    assert made.ask("a", "b")["a"].text == "Answer: a"
    assert set(serving.asked.values()) == {1}
    assert len(serving.batches) == 1


def test_a_batch_that_fails_as_a_whole_says_why(batches):
    serving, made = batches
    serving.fails = "Enqueued token limit reached"
    with pytest.raises(StudyError, match=r"batch batch-0 failed: Enqueued token limit reached; run the same command"):
        made.ask("a")
    serving.fails = ""
    assert made.ask("a")["a"].text == "Answer: a"


def test_another_model_than_was_asked_for_is_an_error_here_too(batches):
    serving, made = batches
    serving.fate = lambda body, tries: (200, echo(body) | {"model": "other"})
    with pytest.raises(StudyError, match=r"asked for solver and answered as other"):
        made.ask("a")
    made.settings = made.settings.model_copy(update={"solver": Role(model="solver", served=["other"])})
    assert made.ask("a")["a"].model == "other"
    assert set(serving.asked.values()) == {1}
