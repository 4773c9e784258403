"""A large model behind an OpenAI-compatible API, with a store of paid replies, or a recording of one.

May come in: the `teacher:` block of params.yaml, and request bodies built by `stages.teacher.prompts`. Everything a
model says is data: it is parsed and checked, never run. Knows nothing of PDFs, of students, or of how answers are
compared (that comes in as a function); how thoughts are told from text it asks the answers room.

The door is `connect(settings, machine, recording)`, which gives a function `ask(role, requests, total)`;
`reader.transcribe` has images read through it. What is paid for is stored before anything else happens to it, so a
stage that is killed or fails goes on where it was.
`python -m stages.teacher` looks at the store: stats, estimate, export, import.
"""

from stages.teacher.client import Body
from stages.teacher.money import bill
from stages.teacher.session import Ask, Reply, Request, connect

__all__ = ["Ask", "Body", "Reply", "Request", "bill", "connect"]
