"""A recording that answers in the server's place, as the transport under the `openai` client.

Everything above the wire is the code that talks to a real server.
"""

import json

import httpx2

from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.params import Teacher
from stages.teacher.store import Answer, fingerprint


class Recording(httpx2.BaseTransport):
    """Answers a request that `teacher.recording` holds; any other is a StudyError that says how to ask the server."""

    def __init__(self, settings: Teacher) -> None:
        self._settings = settings
        self._answers = {answer.request: answer.response for answer in read_records(str(settings.recording), Answer)}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = fingerprint(json.loads(request.read()))
        if asked not in self._answers:
            raise StudyError(
                f"{self._settings.recording} holds no answer to this request (sha256 {asked[:12]}): it was "
                f"recorded with other problems or other teacher settings; to ask {self._settings.base_url} instead, "
                f"set teacher.recording to null in params.yaml and put the key into {self._settings.key_variable}"
            )
        return httpx2.Response(200, json=self._answers[asked].model_dump(exclude_none=True))
