"""Number theory: divisors, multiples, remainders, digits."""

import math
import random

from data.sample.families.prose import write
from data.sample.problem import Family, Item


def common_multiple(rng: random.Random, *, wording: int) -> Item:
    g = rng.choice((2, 3, 4, 5, 6))
    x, y = rng.choice(((2, 3), (3, 4), (2, 5), (3, 5), (4, 5)))
    a, b = g * x, g * y
    answer = a * b // g
    statement, what = {
        0: (f"Find the least positive integer that is a multiple of both ${a}$ and ${b}$.", "The least multiple"),
        4: (
            f"Identical tiles, ${a}$ inches long and ${b}$ inches wide, are all laid the same way. "
            "What is the side in inches of the smallest square they fill?",
            "The side",
        ),
    }[wording]
    steps = (
        (
            "We need the least common multiple, which is the product divided by the greatest common divisor.",
            "Use the least common multiple: product over greatest common divisor.",
            "Use the least common multiple.",
            "",
        ),
        (f"The numbers are {a} = {g} · {x} and {b} = {g} · {y}.", f"{a} = {g} · {x}, {b} = {g} · {y}.", ""),
        (f"Their greatest common divisor is {g}.", f"The divisor is {g}.", ""),
        (
            f"The product is {a} · {b} = {a * b}. Divide by the divisor: {a * b} / {g} = {answer}.",
            f"{a} · {b} = {a * b}. Divide: {a * b} / {g} = {answer}.",
            f"{a} · {b} / {g} = {answer}.",
        ),
        (f"{what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "common_multiple",
        statement,
        f"${answer}$",
        steps,
        brief=f"The least is {a} · {b} / {g} = {answer}.",
        rng=rng,
        slip=f"The product {a * b} would work, but it need not be the smallest, since both numbers contain {g}.",
        check=f"Check: {answer} / {a} = {y} and {answer} / {b} = {x}, and {x} and {y} share no factor.",
        wrong=str(a * b),
    )


def missing_digit(rng: random.Random, *, wording: int) -> Item:
    while True:
        x, y, z = rng.randint(1, 9), rng.randint(1, 9), rng.randint(0, 9)
        total = x + y + z
        digit = -total % 9
        if 1 <= digit <= 8 and total + digit == 18:
            break
    shown = f"{x}{y}d{z}"
    typeset = f'${x}{y}"d"{z}$'
    statement, what = {
        2: (
            f"For which digit $d$ does {typeset}, read as a four-digit numeral, leave no remainder when it is divided "
            "by $9$?",
            "d",
        ),
        3: (
            f"A lock opens with the code {typeset}. The owner forgot $d$ but recalls that the code is a multiple "
            "of $9$. What must $d$ be?",
            "the forgotten digit",
        ),
    }[wording]
    steps = (
        (
            "A number is divisible by 9 exactly when its digit sum is divisible by 9.",
            "The digit sum must be divisible by 9.",
            "Use the digit sum.",
            "",
        ),
        (f"The known digits of {shown} are {x}, {y} and {z}.", ""),
        (f"Add them: {x} + {y} + {z} = {total}.", f"{x} + {y} + {z} = {total}.", ""),
        ("The next multiple of 9 is 18.", "Next multiple: 18.", ""),
        (f"Subtract: 18 - {total} = {digit}.", f"18 - {total} = {digit}."),
        (f"So {what} is {digit}.", f"So d = {digit}."),
    )
    return write(
        "missing_digit",
        statement,
        f"${digit}$",
        steps,
        brief=f"From {total} + d = 18, d = {digit}.",
        rng=rng,
        slip="I could divide by 9 for each of the ten digits, but the rule for the digit sum is much faster.",
        check=f"Check: the full number is {x}{y}{digit}{z}, and {x}{y}{digit}{z} / 9 = "
        f"{int(f'{x}{y}{digit}{z}') // 9}, which is whole.",
        wrong=str(digit + 1),
    )


def units_digit(rng: random.Random, *, wording: int) -> Item:
    base = rng.choice((2, 3, 7, 8))
    exponent = rng.randint(9, 40)
    cycle = [base**k % 10 for k in range(1, 5)]
    rest = exponent % 4
    answer = pow(base, exponent, 10)
    statement, what = {
        0: (f"What is the units digit of ${base}^{exponent}$?", "units digit"),
        1: (
            f"The number ${base}^{exponent}$ is written out in full. Which digit stands at its right end?",
            "last digit",
        ),
        2: (f"Find the remainder when ${base}^{exponent}$ is divided by $10$.", "remainder"),
    }[wording]
    listed = ", ".join(map(str, cycle))
    quotient = exponent // 4
    steps = (
        ("The last digits of the powers repeat, so look for the cycle.", "Look for the cycle.", ""),
        (
            f"The powers of {base} end in {listed} and then repeat.",
            f"Last digits: {listed}.",
            f"Cycle {listed}.",
        ),
        ("The cycle has length 4.", ""),
        (
            f"Divide the exponent by 4: {exponent} = 4 · {quotient} + {rest}, so the remainder is {rest}.",
            f"{exponent} = 4 · {quotient} + {rest}, remainder {rest}.",
            f"{exponent} = 4 · {quotient} + {rest}.",
            "",
        ),
        (
            f"Remainder {rest} means place {rest or 4} of the cycle, which is {answer}.",
            f"Place {rest or 4} is {answer}.",
        ),
        (f"So the {what} is {answer}.", ""),
    )
    return write(
        "units_digit",
        statement,
        f"${answer}$",
        steps,
        brief=f"The cycle {listed} gives {answer}.",
        rng=rng,
        slip="The number itself is far too large to write out, and luckily only its last digit matters.",
        check=f"Check: after {4 * quotient} factors a whole number of cycles is done, so the count of places is right.",
        wrong=str(cycle[((rest or 4) + 1) % 4]),
    )


def square_factor(rng: random.Random, *, wording: int) -> Item:
    p, q = rng.choice(((2, 3), (2, 5), (3, 2), (2, 7), (3, 5), (5, 2), (5, 3), (3, 7)))
    k = rng.choice((1, 2)) if p == 2 else 1
    n = p ** (2 * k) * q
    root = p**k * q
    statement, what = {
        3: (f"If $sqrt({n} m)$ is a positive integer, what is the least possible value of $m$?", "m"),
        4: (
            f"Each page of an album has ${n}$ stamps. Mia owns the fewest full pages for which her stamps can be laid "
            "in as many rows as columns. How many pages are there?",
            "the number of pages",
        ),
    }[wording]
    even = f"{p}^{2 * k}"
    steps = (
        ("In a perfect square every prime has an even exponent.", "Exponents must be even.", ""),
        (f"Factor the number: {n} = {even} · {q}.", f"Factor: {n} = {even} · {q}.", f"{n} = {even} · {q}."),
        (f"The exponent of {p} is {2 * k}, which is even already.", ""),
        (
            f"The exponent of {q} is 1, which is odd, so one more {q} is needed.",
            f"The exponent of {q} is odd.",
            f"Add one {q}.",
            "",
        ),
        (f"Then {n} · {q} = {n * q} = {root}^2.", f"{n} · {q} = {root}^2."),
        (f"So {what} is {q}.", ""),
    )
    return write(
        "square_factor",
        statement,
        f"${q}$",
        steps,
        brief=f"{n} · {q} = {root}^2 is a square.",
        rng=rng,
        slip=f"Multiplying by {n} itself would give a square, but that is not the smallest choice.",
        check=f"Check: {root} · {root} = {n * q}, and no smaller factor than {q} supplies the missing prime {q}.",
        wrong=str(p * q),
    )


def remainder_of_product(rng: random.Random, *, wording: int) -> Item:
    m = rng.choice((5, 6, 7, 8, 9))
    r, s = rng.choice([(r, s) for r in range(2, m) for s in range(2, m) if r * s > m])
    product = r * s
    answer = product % m
    statement = {
        1: f"A parade in rows of ${m}$ leaves ${r}$ people over. If ${s}$ such parades of the same size join and form "
        f"rows of ${m}$, how many people are left over?",
    }[wording]
    quotient = product // m
    steps = (
        (f"Only remainders on division by {m} matter, so multiply them.", "Multiply the remainders.", ""),
        (f"The numbers to multiply are {r} and {s}.", ""),
        (f"The product is {r} · {s} = {product}.", f"{r} · {s} = {product}."),
        (f"Now divide {product} by {m}.", f"Divide by {m}.", ""),
        (
            f"The largest multiple of {m} that fits is {m} · {quotient} = {m * quotient}.",
            f"{m} · {quotient} = {m * quotient}.",
            "",
        ),
        (
            f"What is left is {product} - {m * quotient} = {answer}.",
            f"Left: {product} - {m * quotient} = {answer}.",
            f"Left: {answer}.",
        ),
        (f"So the result is {answer}.", ""),
    )
    return write(
        "remainder_of_product",
        statement,
        f"${answer}$",
        steps,
        brief=f"{r} · {s} = {product}, which leaves {answer}.",
        rng=rng,
        slip="The exact numbers are not needed, which surprised me at first, since full groups never change a rest.",
        check=f"Check: {answer} is less than {m}, as a remainder must be.",
        wrong=str(product),
    )


def greatest_divisor(rng: random.Random, *, wording: int) -> Item:
    g = rng.choice((4, 6, 8, 9, 12, 14, 15))
    x, y = rng.choice(((2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (5, 7)))
    a, b = g * x, g * y
    statement, what = {
        3: (
            f"The fraction ${a}/{b}$ is reduced to lowest terms in one step. "
            "By which integer must numerator and denominator be divided?",
            "The integer",
        ),
        4: (
            f"A floor measures ${a}$ feet by ${b}$ feet. It is paved with equal square slabs, none of them cut. "
            "What is the largest possible side of a slab in feet?",
            "The side",
        ),
    }[wording]
    lines = []
    u, v = b, a
    while v:
        lines.append((u, v, u // v, u % v))
        u, v = v, u % v
    first, last = lines[0], lines[-1]
    middle = " ".join(f"Next, {u} - {q} · {v} = {r}." for u, v, q, r in lines[1:-1])
    steps = (
        ("We need the greatest common divisor, so use repeated division.", "Use repeated division.", ""),
        (
            f"Start with {first[0]} - {first[2]} · {first[1]} = {first[3]}.",
            f"{first[0]} - {first[2]} · {first[1]} = {first[3]}.",
            "",
        ),
        (middle, *(("",) if middle else ())),
        (
            f"Finally {last[0]} = {last[2]} · {last[1]} with remainder 0.",
            f"Then {last[0]} = {last[2]} · {last[1]}.",
            "",
        ),
        (f"{what} is the last divisor, {g}.", f"The last divisor is {g}.", f"So {g}.", ""),
        (
            f"It fits both: {a} = {g} · {x} and {b} = {g} · {y}.",
            f"{a} = {g} · {x}, {b} = {g} · {y}.",
            f"Both contain {g}: {a} = {g} · {x}.",
        ),
    )
    return write(
        "greatest_divisor",
        statement,
        f"${g}$",
        steps,
        brief=f"{a} = {g} · {x}, {b} = {g} · {y}.",
        rng=rng,
        slip=f"A common divisor such as {2 if g % 2 == 0 else 3} is quickly seen, but there may be a larger one.",
        check=f"The cofactors {x} and {y} share no factor greater than {math.gcd(x, y)}, so nothing larger fits.",
        wrong=str(g // (2 if g % 2 == 0 else 3)),
    )


FAMILIES = (
    Family("common_multiple", "number theory", (0, 4), common_multiple),
    Family("missing_digit", "number theory", (2, 3), missing_digit),
    Family("units_digit", "number theory", (0, 1, 2), units_digit),
    Family("square_factor", "number theory", (3, 4), square_factor),
    Family("remainder_of_product", "number theory", (1,), remainder_of_product),
    Family("greatest_divisor", "number theory", (3, 4), greatest_divisor),
)
