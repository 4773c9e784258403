"""params.yaml as models: every key known, typed and checked before any work starts.

`load()` reads the file in the working directory: the keys that all profiles share, and the active profile's blocks
as they stand. A room checks its own block with its own model: `load().block("extract", ExtractSettings)`. So a
stage depends on the models that it reads, and on no others.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from stages.study.errors import StudyError
from stages.study.records import Level

BASE = "base"  # the student before any training, as every run is asked: a key of `variants`, not of `runs`
ADAPTERS = "adapters/"  # folder under models/ with a run's adapter
MOST_SHOTS = 8  # worked examples that split chooses of each fold


class Block(BaseModel):
    """Base of all settings: a key that is not known is refused, and values are never repeated in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


Settings = TypeVar("Settings", bound=BaseModel)


def _path_part(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ValueError("may hold letters, digits, '.', '_' and '-' only, as it becomes part of a path and a command")
    return name


Name = Annotated[str, AfterValidator(_path_part)]


class Run(Block):
    """One row of the grid. A long run trains longer and keeps its last checkpoint.

    What training reads has no default: dvc.yaml names each of these keys as its dependency.
    """

    level: Level
    replicate: int = Field(ge=0)
    fold: int = Field(ge=0)
    long: bool
    all_problems: bool = False
    benchmark: bool = False


class Variant(Block):
    """A student that is asked in a way of its own; what differs from the profile's `generate` stands here.

    `student` is its folder under models/: `base`, or `adapters/<run>`. It answers what it would answer anyway: the
    problems held out by its run's fold, all for the base student; only those of `fold` where one is named.
    """

    student: str
    fold: int | None = Field(default=None, ge=0)
    all_problems: bool = False
    benchmark: bool = False
    budget: int = Field(default=1, ge=1, description="times generate.max_tokens")
    batch_size: int | None = Field(default=None, ge=1)
    shots: int = Field(default=0, ge=0, le=MOST_SHOTS, description="worked examples before the problem")
    instruction: str = Field(default="", description="in the place of the study's own")
    temperature: float = Field(default=0.0, ge=0, description="0 is greedy")
    samples: int = Field(default=1, ge=1, description="responses to each problem")

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.samples > 1 and not self.temperature:
            raise ValueError("samples: greedy responses are all the same; set a temperature, or take one sample")
        if self.shots and self.benchmark:
            raise ValueError("shots: worked examples are kept apart from a fold's problems, not from a benchmark's")
        return self

    @property
    def run(self) -> str | None:
        """The run that trained the student; None for the base student."""
        return None if self.student == BASE else self.student.removeprefix(ADAPTERS)

    @property
    def usual(self) -> bool:
        """Whether it is asked as every run is."""
        return self == Variant(student=self.student, all_problems=self.all_problems, benchmark=self.benchmark)


class Machine(Block):
    """How fast and at what price, never what: no stage depends on these keys. `teacher` is the teacher room's."""

    cores: int = Field(ge=0)
    features_gib: float = Field(default=12, ge=0)
    teacher: dict[str, Any]

    def teacher_block(self, model: type[Settings]) -> Settings:
        """`teacher`, checked by the teacher room's model."""
        try:
            return model.model_validate(self.teacher)
        except ValidationError as error:
            raise StudyError(f"params.yaml: {_explain(error, 'machine.teacher')}") from None

    def processes(self, jobs: int) -> tuple[int, int]:
        """How many processes share `jobs` equal jobs, and how many BLAS threads each of them may use."""
        cores = self.usable_cores()
        processes = max(1, min(cores, jobs))
        return processes, max(1, cores // processes)

    def usable_cores(self) -> int:
        """`STAGE_CORES` of the environment (set by make for stages side by side), else `cores`, else all there are."""
        told = os.environ.get("STAGE_CORES", "")
        if told and not re.fullmatch(r"[1-9]\d*", told):
            raise StudyError(f"STAGE_CORES={told}: a whole number from 1 on is meant")
        return int(told) if told else self.cores or os.cpu_count() or 1


class Params(Block):
    """The shared keys, and the active profile's blocks as they stand in the file."""

    profile: Name
    corpus: Name
    benchmarks: list[Name]
    seed: int = Field(ge=0)
    runs: dict[Name, Run]
    variants: dict[Name, Variant]
    machine: Machine
    blocks: dict[str, Any]

    @model_validator(mode="after")
    def _students_are_told_apart(self) -> Self:
        if both := sorted(self.runs.keys() & self.variants.keys()):
            raise ValueError(f"variants.{both[0]}: a run has this name; give the variant another one")
        for key, variant in self.variants.items():
            if variant.run is not None and (variant.run not in self.runs or not variant.student.startswith(ADAPTERS)):
                raise ValueError(f"variants.{key}.student: `{BASE}`, or `{ADAPTERS}` and a key of `runs` is meant")
        base = self.variants.get(BASE)
        if base is None or base.student != BASE or not base.usual:
            raise ValueError(f"variants.{BASE}: the student before training, asked as every run is, is to stand there")
        if repeated := [name for name in self.benchmarks if self.benchmarks.count(name) > 1]:
            raise ValueError(f"benchmarks: {repeated[0]}: named twice")
        return self

    def block(self, name: str, model: type[Settings]) -> Settings:
        """The active profile's block `name`; raises StudyError naming each key that is wrong."""
        if name not in self.blocks:
            raise StudyError(f"params.yaml: {self.profile}.{name}: missing")
        try:
            return model.model_validate(self.blocks[name])
        except ValidationError as error:
            raise StudyError(f"params.yaml: {_explain(error, f'{self.profile}.{name}')}") from None

    @property
    def recording(self) -> Path:
        """Stored replies of the corpus's teacher, which answer before any server."""
        return Path("data/recordings") / f"{self.corpus}.jsonl"

    @property
    def published(self) -> bool:
        """Whether the split follows the published study's protocol: all students then answer all problems."""
        split = self.blocks.get("split")
        return isinstance(split, dict) and split.get("protocol") == "published"

    def run(self, key: str) -> Run:
        """The run named on a stage's command line; raises StudyError for an unknown one."""
        if key not in self.runs:
            raise StudyError(f"params.yaml: runs.{key}: no such run; there are {', '.join(self.runs)}")
        return self.runs[key]

    def asked(self, key: str) -> Variant:
        """How the student of a stage's command line, a run or a variant, is asked; StudyError for an unknown one."""
        if key in self.variants:
            return self.variants[key]
        if key not in self.runs:
            raise StudyError(
                f"params.yaml: {key}: neither a run nor a variant; there are {', '.join([*self.runs, *self.variants])}"
            )
        run = self.runs[key]
        return Variant(student=f"{ADAPTERS}{key}", all_problems=run.all_problems, benchmark=run.benchmark)

    def trained(self, key: str) -> Run | None:
        """The run that trained the student of a run or variant; None for the base student's."""
        run = self.asked(key).run
        return None if run is None else self.runs[run]

    def run_seed(self, key: str) -> int:
        """`seed` + 1000 x replicate."""
        return self.seed + 1000 * self.run(key).replicate


SHARED = tuple(name for name in Params.model_fields if name != "blocks")


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
    profiles = {key: value for key, value in raw.items() if key not in SHARED}
    for key, value in profiles.items():
        if not isinstance(value, dict):
            raise StudyError(f"{path}: {key}: unknown key (a profile would be a block of blocks)")
    profile = raw.get("profile")
    if isinstance(profile, str) and profile not in profiles:
        raise StudyError(f"{path}: profile: no block named {profile!r}; there are {', '.join(profiles)}")
    if BASE in (raw.get("runs") or {}):
        raise StudyError(f"{path}: runs.{BASE}: the name of the student before training; give the run another one")
    shared = {key: raw[key] for key in SHARED if key in raw}
    try:
        return Params.model_validate(shared | {"blocks": profiles.get(str(profile), {})})
    except ValidationError as error:
        raise StudyError(f"{path}: {_explain(error)}") from None


def single_argument(arguments: list[str], usage: str) -> str:
    """The one argument of a stage's command line; raises StudyError with the usage for none, several or an option."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise StudyError(f"usage: python -m {usage}")
    return arguments[0]


def no_arguments(arguments: list[str], usage: str) -> None:
    """Raise StudyError where a stage that takes no argument is given one: nothing is ignored in silence."""
    if arguments:
        raise StudyError(f"{' '.join(arguments)}: unknown argument; usage: python -m {usage}")


def _explain(error: ValidationError, prefix: str = "") -> str:
    """Every fault with its key's path as it stands in the file."""
    faults = []
    for fault in error.errors():
        place = [prefix, *(str(part) for part in fault["loc"] if part != "[key]")]
        message = "unknown key" if fault["type"] == "extra_forbidden" else fault["msg"]
        faults.append(f"{'.'.join(filter(None, place))}: {message}")
    return "; ".join(faults)
