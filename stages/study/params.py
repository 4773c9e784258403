"""params.yaml as models: every key known, typed and checked before any work starts.

`load()` reads the file in the working directory; each stage takes from it only the blocks that dvc.yaml
declares for it.
"""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stages.study.errors import StudyError
from stages.study.records import Level


class Block(BaseModel):
    """Base of all blocks: a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Run(Block):
    """One row of the grid. A long run trains `long_iterations` and keeps its last checkpoint.

    No key has a default: dvc.yaml names each of them as a dependency of the stages that read it.
    """

    level: Level
    replicate: int = Field(ge=0)
    long: bool
    all_problems: bool


class Extract(Block):
    dpi: int = Field(ge=100, le=600)
    min_confidence: float = Field(ge=0, le=1)
    sections: dict[str, str]


class Prices(Block):
    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)


class Teacher(Block):
    base_url: str
    key_variable: str
    solver: str
    verifier: str
    compressor: str
    recording: str | None
    concurrency: int = Field(ge=1)
    prices: Prices


class Solve(Block):
    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)
    temperature: float = Field(ge=0)


class Verify(Block):
    max_tokens: int = Field(ge=1)


class Compress(Block):
    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)


class SplitBlock(Block):
    seed: int = Field(ge=0)
    test: float = Field(gt=0, lt=1)
    valid: float = Field(gt=0, lt=1)
    similarity: float = Field(gt=0, le=1)
    test_years: list[int]

    @model_validator(mode="after")
    def _leaves_something_to_train_on(self) -> "SplitBlock":
        if self.test + self.valid >= 1:
            raise ValueError("test + valid must be under 1")
        return self


class Student(Block):
    source: Literal["wheel", "hub", "folder"]
    name: str
    revision: str
    sha256: str
    dtype: Literal["float32", "bfloat16", "float16", "keep"]


class Train(Block):
    iterations: int = Field(ge=1)
    long_iterations: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    schedule: Literal["constant", "linear"]
    layers: int = Field(ge=1)
    rank: int = Field(ge=1)
    scale: float = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    validate_every: int = Field(ge=1)
    max_tokens: int = Field(ge=16)
    checkpoint_gradients: bool


class Generate(Block):
    max_tokens: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    splits: list[Literal["train", "valid", "test"]]


class Report(Block):
    examples: int = Field(ge=0)


class Profile(Block):
    """Everything that differs between a study that runs anywhere and the published one."""

    extract: Extract
    teacher: Teacher
    solve: Solve
    verify: Verify
    compress: Compress
    split: SplitBlock
    student: Student
    train: Train
    generate: Generate
    report: Report


class Machine(Block):
    """How fast, never what: no stage depends on these keys."""

    threads: int = Field(ge=1)
    workers: int = Field(ge=1)


class Params(Block):
    profile: str
    corpus: str
    benchmark: str
    seed: int = Field(ge=0)
    runs: dict[str, Run]
    machine: Machine
    profiles: dict[str, Profile]

    @property
    def active(self) -> Profile:
        """The block named by `profile:`."""
        return self.profiles[self.profile]

    def run(self, key: str) -> Run:
        """The run named on a stage's command line; raises StudyError for an unknown one."""
        if key not in self.runs:
            raise StudyError(f"params.yaml: runs.{key}: no such run; there are {', '.join(self.runs)}")
        return self.runs[key]

    def run_seed(self, key: str) -> int:
        """`seed` + 1000 x replicate."""
        return self.seed + 1000 * self.run(key).replicate


def load(path: Path | str = "params.yaml") -> Params:
    """Read and check params.yaml; raises StudyError naming the key's path and what is wrong with it."""
    try:
        raw = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; run from the project's top folder") from None
    except yaml.YAMLError as error:
        raise StudyError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(raw, dict):
        raise StudyError(f"{path}: expected keys with values")
    # Profiles stand at the top level so that dvc.yaml can name `${profile}.train` as a dependency.
    own = set(Params.model_fields) - {"profiles"}
    profiles = {key: value for key, value in raw.items() if key not in own}
    try:
        params = Params.model_validate({key: raw[key] for key in own & raw.keys()} | {"profiles": profiles})
    except ValidationError as error:
        raise StudyError(f"{path}: {_explain(error)}") from None
    if params.profile not in params.profiles:
        raise StudyError(f"{path}: profile: no block named {params.profile!r}; there are {', '.join(params.profiles)}")
    return params


def _explain(error: ValidationError) -> str:
    """Every fault with its key's path as it stands in the file."""
    faults = []
    for fault in error.errors():
        place = [str(part) for part in fault["loc"] if part != "profiles"]
        message = "unknown key" if fault["type"] == "extra_forbidden" else fault["msg"]
        if fault["loc"][:1] == ("profiles",) and len(fault["loc"]) == 2:
            message = "unknown key (a profile would be a block with " + ", ".join(Profile.model_fields) + ")"
        faults.append(f"{'.'.join(place)}: {message}")
    return "; ".join(faults)
