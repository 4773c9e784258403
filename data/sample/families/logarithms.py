"""Logarithms and exponents."""

import random

from data.sample.families.prose import write
from data.sample.problem import Family, Item


def log_sum(rng: random.Random, *, wording: int) -> Item:
    a, b = rng.sample((2, 3, 5), 2)
    top = {2: 6, 3: 4, 5: 3}
    m, n = rng.randint(2, top[a]), rng.randint(2, top[b])
    x, y = a**m, b**n
    total = m + n
    statement, what = {
        0: (f"Evaluate $log_{a} {x} + log_{b} {y}$.", "the sum"),
        1: (f"If ${a}^x = {x}$ and ${b}^y = {y}$, what is $x + y$?", "the sum"),
        2: (
            f"Let $p = log_{a} {x}$ and $q = log_{b} {y}$. Find the arithmetic sum of the two logarithms $p$ and $q$.",
            "the sum",
        ),
    }[wording]
    steps = (
        ("Write each number as a power of its base, because the logarithm is the exponent.", "Find exponents.", ""),
        (f"First {x} = {a}^{m}, so the first exponent is {m}.", f"First {x} = {a}^{m}.", f"{x} = {a}^{m}."),
        (f"Then {y} = {b}^{n}, so the second exponent is {n}.", f"Then {y} = {b}^{n}.", f"{y} = {b}^{n}."),
        (f"Add the exponents: {m} + {n} = {total}.", f"{m} + {n} = {total}."),
        (f"So {what} is {total}.", f"So {total}.", ""),
    )
    return write(
        "log_sum",
        statement,
        f"${total}$",
        steps,
        brief=f"Exponents {m} and {n}: {m} + {n} = {total}.",
        rng=rng,
        slip=f"The numbers {x} and {y} must not be multiplied under one logarithm, since the bases differ.",
        check=f"Check: {a}^{m} = {x} and {b}^{n} = {y}, so both exponents are right.",
        wrong=str(m * n if m * n != total else total + 1),
    )


def log_equation(rng: random.Random, *, wording: int) -> Item:
    base, k = rng.choice(((2, 3), (2, 4), (2, 5), (3, 2), (3, 3), (5, 2), (4, 2), (2, 6), (10, 2)))
    shift = rng.randint(1, 9)
    power = base**k
    answer = power + shift
    statement, what = {
        2: (
            f"For which real number $t$ is $t - {shift}$ equal to the number whose base-${base}$ logarithm is ${k}$?",
            "t",
        ),
        4: (
            f"A scale shows $log_{base} (m - {shift})$ for a mass of $m$ grams. What is the mass in grams if the scale "
            f"shows ${k}$?",
            "the mass",
        ),
    }[wording]
    steps = (
        ("Write the equation in exponential form.", "Use exponential form.", ""),
        (
            f"A logarithm of {k} to the base {base} means the number is {base}^{k}.",
            f"The number is {base}^{k}.",
            "",
        ),
        (f"The power is {base}^{k} = {power}.", f"Power: {base}^{k} = {power}.", f"{base}^{k} = {power}."),
        (f"So the part after subtracting is {power}.", ""),
        (
            f"Add {shift} again: {power} + {shift} = {answer}.",
            f"Add: {power} + {shift} = {answer}.",
            f"{power} + {shift} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "log_equation",
        statement,
        f"${answer}$",
        steps,
        brief=f"{base}^{k} + {shift} = {power} + {shift} = {answer}.",
        rng=rng,
        slip=f"I must not multiply {base} by {k}, because a logarithm is undone by a power.",
        check=f"Check: {answer} - {shift} = {power}, and {power} is the power {base}^{k}.",
        wrong=str(base * k + shift if base * k != power else power),
    )


def exponent_equation(rng: random.Random, *, wording: int) -> Item:
    base, k = rng.choice(
        [(base, k) for base, top in ((2, 6), (3, 4), (4, 3), (5, 3), (10, 4)) for k in range(2, top + 1)]
    )
    n = base**k
    settings = (
        f"A positive integer $x$ satisfies the equation ${base}^x = {n}$.",
        f"The base ${base}$ has to be raised to the power $x$ to give ${n}$.",
        f"The logarithm $log_{base} {n}$ is an integer that is called $x$.",
        f"A product of $x$ factors, each of them ${base}$, is equal to ${n}$.",
        f"A colony grows by the factor ${base}$ every hour, and by ${n}$ in $x$ hours.",
    )
    questions = (
        "What is the value of the positive whole number $x$?",
        "Find the only number $x$ for which this is true.",
        "Which integer has to be written in place of $x$?",
        "How large must $x$ be for the statement to hold?",
    )
    setting, asked = divmod(wording, len(questions))
    steps = (
        ("Write the number as a power of the base, because the exponent is wanted.", "Find the exponent.", ""),
        (f"The base is {base} and the number is {n}.", f"Base {base}, number {n}.", ""),
        (f"The table of powers gives {base}^{k} = {n}.", f"Powers: {base}^{k} = {n}."),
        ("Equal powers of one base have equal exponents.", "Compare exponents.", ""),
        (f"So the exponent x is {k}.", f"So x is {k}."),
    )
    return write(
        "exponent_equation",
        f"{settings[setting]} {questions[asked]}",
        f"${k}$",
        steps,
        brief=f"The power {base}^{k} = {n} gives {k}.",
        rng=rng,
        slip=f"Dividing {n} by {base} once is not enough, so I count how often the base goes into it.",
        check=f"Check: the base {base} stands {k} times in the product, and {base}^{k} = {n}.",
        wrong=str(k + 1),
    )


FAMILIES = (
    Family("log_sum", "logarithms", (0, 1, 2), log_sum),
    Family("log_equation", "logarithms", (2, 4), log_equation),
    Family(
        "exponent_equation", "logarithms", (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 17, 19), exponent_equation
    ),
)
