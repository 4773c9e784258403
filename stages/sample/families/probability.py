"""Probability and expected values, with small sample spaces."""

import math
import random
from fractions import Fraction

from stages.sample.families.prose import write
from stages.sample.problem import Family, Item


def draw_one(rng: random.Random, *, wording: int) -> Item:
    while True:
        a, b, c = rng.randint(2, 7), rng.randint(2, 7), rng.randint(2, 7)
        total, good = a + b + c, b + c
        value = Fraction(good, total)
        if value.denominator < total and a != good:
            break
    factor = total // value.denominator
    statement, what = (
        (
            f"A bag holds ${a}$ red, ${b}$ blue and ${c}$ green marbles. One marble is drawn at random. "
            "What is the probability that it is not red?",
            "not red",
        ),
        (
            f"In a class ${a}$ students walk to school, ${b}$ take the bus and ${c}$ come by bicycle. "
            "A student is picked by lot. Find the probability that this student does not walk.",
            "not walking",
        ),
        (
            f"Of the donuts in a box ${a}$ are plain, ${b}$ have sugar and ${c}$ have chocolate on top. "
            "Pat grabs one without looking. What is the probability that it has sugar or chocolate?",
            "sugar or chocolate",
        ),
        (
            f"A wheel of fortune has equal sectors, ${a}$ black, ${b}$ gold and ${c}$ silver. Find, as a reduced "
            "fraction, the chance that the wheel stops on gold or silver.",
            "gold or silver",
        ),
        (
            f"A playlist contains ${a}$ slow songs, ${b}$ fast songs and ${c}$ songs without words. If the first song "
            "is chosen at random, with what probability is it anything but slow?",
            "not slow",
        ),
    )[wording]
    steps = (
        ("The probability is the number of good outcomes divided by the number of all outcomes.", "Good over all.", ""),
        (
            f"All outcomes: {a} + {b} + {c} = {total}.",
            f"All: {a} + {b} + {c} = {total}.",
            f"{a} + {b} + {c} = {total}.",
            "",
        ),
        (
            f"Good outcomes ({what}): {b} + {c} = {good}.",
            f"Good: {b} + {c} = {good}.",
            f"{b} + {c} = {good}.",
            "",
        ),
        (f"The probability is {good}/{total}.", f"So {good}/{total}.", ""),
        (
            f"Divide both by {factor} to reduce: {good}/{total} = {value}.",
            f"Reduce by {factor}: {good}/{total} = {value}.",
            f"Reduced, {good}/{total} = {value}.",
        ),
    )
    return write(
        "draw_one",
        statement,
        f"${value}$",
        steps,
        brief=f"Good {good}, all {total}: {good}/{total} = {value}.",
        rng=rng,
        slip=f"It is easy to compare {good} with {a}, but that would be odds and not a probability.",
        check=f"Check: the other probability is {Fraction(a, total)}, and {value} + {Fraction(a, total)} = 1.",
        wrong=str(Fraction(a, total)),
    )


def two_dice(rng: random.Random, *, wording: int) -> Item:
    total = rng.choice((3, 4, 5, 6, 7, 8, 9, 10, 11))
    outcomes = [(x, total - x) for x in range(1, 7) if 1 <= total - x <= 6]
    good = len(outcomes)
    value = Fraction(good, 36)
    statement, what = (
        (f"Two fair dice are rolled. What is the probability that the sum of the numbers is ${total}$?", "rolls"),
        (
            f"A spinner with six equal sectors numbered $1$ to $6$ is spun twice. "
            f"Find the probability that the two results add up to ${total}$.",
            "spins",
        ),
        (
            f"Ana and Ben each secretly write down a random integer from $1$ to $6$. "
            f"With what probability do their integers have the sum ${total}$?",
            "choices",
        ),
        (
            f"The coordinates $x$ and $y$ are picked independently and at random from ${{1, 2, 3, 4, 5, 6}}$. "
            f"How likely is it that $(x, y)$ lies on the line $x + y = {total}$?",
            "points",
        ),
        (
            f"In a board game you move as many squares as a red die and a white die show together. "
            f"What is the chance of landing exactly ${total}$ squares ahead on your first turn?",
            "rolls",
        ),
    )[wording]
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
    statement, what = (
        (
            f"A fair coin is tossed ${n}$ times. What is the probability of exactly ${k}$ "
            f"{'head' if k == 1 else 'heads'}?",
            "heads",
        ),
        (
            f"On a true-false quiz with ${n}$ questions Lou guesses every answer. "
            f"Find the probability that precisely ${k}$ of them {'is' if k == 1 else 'are'} right.",
            "right answers",
        ),
        (
            f"Each of ${n}$ lamps is on or off, both equally likely and independent. "
            f"How likely is it that the number of burning lamps is ${k}$?",
            "burning lamps",
        ),
        (
            f"A mouse passes ${n}$ forks in a maze and turns left or right at random each time. "
            f"With what probability does it turn left ${k}$ {'time' if k == 1 else 'times'} in all?",
            "left turns",
        ),
        (
            f"A random subset of a set with ${n}$ elements is chosen, all subsets being equally likely. "
            f"What is the probability that it has ${k}$ {'element' if k == 1 else 'elements'}?",
            "elements",
        ),
    )[wording]
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
    Family("draw_one", "probability", ("fs", "tp"), 5, draw_one),
    Family("two_dice", "probability", ("fs", "js", "tp"), 5, two_dice),
    Family("coin_heads", "probability", ("fs", "js"), 5, coin_heads),
)
