"""What an engine gives back of one prompt."""

from typing import Literal

from pydantic import Field

from stages.study.records import StrictRecord


class Said(StrictRecord):
    """What the student said to one prompt, its length without the stop token, and why it ended."""

    text: str
    tokens: int = Field(ge=0)
    finish_reason: Literal["stop", "length"]
