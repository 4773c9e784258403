"""Every limit of the room in one place, and the counter of work that stands in for a clock.

A limit that is passed raises `TooHard`, which `compare` turns into `undecided`. Work is counted and not timed, so
that the same two answers get the same verdict on every machine, and so that it also holds outside the main thread.
"""

import random
from fractions import Fraction

MAX_CHARACTERS = 2000
MAX_RESPONSE = 50_000  # characters, the last of a response without its thoughts
MAX_TAIL = 20_000  # characters of it in which a sentence is searched that announces the answer
MAX_TOKENS = 400
MAX_DEPTH = 60
MAX_WRAPPERS = 12  # of dollar signs, boxes and emphasis around one another
MAX_BITS = 1 << 16  # of any integer that exact arithmetic makes
MAX_FACTORIAL = 5000
MAX_ROOT = 1000  # a root's index, and the denominator of an angle in half turns
MAX_PRECISION = 1 << 15  # bits of a ball
WORK = 6000  # steps a comparison may take; a step is 1-3 microseconds on a laptop


class TooHard(Exception):
    """A limit was passed; the message says which."""


class TooLarge(TooHard):
    """A single number passed a limit; another point may do."""


class Work:
    """What one comparison may spend: steps counted down from `WORK`, and the dice for its random points.

    The dice are seeded with the two answers, so that a verdict is the same every time and no answer can be written
    to fit points known beforehand.
    """

    def __init__(self, seed: str = "", steps: int = WORK) -> None:
        self.left = steps
        self.dice = random.Random(seed.encode("utf-8", "surrogatepass"))

    def spend(self, steps: int) -> None:
        """Count `steps`; raises TooHard when none are left."""
        self.left -= steps
        if self.left < 0:
            raise TooHard("the comparison would take too many steps")

    def spend_on(self, value: Fraction) -> None:
        """Count what a long rational costs: its length, and to reduce it one length times the other."""
        top, bottom = value.numerator.bit_length(), value.denominator.bit_length()
        self.spend((top + bottom) // 256 + (top * bottom >> 20))
