"""Functions, polynomials, equations, complex numbers."""

import random

from data.sample.families.forms import term
from data.sample.families.prose import write
from data.sample.problem import Family, Item


def composition(rng: random.Random, *, wording: int) -> Item:
    a, b, x = rng.randint(2, 6), rng.randint(1, 9), rng.randint(2, 6)
    c = rng.randint(1, min(9, x * x - 1))
    inner = x * x - c
    answer = a * inner + b
    statement, what = {
        0: (f"Let $f(x) = {a}x + {b}$ and $g(x) = x^2 - {c}$. Find $f(g({x}))$.", "the value"),
        3: (
            f"To encode an integer $n$, Rob replaces it by $m = n^2 - {c}$ and then sends ${a}m + {b}$. "
            f"Which integer does he send for $n = {x}$?",
            "the integer",
        ),
        4: (
            f"Given $y = {a}u + {b}$ with $u = x^2 - {c}$, compute $y$ when $x = {x}$.",
            "y",
        ),
    }[wording]
    steps = (
        ("Work from the inside to the outside.", "Start inside.", ""),
        (f"The square is {x} · {x} = {x * x}.", f"{x} · {x} = {x * x}.", ""),
        (
            f"The inner value is {x * x} - {c} = {inner}.",
            f"Inner: {x * x} - {c} = {inner}.",
            f"{x * x} - {c} = {inner}.",
        ),
        (f"Put {inner} into the outer rule: multiply by {a} and add {b}.", "Use the outer rule.", ""),
        (f"The outer value is {a} · {inner} + {b} = {answer}.", f"{a} · {inner} + {b} = {answer}."),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "composition",
        statement,
        f"${answer}$",
        steps,
        brief=f"Inside {inner}, then {a} · {inner} + {b} = {answer}.",
        rng=rng,
        slip="The order matters: doing the outer rule first would give something else.",
        check=f"Check backwards: {answer} - {b} = {a * inner} and {a * inner} / {a} = {inner}, which fits.",
        wrong=str((a * x + b) ** 2 - c),
    )


def vertex_value(rng: random.Random, *, wording: int) -> Item:
    h, k = rng.randint(1, 7), rng.randint(1, 12)
    b, c = 2 * h, h * h + k
    rule = f"x^2 - {b}x + {c}"
    statement, what = {
        0: (f"What is the least value of $f(x) = {rule}$ for real $x$?", "the least value"),
        1: (f"The parabola $y = {rule}$ has its vertex at $(h, k)$. Find $k$.", "k"),
        2: (
            f"The cost of making $x$ toys is ${rule}$ dollars. What is the smallest possible cost in dollars?",
            "the smallest cost",
        ),
    }[wording]
    steps = (
        ("Complete the square, because a square is never negative.", "Complete the square.", ""),
        (
            f"Half of {b} is {h}, and {h} · {h} = {h * h}.",
            f"Half of {b} is {h}: {h} · {h} = {h * h}.",
            f"{h} · {h} = {h * h}.",
        ),
        (f"So the expression is (x - {h})^2 plus a number.", ""),
        (
            f"The number is {c} - {h * h} = {k}.",
            f"Number: {c} - {h * h} = {k}.",
            f"{c} - {h * h} = {k}.",
        ),
        (f"The square is 0 at x = {h}.", f"At x = {h} the square is 0.", ""),
        (f"So {what} is {k}.", f"So {k}.", ""),
    )
    return write(
        "vertex_value",
        statement,
        f"${k}$",
        steps,
        brief=f"At x = {h}: {c} - {h * h} = {k}.",
        rng=rng,
        slip=f"At x = 0 the value is {c}, but that is not where the curve is lowest.",
        check=f"Check: at x = {h} we get {h * h} - {b * h} + {c} = {k}.",
        wrong=str(c),
    )


def sum_and_product(rng: random.Random, *, wording: int) -> Item:
    s = rng.randint(5, 12)
    p = rng.randint(2, s * s // 4)
    answer = s * s - 2 * p
    statement, what = {
        0: (f"If $x + y = {s}$ and $x y = {p}$, what is $x^2 + y^2$?", "the sum of squares"),
        2: (
            f"Let $r$ and $t$ be the roots of $x^2 - {s}x + {p} = 0$. Compute $r^2 + t^2$.",
            "the value",
        ),
    }[wording]
    steps = (
        ("Square the sum, because this produces the squares and twice the product.", "Square the sum.", ""),
        ("So the sum of squares is the square of the sum minus twice the product.", "Subtract twice the product.", ""),
        (f"The square is {s} · {s} = {s * s}.", f"{s} · {s} = {s * s}."),
        (f"Twice the product is 2 · {p} = {2 * p}.", f"2 · {p} = {2 * p}.", ""),
        (f"Subtract: {s * s} - {2 * p} = {answer}.", f"{s * s} - {2 * p} = {answer}."),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "sum_and_product",
        statement,
        f"${answer}$",
        steps,
        brief=f"{s * s} - 2 · {p} = {answer}.",
        rng=rng,
        slip="I could solve for both numbers first, but they may not be nice, and they are not needed.",
        check=f"Check: adding {2 * p} to {answer} gives back {s * s}, the square of {s}.",
        wrong=str(s * s - p),
    )


def expand_product(rng: random.Random, *, wording: int) -> Item:
    a, b, c, d = rng.randint(1, 4), rng.randint(1, 6), rng.randint(1, 4), rng.randint(2, 6)
    while a * d == b * c:
        d += 1
    first, outer, inner, last = a * c, a * d, b * c, b * d
    middle = inner - outer
    name = term(abs(middle), "x")
    answer = f"{term(first, 'x^2')} {'+' if middle > 0 else '-'} {name} - {last}"
    one, two = f"{term(a, 'x')} + {b}", f"{term(c, 'x')} - {d}"
    statement, what = {
        1: (
            f"A rectangle has sides of length ${one}$ and ${two}$. Express its area as a polynomial in $x$ in "
            "standard form.",
            "the area",
        ),
    }[wording]
    steps = (
        ("Multiply every term of one factor by every term of the other.", "Multiply all terms.", ""),
        (f"The squares give {a} · {c} = {first}.", f"Squares: {a} · {c} = {first}.", f"{a} · {c} = {first}."),
        (
            f"The middle terms give {b} · {c} - {a} · {d} = {middle}.",
            f"Middle: {b} · {c} - {a} · {d} = {middle}.",
            f"Middle: {middle}.",
        ),
        (f"The numbers give {b} · {d} = {last} with a minus.", f"Numbers: {b} · {d} = {last} with minus.", ""),
        (f"So {what} is {answer}.", f"So {answer}."),
    )
    return write(
        "expand_product",
        statement,
        f"${answer}$",
        steps,
        brief=f"The middle is {middle}: {answer}.",
        rng=rng,
        slip="Multiplying only the first terms and the last terms would lose the middle part.",
        check=f"Check with x = 1: {a + b} · {c - d} = {(a + b) * (c - d)}, and the polynomial gives the same.",
        wrong=f"{term(first, 'x^2')} - {last}",
    )


def absolute_solutions(rng: random.Random, *, wording: int) -> Item:
    a = rng.randint(3, 9)
    b = rng.randint(1, a - 1)
    low, high = a - b, a + b
    settings = (
        f"A real number $x$ satisfies the equation $|x - {a}| = {b}$.",
        f"On the number line $x$ is not at ${a}$, but exactly ${b}$ units away.",
        f"From a bridge at mile ${a}$, a car at mile $x$ is ${b}$ miles away.",
        f"An alarm set to ${a} degree$ rings when a reading of $x$ degrees is ${b} degree$ off.",
        f"The graph of $y = |x - {a}|$ meets the line $y = {b}$ at the value $x$.",
    )
    questions = (
        "Find the set of all possible values of $x$.",
        "Which two numbers can $x$ be? Write them in set braces.",
        "List every solution for $x$ as a set, the smaller one first.",
        "Give the complete solution set for $x$ with braces around it.",
    )
    setting, asked = divmod(wording, len(questions))
    steps = (
        ("The distance can go to the left or to the right, so there are two cases.", "There are two cases.", ""),
        (f"The center is {a} and the distance is {b}.", f"Center {a}, distance {b}.", ""),
        (f"On the left the value is {a} - {b} = {low}.", f"Left: {a} - {b} = {low}.", f"{a} - {b} = {low}."),
        (f"On the right the value is {a} + {b} = {high}.", f"Right: {a} + {b} = {high}.", f"{a} + {b} = {high}."),
        (f"So the set is {{{low}, {high}}}.", f"So {{{low}, {high}}}."),
    )
    return write(
        "absolute_solutions",
        f"{settings[setting]} {questions[asked]}",
        f"${{{low}, {high}}}$",
        steps,
        brief=f"{a} - {b}, {a} + {b} give {{{low}, {high}}}.",
        rng=rng,
        slip=f"The value {high} is found at once, but there is a second one on the other side.",
        check=f"Check: the middle of {low} and {high} is ({low} + {high}) / 2 = {a}, as it should be.",
        wrong=f"{{{high}}}",
    )


def complex_product(rng: random.Random, *, wording: int) -> Item:
    a, b, c, d = (rng.randint(1, 6) for _ in range(4))
    if a * c == b * d:
        a += 1
    real, imaginary = a * c - b * d, a * d + b * c
    one, two = f"{a} + {term(b, 'i')}", f"{c} + {term(d, 'i')}"
    statement, what = {
        0: (f"With $i^2 = -1$, write $({one})({two})$ in the form $a + b i$.", "the product"),
        2: (
            f"In a circuit the current is ${one}$ and the impedance is ${two}$, with $i^2 = -1$. "
            "Voltage is current times impedance. What is the voltage as a complex number?",
            "the voltage",
        ),
        4: (
            f"Evaluate $f({two})$ for $f(x) = ({one}) x$ and simplify, using $i dot i = -1$.",
            "the value",
        ),
    }[wording]
    answer = f"{real} + {term(imaginary, 'i')}"
    steps = (
        ("Multiply all terms and replace i · i by -1.", "Multiply all terms.", ""),
        (
            f"The real part is {a} · {c} - {b} · {d} = {real}.",
            f"Real: {a} · {c} - {b} · {d} = {real}.",
            f"Real: {a * c} - {b * d} = {real}.",
        ),
        (
            f"The imaginary part is {a} · {d} + {b} · {c} = {imaginary}.",
            f"Imaginary: {a} · {d} + {b} · {c} = {imaginary}.",
            f"Imaginary: {a * d} + {b * c} = {imaginary}.",
            f"Imaginary: {imaginary}.",
        ),
        ("The product of the two imaginary parts counts with a minus.", "Imaginary squares are negative.", ""),
        (f"So {what} is {answer}.", f"So {answer}."),
    )
    return write(
        "complex_product",
        statement,
        f"${answer}$",
        steps,
        brief=f"{a * c} - {b * d} = {real} gives {answer}.",
        rng=rng,
        slip=f"Multiplying part by part would give {a * c} and {b * d}, but the mixed terms are missing then.",
        check=f"Check of the mixed terms: {a * d} + {b * c} = {imaginary}, so the imaginary part is right.",
        wrong=f"{a * c + b * d} + {imaginary}i",
    )


def new_operation(rng: random.Random, *, wording: int) -> Item:
    p, q = rng.randint(2, 5), rng.randint(1, 3)
    x, y = rng.randint(3, 9), rng.randint(2, 8)
    if x == y:
        y += 1
    answer = p * x - q * y + x * y
    rule = f"{p}a - {term(q, 'b')} + a b"
    statement, what = {
        2: (
            f"What number does the expression ${rule}$ represent when $a = {x}$ and $b = {y}$?",
            "the number",
        ),
    }[wording]
    steps = (
        ("Substitute the two numbers into the rule.", "Substitute.", ""),
        (f"The first term is {p} · {x} = {p * x}.", f"{p} · {x} = {p * x}.", ""),
        (f"The second term is {q} · {y} = {q * y}.", f"{q} · {y} = {q * y}.", ""),
        (f"The third term is {x} · {y} = {x * y}.", f"{x} · {y} = {x * y}."),
        (f"Together {p * x} - {q * y} + {x * y} = {answer}.", f"{p * x} - {q * y} + {x * y} = {answer}."),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "new_operation",
        statement,
        f"${answer}$",
        steps,
        brief=f"{p * x} - {q * y} + {x * y} = {answer}.",
        rng=rng,
        slip="The order of the two numbers matters here, so I write down which is a and which is b.",
        check=f"Check in another order: {p * x} + {x * y} = {p * x + x * y} and {p * x + x * y} - {q * y} = {answer}.",
        wrong=str(p * y - q * x + x * y),
    )


FAMILIES = (
    Family("composition", "functions", (0, 3, 4), composition),
    Family("vertex_value", "functions", (0, 1, 2), vertex_value),
    Family("sum_and_product", "functions", (0, 2), sum_and_product),
    Family("expand_product", "functions", (1,), expand_product),
    Family(
        "absolute_solutions", "functions", (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 16, 18), absolute_solutions
    ),
    Family("complex_product", "functions", (0, 2, 4), complex_product),
    Family("new_operation", "functions", (2,), new_operation),
)
