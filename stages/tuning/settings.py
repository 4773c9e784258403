"""The profile's block `train`."""

from typing import Literal, Self

from pydantic import Field, model_validator

from stages.study.params import Block


class TrainSettings(Block):
    """How every run is trained. A long run trains for `long_length` and keeps its last checkpoint."""

    unit: Literal["epochs", "iterations"] = Field(description="of the lengths; an iteration is one optimizer step")
    length: float = Field(gt=0, description="of a usual run")
    long_length: float = Field(gt=0, description="of a long run")
    batch_size: int = Field(ge=1, description="rows of a batch")
    accumulate: int = Field(ge=1, description="batches of an iteration, weighted by their trained tokens")
    optimizer: Literal["adam", "adamw"]
    weight_decay: float = Field(ge=0, description="of adamw; adam has none")
    learning_rate: float = Field(gt=0, description="after the warm-up")
    schedule: Literal["constant", "linear", "cosine"] = Field(
        description="how the rate falls, to 0 after the last step"
    )
    warmup: float = Field(ge=0, lt=1, description="share of the iterations in which the rate rises")
    clip: float = Field(ge=0, description="largest norm of a step's gradient; 0: any")
    validations: int = Field(ge=1, description="evenly over the run, the last one at its end, one more before training")
    patience: int = Field(ge=0, description="validations without a new minimum that end a usual run; 0: never")
    keep: Literal["best", "last"] = Field(description="checkpoint of a usual run: lowest validation loss, or the last")
    method: Literal["lora", "dora"]
    layers: int | Literal["all"] = Field(description="tuned layers, counted from the top")
    targets: list[str] = Field(description="tuned modules of a layer, as `self_attn.q_proj`; none: all linear ones")
    rank: int = Field(ge=1, description="of the adapters' matrices")
    scale: float | None = Field(gt=0, description="of the adapters' output; null: alpha / rank")
    alpha: float | None = Field(gt=0, description="gives the scale as alpha / rank; null: scale is given")
    dropout: float = Field(ge=0, lt=1, description="of the adapters' input")
    max_tokens: int = Field(ge=16, description="a longer row is an error, never cut")
    checkpoint_gradients: bool = Field(description="trade time for memory")

    @model_validator(mode="after")
    def _one_of_scale_and_alpha(self) -> Self:
        if (self.scale is None) == (self.alpha is None):
            raise ValueError("give either scale or alpha, and null for the other one")
        if isinstance(self.layers, int) and self.layers < 1:
            raise ValueError("layers: a number from 1 on, or all")
        if self.weight_decay and self.optimizer == "adam":
            raise ValueError("weight_decay is adamw's: 0 for adam")
        return self

    @property
    def lora_scale(self) -> float:
        """What mlx-lm calls scale, from whichever is given."""
        return self.scale if self.scale is not None else (self.alpha or 0) / self.rank
