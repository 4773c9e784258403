"""A large model behind an OpenAI-compatible API, or behind a recording of one.

May come in: the `teacher:` block of params.yaml, and request bodies built by `stages.teacher.prompts`. Everything a
model says is data: it is parsed and checked, never run. Knows nothing of PDFs, of students, or of how answers are
compared (that comes in as a function).

The door is `connect(settings)`, which gives a function `ask(what, bodies) -> replies`. What is paid for is stored
before anything else happens to it, so a stage that is killed or fails goes on where it was.
"""

from stages.teacher.client import Ask, Body, Reply, bill, connect

__all__ = ["Ask", "Body", "Reply", "bill", "connect"]
