"""Counting: products, arrangements, selections, overlap."""

import math
import random

from stages.sample.families.prose import write
from stages.sample.problem import Family, Item


def product_rule(rng: random.Random, *, wording: int) -> Item:
    a, b, c = rng.randint(2, 6), rng.randint(3, 7), rng.randint(2, 5)
    answer = a * b * c
    statement, what, names = (
        (
            f"Jo owns ${a}$ hats, ${b}$ shirts and ${c}$ scarves. In how many ways can she dress with one of each?",
            "outfits",
            ("hat", "shirt", "scarf"),
        ),
        (
            f"A menu lists ${a}$ soups, ${b}$ main dishes and ${c}$ desserts. How many different three-course meals "
            "can be ordered?",
            "meals",
            ("soup", "main dish", "dessert"),
        ),
        (
            f"There are ${a}$ roads from Ash to Birch, ${b}$ roads from Birch to Cedar and ${c}$ roads from Cedar to "
            "Dale. How many routes lead from Ash through Birch and Cedar to Dale?",
            "routes",
            ("first road", "second road", "third road"),
        ),
        (
            f"A bicycle is sold in ${a}$ sizes, with ${b}$ colors and ${c}$ kinds of saddle. "
            "How many versions must a shop stock to have them all?",
            "versions",
            ("size", "color", "saddle"),
        ),
        (
            f"Set $A$ has ${a}$ elements, set $B$ has ${b}$ and $C$ has ${c}$. How many ordered triples $(x, y, z)$ "
            "have $x$ in $A$, $y$ in $B$ and $z$ in $C$?",
            "triples",
            ("x", "y", "z"),
        ),
        (
            f"A password starts with one of ${a}$ symbols, continues with one of ${b}$ letters and ends in one of "
            f"${c}$ digits. What is the number of possible passwords?",
            "passwords",
            ("symbol", "letter", "digit"),
        ),
    )[wording]
    steps = (
        ("The choices are independent, so the multiplication principle applies.", "Multiply the choices.", ""),
        (
            f"There are {a} choices for the {names[0]}, {b} for the {names[1]} and {c} for the {names[2]}.",
            f"The choices are {a}, {b} and {c}.",
            "",
        ),
        (
            f"The first two give {a} · {b} = {a * b}.",
            f"First {a} · {b} = {a * b}.",
            f"{a} · {b} = {a * b}.",
        ),
        (
            f"With the third we have {a * b} · {c} = {answer}.",
            f"Then {a * b} · {c} = {answer}.",
            f"{a * b} · {c} = {answer}.",
        ),
        (f"So there are {answer} {what}.", f"So {answer} {what}.", ""),
    )
    return write(
        "product_rule",
        statement,
        f"${answer}$",
        steps,
        brief=f"{a} · {b} · {c} = {answer} {what}.",
        rng=rng,
        slip=f"Adding would give only {a + b + c}, but every choice can be combined with every other one.",
        check=f"Check in another order: {b} · {c} = {b * c} and {b * c} · {a} = {answer}, the same.",
        wrong=str(a + b + c),
    )


def arrangements(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(5, 9)
    first = n * (n - 1)
    answer = first * (n - 2)
    statement, what, places = (
        (
            f"In how many ways can gold, silver and bronze be awarded among ${n}$ runners if there are no ties?",
            "ways",
            "medals",
        ),
        (
            f"A club of ${n}$ members elects a president, a secretary and a treasurer, all different people. "
            "How many results are possible?",
            "results",
            "offices",
        ),
        (
            f"Signals are made by hanging three different flags one above the other. How many signals can be made "
            f"from ${n}$ flags of different colors?",
            "signals",
            "places",
        ),
        (
            f"How many three-letter codes without a repeated letter can be formed from ${n}$ given letters?",
            "codes",
            "letters",
        ),
        (
            f"A shelf has room for three books, left, middle and right. If ${n}$ different books are on the table, "
            "how many ways are there to fill the shelf?",
            "ways",
            "positions",
        ),
        (
            f"Find the number of one-to-one functions from the set $A$ with $3$ elements to the set $B$ with "
            f"${n}$ elements.",
            "functions",
            "values",
        ),
    )[wording]
    steps = (
        (f"The order matters, so fill the three {places} one after another.", "The order matters.", ""),
        (
            f"There are {n} choices, then {n - 1}, then {n - 2}.",
            f"Choices: {n}, {n - 1}, {n - 2}.",
            "",
        ),
        (
            f"The first two {places} give {n} · {n - 1} = {first}.",
            f"First {n} · {n - 1} = {first}.",
            f"{n} · {n - 1} = {first}.",
        ),
        (
            f"The third gives {first} · {n - 2} = {answer}.",
            f"Then {first} · {n - 2} = {answer}.",
            f"{first} · {n - 2} = {answer}.",
        ),
        (f"Altogether there are {answer} {what}.", f"So {answer} {what}.", ""),
    )
    return write(
        "arrangements",
        statement,
        f"${answer}$",
        steps,
        brief=f"{n} · {n - 1} · {n - 2} = {answer} {what}.",
        rng=rng,
        slip=f"I thought of {n}^3 for a moment, but that would let the same one be used twice.",
        check=f"As a check, unordered there would be {answer // 6}, and {answer // 6} · 6 = {answer}.",
        wrong=str(n**3),
    )


def pairs(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(6, 16)
    answer = n * (n - 1) // 2
    statement, what, one = (
        (
            f"At a meeting of ${n}$ people everyone shakes hands with everyone else exactly once. "
            "How many handshakes are there?",
            "handshakes",
            "person",
        ),
        (
            f"In a chess tournament each of ${n}$ players meets every other player one time. "
            "Find the number of games played.",
            "games",
            "player",
        ),
        (
            f"Mark ${n}$ points on a circle and draw every chord that joins two of them. "
            "How many chords have been drawn?",
            "chords",
            "point",
        ),
        (
            f"A box contains ${n}$ crayons of different colors. Tim picks two of them to draw a flag. "
            "How many pairs of colors could he pick?",
            "pairs",
            "crayon",
        ),
        (
            f"An airline links each of ${n}$ cities with each other city by one direct line that is used both ways. "
            "What is the total number of lines?",
            "lines",
            "city",
        ),
        (f"How many subsets with exactly two elements has a set of ${n}$ elements?", "subsets", "element"),
    )[wording]
    steps = (
        (f"Each {one} is paired with every other one, and order does not matter.", "Count pairs.", ""),
        (
            f"Each {one} has {n} - 1 = {n - 1} partners.",
            f"{n} - 1 = {n - 1}.",
            "",
        ),
        (
            f"Counting from both ends gives {n} · {n - 1} = {n * (n - 1)}.",
            f"Then {n} · {n - 1} = {n * (n - 1)}.",
            f"{n} · {n - 1} = {n * (n - 1)}.",
        ),
        ("Every pair was counted twice.", "Halve it.", ""),
        (
            f"Divide by two: {n * (n - 1)} / 2 = {answer}.",
            f"{n * (n - 1)} / 2 = {answer}.",
        ),
        (f"So there are {answer} {what}.", f"So {answer} {what}.", ""),
    )
    return write(
        "pairs",
        statement,
        f"${answer}$",
        steps,
        brief=f"{n} · {n - 1} / 2 = {answer} {what}.",
        rng=rng,
        slip=f"I might say {n * (n - 1)}, but then every pair would be counted from both sides.",
        check="Check with a small case: three of them would give 3 · 2 / 2 = 3, which is right.",
        wrong=str(n * (n - 1)),
    )


def selections(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(5, 10)
    ordered = n * (n - 1) * (n - 2)
    answer = math.comb(n, 3)
    statement, what = (
        (f"How many committees of three can be chosen from ${n}$ teachers?", "committees"),
        (
            f"A pizza baker offers ${n}$ toppings. Lena orders a pizza with exactly three different toppings. "
            "How many pizzas can she choose from?",
            "pizzas",
        ),
        (
            f"No three of ${n}$ points in a plane lie on one line. Find the number of triangles whose vertices are "
            "among these points.",
            "triangles",
        ),
        (
            f"From ${n}$ different postcards Max takes three along as a present, all at the same time. "
            "In how many ways can he do this?",
            "ways",
        ),
        (f"What is the number of three-element subsets of ${{1, 2, 3, ..., {n}}}$?", "subsets"),
        (
            f"In a row of ${n}$ lamps exactly three are switched on. How many different patterns of light are there?",
            "patterns",
        ),
    )[wording]
    steps = (
        ("The order does not matter, so count ordered choices and divide.", "The order does not matter.", ""),
        (
            f"In order there are {n} · {n - 1} · {n - 2} = {ordered} choices.",
            f"In order: {n} · {n - 1} · {n - 2} = {ordered}.",
            f"{n} · {n - 1} · {n - 2} = {ordered}.",
        ),
        (
            "Each selection of three appears in 3 · 2 · 1 = 6 orders.",
            "Orders: 3 · 2 · 1 = 6.",
            "",
        ),
        (f"Divide: {ordered} / 6 = {answer}.", f"{ordered} / 6 = {answer}."),
        (f"So there are {answer} {what}.", f"So {answer} {what}.", ""),
    )
    return write(
        "selections",
        statement,
        f"${answer}$",
        steps,
        brief=f"{ordered} / 6 = {answer} {what}.",
        rng=rng,
        slip=f"The count {ordered} comes to mind first, but it treats the same three in another order as new.",
        check=f"Check: choosing which {n - 3} are left out must give the same count, so the formula is plausible.",
        wrong=str(ordered),
    )


FAMILIES = (
    Family("product_rule", "counting", ("fs", "tp"), 6, product_rule),
    Family("arrangements", "counting", ("fs", "js", "tp"), 6, arrangements),
    Family("pairs", "counting", ("fs", "js", "tp"), 6, pairs),
    Family("selections", "counting", ("fs", "js"), 6, selections),
)
