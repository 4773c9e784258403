"""The records that pass between stages: JSON Lines, one model each, refused on read where they do not fit.

Statements, answers and chains are in *linear form*: plain text with `x^2`, `x^(n+1)`, `a_n`, `log_2`,
`(2x+1)/3`, `√12`, `√(x+1)`, `≤ ≥ ≠ π ° × ·`, and `-` for every minus.
"""

from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ANSWER_LINE = "Answer: "  # how a chain's last line begins


class Level(StrEnum):
    """Reasoning length, from full (R1) to one to three sentences (R6)."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"
    R6 = "R6"


Split = Literal["train", "valid", "test", "excluded"]
Verdict = Literal["match", "no", "undecided"]


class StrictRecord(BaseModel):
    """Base of all records: unknown keys are refused and instances cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(StrictRecord):
    """Where a problem stands on paper."""

    file: str = Field(description="name of the PDF")
    page: int = Field(ge=1, description="counted from 1")
    box: tuple[int, int, int, int] = Field(description="left, top, right, bottom in pixels at the extraction's dpi")
    crop: str | None = Field(default=None, description="path of the question's image, relative to the project")
    crop_sha256: str | None = Field(default=None, description="of the image's pixels")
    place: tuple[float, float, float, float] | None = Field(
        default=None, description="the box in shares of the page's width and height, which another dpi does not move"
    )


class Reading(StrictRecord):
    """How the statement was read. A confidence (0..1) is the share of such readings that are right."""

    engine: str = Field(
        description="`text` for a text layer, else the OCR engine's name; with `+reader`, a third reader's transcript"
    )
    confidence: float = Field(ge=0, le=1, description="that the statement was read right")
    agreement: float | None = Field(default=None, ge=0, le=1, description="with a second reader, where there is one")
    answer_confidence: float = Field(default=1.0, ge=0, le=1, description="that the answer was read from the key right")
    doubtful: bool = Field(default=False, description="whether either confidence is under the study's min_confidence")
    doubts: list[str] = Field(default=[], description="what speaks against the reading")
    corrected: bool = Field(default=False, description="whether a person decided about it")


class Problem(StrictRecord):
    """One question of one exam."""

    id: str = Field(description="`<corpus>-<year>-<section>-<number>`: two digits, or T1 for a tiebreaker")
    corpus: str = Field(description="folder of the papers under data/raw/")
    year: int = Field(description="of the competition")
    section: str = Field(description="code of the exam, as in `extract.sections`")
    number: str = Field(description="as printed: 7, or T1")
    statement: str = Field(description="the question in linear form; empty where it cannot be read")
    answer: str = Field(description="the key, as written; empty where there is none")
    answer_note: str = Field(default="", description="what the key says about the answer, such as `must be a fraction`")
    has_math: bool = Field(default=False, description="whether the statement holds formulas")
    needs_figure: bool = Field(default=False, description="whether it cannot be solved without its figure")
    usable: bool = Field(default=True, description="whether the teacher may see it")
    reason: str = Field(default="", description="why it is not usable; empty where it is")
    source: Source = Field(description="where it stands on paper")
    reading: Reading = Field(description="how it was read")


class Usage(StrictRecord):
    """Tokens one request was billed for."""

    prompt_tokens: int = Field(default=0, ge=0, description="of the request")
    cached_tokens: int = Field(default=0, ge=0, description="of these, what the server had at hand")
    completion_tokens: int = Field(default=0, ge=0, description="of the reply, reasoning included")
    reasoning_tokens: int = Field(default=0, ge=0, description="of these, what was thought")


class Solution(StrictRecord):
    """One solver attempt."""

    problem_id: str = Field(description="the problem that was put to the solver")
    sample: int = Field(default=1, ge=1, description="which of several solutions that were asked for side by side")
    attempt: int = Field(ge=1, description="how often it was asked for, as it was cut off or blank before")
    reasoning: str = Field(description="the model's thoughts; empty where it does not show them")
    response: str = Field(description="what it answered, without its thoughts")
    answer: str | None = Field(description="what was found in the response; None where there was no answer")
    finish_reason: str = Field(description="`length` where it was cut off; `failed` where there was no reply")
    usage: Usage = Field(description="what it was billed for")
    model: str = Field(description="the name that was served, which need not be the one asked for")
    request: str = Field(description="sha256 of the request body")
    failure: str = Field(default="", description="why the teacher gave no reply at all")


class Verified(StrictRecord):
    """The verdict on the solution that was chosen of a problem's samples, and who decided it.

    The last attempt of each sample counts.
    """

    problem_id: str = Field(description="the problem that was solved")
    solution: Solution = Field(description="the one that was chosen")
    first: Solution | None = Field(
        default=None,
        exclude_if=lambda first: first is None,
        description="the first sample's, where another was chosen: the teacher's accuracy is that of first samples",
    )
    verdict: Verdict = Field(description="undecided: the checker cannot tell, and no verdict of the model was readable")
    decided_by: Literal["checker", "verifier"] = Field(description="whose verdict counts")
    checker: Verdict = Field(description="the checker's verdict")
    verifier: Verdict | None = Field(default=None, description="the model's verdict; None where it was not asked")
    why: str = Field(description="the reason of whoever decided")
    samples: int = Field(default=1, ge=1, description="solutions that were asked for")
    agreement: float | None = Field(
        default=None, ge=0, le=1, description="share of the samples that give the commonest answer; None of one sample"
    )
    majority: bool | None = Field(default=None, description="whether the commonest answer is verified, likewise")


class Chain(StrictRecord):
    """A verified solution's reasoning at one level; `text` ends in the line `Answer: <answer>`."""

    problem_id: str = Field(description="the problem that it reasons about")
    level: Level = Field(description="its length among the six of the problem")
    text: str = Field(description="the reasoning, then the answer line")
    words: int = Field(ge=1, description="runs of characters without white space, the answer line's included")
    answer: str = Field(description="the key, as the answer line gives it")

    @model_validator(mode="after")
    def _holds_what_it_says(self) -> Self:
        where = f"chain {self.level} of {self.problem_id}"
        if self.text.strip().splitlines()[-1:] != [ANSWER_LINE + self.answer]:
            raise ValueError(f"{where} does not end in the line '{ANSWER_LINE}{self.answer}'")
        if (words := len(self.text.split())) != self.words:
            raise ValueError(f"{where} has {words} words, but {self.words} are recorded")
        return self


class Assignment(StrictRecord):
    """What a usable problem is to the runs of one fold. Problems of one near-duplicate `cluster` are the same to it.

    Every problem is `test` in exactly one fold, its own. `excluded` problems are neither trained on nor validated on:
    their cluster touches a year that is held out as a whole.
    """

    problem_id: str = Field(description="the usable problem")
    fold: int = Field(ge=0, description="the fold whose runs are meant")
    split: Split = Field(description="what the problem is to them: `test` is held out")
    cluster: str = Field(description="smallest id among the problem's near-duplicates, its own included")
    has_chain: bool = Field(description="whether the problem has its six chains; only such problems are trained on")


class Row(StrictRecord):
    """A dataset row in mlx-lm's chat format; the last message is the chain."""

    messages: list[dict[str, str]] = Field(description="role and content: system, user (the statement), assistant")
    problem_id: str = Field(description="the problem of the statement")


class BenchmarkProblem(StrictRecord):
    """One problem of a benchmark file in `data/benchmarks/` (MATH-500's own keys are accepted by the reader)."""

    id: str = Field(description="its name in the benchmark")
    statement: str = Field(description="the question, in LaTeX or linear form")
    answer: str = Field(description="the benchmark's key")
    subject: str = Field(default="", description="group of the benchmark's tables; may be empty")
    difficulty: str = Field(default="", description="another such group: MATH's level, 1 to 5; may be empty")


class Example(StrictRecord):
    """A worked example that may stand before the problems that one fold holds out, as it resembles none of them."""

    fold: int = Field(ge=0, description="the fold whose problems it may stand before")
    problem_id: str = Field(description="the problem that is worked, which the fold is trained on")
    statement: str = Field(description="the problem's")
    text: str = Field(description="its chain of the shortest level")


class Student(StrictRecord):
    """Which student said something, under which conditions. Digests are sha256 in hexadecimal."""

    run: str = Field(description="key of `runs` or `variants` in params.yaml")
    base_digest: str = Field(description="of the base student's weights and configuration")
    adapter_digest: str = Field(description="of the adapter's weights and configuration; empty for the base student")
    prompt_digest: str = Field(description="of the student's chat template with instruction and worked examples in it")
    budget: int = Field(ge=1, description="most tokens of a response")
    batch_size: int = Field(ge=1, description="most prompts of a batch, on which rounding depends")
    temperature: float = Field(default=0.0, ge=0, description="of the sampling; 0 is greedy")
    engine: str = Field(description="what computed: `mlx`, its device and the weights' numbers; or a server's model")


class Response(StrictRecord):
    """A student's response to one problem of the exams or of a benchmark."""

    source: str = Field(description="`exams`, or the benchmark's name")
    problem_id: str = Field(description="the problem that was asked")
    sample: int = Field(default=1, ge=1, description="which of several responses to it")
    text: str = Field(description="what the student wrote")
    finish_reason: Literal["stop", "length"] = Field(description="`length` where it was cut off at the budget")
    tokens: int = Field(ge=0, description="without the stop token")
    words: int = Field(ge=0, description="runs of characters without white space")
    student: Student = Field(description="who wrote it")

    @model_validator(mode="after")
    def _counts_are_possible(self) -> Self:
        where = f"response of {self.student.run} to {self.problem_id}"
        if self.tokens > self.student.budget:
            raise ValueError(f"{where}: {self.tokens} tokens, over the budget of {self.student.budget}")
        if (words := len(self.text.split())) != self.words:
            raise ValueError(f"{where}: the text has {words} words, but {self.words} are recorded")
        return self


class Grade(StrictRecord):
    """The judge's verdict on one response, and what is counted about it."""

    source: str = Field(description="`exams`, or the benchmark's name")
    problem_id: str = Field(description="the problem that was asked")
    sample: int = Field(default=1, ge=1, description="which of several responses to it")
    answer: str | None = Field(description="what was found in the response; None where there was no answer")
    tier: str = Field(description="how the answer was found, see `stages.answers`")
    verdict: Verdict = Field(description="whether the answer is the key; only `match` counts as right")
    why: str = Field(description="the judge's reason")
    finish_reason: Literal["stop", "length"] = Field(description="the response's")
    tokens: int = Field(ge=0, description="the response's")
    words: int = Field(ge=0, description="the response's")
    split: Literal["train", "valid", "test", "excluded", "benchmark"] = Field(
        description="what the problem is to the run"
    )
    fold: int | None = Field(description="the problem's own fold, in which it is held out; None for a benchmark's")
    student: Student = Field(description="who gave the response")

    @model_validator(mode="after")
    def _nothing_said_matches_nothing(self) -> Self:
        if self.verdict == "match" and (self.finish_reason == "length" or self.answer is None):
            what = "cut off" if self.finish_reason == "length" else "blank"
            raise ValueError(f"{self.student.run}: {self.problem_id}: a {what} response cannot be a match")
        return self


class Judged(StrictRecord):
    """A student's answer that the checker leaves undecided, and what a model says about it; both verdicts are kept."""

    run: str = Field(description="key of `runs` or `variants` in params.yaml")
    source: str = Field(description="`exams`, or the benchmark's name")
    problem_id: str = Field(description="the problem that was asked")
    sample: int = Field(ge=1, description="which of several responses to it")
    answer: str = Field(description="what was found in the response")
    checker: Literal["undecided"] = Field(description="the checker's verdict, which alone counts for accuracies")
    model: Verdict = Field(description="the model's; undecided where it gave none that could be read")
    why: str = Field(description="the model's reason")
