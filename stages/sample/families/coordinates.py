"""Coordinate geometry."""

import math
import random
from fractions import Fraction

from stages.sample.families.forms import decimal, plus, term
from stages.sample.families.prose import write
from stages.sample.problem import Family, Item


def midpoint(rng: random.Random, *, wording: int) -> Item:
    p, q = rng.randint(1, 9), rng.randint(1, 9)
    r, s = p + 2 * rng.randint(1, 6), q + 2 * rng.randint(1, 6)
    x, y = (p + r) // 2, (q + s) // 2
    statement, what = (
        (f"Find the midpoint of the segment from $({p}, {q})$ to $({r}, {s})$.", "the midpoint"),
        (
            f"The points $({p}, {q})$ and $({r}, {s})$ are the ends of a diameter of a circle. "
            "What are the coordinates of its center?",
            "the center",
        ),
        (
            f"On a map Ann lives at $({p}, {q})$ and Ben at $({r}, {s})$. They meet exactly halfway on the straight "
            "road between them. As an ordered pair, where do they meet?",
            "the meeting point",
        ),
        (
            f"A parallelogram has opposite vertices $({p}, {q})$ and $({r}, {s})$. At which point do its diagonals "
            "cross?",
            "the crossing point",
        ),
        (
            f"Point $M$ is as far from $A = ({p}, {q})$ as from $B = ({r}, {s})$ and lies on the line through them. "
            "Give $M$ as an ordered pair.",
            "M",
        ),
    )[wording]
    steps = (
        ("Average the coordinates of the two points.", "Average the coordinates.", ""),
        (f"The first coordinates are {p} and {r}.", ""),
        (
            f"Their average is ({p} + {r}) / 2 = {x}.",
            f"({p} + {r}) / 2 = {x}.",
            f"{p + r} / 2 = {x}.",
        ),
        (f"The second coordinates are {q} and {s}.", ""),
        (
            f"Their average is ({q} + {s}) / 2 = {y}.",
            f"({q} + {s}) / 2 = {y}.",
            f"{q + s} / 2 = {y}.",
        ),
        (f"So {what} is the point ({x}, {y}).", f"So {what} is ({x}, {y}).", f"So ({x}, {y})."),
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
    statement, what = (
        (f"What is the slope of the line through $({p}, {q})$ and $({r}, {s})$? Give a common fraction.", "the slope"),
        (
            f"A straight path climbs from the point $({p}, {q})$ to the point $({r}, {s})$ of a vertical map. "
            "Find its steepness, rise over run, in lowest terms.",
            "the steepness",
        ),
        (
            f"For a linear function $f$ it is known that $f({p}) = {q}$ and $f({r}) = {s}$. By how much does $f(x)$ "
            "grow when $x$ grows by one?",
            "the growth",
        ),
        (
            f"The line $y = m x + b$ contains $A({p}, {q})$ and $B({r}, {s})$. Determine $m$ as a reduced fraction.",
            "m",
        ),
        (
            f"An icicle grows evenly. After ${p}$ hours it measures ${q}$ cm and after ${r}$ hours it measures ${s}$ "
            "cm. What is its growth in centimeters per hour, as a fraction?",
            "the rate",
        ),
    )[wording]
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


def distance(rng: random.Random, *, wording: int) -> Item:
    dx, dy, d = rng.choice(((3, 4, 5), (4, 3, 5), (5, 12, 13), (12, 5, 13), (6, 8, 10), (8, 6, 10), (8, 15, 17)))
    p, q = rng.randint(1, 7), rng.randint(1, 7)
    r, s = p + dx, q + dy
    statement, what = (
        (f"Find the distance between the points $({p}, {q})$ and $({r}, {s})$.", "the distance"),
        (
            f"A circle with center $({p}, {q})$ passes through $({r}, {s})$. What is the radius of the circle?",
            "the radius",
        ),
        (
            f"A drone flies in a straight line from $({p}, {q})$ to $({r}, {s})$ on a map whose unit is one mile. "
            "How many miles does it fly?",
            "the flight",
        ),
        (
            f"How long is the segment that joins $A({p}, {q})$ to $B({r}, {s})$ in the coordinate plane?",
            "its length",
        ),
        (
            f"A square has $({p}, {q})$ and $({r}, {s})$ as two neighboring vertices. What is the length of its side?",
            "the side",
        ),
    )[wording]
    steps = (
        ("Use the distance formula, which comes from the Pythagorean theorem.", "Use the distance formula.", ""),
        (
            f"The differences are {r} - {p} = {dx} and {s} - {q} = {dy}.",
            f"{r} - {p} = {dx}, {s} - {q} = {dy}.",
            f"Differences {dx}, {dy}.",
            "",
        ),
        ("The differences are the legs of a right triangle.", ""),
        (
            f"The squares add up to {dx * dx} + {dy * dy} = {d * d}.",
            f"Squares: {dx * dx} + {dy * dy} = {d * d}.",
            f"{dx * dx} + {dy * dy} = {d * d}.",
        ),
        (f"The square root is √{d * d} = {d}.", f"Root: √{d * d} = {d}.", f"√{d * d} = {d}."),
        (f"So {what} is {d}.", f"So {d}.", ""),
    )
    return write(
        "distance",
        statement,
        f"${d}$",
        steps,
        brief=f"√({dx * dx} + {dy * dy}) = √{d * d} = {d}.",
        rng=rng,
        slip=f"Adding {dx} and {dy} would be the way along the grid, which is longer than the straight line.",
        check=f"Check: {d} is more than each of {dx} and {dy}, but less than {dx} + {dy} = {dx + dy}.",
        wrong=str(dx + dy),
    )


def line_intersection(rng: random.Random, *, wording: int) -> Item:
    x, y = rng.randint(1, 8), rng.randint(1, 9)
    while True:
        a, c = rng.randint(2, 6), rng.randint(-2, 4)
        b, d = y - a * x, y - c * x
        if c and a - c >= 2 and b and d:
            break
    one, two = f"{term(a, 'x')} {plus(b)}", f"{term(c, 'x')} {plus(d)}"
    statement, what = (
        (f"At which point do the lines $y = {one}$ and $y = {two}$ meet?", "the point"),
        (
            f"Solve the system $y = {one}$, $y = {two}$. Write the solution as an ordered pair $(x, y)$.",
            "the solution",
        ),
        (
            f"The graphs of $f(x) = {one}$ and $g(x) = {two}$ cross once. Find the coordinates of the crossing.",
            "the crossing",
        ),
        (
            f"Two straight railway tracks on a plan follow $y = {one}$ and $y = {two}$. Name the pair of coordinates "
            "where a switch joins them.",
            "the place",
        ),
        (
            f"Which pair $(x, y)$ of numbers makes both $y = {one}$ and $y = {two}$ true at the same time?",
            "the pair",
        ),
    )[wording]
    diff = a - c
    steps = (
        ("Set the two expressions for y equal to each other.", "Set them equal.", ""),
        (f"So {one} = {two}.", f"{one} = {two}."),
        (f"Collect terms: {term(diff, 'x')} = {d - b}.", f"Then {term(diff, 'x')} = {d - b}.", ""),
        (
            f"Divide: x = {d - b} / {diff} = {x}.",
            f"So x = {d - b} / {diff} = {x}.",
            f"x = {x}.",
        ),
        (
            f"Substitute x into the first line: y = {a} · {x} {plus(b)} = {y}.",
            f"Then y = {a} · {x} {plus(b)} = {y}.",
            f"y = {y}.",
        ),
        (f"So {what} is ({x}, {y}).", f"So ({x}, {y})."),
    )
    return write(
        "line_intersection",
        statement,
        f"$({x}, {y})$",
        steps,
        brief=f"x = {x} and y = {y}: ({x}, {y}).",
        rng=rng,
        slip="I could draw both lines, but reading a point off a sketch is not exact.",
        check=f"Check in the second line: {c} · {x} {plus(d)} = {y}, which is the same value.",
        wrong=f"({y}, {x})" if x != y else f"({x}, {y + 1})",
    )


def axis_triangle(rng: random.Random, *, wording: int) -> Item:
    while True:
        a, b = rng.choice((3, 5, 7, 9)), rng.choice((3, 5, 7, 9, 11))
        if a != b and math.gcd(a, b) == 1:
            break
    product = a * b
    answer = decimal(Fraction(product, 2))
    statement, what = (
        (
            f"The line $x/{a} + y/{b} = 1$ and the two coordinate axes bound a triangle. Find its area as a decimal.",
            "the area",
        ),
        (
            f"A triangle has vertices $(0, 0)$, $({a}, 0)$ and $(0, {b})$. What is its area in decimal form?",
            "the area",
        ),
        (
            f"A straight line cuts the positive $x$ axis at ${a}$ and the positive $y$ axis at ${b}$. "
            "How large is the region between the line and the axes, as a decimal?",
            "the region",
        ),
        (
            f"The area of the region given by $x >= 0$, $y >= 0$ and ${b}x + {a}y <= {product}$ is a decimal number. "
            "Which one?",
            "the area",
        ),
        (
            f"A sail is a right triangle whose legs of ${a}$ meters and ${b}$ meters lie along mast and boom. "
            "How many square meters of cloth is that? Give a decimal.",
            "the amount of cloth",
        ),
    )[wording]
    steps = (
        ("The region is a right triangle, so take half of the product of its legs.", "Half the product of legs.", ""),
        (f"The legs have lengths {a} and {b}.", f"The legs are {a} and {b}.", ""),
        (f"Their product is {a} · {b} = {product}.", f"Product: {a} · {b} = {product}.", f"{a} · {b} = {product}."),
        (
            f"Half of the product is {product} / 2 = {answer}.",
            f"Half: {product} / 2 = {answer}.",
            f"{product} / 2 = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "axis_triangle",
        statement,
        f"${answer}$",
        steps,
        brief=f"{a} · {b} / 2 = {answer} square units.",
        rng=rng,
        slip=f"The whole rectangle would have area {product}, and the triangle is only a half of it.",
        check=f"Check: two such triangles fill the rectangle, and 2 · {answer} = {product}.",
        wrong=str(product),
    )


FAMILIES = (
    Family("midpoint", "coordinates", ("fs", "tp"), 5, midpoint),
    Family("slope", "coordinates", ("fs", "js", "tp"), 5, slope),
    Family("distance", "coordinates", ("fs", "js", "tp"), 5, distance),
    Family("line_intersection", "coordinates", ("fs", "js"), 5, line_intersection),
    Family("axis_triangle", "coordinates", ("fs", "tp"), 5, axis_triangle),
)
