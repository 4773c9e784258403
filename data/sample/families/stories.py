"""Word problems: ages, work, speed, coins, prices, shares."""

import math
import random
from fractions import Fraction

from data.sample.families.forms import mixed, money
from data.sample.families.prose import write
from data.sample.problem import Family, Item


def sum_and_multiple(rng: random.Random, *, wording: int) -> Item:
    times = rng.choice((2, 3, 4, 5))
    younger = rng.randint(3, 12)
    older = times * younger
    total = older + younger
    word = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}[times]
    statement, what = {
        1: (
            f"A rope of ${total}$ feet is cut into two pieces so that one is {word} as long as the other. "
            "How many feet long is the longer piece?",
            "the longer piece",
        ),
        3: (
            f"The larger of two numbers is {word} the smaller one. If their sum is ${total}$, what is the larger "
            "number?",
            "the larger number",
        ),
    }[wording]
    steps = (
        ("Let the smaller amount be x and write an equation for the total.", "Let the smaller be x.", ""),
        (f"The larger amount is {times}x.", f"The larger is {times}x.", ""),
        (f"Together they make x + {times}x = {total}.", f"x + {times}x = {total}.", ""),
        (f"So {times + 1}x = {total}.", f"{times + 1}x = {total}.", ""),
        (f"Divide: x = {total} / {times + 1} = {younger}.", f"x = {total} / {times + 1} = {younger}."),
        (f"The larger is {times} · {younger} = {older}.", f"{times} · {younger} = {older}."),
        (f"So {what} is {older}.", f"So {older}.", ""),
    )
    return write(
        "sum_and_multiple",
        statement,
        f"${older}$",
        steps,
        brief=f"x = {younger}, so {times} · {younger} = {older}.",
        rng=rng,
        slip=f"Dividing {total} by {times} would forget that the smaller share counts as a part too.",
        check=f"Check: {older} + {younger} = {total}, and {older} / {younger} = {times}.",
        wrong=str(younger),
    )


def work_together(rng: random.Random, *, wording: int) -> Item:
    while True:
        a, b = rng.randint(2, 10), rng.randint(3, 12)
        value = Fraction(a * b, a + b)
        if a < b and value.denominator > 1 and value > 1 and math.gcd(a, b) == 1:
            break
    answer = mixed(value)
    top, bottom = a * b, a + b
    statement, what = {
        2: (
            f"An old printer finishes a job in ${b}$ minutes and a new printer in ${a}$ minutes. If they split the "
            "job, after how many minutes is it done? Answer with a mixed number.",
            "the time",
        ),
        4: (
            f"Find $t$ as a mixed number if $t/{a} + t/{b} = 1$.",
            "t",
        ),
        5: (
            f"A kettle empties through its spout in ${a}$ minutes and through a crack in ${b}$ minutes. Left open, it "
            "is empty after how many minutes? State a mixed number.",
            "the time",
        ),
    }[wording]
    x, y = (b, a) if wording == 2 else (a, b)
    steps = (
        ("Add the rates of the two, because together they do the sum in each unit of time.", "Add the rates.", ""),
        (f"The rates are 1/{x} and 1/{y}.", f"Rates: 1/{x} and 1/{y}.", ""),
        (
            f"Their sum is 1/{x} + 1/{y} = {bottom}/{top}.",
            f"Sum: 1/{x} + 1/{y} = {bottom}/{top}.",
            f"1/{x} + 1/{y} = {bottom}/{top}.",
        ),
        ("The time is one divided by this rate.", "Invert the rate.", ""),
        (f"So {what} is {top}/{bottom} = {answer}.", f"So {top}/{bottom} = {answer}.", f"{top}/{bottom} = {answer}."),
    )
    return write(
        "work_together",
        statement,
        f"${answer}$",
        steps,
        brief=f"{a} · {b} / {bottom} = {top}/{bottom} = {answer}.",
        rng=rng,
        slip="Taking the average of the two times cannot be right, since two are faster than one.",
        check=f"Check: {answer} is less than {a}, so together they are faster than the faster one alone.",
        wrong=mixed(Fraction(a + b, 2)),
    )


def share_ratio(rng: random.Random, *, wording: int) -> Item:
    while True:
        x, y, g = rng.randint(2, 9), rng.randint(2, 9), rng.randint(2, 9)
        if x != y and math.gcd(x, y) == 1:
            break
    a, b = g * x, g * y
    statement, what = {
        4: (
            f"On a scale drawing a wall of ${b}$ feet is ${a}$ inches long. Write inches to feet as a ratio of "
            "the smallest whole numbers.",
            "the ratio",
        ),
    }[wording]
    steps = (
        ("Divide both numbers by their greatest common divisor.", "Divide by the common divisor.", ""),
        (f"The ratio starts as {a} : {b}.", f"Start: {a} : {b}.", ""),
        (f"The greatest common divisor of {a} and {b} is {g}.", f"The divisor is {g}.", ""),
        (f"The first part is {a} / {g} = {x}.", f"{a} / {g} = {x}."),
        (f"The second part is {b} / {g} = {y}.", f"{b} / {g} = {y}."),
        (f"So {what} is {x} : {y}.", f"So {x} : {y}.", ""),
    )
    return write(
        "share_ratio",
        statement,
        f"${x} : {y}$",
        steps,
        brief=f"Divide by {g}: {x} : {y}.",
        rng=rng,
        slip=f"I have to keep the order, so {b} : {a} would not be the same thing.",
        check=f"Check: {x} · {g} = {a} and {y} · {g} = {b}, and {x} and {y} have no common factor.",
        wrong=f"{y} : {x}",
    )


def price_total(rng: random.Random, *, wording: int) -> Item:
    n, m = rng.choice((3, 5)), rng.randint(2, 5)
    p, q = rng.choice((25, 45, 55, 65, 75, 85, 125, 135)), rng.choice((30, 40, 60, 70, 80, 110, 120, 140))
    total = n * p + m * q
    answer = money(total)
    statement, what = {
        1: (
            f"One ride takes \\${money(p)} and one drink \\${money(q)}. At the fair Tom pays for ${n}$ rides and ${m}$ "
            "drinks. What does he pay in dollars?",
            "the price",
        ),
        3: (
            f"If $u = {money(p)}$ and $v = {money(q)}$, what decimal number is ${n}u + {m}v$?",
            "the number",
        ),
        5: (
            f"A red bag of sand weighs ${money(p)}$ tons and a gray one ${money(q)}$ tons. What is the load of a truck "
            f"that carries ${n}$ red and ${m}$ gray bags, in tons?",
            "the load",
        ),
        6: (
            f"Nora earns \\${money(p)} for each glass of lemonade and \\${money(q)} for each slice of pie. She sells "
            f"${n}$ glasses and ${m}$ slices. Write her earnings in dollars as a decimal.",
            "the sum",
        ),
    }[wording]
    steps = (
        ("Multiply each value by its number and add the results.", "Multiply and add.", ""),
        (f"There are {n} of the first and {m} of the second kind.", ""),
        (
            f"The first kind gives {n} · {money(p)} = {money(n * p)}.",
            f"First {n} · {money(p)} = {money(n * p)}.",
            f"{n} · {money(p)} = {money(n * p)}.",
            "",
        ),
        (
            f"The second kind gives {m} · {money(q)} = {money(m * q)}.",
            f"Then {m} · {money(q)} = {money(m * q)}.",
            f"{m} · {money(q)} = {money(m * q)}.",
            "",
        ),
        (
            f"Add: {money(n * p)} + {money(m * q)} = {answer}.",
            f"{money(n * p)} + {money(m * q)} = {answer}.",
        ),
        (f"So {what} is {answer}.", f"So {answer}.", ""),
    )
    return write(
        "price_total",
        statement,
        f"${answer}$",
        steps,
        brief=f"{money(n * p)} + {money(m * q)} = {answer} in all.",
        rng=rng,
        slip="It helps to think in hundredths, so that no decimal point gets lost.",
        check=f"Check in hundredths: {n * p} + {m * q} = {total}, which is {answer} again.",
        wrong=money(p + q),
    )


def consecutive(rng: random.Random, *, wording: int) -> Item:
    middle = rng.randint(3, 15)
    total, answer = 3 * middle, middle + 1
    settings = (
        f"When three consecutive integers are added, the sum is ${total}$.",
        f"The consecutive numbers of three lockers add up to ${total}$.",
        f"Kay reads three pages in a row, and the page numbers make ${total}$ together.",
        f"Three sisters were born a year apart, and their ages total ${total}$.",
        f"Three lottery balls carry successive numbers, and their sum is ${total}$.",
    )
    questions = (
        "What is the value of the largest of the three?",
        "Find the greatest number that occurs among them.",
        "Which number is the highest one of them all?",
        "What comes last when they are put in increasing order?",
    )
    setting, asked = divmod(wording, len(questions))
    steps = (
        ("The middle number is the average, because the numbers are evenly spaced.", "The middle is the average.", ""),
        (f"There are 3 numbers with the sum {total}.", f"The sum is {total}.", ""),
        (
            f"The middle is {total} / 3 = {middle}.",
            f"Middle: {total} / 3 = {middle}.",
            f"{total} / 3 = {middle}.",
        ),
        ("The largest is 1 above the middle.", ""),
        (f"Add 1: {middle} + 1 = {answer}.", f"{middle} + 1 = {answer}."),
        (f"So the largest number is {answer}.", f"So {answer}."),
    )
    return write(
        "consecutive",
        f"{settings[setting]} {questions[asked]}",
        f"${answer}$",
        steps,
        brief=f"Middle {middle}, so {middle} + 1 = {answer}.",
        rng=rng,
        slip=f"The average {middle} is only the middle number and not yet the answer.",
        check=f"Check: the three numbers are {middle - 1}, {middle} and {answer}, and 3 · {middle} = {total}.",
        wrong=str(middle),
    )


FAMILIES = (
    Family("sum_and_multiple", "word problems", (1, 3), sum_and_multiple),
    Family("work_together", "word problems", (2, 4, 5), work_together),
    Family("share_ratio", "word problems", (4,), share_ratio),
    Family("price_total", "word problems", (1, 3, 5, 6), price_total),
    Family("consecutive", "word problems", (0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 18, 19), consecutive),
)
