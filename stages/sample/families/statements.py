"""Statements that are ALWAYS, SOMETIMES or NEVER true."""

import math
import random
from dataclasses import dataclass

from stages.sample.families.prose import Step, write
from stages.sample.problem import Family, Item

ASK = (
    "Is this ALWAYS, SOMETIMES or NEVER true?",
    "Decide whether that is ALWAYS, SOMETIMES or NEVER the case.",
    "Write ALWAYS, SOMETIMES or NEVER, whichever describes this claim.",
    "Does this hold ALWAYS, SOMETIMES or NEVER?",
)


@dataclass(frozen=True)
class Claim:
    """One claim and why its verdict holds: an example and a reason, each in falling length.

    `brief` is the shortest chain without the verdict.
    """

    text: str
    verdict: str
    example: Step
    reason: Step
    brief: str


def always_sometimes_never(rng: random.Random, *, wording: int) -> Item:
    claim = (
        _consecutive_sum,
        _prime_sum,
        _square_against_multiple,
        _two_divisors,
        _negative_distance,
        _last_digit,
        _mean_bound,
        _perimeter,
    )[wording](rng)
    steps = (
        ("Look at one example first, then argue in general.", "Try an example, then argue.", ""),
        claim.example,
        claim.reason,
        (f"So the statement is {claim.verdict} true.", f"So {claim.verdict}."),
    )
    return write(
        "always_sometimes_never",
        f"{claim.text} {ASK[wording % len(ASK)]}",
        claim.verdict,
        steps,
        brief=f"{claim.brief}: {claim.verdict}.",
        rng=rng,
        slip="A single example cannot prove that something always holds, but it can show that it does not always fail.",
        check="I also looked for a case that would change the verdict, and there is none, so the decision stands.",
        wrong="ALWAYS" if claim.verdict == "SOMETIMES" else "SOMETIMES",
    )


def _consecutive_sum(rng: random.Random) -> Claim:
    k = rng.choice((3, 4, 5, 6, 7, 8))
    total = k * (k + 1) // 2
    text = f"Consider the claim: the sum of ${k}$ consecutive integers is divisible by ${k}$."
    shown = f"The sum of 1 to {k} is {total}"
    if k % 2:
        return Claim(
            text,
            "ALWAYS",
            (
                f"{shown}, and {total} / {k} = {total // k} is whole.",
                f"For 1 to {k}: {total} / {k} = {total // k}.",
                "",
            ),
            (
                f"The sum is {k} times the middle number, which is an integer because {k} is odd, so {k} divides it "
                "for every choice.",
                f"The sum is {k} times the middle integer because {k} is odd.",
                f"The sum is {k} times the middle integer.",
            ),
            f"The sum is {k} times the middle one",
        )
    return Claim(
        text,
        "NEVER",
        (f"{shown}, and {total} leaves the remainder {total % k} on division by {k}.", f"{shown}.", ""),
        (
            f"Moving on by one adds {k} to the sum, so the remainder stays {k // 2} for every choice and is not 0 "
            "anywhere.",
            f"Moving on by one adds {k}, so the remainder stays {k // 2}.",
            f"The remainder by {k} is always {k // 2}, not 0.",
        ),
        f"The remainder by {k} is always {k // 2}",
    )


def _prime_sum(rng: random.Random) -> Claim:
    n = rng.choice((2, 3, 4, 5, 6))
    p, q = [k for k in range(n + 1, 40) if all(k % d for d in range(2, k))][:2]
    parity = rng.choice(("even", "odd"))
    verdict = "ALWAYS" if parity == "even" else "NEVER"
    return Claim(
        f"Two different primes, both greater than ${n}$, are added and the result is an {parity} number.",
        verdict,
        (
            f"The primes {p} and {q} have the sum {p} + {q} = {p + q}, which is even.",
            f"For example {p} + {q} = {p + q} is even.",
            f"{p} + {q} = {p + q}.",
            "",
        ),
        (
            f"Every prime greater than {n} is odd, because 2 is the only even prime, and two odd numbers have an even "
            "sum.",
            "Both primes are odd, and two odd numbers have an even sum.",
            "Odd plus odd is even for all such primes.",
        ),
        "Odd primes always have an even sum",
    )


def _square_against_multiple(rng: random.Random) -> Claim:
    n = rng.randint(3, 12)
    return Claim(
        f"For a positive integer $x$ we have $x^2 > {n}x$.",
        "SOMETIMES",
        (
            f"For x = 1 the claim says 1 > {n}, which is false.",
            f"For x = 1 it is false: 1 < {n}.",
            f"x = 1 fails: 1 < {n}.",
        ),
        (
            f"For x = {n + 1} it says {(n + 1) ** 2} > {n * (n + 1)}, which is true, so the truth depends on whether "
            f"x is larger than {n}.",
            f"For x = {n + 1} it is true: {(n + 1) ** 2} > {n * (n + 1)}.",
            f"x = {n + 1} works.",
        ),
        f"True only if x is over {n}",
    )


def _two_divisors(rng: random.Random) -> Claim:
    a, b = rng.choice(((2, 3), (3, 4), (2, 5), (4, 6), (6, 9), (4, 10), (3, 5), (6, 8)))
    product, common = a * b, math.lcm(a, b)
    text = f"Suppose that an integer is divisible by ${a}$ and by ${b}$. Then it is divisible by ${product}$ as well."
    if product == common:
        return Claim(
            text,
            "ALWAYS",
            (
                f"Take {product}, which is divisible by {a} and by {b} and of course by itself.",
                f"For example {product} works.",
                "",
            ),
            (
                f"The least common multiple of {a} and {b} is {product}, since they share no factor, and it divides "
                "every common multiple.",
                f"The least common multiple is {product}, which divides every common multiple.",
                f"The least common multiple is {product} itself.",
            ),
            f"Their least common multiple is {product}",
        )
    return Claim(
        text,
        "SOMETIMES",
        (
            f"The number {product} is divisible by {a}, by {b} and by {product}, so it can be true.",
            f"It is true for {product}.",
            f"True for {product}.",
        ),
        (
            f"But {common} is the least common multiple of {a} and {b}, and it is smaller than {product}, so it is not "
            f"divisible by {product}.",
            f"But the least common multiple {common} is not divisible by {product}.",
            f"False for the least common multiple {common}.",
        ),
        f"True for {product}, false for {common}",
    )


def _negative_distance(rng: random.Random) -> Claim:
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    return Claim(
        f"A real number $x$ satisfies $|x - {a}| + {b} < {b}$.",
        "NEVER",
        (
            f"For x = {a} the left side is 0 + {b} = {b}, which is not less than {b}.",
            f"For x = {a}: 0 + {b} = {b}, not less.",
            "",
        ),
        (
            f"An absolute value is at least 0, so the left side is at least {b} for every real x, and it cannot be "
            f"less than {b}.",
            f"An absolute value is at least 0, so the left side is at least {b}.",
            "An absolute value is never less than 0.",
        ),
        f"The left side is at least {b}",
    )


def _last_digit(rng: random.Random) -> Claim:
    digit = rng.randint(0, 9)
    root = next((k for k in range(1, 11) if k * k % 10 == digit), None)
    text = f"When an integer is multiplied by itself, the last digit of the result is ${digit}$."
    endings = "0, 1, 4, 9, 6 and 5"
    if root is None:
        return Claim(
            text,
            "NEVER",
            ("For example 4 · 4 = 16 ends in 6.", "4 · 4 = 16.", ""),
            (
                f"Only the last digit of the integer matters, and the squares of the ten digits end in {endings}, so "
                f"{digit} does not occur.",
                f"The squares of all digits end in {endings}, but not in {digit}.",
                f"Squares end in {endings}.",
            ),
            f"No digit has a square ending in {digit}",
        )
    other = 1 if digit != 1 else 2
    return Claim(
        text,
        "SOMETIMES",
        (
            f"It is true for {root}, since {root} · {root} = {root * root} ends in {digit}.",
            f"True for {root}: {root} · {root} = {root * root}.",
            f"{root} · {root} = {root * root} works.",
        ),
        (
            f"It is false for {other}, since {other} · {other} = {other * other} has another last digit, so both cases "
            "really occur and the truth depends on the integer.",
            f"False for {other}: {other} · {other} = {other * other}.",
            f"{other} · {other} = {other * other} fails.",
        ),
        f"{root * root} ends in {digit}, but {other * other} does not",
    )


def _mean_bound(rng: random.Random) -> Claim:
    n = rng.randint(8, 30)
    return Claim(
        f"The average of three different positive integers, none of them more than ${n}$, is at least ${n}$.",
        "NEVER",
        (
            f"The largest choice is {n}, {n - 1} and {n - 2}, and its average is {n - 1}.",
            f"At most the average is {n - 1}.",
            "",
        ),
        (
            f"The three integers differ, so at most one of them is {n} and the others are smaller, which pulls the "
            f"average below {n}.",
            f"Only one can be {n}, so the average is below {n}.",
            f"Two of them are below {n}, so the average is too.",
        ),
        f"The average is at most {n - 1}",
    )


def _perimeter(rng: random.Random) -> Claim:
    a, b = rng.randint(3, 7), rng.randint(8, 12)
    p = rng.choice((2 * b + 1, a + b + 2, 2 * (a + b), 2 * b - 1))
    third = p - a - b
    possible = b - a < third < a + b
    text = f"A triangle that has sides of lengths ${a}$ and ${b}$ has perimeter ${p}$."
    if possible:
        return Claim(
            text,
            "SOMETIMES",
            (
                f"It is true if the third side is {p} - {a} - {b} = {third}, which lies between {b - a} and {a + b}.",
                f"True for the third side {p} - {a} - {b} = {third}.",
                f"Third side {third} works.",
            ),
            (
                f"It is false for any other possible third side between {b - a} and {a + b}, so the verdict depends on "
                "the triangle.",
                f"False for other sides between {b - a} and {a + b}.",
                "Other third sides do not work.",
            ),
            f"Only the third side {third} gives {p}",
        )
    bound = "less" if third >= a + b else "more"
    limit = a + b if third >= a + b else b - a
    return Claim(
        text,
        "NEVER",
        (
            f"The third side would have to be {p} - {a} - {b} = {third}.",
            f"Third side: {p} - {a} - {b} = {third}.",
            "",
        ),
        (
            f"By the triangle inequality the third side must be {bound} than {limit}, and {third} is not, so no such "
            "triangle exists.",
            f"But the third side must be {bound} than {limit}.",
            f"The third side must be {bound} than {limit}, not {third}.",
        ),
        f"The third side cannot be {third}",
    )


FAMILIES = (Family("always_sometimes_never", "statements", ("fs", "js"), 8, always_sometimes_never),)
