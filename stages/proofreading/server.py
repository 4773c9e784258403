"""The page's HTTP server: for one person, on this machine, and for nobody else.

It listens on the loopback interface; every address holds a secret token; a request under another host's name (DNS
rebinding), from another site, or with a body that is too long is refused; files are found by the identity of a known
problem and never by a path; and the browser is told to load nothing from anywhere else.
"""

import json
import secrets
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from stages.mathematics.formulas import mathematics
from stages.proofreading import desk as work
from stages.proofreading.desk import Conflict, Decision, Desk, Missed
from stages.study.errors import StudyError
from stages.study.files import explain

HOST = "127.0.0.1"
LONGEST = 65_536  # bytes of a request's body
PATIENCE = 30  # seconds that a connection may be silent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ASSETS = {"": "page.html"} | {name: name for name in ("icon.svg", "page.css", "page.js", "sheet.js", "common.js")}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".js": "text/javascript; charset=utf-8",
}
PICTURES_KEPT = "private, max-age=300"  # so that the next problem's crop is there before it is wanted


class Preview(BaseModel):
    """Texts in linear form that are to be seen as mathematics."""

    texts: list[str]


class TakeBack(BaseModel):
    """The line of a decision that concerns no problem any more."""

    line: int


class Refusal(Exception):
    """A request that is not answered."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


def make_server(desk: Desk, port: int) -> tuple[ThreadingHTTPServer, str]:
    """A server that is bound but not yet running, and the address to open; port 0 takes any that is free.

    Raises StudyError where the port is taken.
    """
    token = secrets.token_urlsafe(24)

    class Handler(_Handler):
        pass

    Handler.desk, Handler.token = desk, token
    try:
        server = ThreadingHTTPServer((HOST, port), Handler)
    except (OSError, OverflowError) as error:
        raise StudyError(f"port {port} cannot be used ({error}); name another one with --port, or none") from None
    Handler.port = server.server_port
    server.daemon_threads = True
    return server, f"http://{HOST}:{server.server_port}/{token}/"


class _Handler(BaseHTTPRequestHandler):
    desk: Desk
    token: str
    port: int
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server_version, sys_version = "review", ""

    def do_GET(self) -> None:
        self._respond(self._get)

    def do_POST(self) -> None:
        self._respond(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal belongs to the address, and what is wrong is told on the page."""

    def _respond(self, answer: Callable[[str], None]) -> None:
        try:
            answer(self._checked_path())
        except Refusal as refusal:
            self._error(refusal.status, str(refusal))
        except Conflict:
            self._error(HTTPStatus.CONFLICT, "somebody else has decided about it meanwhile")
        except StudyError as error:
            self._error(HTTPStatus.BAD_REQUEST, str(error))
        except ValidationError as error:
            self._error(HTTPStatus.BAD_REQUEST, explain(error))
        except FileNotFoundError:
            self._error(HTTPStatus.NOT_FOUND, "no such file")
        except TimeoutError:
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the browser has moved on
        except OSError as error:
            self._error(HTTPStatus.INTERNAL_SERVER_ERROR, error.strerror or "the disk cannot be used")

    def _checked_path(self) -> str:
        """What stands behind the token; raises Refusal where host or token are wrong."""
        hosts = {f"{HOST}:{self.port}", f"localhost:{self.port}"}
        if self.headers.get("Host") not in hosts:
            raise Refusal(HTTPStatus.FORBIDDEN, "another host's name")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in hosts}:
            raise Refusal(HTTPStatus.FORBIDDEN, "another site's request")
        _, token, *rest = f"{self.path}/".split("/", 2)
        if not secrets.compare_digest(token.encode(), self.token.encode()) or not self.path.startswith(f"/{token}/"):
            raise Refusal(HTTPStatus.NOT_FOUND, "nothing here; open the address that the terminal shows")
        return rest[0].removesuffix("/")

    def _get(self, path: str) -> None:
        route, _, query = path.partition("?")
        if route in ASSETS:
            file = Path(__file__).parent / ASSETS[route]
            self._send(file.read_bytes(), TYPES[file.suffix])
            return
        told = dict(urllib.parse.parse_qsl(query))
        match route.split("/"):
            case ["state"]:
                self._json(work.state(self.desk, told.get("stamp", ""), _whole(told.get("lines", "0"))))
            case ["pages"]:
                self._json({"pages": self.desk.pages(told.get("file", ""))})
            case ["page"]:
                image = self.desk.page_image(told.get("file", ""), _whole(told.get("page", "")))
                self._send(image.read_bytes(), "image/png", PICTURES_KEPT)
            case ["crop" | "key" as kind, identity]:
                data = work.picture(self.desk, urllib.parse.unquote(identity), kind == "key")
                self._send(data, "image/png", PICTURES_KEPT)
            case _:
                raise Refusal(HTTPStatus.NOT_FOUND, "nothing here")

    def _post(self, path: str) -> None:
        body = self._body()
        match path:
            case "decide":
                self._json(work.decide(self.desk, Decision.model_validate_json(body)))
            case "add":
                self._json(work.add(self.desk, Missed.model_validate_json(body)))
            case "takeback":
                self._json(work.take_back(self.desk, TakeBack.model_validate_json(body).line))
            case "preview":
                self._json({"html": [mathematics(text) for text in Preview.model_validate_json(body).texts]})
            case _:
                raise Refusal(HTTPStatus.NOT_FOUND, "nothing here")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            raise Refusal(HTTPStatus.LENGTH_REQUIRED, "a body of stated length is wanted")
        if int(length[:12]) > LONGEST:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {LONGEST} bytes")
        if self.headers.get_content_type() != "application/json":
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "JSON is wanted")
        return self.rfile.read(int(length))

    def _json(self, value: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), "application/json", status=status)

    def _error(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True  # a body may be left unread
        self._json({"error": why}, status)

    def _send(self, data: bytes, content_type: str, kept: str = "no-store", status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", kept)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise StudyError(f"{text[:20]!r}: a whole number is wanted")
    return int(text)
