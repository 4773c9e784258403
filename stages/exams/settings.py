"""What `extract` may be told: the block `extract` of a profile in params.yaml."""

from typing import Literal

from pydantic import Field

from stages.study.params import Block


class VisionSettings(Block):
    """Whether the teacher's `reader`, a model that sees images, is asked for transcripts."""

    ask: Literal["none", "doubtful", "all"] = Field(
        description="about no question, those whose statement is doubtful, or all that no person has decided about"
    )
    attempts: int = Field(ge=1, description="a reply that breaks its form is asked for again")
    max_tokens: int = Field(ge=1, description="of a reply")


class ExtractSettings(Block):
    """How exams are read, and what is done about doubt."""

    dpi: int = Field(ge=100, le=600, description="resolution at which pages are rendered and boxes are counted")
    min_confidence: float = Field(ge=0, le=1, description="a problem read with less is doubtful")
    sections: dict[str, str] = Field(
        description="section code: words, joined by |, that name it in titles or file names"
    )
    second_reader: Literal["network", "tesseract"] = Field(
        default="network",
        description="who reads every scan again: the first reader's network at another scale, or Tesseract",
    )
    vision: VisionSettings = VisionSettings(ask="none", attempts=1, max_tokens=1)
    keep_doubtful: bool = Field(default=False, description="whether doubtful problems go on to the teacher")
    strict: bool = Field(default=False, description="whether anything that could not be read is an error")
    page_seconds: int = Field(default=20, ge=1, description="processor seconds after which a page is given up")
