"""Probability and expected values, with small sample spaces."""

import math
import random
from fractions import Fraction

from data.sample.families.prose import write
from data.sample.problem import Family, Item


def draw_one(rng: random.Random, *, wording: int) -> Item:
    while True:
        a, b = rng.randint(2, 7), rng.randint(2, 7)
        if math.gcd(a, b) == 1:
            break
    total = a + b
    settings = (
        f"A bag holds ${a}$ red marbles and ${b}$ blue marbles of equal size.",
        f"In a dark drawer there are ${a}$ red socks and ${b}$ blue ones.",
        f"A teacher has put ${a}$ red pencils and ${b}$ blue pencils into a box.",
        f"On a wheel of fortune ${a}$ red and ${b}$ blue names are written.",
        f"From a deck only ${a}$ red cards and ${b}$ black cards are left.",
    )
    questions = (
        "One of them is selected at random. What is the probability that it is red?",
        "Pat picks a single one without looking. Find the chance that Pat gets red.",
        "With what probability does a random choice of one give a red one?",
        "If chance decides on exactly one, how likely is red, as a reduced fraction?",
    )
    setting, question = divmod(wording, len(questions))
    steps = (
        (
            "The probability is the number of good outcomes divided by the number of all outcomes.",
            "Divide good outcomes by all outcomes.",
            "",
        ),
        (f"There are {a} red ones, so the good outcomes are {a}.", f"Good outcomes: {a}.", ""),
        (f"All outcomes together are {a} + {b} = {total}.", f"All: {a} + {b} = {total}.", f"{a} + {b} = {total}."),
        (f"The fraction good over all is {a}/{total}.", f"Good over all is {a}/{total}."),
        (f"So the probability is {a}/{total}.", f"So {a}/{total}.", ""),
    )
    return write(
        "draw_one",
        f"{settings[setting]} {questions[question]}",
        f"${a}/{total}$",
        steps,
        brief=f"{a} + {b} = {total}, so {a}/{total}.",
        rng=rng,
        slip=f"It is easy to compare {a} with {b}, but that would be odds and not a probability.",
        check=f"Check: the other probability is {b}/{total}, and {a}/{total} + {b}/{total} = 1.",
        wrong=f"{b}/{total}",
    )


def two_dice(rng: random.Random, *, wording: int) -> Item:
    total = rng.choice((3, 4, 5, 6, 7, 8, 9, 10, 11))
    outcomes = [(x, total - x) for x in range(1, 7) if 1 <= total - x <= 6]
    good = len(outcomes)
    value = Fraction(good, 36)
    statement, what = {
        2: (
            f"Ana and Ben each secretly write down a random integer from $1$ to $6$. "
            f"With what probability do their integers have the sum ${total}$?",
            "choices",
        ),
    }[wording]
    first = outcomes[0]
    steps = (
        ("Count the equally likely ordered pairs.", "Count ordered pairs.", ""),
        ("There are 6 · 6 = 36 pairs in all.", "All: 6 · 6 = 36.", "6 · 6 = 36.", ""),
        (
            f"For the sum {total} the first number runs from {first[0]} to {outcomes[-1][0]}, and each needs one "
            "partner.",
            f"The first number runs from {first[0]} to {outcomes[-1][0]}.",
            f"First from {first[0]} to {outcomes[-1][0]}.",
            "",
        ),
        (
            f"This gives {outcomes[-1][0]} - {first[0]} + 1 = {good} good {what}.",
            f"Good {what}: {outcomes[-1][0]} - {first[0]} + 1 = {good}.",
            f"{outcomes[-1][0]} - {first[0]} + 1 = {good}.",
            f"Good: {good}.",
        ),
        (
            f"The probability is {good}/36" + (f" = {value}." if str(value) != f"{good}/36" else "."),
            f"So {good}/36" + (f" = {value}." if str(value) != f"{good}/36" else "."),
        ),
    )
    return write(
        "two_dice",
        statement,
        f"${value}$",
        steps,
        brief=f"Good {good}, all 36, so {value}.",
        rng=rng,
        slip="There are 11 possible sums, so one might guess 1/11, but the sums are not equally likely.",
        check=f"One of the good pairs is {first[0]} and {first[1]}, and indeed {first[0]} + {first[1]} = {total}.",
        wrong="1/11",
    )


def coin_heads(rng: random.Random, *, wording: int) -> Item:
    n = rng.choice((3, 4, 5))
    k = rng.randint(1, 2)
    good, total = math.comb(n, k), 2**n
    value = Fraction(good, total)
    statement, what = {
        2: (
            f"Each of ${n}$ lamps is on or off, both equally likely and independent. "
            f"How likely is it that the number of burning lamps is ${k}$?",
            "burning lamps",
        ),
    }[wording]
    ways = f"{n} · {n - 1} / 2 = {good}" if k == 2 else str(n)
    thing = what if k == 2 else what.removesuffix("s")
    reduced = f"{good}/{total}" + (f" = {value}" if value.denominator != total else "")
    steps = (
        ("Count all patterns and the good patterns.", "Count patterns.", ""),
        (
            f"With two cases each time there are 2^{n} = {total} equally likely patterns.",
            f"There are 2^{n} = {total} patterns.",
            f"All: 2^{n} = {total}.",
        ),
        (
            f"The {k} {thing} can be placed in {ways} ways.",
            f"Good patterns: {ways}.",
            f"Good: {ways}.",
            f"Good: {good}.",
        ),
        (f"Good over all is {good} over {total}.", f"Good over all: {good}/{total}.", ""),
        (f"The probability is {reduced}.", f"So {reduced}."),
    )
    return write(
        "coin_heads",
        statement,
        f"${value}$",
        steps,
        brief=f"Good {good}, all {total}, so {value}.",
        rng=rng,
        slip=f"One might think that {k} out of {n} is just the fraction {k}/{n}, but the patterns must be counted.",
        check=f"Check: exchanging the two cases turns {k} into {n - k}, and by symmetry both have {good} patterns.",
        wrong=str(Fraction(1, total)),
    )


FAMILIES = (
    Family("draw_one", "probability", (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18), draw_one),
    Family("two_dice", "probability", (2,), two_dice),
    Family("coin_heads", "probability", (2,), coin_heads),
)
