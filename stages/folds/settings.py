"""The profile's block `split`."""

from typing import Literal

from pydantic import Field

from stages.study.params import Block


class SplitSettings(Block):
    """How problems are dealt into folds.

    `protocol: published` deals single problems, near-duplicates or not, and has every run answer all problems, those
    it was trained on included, as the published study did: the size of that leak becomes a number.
    """

    protocol: Literal["held_out", "published"]
    seed: int = Field(ge=0)
    folds: int = Field(ge=2)
    valid: float = Field(gt=0, lt=1)
    similarity: float = Field(gt=0, le=1)
    test_years: list[int]
