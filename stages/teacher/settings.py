"""The blocks of params.yaml that say what a teacher is asked: `teacher`, `solve`, `verify`, `compress`.

What only changes how fast or how dear the asking is stands in `machine.teacher`, which no result depends on.
"""

import re
from itertools import pairwise
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from stages.study.errors import StudyError
from stages.study.params import Block
from stages.study.records import Level


def _variable_name(name: str) -> str:
    # Upper case only, so that a key pasted in its name's place is refused here, before an error could repeat it.
    if len(name) > 64 or not re.fullmatch(r"[A-Z]+|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", name):
        raise ValueError("the name of an environment variable (in capitals) is meant here, never the key itself")
    return name


class Role(Block):
    """A model and how it is asked.

    `extra` are body fields beside the usual ones, whatever a server calls them; null takes a usual field away. A reply
    under another model's name is an error, unless the name stands in `served`.
    """

    model: str
    served: list[str] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict)


class TeacherSettings(Block):
    """An OpenAI-compatible server and the model for each role; `reader` is asked only where a stage reads with it."""

    base_url: str
    solver: Role
    verifier: Role
    compressor: Role
    reader: Role | None = None

    @field_validator("base_url")
    @classmethod
    def _is_an_address_and_no_more(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
            raise ValueError("expected http(s)://host[:port][/path], without a password or a query")
        return value

    def role(self, name: str) -> Role:
        """The model that plays `solver`, `verifier`, `compressor` or `reader`; raises StudyError where none does."""
        role: Role | None = getattr(self, name)
        if role is None:
            raise StudyError(f"params.yaml: teacher.{name}: no model is named for this role")
        return role


Choose = Literal["first", "shortest", "likeliest"]


class SolveSettings(Block):
    """`samples` of each problem, each asked again up to `attempts` where it is cut off or blank."""

    samples: int = Field(ge=1)
    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)
    temperature: float = Field(ge=0)
    choose: Choose


class VerifySettings(Block):
    """`ask` the verifier about what the checker leaves `undecided`, or about `all` answers, to compare the two."""

    ask: Literal["undecided", "all"]
    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)


class JudgeSettings(Block):
    """Whether the verifier is asked about the students' `undecided` answers, or `none`; else as in VerifySettings."""

    ask: Literal["none", "undecided"]
    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)


class LevelSettings(Block):
    """Words of one level.

    `ratio` is its share of R1's words (of the reasoning's, for R1), `limit` the most it may ever have (0: no limit),
    and `floor` the share of what it may have that it must have.
    """

    ratio: float = Field(gt=0, le=1)
    limit: int = Field(ge=0)
    floor: float = Field(ge=0, lt=1)


class CompressSettings(Block):
    """`margin` is how far over its limit a text may be, as a share; `similarity` the share of equal 3-grams from which
    a text counts as the level above said again."""

    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)
    margin: float = Field(ge=0)
    similarity: float = Field(gt=0, le=1)
    levels: dict[Level, LevelSettings]

    @model_validator(mode="after")
    def _levels_fall(self) -> "CompressSettings":
        if list(self.levels) != list(Level):
            raise ValueError(f"levels: expected {', '.join(Level)}, in this order")
        for above, below in pairwise(self.levels.values()):
            if below.ratio >= above.ratio or (above.limit and not 0 < below.limit < above.limit):
                raise ValueError("levels: ratio and limit must fall from level to level")
        return self


class Prices(Block):
    """US dollars per million tokens: of the prompt, of its cached part, of the completion."""

    prompt: float = Field(ge=0)
    cached: float = Field(ge=0)
    completion: float = Field(ge=0)


class Peak(Block):
    """Hours of the week in which all prices are multiplied by `factor`: `hours` are [from, to) in UTC on `days`."""

    factor: float = Field(gt=0)
    hours: list[tuple[float, float]]
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]


class TeacherMachine(Block):
    """`machine.teacher`: how fast the server is asked, what it costs, and when to stop. No result depends on it."""

    key_variable: Annotated[str, AfterValidator(_variable_name)]
    concurrency: int = Field(ge=1)
    silence: float = Field(gt=0, description="seconds without a byte after which a request is made again")
    requests_per_minute: float = Field(ge=0)
    tokens_per_minute: float = Field(ge=0)
    batch: bool = Field(description="ask through the Batch API: half the price, within a day")
    budget_usd: float = Field(ge=0, description="the most that all replies in the store may cost together; 0: no limit")
    prices: dict[str, Prices] = Field(description="by role")
    peak: Peak
