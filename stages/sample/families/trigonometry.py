"""Trigonometry: right triangles and exact values."""

import random
from fractions import Fraction

from stages.sample.families.forms import decimal
from stages.sample.families.prose import write
from stages.sample.problem import Family, Item

EXACT = {"sin 30": Fraction(1, 2), "cos 60": Fraction(1, 2), "tan 45": Fraction(1), "sin 90": Fraction(1)}
TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (9, 40, 41))


def triangle_ratio(rng: random.Random, *, wording: int) -> Item:
    a, b, c = rng.choice(TRIPLES)
    if rng.random() < 0.5:
        a, b = b, a
    statement, what = (
        (
            f"In a right triangle the leg opposite angle $A$ is ${a}$ and the other leg is ${b}$. "
            "What is $cos A$ as a fraction?",
            "the cosine",
        ),
        (f"An acute angle $x$ satisfies $tan x = {a}/{b}$. Find $cos x$.", "cos x"),
        (
            f"A ramp rises ${a}$ feet over a horizontal distance of ${b}$ feet. Give the cosine of its angle with the "
            "ground as a fraction.",
            "the cosine",
        ),
        (
            f"The ray from the origin through $({b}, {a})$ makes the angle $t$ with the positive $x$ axis. "
            "Determine $cos t$.",
            "cos t",
        ),
        (
            f"Triangle $P Q R$ has a right angle at $R$, with $Q R = {a}$ and $P R = {b}$. Express the cosine of the "
            "angle at $P$ as a common fraction.",
            "the cosine",
        ),
    )[wording]
    x, y = (b, a) if wording == 3 else (a, b)
    steps = (
        ("Find the hypotenuse first, then take adjacent over hypotenuse.", "Find the hypotenuse.", ""),
        (
            f"The squares add up to {x * x} + {y * y} = {c * c}.",
            f"Squares: {x * x} + {y * y} = {c * c}.",
            f"{x * x} + {y * y} = {c * c}.",
        ),
        (f"The hypotenuse is √{c * c} = {c}.", f"√{c * c} = {c}.", ""),
        (f"The side next to the angle is {b}.", f"Adjacent is {b}.", ""),
        ("The cosine is the adjacent leg divided by the hypotenuse.", "Divide adjacent by hypotenuse.", ""),
        (f"So {what} is {b}/{c}.", f"So {b}/{c}.", f"The cosine is {b}/{c}."),
    )
    return write(
        "triangle_ratio",
        statement,
        f"${b}/{c}$",
        steps,
        brief=f"Hypotenuse √{c * c} = {c}, cosine {b}/{c}.",
        rng=rng,
        slip=f"The fraction {a}/{b} is the tangent, so it is not what is wanted here.",
        check=f"Check: {b} is less than {c}, so the cosine is less than 1, as it has to be.",
        wrong=f"{a}/{c}",
    )


def exact_values(rng: random.Random, *, wording: int) -> Item:
    first, second = rng.sample(sorted(EXACT), 2)
    while EXACT[first] + EXACT[second] == 2:
        first, second = rng.sample(sorted(EXACT), 2)
    while True:
        p, q = rng.randint(2, 9), rng.randint(2, 9)
        value = p * EXACT[first] + q * EXACT[second]
        if value.denominator > 1:
            break
    one, two = p * EXACT[first], q * EXACT[second]
    answer = decimal(value)
    f, g = f"{first} degree", f"{second} degree"
    name, other = f"{first}°", f"{second}°"
    statement, what = (
        (f"Write ${p} {f} + {q} {g}$ as a decimal.", "the value"),
        (
            f"Two forces along one line have the sizes ${p} {f}$ and ${q} {g}$ and point the same way. "
            "Give the size of the total force as a decimal.",
            "the total",
        ),
        (f"If $x = {f}$ and $y = {g}$, what decimal number is ${p}x + {q}y$?", "the number"),
        (
            f"A point starts at $0$ on the number line, jumps ${p} {f}$ to the right and then ${q} {g}$ further. "
            "On which decimal does it land?",
            "the landing point",
        ),
        (
            f"Let $f(t) = {p} t$ and $g(t) = {q} t$. Compute the sum of $f({f})$ and $g({g})$ in decimal form.",
            "the sum",
        ),
    )[wording]
    half, whole = decimal(EXACT[first]), decimal(EXACT[second])
    steps = (
        ("Use the exact values of the special angles.", "Use exact values.", ""),
        (f"We know that {name} = {half} and {other} = {whole}.", f"{name} = {half}, {other} = {whole}.", ""),
        (
            f"The first part is {p} · {half} = {decimal(one)}.",
            f"First {p} · {half} = {decimal(one)}.",
            f"{p} · {half} = {decimal(one)}.",
            "",
        ),
        (
            f"The second part is {q} · {whole} = {decimal(two)}.",
            f"Then {q} · {whole} = {decimal(two)}.",
            f"{q} · {whole} = {decimal(two)}.",
            "",
        ),
        (
            f"Add both parts: {decimal(one)} + {decimal(two)} = {answer}.",
            f"Add: {decimal(one)} + {decimal(two)} = {answer}.",
            f"{decimal(one)} + {decimal(two)} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "exact_values",
        statement,
        f"${answer}$",
        steps,
        brief=f"{decimal(one)} + {decimal(two)} = {answer} in all.",
        rng=rng,
        slip="The two angles must not be added first, because sine, cosine and tangent are not linear.",
        check=f"Check: the result is at most {p} + {q} = {p + q}, and it is.",
        wrong=str(p + q),
    )


def special_side(rng: random.Random, *, wording: int) -> Item:
    half = rng.randint(2, 12)
    side = 2 * half
    statement, what = (
        (f"Find the exact height of an equilateral triangle with sides of length ${side}$.", "the height"),
        (
            f"A ladder of ${side}$ feet makes an angle of $60 degree$ with the ground. Exactly how many feet above the "
            "ground is its top, in radical form?",
            "the height",
        ),
        (f"Write ${side} sin 60 degree$ in simplest radical form.", "the value"),
        (
            f"The hypotenuse of a right triangle is ${side}$ and one angle is $30 degree$. How long is the leg "
            "opposite the angle of $60 degree$? Leave a radical.",
            "the leg",
        ),
        (
            f"A regular hexagon has sides of length ${side}$. What is the exact distance from its center to a side?",
            "the distance",
        ),
    )[wording]
    steps = (
        ("Use half of an equilateral triangle, with angles 30°, 60° and 90°.", "Halve an equilateral triangle.", ""),
        (f"Half of {side} is {side} / 2 = {half}.", f"Half: {side} / 2 = {half}.", f"{side} / 2 = {half}."),
        (f"The short leg is {half}.", ""),
        ("The long leg is √3 times the short leg.", "Long leg: √3 times short.", "Multiply by √3.", ""),
        (
            f"Check with squares: {side * side} - {half * half} = {3 * half * half}.",
            f"{side * side} - {half * half} = {3 * half * half}.",
            "",
        ),
        (f"So √{3 * half * half} = {half}√3.", f"Thus {half}√3.", f"So {half}√3."),
        (f"So {what} is {half}√3.", ""),
    )
    return write(
        "special_side",
        statement,
        f"${half} sqrt(3)$",
        steps,
        brief=f"{side} / 2 = {half}, so {half}√3.",
        rng=rng,
        slip=f"Half of {side} alone is the short leg, so the answer must be longer than {half}.",
        check=f"Since √3 is about 1.7, the result lies between {half} and {side}, as it should.",
        wrong=f"{half}√2",
    )


FAMILIES = (
    Family("triangle_ratio", "trigonometry", ("js", "tp"), 5, triangle_ratio),
    Family("exact_values", "trigonometry", ("js", "tp"), 5, exact_values),
    Family("special_side", "trigonometry", ("js",), 5, special_side),
)
