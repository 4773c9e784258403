"""The profile's blocks `teacher`, `solve`, `verify` and `compress`, and the teacher's part of `machine`."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from stages.study.params import Block


def _variable_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        raise ValueError("the name of an environment variable is meant here, never the key itself")
    return name


class Prices(Block):
    """US dollars per million tokens."""

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)


class TeacherMachine(Block):
    """How fast and at what price: nothing here can change an answer."""

    key_variable: Annotated[str, AfterValidator(_variable_name)]
    concurrency: int = Field(ge=1)
    prices: Prices


class TeacherSettings(Block):
    """Which server and models answer."""

    base_url: str
    solver: str
    verifier: str
    compressor: str


class SolveSettings(Block):
    """How a problem is put to the solver."""

    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)
    temperature: float = Field(ge=0)


class VerifySettings(Block):
    """How long a verdict may be."""

    max_tokens: int = Field(ge=1)


class CompressSettings(Block):
    """How chains are asked for."""

    attempts: int = Field(ge=1)
    max_tokens: int = Field(ge=1)
