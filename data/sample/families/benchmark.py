"""Families for the benchmark that ships with the project. None of their topics occurs in the exams.

They are only answered, never taught, so they have no reasoning and no chains.
"""

import random
from fractions import Fraction

from data.sample.families.forms import decimal
from data.sample.problem import Family, Item


def _item(family: str, statement: str, answer: int | str, wrong: int | str) -> Item:
    return Item(family, statement, f"${answer}$", "", {}, str(wrong))


def unit_conversion(rng: random.Random, *, wording: int) -> Item:
    n = rng.randint(3, 15)
    statement, factor = (
        (f"How many inches are in ${n}$ feet?", 12),
        (f"A film lasts ${n}$ hours. Express this in minutes.", 60),
        (f"Convert ${n}$ yards to feet.", 3),
        (f"A recipe needs ${n}$ pounds of flour. How many ounces is that?", 16),
        (f"For a picnic ${n}$ gallons of tea are poured into quart jars. How many jars are filled?", 4),
    )[wording]
    return _item("unit_conversion", statement, n * factor, n + factor)


def missing_score(rng: random.Random, *, wording: int) -> Item:
    while True:
        a, b, c, mean = (rng.randint(4, 20) for _ in range(4))
        answer = 4 * mean - a - b - c
        if 1 <= answer <= 30:
            break
    statement = (
        f"The mean of ${a}$, ${b}$, ${c}$ and $x$ is ${mean}$. Find $x$.",
        f"Pia scored ${a}$, ${b}$ and ${c}$ points on three quizzes. What must she score on a fourth quiz to average "
        f"${mean}$?",
        f"Temperatures of ${a}$, ${b}$ and ${c}$ degrees were read on three days. With the fourth day the average was "
        f"${mean}$ degrees. What was the fourth reading?",
        f"Four baskets hold ${a}$, ${b}$, ${c}$ and an unknown number of apples, on average ${mean}$ apples. How many "
        "apples are in the last basket?",
    )[wording]
    return _item("missing_score", statement, answer, mean + (mean == answer))


def median(rng: random.Random, *, wording: int) -> Item:
    values = rng.sample(range(2, 40), 5)
    shown = ", ".join(f"${value}$" for value in values[:-1]) + f" and ${values[-1]}$"
    statement = (
        f"What is the median of {shown}?",
        f"Five hikers carry {shown} pounds. How many pounds does the hiker in the middle carry, when they are lined up "
        "by weight?",
        f"The numbers {shown} are sorted by size. Which one stands in the middle of the list?",
        f"A survey gave the answers {shown}. Find the middle value of these data.",
    )[wording]
    return _item("median", statement, sorted(values)[2], values[2] if values[2] != sorted(values)[2] else values[0])


def percent_change(rng: random.Random, *, wording: int) -> Item:
    old, percent = rng.choice((20, 40, 50, 60, 80, 120, 200)), rng.choice((5, 10, 15, 20, 25, 30, 40))
    change = Fraction(old * percent, 100)
    up, down = decimal(old + change), decimal(old - change)
    statement, answer, wrong = (
        (f"A coat that costs \\${old} is sold at ${percent}%$ off. What is the sale price in dollars?", down, up),
        (f"The number ${old}$ is increased by ${percent}%$. Find the new number.", up, down),
        (f"A town had ${old}$ trees and lost ${percent}%$ of them. How many trees remain?", down, up),
        (f"After a raise of ${percent}%$, what does Lea earn per hour if she earned \\${old} before?", up, down),
    )[wording]
    return _item("percent_change", statement, answer, wrong)


def clock_angle(rng: random.Random, *, wording: int) -> Item:
    hour, minute = rng.randint(1, 11), rng.choice((0, 20, 30, 40))
    angle = abs(Fraction(30 * hour) + Fraction(minute, 2) - 6 * minute)
    answer = min(angle, 360 - angle)
    time = f"${hour}:{minute:02d}$"
    statement = (
        f"What is the smaller angle in degrees between the hands of a clock at {time}?",
        f"A clock stops at {time}. By how many degrees do its two hands differ, measured the short way?",
        f"It is {time}. Find the measure in degrees of the angle, at most $180$, that the hour hand and the minute "
        "hand form.",
        f"At {time} a bug walks along the rim of a clock from one hand to the other, the shorter way. Through how many "
        "degrees does it move?",
    )[wording]
    return _item("clock_angle", statement, decimal(answer), decimal(answer + 30))


def simple_interest(rng: random.Random, *, wording: int) -> Item:
    principal, rate, years = rng.choice((100, 200, 300, 400, 500, 800)), rng.randint(2, 9), rng.randint(2, 6)
    interest = principal * rate * years // 100
    statement, answer, wrong = (
        (
            f"Find the simple interest in dollars on \\${principal} at ${rate}%$ per year for ${years}$ years.",
            interest,
            principal + interest,
        ),
        (
            f"Joe lends \\${principal} at ${rate}%$ simple interest a year. How many dollars does he get back in all "
            f"after ${years}$ years?",
            principal + interest,
            interest,
        ),
        (
            f"An account with \\${principal} earns ${rate}%$ a year, not compounded. How many dollars does it earn in "
            f"${years}$ years?",
            interest,
            principal + interest,
        ),
        (
            f"What does a debt of \\${principal} grow to, in dollars, if ${rate}%$ of the original amount is added in "
            f"each of ${years}$ years?",
            principal + interest,
            interest,
        ),
    )[wording]
    return _item("simple_interest", statement, answer, wrong)


def determinant(rng: random.Random, *, wording: int) -> Item:
    a, b, c, d = (rng.randint(1, 9) for _ in range(4))
    statement = (
        f"Find the determinant of the two by two matrix with rows $({a}, {b})$ and $({c}, {d})$.",
        f"A matrix has first row $({a}, {b})$ and second row $({c}, {d})$. What is its determinant?",
        f"The vectors $({a}, {b})$ and $({c}, {d})$ are the rows of a matrix $M$. Compute the determinant of $M$.",
        f"Evaluate the second-order determinant whose rows, from top to bottom, are $({a}, {b})$ and $({c}, {d})$.",
    )[wording]
    return _item("determinant", statement, a * d - b * c, a * d + b * c)


def temperature(rng: random.Random, *, wording: int) -> Item:
    celsius = 5 * rng.choice([k for k in range(-3, 21) if k])
    fahrenheit = celsius * 9 // 5 + 32
    statement, answer, wrong = (
        (f"Convert ${celsius}$ degrees Celsius to degrees Fahrenheit.", fahrenheit, celsius + 32),
        (f"A thermometer reads ${fahrenheit}$ degrees Fahrenheit. What is this in Celsius?", celsius, fahrenheit - 32),
        (
            f"With $F = 1.8 C + 32$, find $F$ for $C = {celsius}$.",
            fahrenheit,
            celsius + 32,
        ),
        (
            f"The Celsius scale and the Fahrenheit scale are on one thermometer. Which Celsius mark is level with "
            f"${fahrenheit}$ on the Fahrenheit side?",
            celsius,
            fahrenheit - 32,
        ),
    )[wording]
    return _item("temperature", statement, answer, wrong)


FAMILIES = (
    Family("unit_conversion", "units", (0, 1, 2, 3, 4), unit_conversion),
    Family("missing_score", "mean", (0, 1, 2, 3), missing_score),
    Family("median", "median", (0, 1, 2, 3), median),
    Family("percent_change", "percent", (0, 1, 2, 3), percent_change),
    Family("clock_angle", "clock", (0, 1, 2, 3), clock_angle),
    Family("simple_interest", "interest", (0, 1, 2, 3), simple_interest),
    Family("determinant", "matrices", (0, 1, 2, 3), determinant),
    Family("temperature", "temperature", (0, 1, 2, 3), temperature),
)
