"""The profile's block `generate`, and what a variant changes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator

from stages.questions.prompt import INSTRUCTION
from stages.study.params import Block, Variant
from stages.study.records import Example


class Server(Block):
    """An OpenAI-compatible server of the students, such as `mlx_lm.server`, vLLM or SGLang."""

    base_url: str = Field(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$", description="http(s)://host[:port][/path]")
    model: str = Field(min_length=1, description="the base student's name on the server")
    adapter: Literal["model", "adapters"] = Field(
        description="how a tuned student is named: its run as `model` (vLLM, SGLang), or its folder as `adapters` (MLX)"
    )


class GenerateSettings(Block):
    """How every student is asked, the base student too, where no variant says otherwise."""

    max_tokens: int = Field(ge=1, description="one budget for every level and for the base student")
    batch_size: int = Field(ge=1, description="most prompts of a batch; greedy output depends on the batch")
    engine: Literal["mlx", "openai"] = Field(description="mlx here, or an OpenAI-compatible server")
    server: Server | None = Field(default=None, description="that server")

    @model_validator(mode="after")
    def _engine_is_there(self) -> Self:
        if (self.engine == "openai") != (self.server is not None):
            raise ValueError("server: to be given with the engine `openai`, and with no other")
        return self


@dataclass(frozen=True)
class Asking:
    """How one student is asked. `examples` are worked ones, by the fold of the problem that they stand before."""

    budget: int
    batch_size: int
    examples: Mapping[int | None, Sequence[Example]]
    instruction: str = INSTRUCTION
    temperature: float = 0.0
    samples: int = 1
    server: Server | None = None


def asking(settings: GenerateSettings, variant: Variant, examples: Mapping[int | None, Sequence[Example]]) -> Asking:
    """The profile's settings, with what the variant changes."""
    return Asking(
        budget=settings.max_tokens * variant.budget,
        batch_size=variant.batch_size or settings.batch_size,
        examples=examples,
        instruction=variant.instruction or INSTRUCTION,
        temperature=variant.temperature,
        samples=variant.samples,
        server=settings.server,
    )
