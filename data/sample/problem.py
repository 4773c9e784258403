"""What one problem of the sample competition is made of, before it is typeset or recorded."""

import random
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Item:
    """A problem with everything that is said about it.

    `statement` and `answer` are markup (see `data.sample.markup`); `reasoning` (what a solver thinks before it
    answers), `chains` (level R1..R6 -> text without the answer line) and `wrong` (the answer after a typical slip)
    are in linear form. A problem that `needs_figure` has no solution without one, so its reasoning and chains are
    empty and its answer is what the missing figure would give.
    """

    family: str
    statement: str
    answer: str
    reasoning: str
    chains: dict[str, str]
    wrong: str
    needs_figure: bool = False


class Make(Protocol):
    """Draws the numbers of one item; the same generator state and wording give the same item."""

    def __call__(self, rng: random.Random, *, wording: int) -> Item: ...


@dataclass(frozen=True)
class Family:
    """Problems that share a method.

    `wordings` are the numbers of the settings that stand on paper. A wording's number seeds what is drawn for it, so it
    keeps its number when others are dropped.
    """

    name: str
    topic: str
    wordings: tuple[int, ...]
    make: Make
