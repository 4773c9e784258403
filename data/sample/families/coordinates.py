"""Coordinate geometry."""

import random
from fractions import Fraction

from data.sample.families.prose import write
from data.sample.problem import Family, Item


def midpoint(rng: random.Random, *, wording: int) -> Item:
    p, q = rng.randint(1, 5), rng.randint(1, 5)
    r, s = p + 2 * rng.randint(1, 2), q + 2 * rng.randint(1, 2)
    x, y = (p + r) // 2, (q + s) // 2
    statement = {
        1: f"A segment runs from $({p}, {q})$ to $({r}, {s})$, and $M$ is its midpoint. "
        "Find $M$ and write its location in the form $(x, y)$.",
        5: f"The points $({p}, {q})$ and $({r}, {s})$ end a diameter of a circle with center $M$. "
        "Find $M$ and write its location in the form $(x, y)$.",
        6: f"The points $({p}, {q})$ and $({r}, {s})$ end a diameter of a circle with center $M$. "
        "Determine both coordinates of $M$ and list them in the usual order.",
    }[wording]
    steps = (
        (
            "Average the coordinates of the two points, first and second separately.",
            "Average the coordinates.",
            "",
        ),
        (f"The first coordinates are {p} and {r}.", ""),
        (f"Their average is ({p} + {r}) / 2 = {x}.", f"({p} + {r}) / 2 = {x}.", f"{p + r} / 2 = {x}."),
        (f"The second coordinates are {q} and {s}.", ""),
        (f"Their average is ({q} + {s}) / 2 = {y}.", f"({q} + {s}) / 2 = {y}.", f"{q + s} / 2 = {y}."),
        (f"So the point M is ({x}, {y}).", f"So M is ({x}, {y})."),
    )
    return write(
        "midpoint",
        statement,
        f"$({x}, {y})$",
        steps,
        brief=f"Halves of {p + r} and {q + s}: ({x}, {y}).",
        rng=rng,
        slip=f"Subtracting would give the direction ({r - p}, {s - q}), but halfway means an average.",
        check=f"Check: from {p} to {x} the step is {x - p}, and from {x} to {r} it is {r - x}, the same.",
        wrong=f"({p + r}, {q + s})",
    )


def slope(rng: random.Random, *, wording: int) -> Item:
    while True:
        p, q, dx, dy = rng.randint(1, 6), rng.randint(1, 6), rng.randint(2, 12), rng.randint(2, 12)
        value = Fraction(dy, dx)
        if value.denominator > 1 and dy != dx:
            break
    r, s = p + dx, q + dy
    statement, what = {
        2: (
            f"For a linear function $f$ it is known that $f({p}) = {q}$ and $f({r}) = {s}$. By how much does $f(x)$ "
            "grow when $x$ grows by one?",
            "the growth",
        ),
    }[wording]
    reduced = f" = {value}" if value.denominator != dx else ""
    steps = (
        ("The slope is the difference of y divided by the difference of x.", "Rise over run.", ""),
        (
            f"The points are ({p}, {q}) and ({r}, {s}), so take the second minus the first both times.",
            "Take the second point minus the first.",
            "",
        ),
        (f"The rise is {s} - {q} = {dy}.", f"Rise: {s} - {q} = {dy}.", f"{s} - {q} = {dy}."),
        (f"The run is {r} - {p} = {dx}.", f"Run: {r} - {p} = {dx}.", f"{r} - {p} = {dx}."),
        (f"Rise over run is {dy}/{dx}{reduced}.", f"So {dy}/{dx}{reduced}."),
        (f"So {what} is {value}.", ""),
    )
    return write(
        "slope",
        statement,
        f"${value}$",
        steps,
        brief=f"Rise {dy}, run {dx}, so {value}.",
        rng=rng,
        slip="It is easy to turn the fraction upside down, so I note that the rise stands on top.",
        check=f"Check: starting at {q} and adding {dx} times {value}, that is {dy}, leads to {s}.",
        wrong=str(Fraction(dx, dy)),
    )


FAMILIES = (
    Family("midpoint", "coordinates", (1, 5, 6), midpoint),
    Family("slope", "coordinates", (2,), slope),
)
