"""Tiebreakers: one idea turns a frightening number into a short computation."""

import random

from stages.sample.families.prose import write
from stages.sample.problem import Family, Item

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def factorial_zeros(rng: random.Random, *, wording: int) -> Item:
    n = rng.choice([n for n in range(25, 120) if n // 125 == 0 and n % 5])
    fives, more = n // 5, n // 25
    answer = fives + more
    statement = (
        f"In how many zeros does the number ${n}!$ end?",
        f"The product of all positive integers up to ${n}$ is written out. How many zeros stand at its right end, "
        "one after another?",
        f"Find the greatest integer $k$ such that $10^k$ divides ${n}!$.",
        f"All pages of a book, numbered from one to ${n}$, have their page numbers multiplied together. "
        "How often can the product be divided by ten without remainder?",
        f"What is the largest exponent $m$ for which ${n}!/5^m$ is an integer?",
    )[wording]
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
    n = rng.randint(9, 40)
    last, answer = 2 * n - 1, n * n
    statement, what = (
        (f"Find the value of $1 + 3 + 5 + ... + {last}$.", "the value"),
        (
            f"In a triangle made of rows of coins the rows hold one, three, five coins and so on up to ${last}$. "
            "How many coins are there altogether?",
            "the number of coins",
        ),
        (f"What is the sum of all positive odd integers that are not greater than ${last}$?", "the sum"),
        (
            f"A stone falls one unit in the first tick, three in the second, five in the third, and in its last tick "
            f"it falls ${last}$ units. What is the whole depth of its fall?",
            "the depth",
        ),
        (
            f"The L-shaped layers around a corner square have $3$, $5$, $7$ and finally ${last}$ tiles, and the corner "
            "itself is one tile. How many tiles does the whole pattern have?",
            "the number of tiles",
        ),
    )[wording]
    steps = (
        ("The sum of the first odd numbers is a perfect square.", "Such a sum is a square.", ""),
        ("Each odd number adds one more layer around a square.", ""),
        (
            f"The number of terms is ({last} + 1) / 2 = {n}.",
            f"Terms: ({last} + 1) / 2 = {n}.",
            f"({last} + 1) / 2 = {n}.",
        ),
        (f"So the square has the side {n}.", f"The side is {n}.", ""),
        (f"Square it: {n} · {n} = {answer}.", f"{n} · {n} = {answer}."),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "odd_sum",
        statement,
        f"${answer}$",
        steps,
        brief=f"With {n} terms, {n} · {n} = {answer}.",
        rng=rng,
        slip="Adding term by term would take long, and a pattern shows up early.",
        check="Check the pattern: 1 + 3 = 4 and 1 + 3 + 5 = 9, which are squares of 2 and 3.",
        wrong=str(last * last),
    )


def weekday(rng: random.Random, *, wording: int) -> Item:
    start, n = rng.randrange(7), rng.randint(30, 200)
    while n % 7 == 0:
        n += 1
    weeks, rest = divmod(n, 7)
    today, answer = DAYS[start], DAYS[(start + rest) % 7]
    statement = (
        f"Today is {today}. Which day of the week will it be in ${n}$ days?",
        f"A ship leaves on a {today} and returns exactly ${n}$ days later. On what weekday does it return?",
        f"If the first of several tests is on {today} and another test follows after ${n}$ days, name the day of the "
        "week of that other test.",
        f"A spider needs ${n}$ days to repair its web after a storm on {today}. When the last of these days has "
        "come, what do people call that day?",
        f"Kim was born on a {today}. What day of the week was it when she was ${n}$ days old?",
    )[wording]
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
    Family("factorial_zeros", "tiebreaker", ("fs", "js", "tp"), 5, factorial_zeros),
    Family("odd_sum", "tiebreaker", ("fs", "js", "tp"), 5, odd_sum),
    Family("weekday", "tiebreaker", ("fs", "tp"), 5, weekday),
)
