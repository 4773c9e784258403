"""Sequences and series."""

import random

from data.sample.families.prose import write
from data.sample.problem import Family, Item


def arithmetic_term(rng: random.Random, *, wording: int) -> Item:
    first, step, n = rng.randint(2, 15), rng.randint(3, 9), rng.choice((10, 11, 12, 15, 20, 21, 25))
    answer = first + (n - 1) * step
    a, b, c = first, first + step, first + 2 * step
    statement, what = {
        2: (
            f"A plant is ${a}$ cm tall on day $1$, ${b}$ cm on day $2$, ${c}$ cm on day $3$, growing evenly. "
            f"What is its height in centimeters on day ${n}$?",
            "the height",
        ),
        4: (
            f"Figures made of matches need ${a}$, ${b}$ and ${c}$ matches, and each later figure adds the same number. "
            f"How many matches does figure ${n}$ need?",
            "the number of matches",
        ),
    }[wording]
    steps = (
        ("Use the term formula: first term plus steps times difference.", "Use the term formula.", ""),
        (f"The difference is {b} - {a} = {step}.", f"Difference: {b} - {a} = {step}.", f"{b} - {a} = {step}.", ""),
        (
            f"From term 1 to term {n} there are {n} - 1 = {n - 1} steps.",
            f"Steps: {n} - 1 = {n - 1}.",
            "",
        ),
        (
            f"The steps add {n - 1} · {step} = {(n - 1) * step}.",
            f"Then {n - 1} · {step} = {(n - 1) * step}.",
            f"{n - 1} · {step} = {(n - 1) * step}.",
        ),
        (
            f"Add the first term: {a} + {(n - 1) * step} = {answer}.",
            f"Add: {a} + {(n - 1) * step} = {answer}.",
            f"{a} + {(n - 1) * step} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "arithmetic_term",
        statement,
        f"${answer}$",
        steps,
        brief=f"{a} + {n - 1} · {step} = {answer}.",
        rng=rng,
        slip=f"Taking {n} steps would be one too many, since the first term needs no step.",
        check=f"Check the formula at the third term: {a} + 2 · {step} = {c}, which is given.",
        wrong=str(answer + step),
    )


def arithmetic_sum(rng: random.Random, *, wording: int) -> Item:
    first, step, n = rng.randint(1, 6), rng.randint(1, 5), rng.choice((6, 8, 10, 12, 20))
    last = first + (n - 1) * step
    answer = n * (first + last) // 2
    statement, what = {
        1: (
            f"Logs are piled in ${n}$ layers. The top layer has ${first}$, the bottom layer ${last}$, and each layer "
            "grows by the same number. How many logs are in the pile?",
            "the number of logs",
        ),
    }[wording]
    ends = first + last
    steps = (
        ("Pair the first with the last term, because all pairs have the same sum.", "Pair the ends.", ""),
        (
            f"Each pair has the sum {first} + {last} = {ends}.",
            f"A pair: {first} + {last} = {ends}.",
            f"{first} + {last} = {ends}.",
        ),
        (
            f"The {n} terms make {n} / 2 = {n // 2} pairs.",
            f"Pairs: {n} / 2 = {n // 2}.",
            f"{n} / 2 = {n // 2}.",
            "",
        ),
        (
            f"Multiply: {n // 2} · {ends} = {answer}.",
            f"{n // 2} · {ends} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "arithmetic_sum",
        statement,
        f"${answer}$",
        steps,
        brief=f"{n // 2} · {ends} = {answer} by pairs.",
        rng=rng,
        slip=f"Multiplying {n} by {ends} would count everything twice, so I take pairs.",
        check=f"Check: the average term is {ends}/2, and {n} times the average is also {answer}.",
        wrong=str(n * ends),
    )


def geometric_term(rng: random.Random, *, wording: int) -> Item:
    first, ratio, n = rng.choice(
        [(f, r, n) for f in (2, 3, 4, 5, 7) for r, n in ((2, 5), (2, 6), (2, 7), (3, 4), (3, 5))]
    )
    power = ratio ** (n - 1)
    answer = first * power
    times = {2: "doubles", 3: "triples"}[ratio]
    doubled = {2: "twice", 3: "three times"}[ratio]
    statement, what = {
        1: (
            f"A colony of ${first}$ cells {times} at the end of every hour. How many cells are there at the beginning "
            f"of hour ${n}$, if the ${first}$ cells are there at the beginning of hour $1$?",
            "the number of cells",
        ),
        2: (
            f"Let $a_1 = {first}$ and let each later term be {doubled} the term before it. Compute $a_{n}$.",
            "the value",
        ),
    }[wording]
    steps = (
        ("Use the term formula: first term times a power of the ratio.", "Use the power of the ratio.", ""),
        (f"The first term is {first} and the ratio is {ratio}.", ""),
        (
            f"From term 1 to term {n} there are {n} - 1 = {n - 1} steps.",
            f"Steps: {n} - 1 = {n - 1}.",
            f"{n} - 1 = {n - 1}.",
            "",
        ),
        (
            f"The power is {ratio}^{n - 1} = {power}.",
            f"Power: {ratio}^{n - 1} = {power}.",
            f"{ratio}^{n - 1} = {power}.",
        ),
        (
            f"Multiply by the first term: {first} · {power} = {answer}.",
            f"Multiply: {first} · {power} = {answer}.",
            f"{first} · {power} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "geometric_term",
        statement,
        f"${answer}$",
        steps,
        brief=f"{first} · {ratio}^{n - 1} = {first} · {power} = {answer}.",
        rng=rng,
        slip=f"I must be careful to take {n - 1} steps and not {n}, since the first term is already there.",
        check=f"Check: the second term is {first * ratio} and the third is {first * ratio**2}, so it grows as "
        "expected.",
        wrong=str(answer * ratio),
    )


def telescoping(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(5, 30)
    statement, what = {
        0: (
            f"Find the exact value of $1/(1 dot 2) + 1/(2 dot 3) + 1/(3 dot 4) + ... + 1/({n} dot {n + 1})$.",
            "the value",
        ),
        1: (
            f"The terms of a series are $1/(k (k+1))$ for $k = 1, 2, 3, ..., {n}$. What is their sum as a common "
            "fraction?",
            "their sum",
        ),
        2: (
            "On day $k$ a snail creeps $1/k - 1/(k+1)$ of a meter. "
            f"What fraction of a meter has it covered at the end of day ${n}$, starting with day $1$?",
            "the distance",
        ),
        3: (
            f"A painter finishes a share of $1/(n^2+n)$ of a wall in hour $n$. Which part of the wall is painted after "
            f"the first ${n}$ hours?",
            "the painted part",
        ),
        4: (
            f"Let $f(x) = 1/x - 1/(x+1)$. Compute $f(1) + f(2) + ... + f({n})$ as a fraction in lowest terms.",
            "the total",
        ),
    }[wording]
    steps = (
        ("Write each term as a difference, so that the middle parts cancel.", "Write terms as differences.", ""),
        ("For example 1/2 - 1/3 = 1/6, which is one over 2 · 3.", "For example 1/2 - 1/3 = 1/6.", ""),
        ("Everything cancels except the first part and the last part.", "The middle parts cancel.", ""),
        ("The first part is 1.", ""),
        (f"The last part is 1/{n + 1}.", ""),
        (f"The sum is 1 - 1/{n + 1} = {n}/{n + 1}.", f"So 1 - 1/{n + 1} = {n}/{n + 1}."),
        (f"So {what} is {n}/{n + 1}.", ""),
    )
    return write(
        "telescoping",
        statement,
        f"${n}/{n + 1}$",
        steps,
        brief=f"All cancels: 1 - 1/{n + 1} = {n}/{n + 1}.",
        rng=rng,
        slip="A common denominator would be enormous, so there has to be a shorter way.",
        check="Check a small case: with two terms 1/2 + 1/6 = 2/3, and the pattern gives the same.",
        wrong=f"{n + 1}/{n + 2}",
    )


FAMILIES = (
    Family("arithmetic_term", "sequences", (2, 4), arithmetic_term),
    Family("arithmetic_sum", "sequences", (1,), arithmetic_sum),
    Family("geometric_term", "sequences", (1, 2), geometric_term),
    Family("telescoping", "sequences", (0, 1, 2, 3, 4), telescoping),
)
