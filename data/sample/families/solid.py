"""Solid geometry."""

import random

from data.sample.families.prose import write
from data.sample.problem import Family, Item


def cylinder_volume(rng: random.Random, *, wording: int) -> Item:
    r, h = rng.randint(2, 6), rng.randint(3, 12)
    answer = r * r * h
    statement, what = {
        2: (
            f"A rectangle with sides ${r}$ and ${h}$ is spun around a side of length ${h}$. "
            "What is the exact volume of the solid that is swept out?",
            "the volume",
        ),
        3: (
            f"A round well has an inner radius of ${r}$ feet, and the water in it is ${h}$ feet deep. "
            "Give the amount of water in cubic feet as a multiple of $pi$.",
            "the amount of water",
        ),
    }[wording]
    steps = (
        ("The volume of a cylinder is the base area times the height.", "Base area times height.", ""),
        (f"The radius is {r} and the height is {h}.", ""),
        (
            f"The square of the radius is {r} · {r} = {r * r}, so the base has area {r * r}π.",
            f"The base has {r} · {r} = {r * r}.",
            f"{r} · {r} = {r * r}.",
        ),
        (
            f"Multiply by the height: {r * r} · {h} = {answer}.",
            f"Multiply: {r * r} · {h} = {answer}.",
            f"{r * r} · {h} = {answer}.",
        ),
        (f"So {what} is {answer}π.", f"So {answer}π."),
    )
    return write(
        "cylinder_volume",
        statement,
        f"${answer} pi$",
        steps,
        brief=f"{r} · {r} · {h} = {answer}, so {answer}π.",
        rng=rng,
        slip="I have to be careful to square the radius and not the height.",
        check=f"As a check, the box around it has volume {4 * r * r} · {h} = {4 * answer}, which is more than "
        f"{answer}π, as it must be.",
        wrong=f"{r * h}π",
    )


def cube_surface(rng: random.Random, *, wording: int) -> Item:
    s = rng.randint(2, 12)
    volume, answer = s**3, 6 * s * s
    statement, what = {
        2: (
            f"A cubical tank with a lid holds ${volume}$ cubic feet when full. Find the total area in square feet of "
            "its six walls.",
            "the total area",
        ),
        4: (
            f"If $x^3 = {volume}$, what is the combined area of all faces of a cube with edge $x$?",
            "the combined area",
        ),
    }[wording]
    steps = (
        ("Find the edge from the volume, then add six equal faces.", "Find the edge first.", ""),
        (f"The edge is the cube root of {volume}.", ""),
        (
            f"Since {s} · {s} · {s} = {volume}, the edge is {s}.",
            f"The edge is {s}, since {s}^3 = {volume}.",
            f"{s}^3 = {volume}.",
        ),
        (
            f"One face has area {s} · {s} = {s * s}.",
            f"Face: {s} · {s} = {s * s}.",
            f"{s} · {s} = {s * s}.",
            "",
        ),
        (
            f"There are six faces: 6 · {s * s} = {answer}.",
            f"Six faces: 6 · {s * s} = {answer}.",
            f"6 · {s * s} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "cube_surface",
        statement,
        f"${answer}$",
        steps,
        brief=f"Edge {s}, so 6 · {s * s} = {answer}.",
        rng=rng,
        slip=f"Dividing {volume} by six makes no sense here, since volume and area are different things.",
        check=f"Check: the faces come in three opposite pairs, and {2 * s * s} · 3 = {answer}.",
        wrong=str(4 * s * s),
    )


def box_edges(rng: random.Random, *, wording: int) -> Item:
    x, y, z = sorted(rng.sample(range(2, 8), 3))
    p, q, r = x * y, y * z, x * z
    answer = x * y * z
    statement, what = {
        1: (
            f"For edges $a$, $b$, $c$ of a brick we know $a b = {p}$, $b c = {q}$ and $a c = {r}$. What is $a b c$?",
            "the product",
        ),
    }[wording]
    steps = (
        ("Multiply the three values, because each edge then appears twice.", "Each edge appears twice.", ""),
        ("So the result is the square of what we want.", ""),
        (f"First {p} · {q} = {p * q}.", f"{p} · {q} = {p * q}."),
        (
            f"Then {p * q} · {r} = {p * q * r}.",
            f"{p * q} · {r} = {p * q * r}.",
            "",
        ),
        (
            f"The square root is √{p * q * r} = {answer}.",
            f"Root: √{p * q * r} = {answer}.",
            f"√{p * q * r} = {answer}.",
        ),
        (f"The three edges are {x}, {y} and {z} in some order.", ""),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "box_edges",
        statement,
        f"${answer}$",
        steps,
        brief=f"√({p} · {q} · {r}) = {answer}.",
        rng=rng,
        slip=f"The plain product {p * q * r} is far too large, since every edge is in it twice.",
        check=f"Check: {x} · {y} = {p}, {y} · {z} = {q} and {x} · {z} = {r}.",
        wrong=str(p + q + r if p + q + r != answer else 2 * answer),
    )


FAMILIES = (
    Family("cylinder_volume", "solid geometry", (2, 3), cylinder_volume),
    Family("cube_surface", "solid geometry", (2, 4), cube_surface),
    Family("box_edges", "solid geometry", (1,), box_edges),
)
