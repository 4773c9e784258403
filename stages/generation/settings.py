"""The profile's block `generate`."""

from pydantic import Field

from stages.study.params import Block


class GenerateSettings(Block):
    """How every student is asked, the base student too."""

    max_tokens: int = Field(ge=1, description="one budget for every level and for the base student")
    batch_size: int = Field(ge=1, description="most problems of a batch; greedy output depends on the batch")
