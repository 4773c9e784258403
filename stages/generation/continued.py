"""How far a student knows a text by heart: it is given the beginning, and continues.

After "Reasoning or memorization?", arXiv:2507.10532: the first 60 % of a problem's statement, as plain text without a
chat template, completed greedily, and the completion held against the rest.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from rapidfuzz import fuzz

SHARE = 0.6  # of a statement's words that the student is given
LEAST = 5  # words that are to be left; a shorter rest is guessed too easily
NEAR = 80.0  # of 100: similarity (rapidfuzz's normalised indel) from which a continuation is nearly the rest
ROOM = 8  # tokens more than the rest has, as a text may be written with others


class Cut(NamedTuple):
    """A statement in two."""

    name: str
    begin: str
    rest: str


def cut(statements: Mapping[str, str]) -> list[Cut]:
    """The statements, by name, that are long enough to be cut; the rest has at least `LEAST` words."""
    found = []
    for name, statement in statements.items():
        words = statement.split()
        place = int(len(words) * SHARE)
        if place and len(words) - place >= LEAST:
            found.append(Cut(name, " ".join(words[:place]), " ".join(words[place:])))
    return found


def likeness(rest: str, said: str) -> float:
    """Of as many words as the rest has, 0 .. 100; white space and case do not matter."""
    words = rest.casefold().split()
    return float(fuzz.ratio(" ".join(words), " ".join(said.casefold().split()[: len(words)])))


def continued(cuts: Iterable[Cut], loaded: tuple[Any, Any], batch_size: int) -> Iterator[tuple[Cut, str]]:
    """What the student writes after each beginning, in batches of like length, the longest first."""
    from stages.generation.decoding import answer_batch

    model, tokenizer = loaded
    tokens = {one: tokenizer.encode(one.begin) for one in cuts}
    ordered = sorted(tokens, key=lambda one: (-len(tokens[one]), one.name))
    for first in range(0, len(ordered), batch_size):
        batch = ordered[first : first + batch_size]
        room = max(len(tokenizer.encode(one.rest)) for one in batch) + ROOM
        said = answer_batch(model, tokenizer, [tokens[one] for one in batch], room)
        yield from zip(batch, (one.text for one in said), strict=True)
