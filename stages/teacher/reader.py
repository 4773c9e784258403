"""A model that reads images transcribes questions: image and draft in, JSON of a fixed form out.

Whatever it writes is data. A reply that breaks the form, or holds what no transcription in linear form can hold, is
asked for again; what is left then has failed, and says why.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, field_validator, model_validator

from stages.study.files import explain
from stages.teacher.prompts import body, read
from stages.teacher.session import Ask, Reply, Request
from stages.teacher.settings import Role

JSON = {"response_format": {"type": "json_object"}}  # what most servers know; a role's `extra` may name another one
FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.S | re.I)
LONGEST = 6000  # characters of a statement


@dataclass(frozen=True)
class Transcript:
    """What the model saw in one image; `failure` says why there is nothing."""

    statement: str = ""
    needs_figure: bool = False
    unreadable: bool = False
    failure: str = ""


class _Form(BaseModel):
    """What a reply must hold, no more and no less."""

    model_config = ConfigDict(extra="forbid")

    statement: str = Field(max_length=LONGEST)
    needs_figure: StrictBool
    unreadable: StrictBool

    @field_validator("statement")
    @classmethod
    def _is_linear(cls, text: str) -> str:
        if "\\" in text or "$$" in text:
            raise ValueError("LaTeX, where the linear form was asked for")
        text = " ".join(text.split())
        if not text.isprintable():
            raise ValueError("characters that cannot be printed")
        return text

    @model_validator(mode="after")
    def _says_something(self) -> "_Form":
        if bool(self.statement) == self.unreadable:
            raise ValueError("statement: expected where the text is readable, and only there")
        return self


def read_transcript(reply: Reply) -> Transcript:
    """The transcript that a reply holds, or what is wrong with the reply."""
    if reply.failure:
        return Transcript(failure=reply.failure)
    if reply.finish_reason == "length":
        return Transcript(failure="the reader's reply was cut off")
    fenced = FENCED.fullmatch(reply.text)
    try:
        return Transcript(**_Form.model_validate_json(fenced[1] if fenced else reply.text).model_dump())
    except ValidationError as error:
        return Transcript(failure=f"the reader's reply breaks its form: {explain(error)}")


def transcribe(
    asked: Sequence[tuple[str, str]],
    image: Callable[[str], bytes],
    ask: Ask,
    role: Role,
    attempts: int,
    max_tokens: int,
) -> tuple[dict[str, Transcript], list[Reply]]:
    """What the model reads in each question's image, by the question's name, and all its replies.

    `asked` are names and drafts; `image(name)` gives the PNG each time that it is sent, so that none is held.
    """
    role = role.model_copy(update={"extra": JSON | role.extra})
    found: dict[str, Transcript] = {}
    replies: list[Reply] = []
    left = list(asked)
    for attempt in range(1, attempts + 1):
        requests = (Request(name, body(role, read(image(name), draft), max_tokens), attempt) for name, draft in left)
        broken = []
        for question, (name, reply) in zip(left, ask("reader", requests, len(left)), strict=True):
            replies.append(reply)
            found[name] = read_transcript(reply)
            if found[name].failure and not reply.failure:  # what the server refuses, it refuses again
                broken.append(question)
        left = broken
    return found, replies
