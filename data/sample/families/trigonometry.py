"""Trigonometry: right triangles and exact values."""

import random

from data.sample.families.prose import write
from data.sample.problem import Family, Item

# Function, angle in degrees, exact value, and what stands under its radical (0: nothing).
EXACT = (
    ("sin", 30, "1/2", 0),
    ("cos", 60, "1/2", 0),
    ("sin", 45, "√2/2", 2),
    ("cos", 45, "√2/2", 2),
    ("sin", 60, "√3/2", 3),
    ("cos", 30, "√3/2", 3),
    ("tan", 45, "1", 0),
    ("tan", 60, "√3", 3),
)
TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17))


def triangle_ratio(rng: random.Random, *, wording: int) -> Item:
    a, b, c = rng.choice(TRIPLES)
    if rng.random() < 0.5:
        a, b = b, a
    statement = {
        4: f"An acute angle $A$ of a right triangle has the tangent ${a}/{b}$. "
        "What is the exact value of $cos A$, written as a common fraction?",
    }[wording]
    steps = (
        ("Find the hypotenuse first, then take adjacent over hypotenuse.", "Find the hypotenuse first.", ""),
        (f"The opposite leg is {a} and the adjacent leg is {b}.", f"The legs are {a} and {b}.", ""),
        (
            f"The squares add up to {a * a} + {b * b} = {c * c}.",
            f"Squares: {a * a} + {b * b} = {c * c}.",
            f"{a * a} + {b * b} = {c * c}.",
        ),
        (f"The hypotenuse is √{c * c} = {c}.", f"√{c * c} = {c}."),
        ("The cosine is the adjacent leg divided by the hypotenuse.", "Divide adjacent by hypotenuse.", ""),
        (f"So cos A is {b}/{c}.", f"So {b}/{c}."),
    )
    return write(
        "triangle_ratio",
        statement,
        f"${b}/{c}$",
        steps,
        brief=f"√({a * a} + {b * b}) = √{c * c} = {c}, so {b}/{c}.",
        rng=rng,
        slip=f"The fraction {a}/{b} is the tangent, so it is not what is wanted here.",
        check=f"Check: {b} is less than {c}, so the cosine is less than 1, as it has to be.",
        wrong=f"{a}/{c}",
    )


def exact_values(rng: random.Random, *, wording: int) -> Item:
    function, angle, exact, under = rng.choice(EXACT)
    factor = rng.choice((4, 6, 8))
    whole = factor // 2 if exact.endswith("/2") else factor
    answer = f"{whole}√{under}" if under else str(whole)
    setting = f"Let $x = {factor} {function} {angle} degree$ be a number on the real line."
    question = {
        2: "Find $x$ exactly by means of the special angles, not as a decimal.",
        3: "Which exact number, whole or in radical form, is equal to $x$?",
    }[wording]
    name = f"{function} {angle}°"
    steps = (
        (
            "Use the exact value of the special angle, then multiply by the factor.",
            "Use the exact value, then multiply.",
            "",
        ),
        (f"The factor in front is {factor}.", ""),
        (
            f"The table of special angles says that {name} = {exact}.",
            f"The table says {name} = {exact}.",
            f"{name} = {exact}.",
        ),
        (
            f"Multiply the factor by this value: {factor} · {exact} = {answer}.",
            f"Multiply: {factor} · {exact} = {answer}.",
            f"{factor} · {exact} = {answer}.",
        ),
        (f"So the exact value of x is {answer}.", f"So x is {answer}.", f"So {answer}."),
    )
    return write(
        "exact_values",
        f"{setting} {question}",
        f"${whole} sqrt({under})$" if under else f"${whole}$",
        steps,
        brief=f"So x = {factor} · {exact} = {answer}.",
        rng=rng,
        slip=f"Multiplying {factor} by the angle itself would be wrong, because the function comes first.",
        check=f"Check: {name} is the exact table value {exact}, and {factor} times that is {answer}.",
        wrong=str(factor * angle),
    )


def special_side(rng: random.Random, *, wording: int) -> Item:
    half = rng.randint(2, 9)
    side = 2 * half
    settings = (
        f"An equilateral triangle has sides of length ${side}$, and its height is $h$.",
        f"A ladder of ${side}$ feet leans at $60 degree$ to the ground and reaches up $h$ feet.",
        f"In a right triangle with hypotenuse ${side}$ the leg opposite the angle of $60 degree$ is $h$.",
        f"The center of a regular hexagon with sides of ${side}$ is $h$ away from each side.",
        f"A kite on ${side}$ meters of string flies $h$ meters high, at $60 degree$ above the horizon.",
    )
    questions = (
        "Find $h$ exactly and write the result in simplest radical form.",
        "What is the exact value of $h$? Leave a radical in it.",
        "Express the length $h$ as a whole number times a square root.",
        "How large is $h$? Give an exact answer with a root, not a decimal.",
    )
    setting, question = divmod(wording, len(questions))
    steps = (
        ("Use half of an equilateral triangle, with angles 30°, 60° and 90°.", "Halve an equilateral triangle.", ""),
        (
            f"The short leg is half of {side}, which is {side} / 2 = {half}.",
            f"Short leg: {side} / 2 = {half}.",
            f"{side} / 2 = {half}.",
        ),
        ("The long leg is √3 times the short leg.", "Long leg: √3 times short.", ""),
        (f"Multiply the short leg: {half} · √3 = {half}√3.", f"{half} · √3 = {half}√3."),
        (f"So the exact value of h is {half}√3.", f"So h is {half}√3.", f"So {half}√3."),
    )
    return write(
        "special_side",
        f"{settings[setting]} {questions[question]}",
        f"${half} sqrt(3)$",
        steps,
        brief=f"{side} / 2 = {half}, so h is {half}√3.",
        rng=rng,
        slip=f"Half of {side} alone is the short leg, so the answer must be longer than {half}.",
        check=f"Since √3 is about 1.7, the result lies between {half} and {side}, as it should.",
        wrong=f"{half}√2",
    )


FAMILIES = (
    Family("triangle_ratio", "trigonometry", (4,), triangle_ratio),
    Family("exact_values", "trigonometry", (2, 3), exact_values),
    Family("special_side", "trigonometry", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 19), special_side),
)
