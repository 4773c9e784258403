"""Statements that are ALWAYS, SOMETIMES or NEVER true."""

import random
from dataclasses import dataclass

from data.sample.families.prose import write
from data.sample.problem import Family, Item

DECIDE = "Decide whether that is ALWAYS, SOMETIMES or NEVER the case."


@dataclass(frozen=True)
class Claim:
    """One claim and why its verdict holds: an example, a general reason, and the reason in short.

    They have 8, 12 and 7 words, so that the chains of all claims follow one pattern.
    """

    text: str
    example: str
    reason: str
    short: str


def always_sometimes_never(rng: random.Random, *, wording: int) -> Item:
    verdict, claim, asked = {1: _square, 3: _consecutive_odd, 4: _last_digit, 5: _odd_sum}[wording](rng)
    steps = (
        ("Look at one example first, then decide with a reason that covers every case.", ""),
        (f"For example, {claim.example}.", ""),
        (f"The reason: {claim.reason}.", f"The reason: {claim.short}."),
        (f"So the statement is {verdict} true.", f"So {verdict}."),
    )
    return write(
        "always_sometimes_never",
        f"{claim.text} {asked}",
        verdict,
        steps,
        brief=f"{claim.short[0].upper()}{claim.short[1:]}: {verdict}.",
        rng=rng,
        slip="A single example cannot prove that something always holds, but it can show that it does not always fail.",
        check="I also looked for a case that would change the verdict, and there is none, so the decision stands.",
        wrong="ALWAYS" if verdict == "SOMETIMES" else "SOMETIMES",
    )


# The papers were drawn when several claims shared each list of draws. Every claim still makes all draws of its list, so
# that its numbers, and the opener and closing that `write` chooses after them, stay those in print.

Told = tuple[str, Claim, str]  # verdict, claim, and how it is asked


def _square(rng: random.Random) -> Told:
    n, *_ = rng.randint(3, 9), rng.choice((3, 5, 9)), rng.randint(2, 6), rng.randint(1, 5), rng.choice(range(4))
    claim = _sometimes(
        f"For a positive integer $x$ we have $x^2 > {n}x$.", n + 1, f"{n + 1} is above {n}", 1, f"1 is below {n}"
    )
    return "SOMETIMES", claim, "Is this ALWAYS, SOMETIMES or NEVER true?"


def _last_digit(rng: random.Random) -> Told:
    *_, root, _ = rng.randint(3, 9), rng.choice((3, 5, 9)), rng.randint(2, 6), rng.randint(1, 5), rng.choice(range(4))
    claim = _sometimes(
        f"When an integer is multiplied by itself, the last digit of the result is ${root * root % 10}$.",
        root,
        f"its square is {root * root}",
        10,
        "its square is 100",
    )
    return "SOMETIMES", claim, DECIDE


def _consecutive_odd(rng: random.Random) -> Told:
    _, odd, *_ = rng.randint(3, 6), rng.choice((3, 5, 7, 9)), rng.randint(2, 6), rng.choice(range(3))
    claim = Claim(
        f"If ${odd}$ consecutive integers are added, the sum is a multiple of ${odd}$.",
        f"the integers 1 to {odd} add to {odd * (odd + 1) // 2}",
        f"the sum is {odd} times the middle one, because {odd} is odd",
        f"the sum is {odd} times the middle",
    )
    return "ALWAYS", claim, DECIDE


def _odd_sum(rng: random.Random) -> Told:
    n, *_ = rng.randint(3, 9), rng.choice(range(3)), rng.randint(2, 6), rng.choice(range(4)), rng.randint(1, 3)
    odd = n + 1 + n % 2
    claim = Claim(
        f"The sum of two odd integers, each greater than ${n}$, is an odd integer.",
        f"for {odd} and {odd + 2} we get {2 * odd + 2}, even",
        "two odd numbers leave no remainder in total when divided by 2",
        "odd plus odd is even, never odd",
    )
    return "NEVER", claim, DECIDE


def _sometimes(text: str, yes: int, because: str, no: int, contrary: str) -> Claim:
    return Claim(
        text,
        f"{yes} works here, because {because}",
        f"{no} does not work, because {contrary}, so both happen",
        f"{yes} works, but {no} does not work",
    )


FAMILIES = (Family("always_sometimes_never", "statements", (1, 3, 4, 5), always_sometimes_never),)
