"""Counting: products, arrangements, selections, overlap."""

import math
import random

from data.sample.families.prose import write
from data.sample.problem import Family, Item


def product_rule(rng: random.Random, *, wording: int) -> Item:
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    answer = a * b
    settings = (
        (f"Jo packs ${a}$ hats and ${b}$ scarves for a winter trip.", "outfits"),
        (f"A diner offers ${a}$ soups and ${b}$ desserts on its lunch menu.", "meals"),
        (f"A shop stocks ${a}$ bicycle frames and ${b}$ saddles that fit all of them.", "bicycles"),
        (f"In a school play ${a}$ girls and ${b}$ boys would like to dance together.", "couples"),
        (f"A lock has ${a}$ letters on its left wheel and ${b}$ digits on the right.", "codes"),
    )
    setting, asked = divmod(wording, 4)
    story, what = settings[setting]
    question = (
        f"How many different {what} with one of each kind are possible?",
        f"Find the total number of {what} that can be put together from these.",
        "If one of each is chosen, in how many ways can this be done?",
        f"What is the greatest number of {what}, no two of them alike, that we can form?",
    )[asked]
    steps = (
        ("Use the product rule, because every first choice goes with every second.", "Use the product rule.", ""),
        (
            f"There are {a} first choices and {b} second choices.",
            f"The choices are {a} and {b}.",
            f"Choices: {a} and {b}.",
        ),
        ("Each pair of choices counts exactly once.", "Each pair counts once.", ""),
        (f"Multiply the two numbers: {a} · {b} = {answer}.", f"Multiply: {a} · {b} = {answer}."),
        (f"So the number of possible pairs is {answer}.", f"So the answer is {answer}.", f"So {answer}."),
    )
    return write(
        "product_rule",
        f"{story} {question}",
        f"${answer}$",
        steps,
        brief=f"Multiply: {a} · {b} = {answer}.",
        rng=rng,
        slip=f"Adding would give only {a + b}, but every choice can be combined with every other one.",
        check=f"Check in the other order: {b} · {a} = {answer}, which is the same.",
        wrong=str(a + b if a + b != answer else a + b + 1),
    )


def arrangements(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(3, 6)
    answer = math.factorial(n)
    settings = (
        f"A teacher lines up ${n}$ children at the door of a museum.",
        f"On an empty shelf Max puts ${n}$ different books next to each other.",
        f"A band plays ${n}$ songs one after another and repeats none of them.",
        f"In a race ${n}$ runners reach the finish, and there are no ties.",
        f"A bus stops in ${n}$ villages on its tour, once in each of them.",
    )
    questions = (
        "How many different orders are there for them altogether?",
        "Find the total number of sequences that can come about.",
        "What is the number of arrangements, if every order is allowed?",
        "If any order may occur, in how many ways can it turn out?",
    )
    setting, asked = divmod(wording, len(questions))
    steps = (
        ("The order matters, so fill the places one after another.", "The order matters.", ""),
        (
            f"The first place has {n} choices, and each next place has one choice fewer.",
            f"The first place has {n} choices.",
            f"There are {n} choices.",
        ),
        ("The number of orders is a factorial.", "Use the factorial.", ""),
        (f"Compute the factorial: {n}! = {answer}.", f"{n}! = {answer}."),
        (f"So the number of orders is {answer}.", f"So the answer is {answer}.", f"So {answer}."),
    )
    return write(
        "arrangements",
        f"{settings[setting]} {questions[asked]}",
        f"${answer}$",
        steps,
        brief=f"Count the orders: {n}! = {answer}.",
        rng=rng,
        slip=f"I thought of {n} · {n} for a moment, but nothing can be used twice and all places count.",
        check=f"Check: one fewer would give {answer // n} orders, and {n} · {answer // n} = {answer}.",
        wrong=str(n * n),
    )


def pairs(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(6, 16)
    answer = n * (n - 1) // 2
    statement, what, one = {
        0: (
            f"At a meeting of ${n}$ people everyone shakes hands with everyone else exactly once. "
            "How many handshakes are there?",
            "handshakes",
            "person",
        ),
        2: (
            f"Mark ${n}$ points on a circle and draw every chord that joins two of them. "
            "How many chords have been drawn?",
            "chords",
            "point",
        ),
    }[wording]
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
    statement, what = {
        4: (f"What is the number of three-element subsets of ${{1, 2, 3, ..., {n}}}$?", "subsets"),
        5: (
            f"In a row of ${n}$ lamps exactly three are switched on. How many different patterns of light are there?",
            "patterns",
        ),
    }[wording]
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
    Family("product_rule", "counting", (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 14, 15, 16, 17, 18, 19), product_rule),
    Family("arrangements", "counting", (0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19), arrangements),
    Family("pairs", "counting", (0, 2), pairs),
    Family("selections", "counting", (4, 5), selections),
)
