"""The profile's block `extract`."""

from pydantic import Field

from stages.study.params import Block


class ExtractSettings(Block):
    """How exam papers are read."""

    dpi: int = Field(ge=100, le=600)
    min_confidence: float = Field(ge=0, le=1)
    sections: dict[str, str]
