"""Tiebreakers: one idea turns a frightening number into a short computation."""

import random

from data.sample.families.prose import write
from data.sample.problem import Family, Item

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def factorial_zeros(rng: random.Random, *, wording: int) -> Item:
    n = rng.choice([n for n in range(25, 120) if n // 125 == 0 and n % 5])
    fives, more = n // 5, n // 25
    answer = fives + more
    statement = {
        2: f"Find the greatest integer $k$ such that $10^k$ divides ${n}!$.",
        4: f"What is the largest exponent $m$ for which ${n}!/5^m$ is an integer?",
    }[wording]
    steps = (
        (
            "Each zero needs a factor 5, because factors 2 are plentiful, so count the fives."
            if wording != 4
            else "Count how many factors 5 the product contains, one multiple after another.",
            "Count the factors 5.",
            "",
        ),
        (f"The number of multiples of 5 is {fives}.", f"Multiples of 5: {fives}.", f"Fives: {fives}."),
        (
            f"Multiples of 25 give one more factor each, and there are {more} of them.",
            f"Multiples of 25 add {more}.",
            f"Of 25: {more}.",
        ),
        ("Multiples of 125 are too large to occur.", ""),
        (f"Add: {fives} + {more} = {answer}.", f"{fives} + {more} = {answer}."),
        (f"So the answer is {answer}, the number of factors 5.", f"So {answer}.", ""),
    )
    return write(
        "factorial_zeros",
        statement,
        f"${answer}$",
        steps,
        brief=f"{fives} + {more} = {answer} factors 5.",
        rng=rng,
        slip=f"Stopping at {fives} would forget that 25, 50 and so on contain the factor 5 twice.",
        check=f"Check: {fives} · 5 = {fives * 5} is the last multiple of 5 up to {n}, so the count is right.",
        wrong=str(fives),
    )


def odd_sum(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(3, 12)
    answer = n * n
    settings = (
        (f"Coins lie in ${n}$ rows, one in the first, three in the second, then five, seven and so on.", "coins"),
        (f"Ann saves money on ${n}$ days, one dollar first and each time two more than the day before.", "dollars"),
        (f"A stone falls for ${n}$ seconds, one yard first and then every second two more than before.", "yards"),
        (f"A tower has ${n}$ layers, a single cube on top and in each layer below two cubes more.", "cubes"),
        (f"A choir stands in ${n}$ lines, one singer in front, three behind him, next five and so forth.", "singers"),
    )
    setting, asked = divmod(wording, 4)
    story, what = settings[setting]
    question = (
        f"How many {what} does this make in all, from the beginning to the end?",
        f"Find the sum of all these numbers of {what} without a long addition.",
        f"When everything has been added up, what is the total number of {what}?",
        f"Give the grand total, a whole number of {what}, from first to last.",
    )[asked]
    steps = (
        ("The sum of the first odd numbers is a perfect square.", "Such a sum is a square.", ""),
        (
            f"The numbers are 1, 3, 5 and so on, and there are {n} of them.",
            f"There are {n} odd numbers.",
        ),
        (f"So the square has the side {n}.", f"The side is {n}.", ""),
        (f"Square it: {n} · {n} = {answer}.", f"{n} · {n} = {answer}."),
        (f"So the answer is {answer}.", f"So {answer}."),
    )
    return write(
        "odd_sum",
        f"{story} {question}",
        f"${answer}$",
        steps,
        brief=f"Square it: {n} · {n} = {answer}.",
        rng=rng,
        slip="Adding term by term would take long, and a pattern shows up early.",
        check="Check the pattern: 1 + 3 = 4 and 1 + 3 + 5 = 9, which are squares of 2 and 3.",
        wrong=str(n * (n + 1)),
    )


def weekday(rng: random.Random, *, wording: int) -> Item:
    start, n = rng.randrange(7), rng.randint(30, 200)
    while n % 7 == 0:
        n += 1
    weeks, rest = divmod(n, 7)
    today, answer = DAYS[start], DAYS[(start + rest) % 7]
    statement = {
        1: f"A ship leaves on a {today} and returns exactly ${n}$ days later. On what weekday does it return?",
        3: f"A spider needs ${n}$ days to repair its web after a storm on {today}. When the last of these days has "
        "come, what do people call that day?",
    }[wording]
    day = "day" if rest == 1 else "days"
    steps = (
        ("Weekdays repeat after 7 days, so only the remainder matters.", "Use the remainder by 7.", ""),
        (
            f"The full weeks take 7 · {weeks} = {7 * weeks} days.",
            f"Weeks: 7 · {weeks} = {7 * weeks}.",
            f"7 · {weeks} = {7 * weeks}.",
            "",
        ),
        (f"After {7 * weeks} days it is {today} again.", ""),
        (f"The rest is {n} - {7 * weeks} = {rest}.", f"{n} - {7 * weeks} = {rest}."),
        (f"So count {rest} {day} on from {today}.", f"Count {rest} on from {today}.", f"{rest} after {today}."),
        (f"This leads to {answer}.", f"So {answer}."),
    )
    return write(
        "weekday",
        statement,
        answer,
        steps,
        brief=f"{n} leaves {rest}, so {today} becomes {answer}.",
        rng=rng,
        slip="Counting through all the days would work, but it is slow and easy to get wrong.",
        check=f"Check: {weeks} weeks and {rest} {day} make {7 * weeks} + {rest} = {n} days.",
        wrong=DAYS[(start + rest + 1) % 7],
    )


FAMILIES = (
    Family("factorial_zeros", "tiebreaker", (2, 4), factorial_zeros),
    Family("odd_sum", "tiebreaker", (0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17), odd_sum),
    Family("weekday", "tiebreaker", (1, 3), weekday),
)
