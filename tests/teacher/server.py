"""A real HTTP server on loopback that plays the teacher's, and answers as a test's handler says."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Handler = Callable[[dict[str, Any]], tuple[int, Any]]


@contextmanager
def serve(handler: Handler) -> Iterator[str]:
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
