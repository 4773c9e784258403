"""stages.proofreading.server: who is answered, and with what. Requests are written byte by byte."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stages.proofreading import desk as work
from stages.proofreading.server import LONGEST, make_server
from stages.study.errors import StudyError
from tests.proofreading.made import made_desk


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """Port and token of a running server."""
    server, url = make_server(made_desk(tmp_path), 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port, url.split("/")[3]
    server.shutdown()
    thread.join()
    server.server_close()


def send(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the reply."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        reply = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = reply.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), body


def request(
    port: int, path: str, body: bytes | None = None, **changes: str | None
) -> tuple[int, dict[str, str], bytes]:
    headers: dict[str, str | None] = {"Host": f"127.0.0.1:{port}", "Connection": "close"}
    if body is not None:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return send(port, "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))


ASKED = ["", "page.js", "sheet.js", "common.js", "page.css", "icon.svg", "state", "crop/made-2031-fs-01",
         "page?file=2031%20FS.pdf&page=1", "pages?file=2031%20FS.pdf"]  # fmt: skip


@pytest.mark.parametrize("path", ASKED)
def test_what_the_page_asks_for_is_there_with_the_token_only(address: tuple[int, str], path: str) -> None:
    port, token = address
    status, headers, body = request(port, f"/{token}/{path}")
    assert (status, bool(body)) == (200, True)
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    for wrong in (
        f"/{path}",
        f"/{token[:-1]}/{path}",
        f"/{token}x/{path}",
        f"/é{token[1:]}/{path}",
    ):
        status, _, body = request(port, wrong)
        assert (status, b"made" in body) == (404, False), wrong


@pytest.mark.parametrize("host", [None, "example.org", "127.0.0.1", "localhost:1", "127.0.0.1.example.org:{port}"])
def test_another_host_is_refused(address: tuple[int, str], host: str | None) -> None:
    port, token = address
    for path in ASKED:
        assert request(port, f"/{token}/{path}", Host=host and host.format(port=port))[0] == 403
    assert request(port, f"/{token}/state", Host=f"localhost:{port}")[0] == 200


DECISION = json.dumps({"id": "made-2031-fs-01", "seen": 0, "rejected": True}).encode()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (DECISION, {}, 200),
        (DECISION, {"Origin": "http://127.0.0.1:{port}"}, 200),
        (DECISION, {"Origin": "http://example.org"}, 403),
        (DECISION, {"Origin": "null"}, 403),
        (DECISION, {"Host": "example.org"}, 403),
        (DECISION, {"Content_Type": "text/plain"}, 415),  # what a form of another site may send
        (DECISION, {"Content_Length": None}, 411),
        (DECISION, {"Content_Length": "-1"}, 411),
        (DECISION, {"Content_Length": "٣"}, 411),
        (DECISION, {"Transfer_Encoding": "chunked"}, 411),
        (DECISION, {"Content_Length": str(LONGEST + 1)}, 413),
        (DECISION, {"Content_Length": "9" * 4000}, 413),
        (b"[" * 60_000, {}, 400),
        (b"{}", {}, 400),
        (b"\xff\xfe", {}, 400),
        (DECISION.replace(b"01", b"99"), {}, 400),
        (DECISION.replace(b'"seen": 0', b'"seen": 7'), {}, 409),
        (DECISION.replace(b"true", b'true, "file": "/etc/passwd"'), {}, 400),
        (b'{"id": "made-2031-fs-01", "seen": 0, "statement": "\\ud800"}', {}, 400),
    ],
)
def test_what_is_sent_is_checked(
    address: tuple[int, str], tmp_path: Path, body: bytes, headers: dict[str, Any], status: int
) -> None:
    port, token = address
    told = {name: value and value.format(port=port) for name, value in headers.items()}
    got, _, reply = request(port, f"/{token}/decide", body, **told)
    assert got == status, reply
    assert (tmp_path / "corrections.jsonl").exists() == (status == 200)
    if status != 200:
        assert json.loads(reply)["error"]


@pytest.mark.parametrize(
    "path",
    ["../corrections.jsonl", "crop/../../secret", "crop/..%2f..%2fsecret", "crop/%2e%2e%2fsecret", "key/../secret",
     "page?file=../../secret&page=1", "page?file=/etc/passwd&page=1", "desk.py", "server.py", "%2e%2e/server.py",
     "page?file=2031%20FS.pdf&page=x", "page?file=2031%20FS.pdf", "state?lines=-1",
     "crop/", "crop", "nothing", "page.js/x"],
)  # fmt: skip
def test_no_path_leads_out(address: tuple[int, str], tmp_path: Path, path: str) -> None:
    port, token = address
    (tmp_path / "secret.png").write_bytes(b"not for you")
    status, _, body = request(port, f"/{token}/{path}")
    assert status in (400, 404)
    assert set(json.loads(body)) == {"error"}


def test_text_of_exams_cannot_act(address: tuple[int, str]) -> None:
    port, token = address
    told = json.loads(request(port, f"/{token}/state")[2])
    html = told["items"][2]["html"]["statement"]
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<img" not in html
    shown = json.loads(request(port, f"/{token}/preview", b'{"texts": ["<b>x^2</b>"]}')[2])
    assert shown["html"][0].startswith("&lt;b&gt;<math")


def test_a_connection_that_says_nothing_holds_nobody_up(address: tuple[int, str]) -> None:
    port, token = address
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"POST /")
        assert request(port, f"/{token}/state")[0] == 200


def test_a_full_disk_is_told(address: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(work, "append_correction", full)
    port, token = address
    status, _, body = request(port, f"/{token}/decide", DECISION)
    assert (status, json.loads(body)) == (500, {"error": "No space left on device"})


def test_only_this_machine_is_listened_to(tmp_path: Path) -> None:
    server, url = make_server(made_desk(tmp_path), 0)
    assert server.server_address[0] == "127.0.0.1"
    with pytest.raises(StudyError, match=rf"port {server.server_port} cannot be used"):
        make_server(made_desk(tmp_path), server.server_port)
    other, again = make_server(made_desk(tmp_path), 0)
    assert url.split("/")[3] != again.split("/")[3]
    server.server_close()
    other.server_close()
