"""The records that pass between stages: JSON Lines, one model each, refused on read where they do not fit.

Statements, answers and chains are in *linear form*: plain text with `x^2`, `x^(n+1)`, `a_n`, `log_2`,
`(2x+1)/3`, `√12`, `√(x+1)`, `≤ ≥ ≠ π ° × ·`, and `-` for every minus.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Level(StrEnum):
    """Reasoning length, from full (R1) to one to three sentences (R6)."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"
    R6 = "R6"


Split = Literal["train", "valid", "test"]
Verdict = Literal["match", "no", "undecided"]


class StrictRecord(BaseModel):
    """Base of all records: unknown keys are refused and instances cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(StrictRecord):
    """Where a problem stands on paper. `box` is left, top, right, bottom in pixels at the extraction's dpi."""

    file: str
    page: int = Field(ge=1)
    box: tuple[int, int, int, int]
    crop: str | None = Field(default=None, description="path of the question's image, relative to the project")
    crop_sha256: str | None = None


class Reading(StrictRecord):
    """How the statement was read: `text` (text layer) or the OCR engine's name; confidence in 0..1."""

    engine: str
    confidence: float = Field(ge=0, le=1)
    agreement: float | None = Field(default=None, ge=0, le=1, description="with a second reader, where there is one")
    corrected: bool = False


class Problem(StrictRecord):
    """One question of one exam. `id` is `<corpus>-<year>-<section>-<number>`: two digits, or T1 for a tiebreaker."""

    id: str
    corpus: str
    year: int
    section: str
    number: str
    statement: str
    answer: str
    needs_figure: bool = False
    usable: bool = True
    reason: str = Field(default="", description="why it is not usable; empty where it is")
    source: Source
    reading: Reading


class Usage(StrictRecord):
    """Tokens one request was billed for."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Solution(StrictRecord):
    """One solver attempt. `answer` is what the answers room extracted; None where there was none."""

    problem_id: str
    attempt: int = Field(ge=1)
    reasoning: str
    response: str
    answer: str | None
    finish_reason: str
    usage: Usage
    cost: float = Field(ge=0, description="US dollars at the prices in params.yaml")
    model: str
    request: str = Field(description="sha256 of the request body")


class Verified(StrictRecord):
    """The verdict on a problem's last solver attempt, and who decided it: `checker` or the `verifier` model."""

    problem_id: str
    solution: Solution
    verdict: Literal["match", "no"]
    decided_by: Literal["checker", "verifier"]
    checker: Verdict
    why: str


class Chain(StrictRecord):
    """A verified solution's reasoning at one level; `text` ends in the line `Answer: <answer>`."""

    problem_id: str
    level: Level
    text: str
    words: int = Field(ge=1)
    answer: str


class Assignment(StrictRecord):
    """The split of a usable problem. Problems of one near-duplicate `cluster` share it.

    `has_chain` tells whether the problem has its six chains; only such problems are trained on.
    """

    problem_id: str
    split: Split
    cluster: str
    has_chain: bool


class Row(StrictRecord):
    """A dataset row in mlx-lm's chat format; the last message is the chain."""

    messages: list[dict[str, str]]
    problem_id: str


class BenchmarkProblem(StrictRecord):
    """One problem of a benchmark file in `data/benchmarks/` (MATH-500's own keys are accepted by the importer)."""

    id: str
    statement: str
    answer: str
    subject: str = ""


class Prediction(StrictRecord):
    """A student's greedy response to one problem. `tier` tells how the answer was found, see `stages.answers`."""

    problem_id: str
    response: str
    answer: str | None
    tier: str
    verdict: Verdict
    why: str = ""
    finish_reason: Literal["stop", "length"]
    tokens: int = Field(ge=0)
    words: int = Field(ge=0)
    split: Literal["train", "valid", "test", "benchmark"]

    @property
    def correct(self) -> bool:
        """Truncated, blank and undecided answers count as wrong."""
        return self.verdict == "match"
