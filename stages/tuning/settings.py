"""The profile's block `train`."""

from typing import Literal

from pydantic import Field

from stages.study.params import Block


class TrainSettings(Block):
    """How every run is trained; a long run trains `long_iterations` and keeps its last checkpoint."""

    iterations: int = Field(ge=1, description="optimizer steps of a usual run")
    long_iterations: int = Field(ge=1, description="optimizer steps of a long run")
    batch_size: int = Field(ge=1, description="rows of a step")
    learning_rate: float = Field(gt=0, description="of Adam, at the first step")
    schedule: Literal["constant", "linear"]
    layers: int = Field(ge=1, description="tuned layers, counted from the top")
    rank: int = Field(ge=1, description="of the adapters' matrices")
    scale: float = Field(gt=0, description="of the adapters' output")
    dropout: float = Field(ge=0, lt=1, description="of the adapters' input")
    validate_every: int = Field(ge=1, description="iterations between two validations")
    max_tokens: int = Field(ge=16, description="a longer row is an error, never cut")
    checkpoint_gradients: bool = Field(description="trade time for memory")
