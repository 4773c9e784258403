"""A second computation of each family's answer, from the printed statement alone."""

import cmath
import datetime
import itertools
import math
import re
from collections.abc import Callable
from fractions import Fraction


def numbers(statement: str) -> list[int]:
    """All unsigned integers of a statement in order; decimals count in hundredths."""
    found = re.findall(r"\d+(?:\.\d+)?", statement)
    return [round(float(text) * 100) if "." in text else int(text) for text in found]


def value(answer: str):
    """An answer as something that can be compared: an exact number where it is one, else its text."""
    whole, _, rest = answer.partition(" ")
    try:
        return Fraction(whole) + Fraction(rest) if rest else Fraction(answer)
    except ValueError:
        return answer


def grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def first(condition: Callable[[int], bool], start: int = 1) -> int:
    return next(k for k in itertools.count(start) if condition(k))


def radical(square: int) -> str:
    out = max(k for k in range(1, 100) if square % (k * k) == 0)
    return f"{out}√{square // out**2}"


def coefficient(text: str) -> int:
    return int(text + "1") if text in ("", "-") else int(text)


def lines(statement: str) -> list[tuple[int, int]]:
    """(slope, intercept) of the linear expressions `3x - 5` in a statement."""
    found = re.findall(r"(-?\d*)x ([+-]) (\d+)", statement)
    return [(coefficient(slope), int(sign + shift)) for slope, sign, shift in found]


def paths(a: int, b: int) -> int:
    return 1 if a == 0 or b == 0 else paths(a - 1, b) + paths(a, b - 1)


def shoelace(points: list[tuple[int, int]]) -> Fraction:
    turned = points[1:] + points[:1]
    return abs(Fraction(sum(x * v - u * y for (x, y), (u, v) in zip(points, turned, strict=True)), 2))


def units_digit(s, n, w):
    return str(n[0] ** n[1])[-1]


def remainder(s, n, w):
    m = n[0]
    r, times = (k for k in n[1:] if k != m)
    place = 0
    for _ in range(times):
        place = (place + r + 3 * m) % m
    return place


def to_base(s, n, w):
    number, base = max(n), min(k for k in n if k > 1)
    digits = itertools.product(range(base), repeat=3)
    return next(f"{x}{y}{z}_{base}" for x, y, z in digits if int(f"{x}{y}{z}", base) == number)


def unknown_base(s, n, w):
    numeral, number = n
    x, y = map(int, str(numeral))
    return first(lambda b: b > max(x, y) and x * b + y == number)


def arithmetic_term(s, n, w):
    place, a, b = n[-1], n[0], n[2] if w == 2 else n[1]
    for _ in range(place - 1):
        a, b = b, 2 * b - a
    return a


def geometric_term(s, n, w):
    start, place = n[:2] if w == 1 else n[1:]
    ratio = 2 if "double" in s or "twice" in s else 3
    for _ in range(place - 1):
        start *= ratio
    return start


def telescoping(s, n, w):
    last = n[-2] if w in (0, 2) else n[-1]
    return sum(Fraction(1, k * (k + 1)) for k in range(1, last + 1))


def trapezoid_area(s, n, w):
    if w == 2:
        return shoelace(list(itertools.pairwise(n))[::2])
    a, b, h = n
    return shoelace([(0, 0), (b, 0), (a, h), (0, h)])


def cylinder_volume(s, n, w):
    r, h = n[:2]
    return f"{r * r * h}π"


def composition(s, n, w):
    order = (2, 3, 1, 4) if w == 3 else (0, 1, 3, 4)
    a, b, c, x = (n[i] for i in order)
    return (lambda u: a * u + b)((lambda t: t * t - c)(x))


def sum_and_product(s, n, w):
    total, product = (n[1], n[2]) if w == 2 else (n[0], n[1])
    root = cmath.sqrt(total * total - 4 * product)
    return round((((total + root) / 2) ** 2 + ((total - root) / 2) ** 2).real)


def expand_product(s, n, w):
    (a, b), (c, d) = lines(s)
    at = [(a * x + b) * (c * x + d) for x in (0, 1, -1)]
    square, middle = (at[1] + at[2]) // 2 - at[0], (at[1] - at[2]) // 2
    names = [f"{square if square != 1 else ''}x^2", f"{abs(middle) if abs(middle) != 1 else ''}x", f"{abs(at[0])}"]
    return f"{names[0]} {'+' if middle > 0 else '-'} {names[1]} {'+' if at[0] > 0 else '-'} {names[2]}"


def absolute_solutions(s, n, w):
    low, high = (x for x in range(-99, 99) if abs(x - n[0]) == n[1])
    return f"{{{low}, {high}}}"


def complex_product(s, n, w):
    one, two = (complex(int(a), coefficient(b)) for a, b in re.findall(r"(\d+) \+ (\d*)i", s)[:2])
    product = one * two
    imaginary = int(product.imag)
    return f"{int(product.real)} + {imaginary if imaginary != 1 else ''}i"


def new_operation(s, n, w):
    p, q = re.search(r"(\d+)a - (\d*)b \+ ab", s).groups()
    x, y = n[-2:]
    return int(p) * x - coefficient(q) * y + sum(x for _ in range(y))


def log_sum(s, n, w):
    a, x, b, y = n
    return round(math.log(x, a)) + round(math.log(y, b))


def log_equation(s, n, w):
    base, shift, k = n if w == 4 else (n[1], n[0], n[2])
    return first(lambda x: x > shift and math.isclose(math.log(x - shift, base), k, abs_tol=1e-9))


def triangle_ratio(s, n, w):
    opposite, adjacent = n
    return Fraction(adjacent, math.isqrt(opposite**2 + adjacent**2))


def exact_values(s, n, w):
    factor, function, angle = re.search(r"x = (\d+) (sin|cos|tan) (\d+)°", s).groups()
    return radical(round((int(factor) * getattr(math, function)(math.radians(int(angle)))) ** 2)).removesuffix("√1")


def special_side(s, n, w):
    return f"{n[0] * math.sin(math.radians(60)) / math.sqrt(3):.0f}√3"


def sum_and_multiple(s, n, w):
    times = {"twice": 2, "three times": 3, "four times": 4, "five times": 5}
    factor = next(number for word, number in times.items() if word in s)
    return next(factor * x for x in range(1, 100) if x + factor * x == n[0])


def always_sometimes_never(s, n, w):
    """Try the claim on many cases."""
    odd = range(n[0] + 1 + n[0] % 2, 50, 2)
    cases = {
        1: lambda: (x * x > n[1] * x for x in range(1, 50)),
        3: lambda: (sum(range(x, x + n[0])) % n[1] == 0 for x in range(-20, 20)),
        4: lambda: (x * x % 10 == n[0] for x in range(-50, 50)),
        5: lambda: ((x + y) % 2 for x in odd for y in odd),
    }
    outcomes = set(map(bool, cases[w]()))
    return "SOMETIMES" if len(outcomes) == 2 else "ALWAYS" if outcomes == {True} else "NEVER"


def factorial_zeros(s, n, w):
    factorial = math.factorial(n[-1] if w == 2 else n[0])
    divisor = 5 if w == 4 else 10
    return first(lambda k: factorial % divisor**k != 0) - 1


def weekday(s, n, w):
    monday = datetime.date(2024, 1, 1)
    start = next(day for k in range(7) if f"{(day := monday + datetime.timedelta(k)):%A}" in s)
    return f"{start + datetime.timedelta(n[0]):%A}"


def clock_angle(s, n, w):
    hour, minute = n[:2]
    hands = Fraction(360 * (60 * hour + minute), 720), Fraction(360 * minute, 60)
    return float(min((hands[0] - hands[1]) % 360, (hands[1] - hands[0]) % 360))


def temperature(s, n, w):
    given = int(re.search(r"-?\d+(?= degrees)|(?<=C = )-?\d+|(?<=with )-?\d+", s)[0])
    if w in (0, 2):
        return next(f for f in range(-100, 400) if (f - 32) * 5 == given * 9)
    return next(c for c in range(-100, 400) if c * 9 == (given - 32) * 5)


CHECKS: dict[str, Callable[[str, list[int], int], object]] = {
    "common_multiple": lambda s, n, w: first(lambda k: k % n[0] == 0 == k % n[1]),
    "missing_digit": lambda s, n, w: next(
        d for d in range(10) if int(re.sub(r"(\d\d)d(\d)", rf"\g<1>{d}\2", re.search(r"\d\dd\d", s)[0])) % 9 == 0
    ),
    "units_digit": units_digit,
    "square_factor": lambda s, n, w: first(lambda k: math.isqrt(n[0] * k) ** 2 == n[0] * k),
    "remainder_of_product": remainder,
    "greatest_divisor": lambda s, n, w: max(d for d in range(1, n[0] + 1) if n[0] % d == 0 == n[1] % d),
    "from_base": lambda s, n, w: int((m := re.search(r"(\d+)_(\d)", s))[1], int(m[2])),
    "to_base": to_base,
    "unknown_base": unknown_base,
    "product_rule": lambda s, n, w: sum(1 for _ in itertools.product(*map(range, n))),
    "arrangements": lambda s, n, w: sum(1 for _ in itertools.permutations(range(n[0]))),
    "pairs": lambda s, n, w: sum(1 for _ in itertools.combinations(range(n[-1]), 2)),
    "selections": lambda s, n, w: sum(1 for _ in itertools.combinations(range(n[-1]), 3)),
    "draw_one": lambda s, n, w: 1 - Fraction(n[1], n[0] + n[1]),
    "two_dice": lambda s, n, w: Fraction(sum(x + y == n[-1] for x in range(1, 7) for y in range(1, 7)), 36),
    "coin_heads": lambda s, n, w: Fraction(
        sum(sum(toss) == n[1] for toss in itertools.product((0, 1), repeat=n[0])), 2 ** n[0]
    ),
    "arithmetic_term": arithmetic_term,
    "arithmetic_sum": lambda s, n, w: sum(range(n[1], n[2] + 1, (n[2] - n[1]) // (n[0] - 1))),
    "geometric_term": geometric_term,
    "telescoping": telescoping,
    "right_triangle_leg": lambda s, n, w: first(lambda k: n[1] ** 2 + k * k == n[0] ** 2),
    "diagonal": lambda s, n, w: radical(n[0] ** 2 + n[1] ** 2),
    "rectangle_area": lambda s, n, w: n[0] * first(lambda k: k - n[0] == n[1]),
    "polygon_angle": lambda s, n, w: Fraction(180 * (n[0] - 2), n[0]),
    "circle_area": lambda s, n, w: f"{Fraction(n[0] * n[0], 4)}π",
    "angle_ratio": lambda s, n, w: max(n[:3]) * first(lambda k: k * (sum(n[:3]) + ("measure x" in s)) == 180),
    "trapezoid_area": trapezoid_area,
    "cylinder_volume": cylinder_volume,
    "cube_surface": lambda s, n, w: 6 * first(lambda k: k**3 == n[-1]) ** 2,
    "box_edges": lambda s, n, w: next(
        x * y * z for x, y, z in itertools.product(range(1, 50), repeat=3) if (x * y, y * z, x * z) == tuple(n[:3])
    ),
    "midpoint": lambda s, n, w: f"({n[0] + (n[2] - n[0]) // 2}, {n[1] + (n[3] - n[1]) // 2})",
    "slope": lambda s, n, w: Fraction(n[3] - n[1], n[2] - n[0]),
    "composition": composition,
    "vertex_value": lambda s, n, w: min(x * x - n[1] * x + n[2] for x in range(60)),
    "sum_and_product": sum_and_product,
    "expand_product": expand_product,
    "absolute_solutions": absolute_solutions,
    "complex_product": complex_product,
    "new_operation": new_operation,
    "log_sum": log_sum,
    "log_equation": log_equation,
    "exponent_equation": lambda s, n, w: first(lambda x: n[0] ** x == n[1]),
    "triangle_ratio": triangle_ratio,
    "exact_values": exact_values,
    "special_side": special_side,
    "sum_and_multiple": sum_and_multiple,
    "work_together": lambda s, n, w: 1 / (Fraction(1, n[0]) + Fraction(1, n[1])),
    "share_ratio": lambda s, n, w: "{0.numerator} : {0.denominator}".format(Fraction(n[1], n[0])),
    "price_total": lambda s, n, w: Fraction(n[0] * n[2] + n[1] * n[3], 100),
    "consecutive": lambda s, n, w: first(lambda x: x + x - 1 + x - 2 == n[0]),
    "always_sometimes_never": always_sometimes_never,
    "factorial_zeros": factorial_zeros,
    "odd_sum": lambda s, n, w: sum(range(1, 2 * n[0], 2)),
    "weekday": weekday,
    "unit_conversion": lambda s, n, w: n[0] * (12, 60, 3, 16, 4)[w],
    "missing_score": lambda s, n, w: first(lambda x: sum(n[:3]) + x == 4 * n[3]),
    "median": lambda s, n, w: next(x for x in n if sum(y < x for y in n) == 2),
    "percent_change": lambda s, n, w: Fraction(max(n), 1) * (1 + (-1, 1, -1, 1)[w] * Fraction(min(n), 100)),
    "clock_angle": clock_angle,
    "simple_interest": lambda s, n, w: sum(Fraction(n[0] * n[1], 100) for _ in range(n[2])) + (w % 2) * n[0],
    "determinant": lambda s, n, w: n[0] * n[3] - n[1] * n[2],
    "temperature": temperature,
}


# ---- the equations in the texts ----------------------------------------------------------------------------------

RUN = re.compile(r"(?:[\d\s()^/·+=√-]|\.(?=\d))+")


def false_equations(text: str) -> list[str]:
    """Equations between plain numbers that do not hold, to the last digit."""
    return [run for run, sides in equations(text) if len({evaluate(side) for side in sides}) > 1]


def equations(text: str) -> list[tuple[str, list[str]]]:
    """Runs of numbers and operators with at least two sides; a side that touches a letter is left out."""
    found = []
    for match in RUN.finditer(text):
        run, before, after = match[0], text[: match.start()][-1:], text[match.end() :][:1]
        sides = run.split("=")
        glued = before and before not in " .,:{" and not run[0].isspace()
        if glued or re.match(r"\s*([-+·/^)] |$)", sides[0]):
            sides.pop(0)
        glued = (after.isalpha() or after in tuple("π°_|")) and not run[-1].isspace()
        if sides and (glued or re.search(r"[-+·/^(√]\s*$", sides[-1])):
            sides.pop()
        if len(sides) > 1:
            found.append((run, [side.strip() for side in sides]))
    return found


def evaluate(text: str) -> tuple[Fraction, int]:
    """A number `r √n` as (r, n): sums, products, spaced division, mixed numbers, powers, roots."""
    tokens = re.findall(r"\d+ \d+/\d+|(?<!√)\d+/\d+|\d+(?:\.\d+)?|[()^/·+√-]", text)
    assert "".join(tokens).replace(" ", "") == text.replace(" ", ""), text

    def total() -> tuple[Fraction, int]:
        result = product()
        while tokens and tokens[0] in "+-":
            sign = 1 if tokens.pop(0) == "+" else -1
            result = plus(result, (sign * (part := product())[0], part[1]))
        return result

    def product() -> tuple[Fraction, int]:
        result = power()
        while tokens and tokens[0] not in "+-)":
            divide = tokens[0] == "/"
            if tokens[0] in "/·":
                tokens.pop(0)
            other = power()
            result = times(result, (1 / other[0], other[1]) if divide else other)
        return result

    def power() -> tuple[Fraction, int]:
        base = atom()
        if tokens and tokens[0] == "^":
            tokens.pop(0)
            exponent = atom()[0]
            base = (base[0] ** int(exponent), 1)
        return base

    def atom() -> tuple[Fraction, int]:
        token = tokens.pop(0)
        if token == "-":
            inner = atom()
            return -inner[0], inner[1]
        if token == "√":
            return root(atom()[0])
        if token == "(":
            inner = total()
            assert tokens.pop(0) == ")"
            return inner
        whole, _, rest = token.rpartition(" ")
        return Fraction(rest) + Fraction(whole or 0), 1

    result = total()
    assert not tokens, text
    return result


def root(number: Fraction) -> tuple[Fraction, int]:
    out = max(k for k in range(1, math.isqrt(int(number)) + 1) if number % (k * k) == 0)
    return Fraction(out), int(number / (out * out))


def plus(one: tuple[Fraction, int], two: tuple[Fraction, int]) -> tuple[Fraction, int]:
    assert one[1] == two[1]
    return one[0] + two[0], one[1]


def times(one: tuple[Fraction, int], two: tuple[Fraction, int]) -> tuple[Fraction, int]:
    factor, rest = root(Fraction(one[1] * two[1])) if one[1] * two[1] > 1 else (1, 1)
    return one[0] * two[0] * factor, rest
