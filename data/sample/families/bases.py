"""Numerals in other bases than ten."""

import random

from data.sample.families.forms import numeral
from data.sample.families.prose import write
from data.sample.problem import Family, Item


def from_base(rng: random.Random, *, wording: int) -> Item:
    base = rng.randint(5, 8)
    x, y, z = rng.randint(1, 3), rng.randint(1, base - 1), rng.randint(1, base - 1)
    square, answer = base * base, x * base * base + y * base + z
    shown = f"{x}{y}{z}_{base}"
    statement, what = {
        0: (f"Which base-ten integer has the numeral ${shown}$?", "the integer"),
        2: (f"If $x = {shown}$, find the value of $x$ in base ten.", "x"),
        3: (
            f"An old counter whose wheels carry the digits $0$ to ${base - 1}$ displays ${shown}$. "
            "How often has it been pressed, as a base-ten number?",
            "the number of presses",
        ),
        4: (f"Convert the number ${shown}$ from base ${base}$ to decimal notation.", "the decimal number"),
    }[wording]
    steps = (
        ("Each digit counts a power of the base, so expand the numeral.", "Expand the numeral.", ""),
        (f"The places are worth {square}, {base} and 1.", ""),
        (
            f"The first digit gives {x} · {square} = {x * square}.",
            f"First {x} · {square} = {x * square}.",
            f"{x} · {square} = {x * square}.",
            "",
        ),
        (
            f"The second digit gives {y} · {base} = {y * base}.",
            f"Then {y} · {base} = {y * base}.",
            f"{y} · {base} = {y * base}.",
            "",
        ),
        (
            f"Add the last digit {z}: {x * square} + {y * base} + {z} = {answer}.",
            f"Add: {x * square} + {y * base} + {z} = {answer}.",
            f"{x * square} + {y * base} + {z} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "from_base",
        statement,
        f"${answer}$",
        steps,
        brief=f"{x * square} + {y * base} + {z} = {answer}.",
        rng=rng,
        slip=f"The numeral looks like {x}{y}{z}, but here a step to the left is worth {base} and not ten.",
        check=f"Check: {answer} lies between {x * square} and {(x + 1) * square}, as the first digit {x} says.",
        wrong=str(x * base + y * base + z),
    )


def to_base(rng: random.Random, *, wording: int) -> Item:
    base = rng.randint(4, 7)
    n = rng.randint(base**2 + base, 3 * base**2 - 1)
    digits = numeral(n, base)
    x, y, z = map(int, digits)
    second = base * base
    first = n % second
    statement, what = {
        0: (
            f"Write the decimal number ${n}$ as a numeral in base ${base}$. Give the base as a subscript.",
            "the numeral",
        ),
    }[wording]
    steps = (
        ("Take out the powers of the base, the largest first.", "Take out powers.", ""),
        (f"The powers of {base} are {second}, {base} and 1.", f"Powers: {second}, {base}, 1.", ""),
        (
            f"First {n} = {x} · {second} + {first}, so the first digit is {x}.",
            f"First {n} = {x} · {second} + {first}.",
            f"{n} = {x} · {second} + {first}.",
        ),
        (
            f"Then {first} = {y} · {base} + {z}, so the other digits are {y} and {z}.",
            f"Then {first} = {y} · {base} + {z}.",
            f"{first} = {y} · {base} + {z}.",
        ),
        (f"So {what} is {digits}_{base}.", f"So {digits}_{base}."),
    )
    return write(
        "to_base",
        statement,
        f"${digits}_{base}$",
        steps,
        brief=f"The digits {x}, {y}, {z} give {digits}_{base}.",
        rng=rng,
        slip="I could divide again and again and read the remainders backwards, but the direct way is short here.",
        check=f"Check: {x * second} + {y * base} + {z} = {n}, which is the number we began with.",
        wrong=f"{numeral(n + 1, base)}_{base}",
    )


def unknown_base(rng: random.Random, *, wording: int) -> Item:
    base = rng.randint(5, 12)
    x, y = rng.randint(2, 4), rng.randint(1, 4)
    n = x * base + y
    statement, what = {
        1: (f"If ${x}{y}_b = {n}$, where the right side is in base ten, find $b$.", "b"),
        4: (
            f"The price tag on planet $P$ says ${x}{y}$ coins. A tourist who thinks in base ten pays exactly ${n}$ "
            "coins. What is the number base of the planet?",
            "the base of the planet",
        ),
    }[wording]
    steps = (
        ("Let b be the base and expand the numeral in powers of b.", "Expand with base b.", ""),
        (f"The first digit counts b, so the value is {x}b + {y}.", f"The value is {x}b + {y}.", ""),
        (f"The equation is {x}b + {y} = {n}.", f"{x}b + {y} = {n}."),
        (
            f"Subtract {y}: {n} - {y} = {n - y}.",
            f"{n} - {y} = {n - y}.",
            "",
        ),
        (f"Divide by {x}: {n - y} / {x} = {base}.", f"{n - y} / {x} = {base}."),
        (f"So {what} is {base}.", f"So b = {base}.", ""),
    )
    return write(
        "unknown_base",
        statement,
        f"${base}$",
        steps,
        brief=f"{x}b + {y} = {n}, so b = {base}.",
        rng=rng,
        slip=f"In base ten the numeral would be {10 * x + y}, which is not {n} in general, so the base matters.",
        check=f"Check: {x} · {base} + {y} = {n}, and both digits are smaller than {base}.",
        wrong=str(n // x + y),
    )


FAMILIES = (
    Family("from_base", "bases", (0, 2, 3, 4), from_base),
    Family("to_base", "bases", (0,), to_base),
    Family("unknown_base", "bases", (1, 4), unknown_base),
)
