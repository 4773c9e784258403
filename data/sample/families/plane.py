"""Plane geometry."""

import random
from fractions import Fraction

from data.sample.families.forms import decimal, square_part
from data.sample.families.prose import write
from data.sample.problem import Family, Item


def right_triangle_leg(rng: random.Random, *, wording: int) -> Item:
    a, b, c = rng.choice(((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (6, 8, 10), (9, 12, 15), (20, 21, 29)))
    if rng.random() < 0.5:
        a, b = b, a
    statement, what = {
        0: (
            f"A right triangle has a hypotenuse of length ${c}$ and a leg of length ${a}$. How long is the other leg?",
            "the other leg",
        ),
    }[wording]
    steps = (
        ("Use the Pythagorean theorem with the hypotenuse and the known leg.", "Use the Pythagorean theorem.", ""),
        (
            f"The squares are {c}^2 = {c * c} and {a}^2 = {a * a}.",
            f"{c}^2 = {c * c}, {a}^2 = {a * a}.",
            "",
        ),
        (
            f"Subtract them: {c * c} - {a * a} = {b * b}.",
            f"{c * c} - {a * a} = {b * b}.",
        ),
        (f"The square of the missing leg is {b * b}.", ""),
        (f"The square root is √{b * b} = {b}.", f"Root: √{b * b} = {b}.", f"√{b * b} = {b}."),
        (f"So {what} is {b}.", f"So {b}.", ""),
    )
    return write(
        "right_triangle_leg",
        statement,
        f"${b}$",
        steps,
        brief=f"√({c * c} - {a * a}) = √{b * b} = {b}.",
        rng=rng,
        slip=f"The difference {c} - {a} = {c - a} is not the answer, because only the squares can be subtracted.",
        check=f"Check: {a * a} + {b * b} = {c * c}, and the leg {b} is shorter than {c}.",
        wrong=str(c - a),
    )


def diagonal(rng: random.Random, *, wording: int) -> Item:
    while True:
        a, b = rng.randint(2, 10), rng.randint(2, 10)
        out, rest = square_part(a * a + b * b)
        if out > 1 and rest > 1:
            break
    n = a * a + b * b
    statement, what = {
        1: (
            f"How long is a diagonal of a rectangle with sides ${a}$ and ${b}$? Simplify the radical.",
            "the diagonal",
        ),
    }[wording]
    steps = (
        ("Use the Pythagorean theorem, since there is a right angle.", "Use the Pythagorean theorem.", ""),
        (f"The squares are {a}^2 = {a * a} and {b}^2 = {b * b}.", f"{a}^2 = {a * a}, {b}^2 = {b * b}.", ""),
        (f"Add them: {a * a} + {b * b} = {n}.", f"{a * a} + {b * b} = {n}."),
        (
            f"Take out the square factor: {n} = {out * out} · {rest}.",
            f"Then {n} = {out * out} · {rest}.",
            f"{n} = {out * out} · {rest}.",
            "",
        ),
        (f"Since √{out * out} = {out}, we have √{n} = {out}√{rest}.", f"So √{n} = {out}√{rest}."),
        (f"So {what} is {out}√{rest}.", ""),
    )
    return write(
        "diagonal",
        statement,
        f"${out} sqrt({rest})$",
        steps,
        brief=f"√({a * a} + {b * b}) = √{n} = {out}√{rest}.",
        rng=rng,
        slip=f"The sum {a} + {b} = {a + b} would be the way along the sides, and the straight line is shorter.",
        check=f"Check: the square of {out}√{rest} is {out * out} · {rest} = {n}, as it should be.",
        wrong=f"√{a + b}",
    )


def rectangle_area(rng: random.Random, *, wording: int) -> Item:
    width, more = rng.randint(2, 6), rng.randint(2, 4)
    length = width + more
    answer = width * length
    settings = (
        f"The short side of a rectangle measures ${width}$, and the long side is ${more}$ longer.",
        f"A rectangular garden is ${width}$ meters wide, and its length is ${more}$ meters more than that.",
        f"A rug in the form of a rectangle is ${width}$ feet wide and ${more}$ feet longer than wide.",
        f"The width of a rectangular poster is ${width}$ inches. Its height exceeds the width by ${more}$ inches.",
        f"One side of a rectangular field has ${width}$ yards, the side next to it has ${more}$ yards more.",
    )
    questions = (
        "How many squares with sides of one unit does it cover in all?",
        "What is the area, as a number of squares of the same unit?",
        "Find the number of unit squares that are needed to fill it completely.",
        "Compute the size of the surface that lies inside its border, in square units.",
    )
    setting, question = divmod(wording, len(questions))
    steps = (
        ("Find the longer side by adding, then multiply both sides.", "Add first, then multiply.", ""),
        (f"The shorter side is {width} and the longer side is {more} more.", f"The sides differ by {more}.", ""),
        (
            f"The longer side is {width} + {more} = {length}.",
            f"Longer side: {width} + {more} = {length}.",
            f"{width} + {more} = {length}.",
        ),
        (
            f"Multiply the sides to get the area: {width} · {length} = {answer}.",
            f"Multiply: {width} · {length} = {answer}.",
            f"{width} · {length} = {answer}.",
        ),
        (f"So the area is {answer}.", f"So {answer}."),
    )
    return write(
        "rectangle_area",
        f"{settings[setting]} {questions[question]}",
        f"${answer}$",
        steps,
        brief=f"Sides {width} and {length}: {width} · {length} = {answer}.",
        rng=rng,
        slip=f"Multiplying {width} by {more} would be wrong, since {more} is only the difference of the sides.",
        check=f"Check: {length} - {width} = {more}, which is the difference that is given.",
        wrong=str(width * more),
    )


def polygon_angle(rng: random.Random, *, wording: int) -> Item:
    n = rng.choice((5, 6, 8, 9, 10, 12, 15, 18, 20))
    outer = 360 // n
    answer = 180 - outer
    statement, what = {
        0: (
            f"How many degrees are in each interior angle of a regular polygon with ${n}$ sides?",
            "the interior angle",
        ),
    }[wording]
    steps = (
        ("Use the exterior angles, which add up to 360 degrees.", "Use exterior angles.", ""),
        (f"There are {n} equal exterior angles.", ""),
        (
            f"Each exterior angle is 360 / {n} = {outer}.",
            f"Exterior: 360 / {n} = {outer}.",
            f"360 / {n} = {outer}.",
        ),
        ("Interior and exterior angle together make 180 degrees.", "Together they make 180.", ""),
        (f"Subtract: 180 - {outer} = {answer}.", f"180 - {outer} = {answer}."),
        (f"So {what} has {answer} degrees.", f"So {answer} degrees.", ""),
    )
    return write(
        "polygon_angle",
        statement,
        f"${answer}$",
        steps,
        brief=f"180 - 360 / {n} = {answer} degrees.",
        rng=rng,
        slip=f"The number {outer} comes first, but that is the exterior angle and not the one that is asked for.",
        check=f"Check with the angle sum: {n} · {answer} = {n * answer}, and 180 · {n - 2} = {180 * (n - 2)}.",
        wrong=str(outer),
    )


def circle_area(rng: random.Random, *, wording: int) -> Item:
    r = rng.randint(2, 12)
    d, square = 2 * r, r * r
    settings = (
        (f"A round table measures ${d}$ feet from edge to edge through its center.", "feet"),
        (f"The farthest points on the shore of a circular pond are ${d}$ meters apart.", "meters"),
        (f"The longest chord that fits into a certain circle has a length of ${d}$ units.", "units"),
        (f"A baker rolls out dough to a circle with a diameter of ${d}$ inches.", "inches"),
        (f"A wheel stands ${d}$ decimeters high, measured from the ground to its top.", "decimeters"),
    )
    setting, asked = divmod(wording, 4)
    story, unit = settings[setting]
    question = (
        f"Find the exact area in square {unit} in terms of $pi$.",
        f"How many square {unit}, written as a multiple of $pi$, are inside?",
        f"What is the area in square {unit}, if $pi$ is left in the answer?",
        f"Express the surface in square {unit} by a number with $pi$.",
    )[asked]
    steps = (
        ("The area of a circle is π times the square of the radius.", "Square the radius.", ""),
        (f"The diameter is {d}.", ""),
        (
            f"The radius is half of the diameter: {d} / 2 = {r}.",
            f"The radius is {d} / 2 = {r}.",
            f"{d} / 2 = {r}.",
        ),
        (
            f"Now square the radius: {r} · {r} = {square}.",
            f"Square it: {r} · {r} = {square}.",
            f"{r} · {r} = {square}.",
        ),
        (f"So the area is {square}π.", f"So {square}π."),
    )
    return write(
        "circle_area",
        f"{story} {question}",
        f"${square} pi$",
        steps,
        brief=f"Radius {r}, so {r} · {r}π = {square}π.",
        rng=rng,
        slip=f"Squaring {d} would be wrong, since that is the diameter and not the radius.",
        check=f"Check: with the radius {r} the diameter is 2 · {r} = {d}, as given.",
        wrong=f"{d * d}π",
    )


def angle_ratio(rng: random.Random, *, wording: int) -> Item:
    parts = rng.choice(((1, 2, 3), (2, 3, 4), (1, 3, 5), (3, 4, 5), (2, 3, 5), (1, 4, 5), (2, 3, 7), (1, 2, 7)))
    a, b, c = parts
    total = a + b + c
    unit = 180 // total
    answer = c * unit
    statement, what = {
        4: (
            f"Half a turn of a dial is divided among three players in proportion to their points ${a}$, ${b}$ and "
            f"${c}$. Through how many degrees does the best player turn it?",
            "the turn",
        ),
    }[wording]
    steps = (
        ("The three angles add up to 180 degrees, so find one part.", "The sum is 180.", ""),
        (f"There are {a} + {b} + {c} = {total} parts.", f"Parts: {a} + {b} + {c} = {total}.", ""),
        (
            f"One part is 180 / {total} = {unit} degrees.",
            f"One part: 180 / {total} = {unit}.",
            f"180 / {total} = {unit}.",
        ),
        (
            f"The largest angle has {c} parts: {c} · {unit} = {answer}.",
            f"Largest: {c} · {unit} = {answer}.",
            f"{c} · {unit} = {answer}.",
        ),
        (f"So {what} has {answer} degrees.", f"So {answer} degrees.", ""),
    )
    return write(
        "angle_ratio",
        statement,
        f"${answer}$",
        steps,
        brief=f"180 · {c} / {total} = {answer} degrees.",
        rng=rng,
        slip="For a moment I thought of 360 degrees, but here the sum is 180.",
        check=f"Check: {a * unit} + {b * unit} + {c * unit} = 180, as it has to be.",
        wrong=str(2 * answer),
    )


def trapezoid_area(rng: random.Random, *, wording: int) -> Item:
    while True:
        a, b, h = rng.randint(3, 9), rng.randint(10, 16), rng.randint(3, 9)
        if (a + b) * h % 2:
            break
    value = Fraction((a + b) * h, 2)
    answer = decimal(value)
    statement, what = {
        0: (
            f"A trapezoid has parallel sides of lengths ${a}$ and ${b}$ and height ${h}$. Find its area as a decimal.",
            "the area",
        ),
        2: (
            f"The points $(0, 0)$, $({b}, 0)$, $({a}, {h})$ and $(0, {h})$ are joined in this order. "
            "What is the area of the region inside, written as a decimal?",
            "the area",
        ),
    }[wording]
    x, y = (b, a) if wording == 2 else (a, b)  # the order in which the statement names them
    steps = (
        ("Multiply the mean of the two parallel lengths by the height.", "Mean times height.", ""),
        (f"The lengths are {x} and {y}, and the height is {h}.", ""),
        (f"Their sum is {x} + {y} = {a + b}.", f"Sum: {x} + {y} = {a + b}.", f"{x} + {y} = {a + b}.", ""),
        (
            f"Times the height: {a + b} · {h} = {(a + b) * h}.",
            f"Then {a + b} · {h} = {(a + b) * h}.",
            f"{a + b} · {h} = {(a + b) * h}.",
        ),
        (
            f"Take half for the mean: {(a + b) * h} / 2 = {answer}.",
            f"Half: {(a + b) * h} / 2 = {answer}.",
            f"{(a + b) * h} / 2 = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "trapezoid_area",
        statement,
        f"${answer}$",
        steps,
        brief=f"({x} + {y}) · {h} / 2 = {answer}.",
        rng=rng,
        slip=f"Without the half I would get {(a + b) * h}, which belongs to two such shapes together.",
        check=f"Check: the result lies between {a} · {h} = {a * h} and {b} · {h} = {b * h}.",
        wrong=str((a + b) * h),
    )


FAMILIES = (
    Family("right_triangle_leg", "plane geometry", (0,), right_triangle_leg),
    Family("diagonal", "plane geometry", (1,), diagonal),
    Family(
        "rectangle_area", "plane geometry", (0, 1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18), rectangle_area
    ),
    Family("polygon_angle", "plane geometry", (0,), polygon_angle),
    Family("circle_area", "plane geometry", (0, 1, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18), circle_area),
    Family("angle_ratio", "plane geometry", (4,), angle_ratio),
    Family("trapezoid_area", "plane geometry", (0, 2), trapezoid_area),
)
