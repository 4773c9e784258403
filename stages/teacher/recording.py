"""A recording that answers in the server's place, as the transport under the `openai` client.

Everything above the wire is the code that talks to a real server.
"""

import json
from pathlib import Path

import httpx2

from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.teacher.store import Answer, fingerprint


class Recording(httpx2.BaseTransport):
    """Answers a request that the recording `path` holds; any other is a StudyError that says how to ask the server."""

    def __init__(self, path: Path, server: str, key_variable: str) -> None:
        self._path, self._server, self._key_variable = path, server, key_variable
        self._answers = {answer.request: answer.response for answer in read_records(path, Answer)}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = fingerprint(json.loads(request.read()))
        if asked not in self._answers:
            raise StudyError(
                f"{self._path} holds no answer to this request (sha256 {asked[:12]}): it was recorded with other "
                f"problems or other teacher settings; to ask {self._server} instead, empty the file and put the key "
                f"into {self._key_variable}"
            )
        return httpx2.Response(200, json=self._answers[asked].model_dump(exclude_none=True))
