"""What `extract` may be told: the block `extract` of a profile in params.yaml."""

from typing import Literal

from pydantic import Field

from stages.study.params import Block


class ExtractSettings(Block):
    """How exams are read, and what is done about doubt."""

    dpi: int = Field(ge=100, le=600, description="resolution at which pages are rendered and boxes are counted")
    min_confidence: float = Field(ge=0, le=1, description="a problem read with less is doubtful")
    sections: dict[str, str] = Field(
        description="section code: words, joined by |, that name it in titles or file names"
    )
    second_reader: Literal["auto", "tesseract", "network"] = Field(
        default="auto",
        description="who reads every scan again: Tesseract, the first reader's network at another scale, or (auto) "
        "Tesseract where it is installed; results depend on it",
    )
    keep_doubtful: bool = Field(default=False, description="whether doubtful problems go on to the teacher")
    strict: bool = Field(default=False, description="whether anything that could not be read is an error")
    page_seconds: int = Field(default=20, ge=1, description="processor seconds after which a page is given up")
