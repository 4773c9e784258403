"""Statements that are ALWAYS, SOMETIMES or NEVER true."""

import random
from dataclasses import dataclass

from stages.sample.families.prose import write
from stages.sample.problem import Family, Item

ASK = (
    "Is this ALWAYS, SOMETIMES or NEVER true?",
    "Decide whether that is ALWAYS, SOMETIMES or NEVER the case.",
    "Write ALWAYS, SOMETIMES or NEVER, whichever describes this claim.",
    "Does this hold ALWAYS, SOMETIMES or NEVER?",
)


@dataclass(frozen=True)
class Claim:
    """One claim and why its verdict holds: an example, a general reason, and the reason in short."""

    text: str
    example: str
    reason: str
    short: str


def always_sometimes_never(rng: random.Random, *, wording: int) -> Item:
    row, column = divmod(wording, 3)
    verdict, claims = (("ALWAYS", _always), ("SOMETIMES", _sometimes), ("NEVER", _never))[column]
    claim = claims(rng)[row]
    steps = (
        (
            "Look at one example first, then decide with a reason that covers every case.",
            "Try an example, then find a reason.",
            "",
        ),
        (f"For example, {claim.example}.", ""),
        ("Now look at the general case.", ""),
        (f"In general, {claim.reason}.", f"In general, {claim.short}."),
        (f"So the statement is {verdict} true for this reason.", f"So the statement is {verdict} true.",
         f"So {verdict}."),
    )  # fmt: skip
    return write(
        "always_sometimes_never",
        f"{claim.text} {ASK[row % len(ASK)]}",
        verdict,
        steps,
        brief=f"{claim.short[0].upper()}{claim.short[1:]}: {verdict}.",
        rng=rng,
        slip="A single example cannot prove that something always holds, but it can show that it does not always fail.",
        check="I also looked for a case that would change the verdict, and there is none, so the decision stands.",
        wrong="ALWAYS" if verdict == "SOMETIMES" else "SOMETIMES",
    )


def _always(rng: random.Random) -> tuple[Claim, ...]:
    n, odd, m = rng.randint(3, 6), rng.choice((3, 5, 7, 9)), rng.randint(2, 6)
    p, q = (7, 11) if n > 4 else (5, 7)
    divisor = rng.choice((2, 5, 10))
    return (
        Claim(
            f"The product of ${n}$ and an even integer is again an even integer.",
            f"{n} times 2 is {2 * n}, which is even",
            "an even integer has the factor 2, and every multiple keeps it",
            "every multiple of an even integer is even",
        ),
        Claim(
            f"If ${odd}$ consecutive integers are added, the sum is a multiple of ${odd}$.",
            f"1 to {odd} add up to {odd * (odd + 1) // 2}",
            f"the sum is {odd} times the middle one, because {odd} is odd",
            f"the sum is {odd} times the middle one",
        ),
        Claim(
            f"Two different primes, both greater than ${n}$, are added and the result is an even number.",
            f"the primes {p} and {q} add to {p + q}",
            "primes beyond 2 are odd, and two odd numbers have even sum",
            "odd plus odd is even in every case",
        ),
        Claim(
            f"A real number $x$ satisfies the inequality $x^2 + {n} >= {n}$.",
            f"for x = 0 both sides are {n}",
            "a square is never negative, so adding it makes nothing smaller",
            "a square is never less than 0",
        ),
        Claim(
            f"Whenever the last digit of an integer is $0$, the integer is divisible by ${divisor}$.",
            f"20 ends in 0 and {divisor} divides 20",
            f"{divisor} divides 10, and 10 divides each integer that ends in 0",
            f"{divisor} divides 10, which divides the integer",
        ),
        Claim(
            f"Each angle of a triangle with three sides of length ${n}$ measures $60 degree$.",
            "a triangle with sides 1 has equal angles",
            "equal sides face equal angles, and a third of 180 is 60",
            "a third of 180 degrees is 60 degrees",
        ),
        Claim(
            f"When $x$ is less than ${n}$, the number $x + {m}$ is less than ${n + m}$.",
            f"x = 1 gives {1 + m}, less than {n + m}",
            f"adding {m} to both sides keeps the order of the sides",
            f"adding {m} to both sides keeps the order",
        ),
        Claim(
            f"The square of an odd integer is increased by ${odd}$, and the result is even.",
            f"9 + {odd} = {9 + odd} is even",
            "odd times odd is odd, and adding an odd number gives even",
            "an odd square plus odd is even",
        ),
    )


def _sometimes(rng: random.Random) -> tuple[Claim, ...]:
    n, odd, m = rng.randint(3, 9), rng.choice((3, 5, 9)), rng.randint(2, 6)
    root = rng.randint(1, 5)
    a, b, common = rng.choice(((4, 6, 12), (6, 9, 18), (4, 10, 20), (6, 8, 24)))

    def claim(text: str, yes: int, because: str, no: int, contrary: str) -> Claim:
        return Claim(
            text,
            f"{yes} works, because {because}",
            f"{no} does not work, because {contrary}, so both cases happen",
            f"{yes} works, but {no} does not",
        )

    return (
        claim(
            f"For a positive integer $x$ we have $x^2 > {n}x$.", n + 1, f"{n + 1} is above {n}", 1, f"1 is below {n}"
        ),
        claim(
            f"When an integer is multiplied by itself, the last digit of the result is ${root * root % 10}$.",
            root,
            f"its square is {root * root}",
            10,
            "its square is 100",
        ),
        claim(
            f"A multiple of ${n}$ is at the same time a multiple of ${2 * n}$.",
            2 * n,
            f"it is twice {n}",
            n,
            f"it is below {2 * n}",
        ),
        claim(
            f"Some prime number is added to ${odd}$, and the sum turns out to be even.",
            3,
            f"{odd + 3} is even",
            2,
            f"{odd + 2} is odd",
        ),
        claim(
            f"Suppose that ${a}$ and ${b}$ divide a positive integer. Then ${a * b}$ divides it as well.",
            a * b,
            f"it is {a} times {b}",
            common,
            f"it is below {a * b}",
        ),
        claim(
            f"On the number line $|x - {n}| < {m}$ is true for the integer $x$.",
            n,
            "its distance is 0",
            n + m,
            f"its distance is {m}",
        ),
        claim(
            f"Let $x$ be a positive integer. The fraction $x/{n}$ is less than $1$.",
            1,
            f"1 is below {n}",
            n + 1,
            f"{n + 1} is above {n}",
        ),
        claim(
            f"The value of $2x + {odd}$, where $x$ is a positive integer, is a prime.",
            1,
            f"{odd + 2} is prime",
            odd,
            f"{3 * odd} is not prime",
        ),
    )


def _never(rng: random.Random) -> tuple[Claim, ...]:
    n, even, m = rng.randint(3, 9), rng.choice((4, 6, 8)), rng.randint(2, 6)
    odd = n + 1 + n % 2
    digit = rng.choice((2, 3, 7, 8))
    long = n + m + rng.randint(1, 3)
    return (
        Claim(
            f"Adding ${even}$ consecutive integers gives a total that can be divided by ${even}$ without remainder.",
            f"1 to {even} add up to {even * (even + 1) // 2}",
            f"the remainder on division by {even} stays {even // 2} for each start",
            f"the remainder by {even} is always {even // 2}",
        ),
        Claim(
            f"The sum of two odd integers, each greater than ${n}$, is an odd integer.",
            f"{odd} + {odd + 2} = {2 * odd + 2} is even",
            "two odd numbers leave no remainder together when divided by 2",
            "odd plus odd is even, never odd",
        ),
        Claim(
            f"The inequality $|x - {n}| + {m} < {m}$ has the real number $x$ as a solution.",
            f"x = {n} gives {m}, which is not smaller",
            f"an absolute value is at least 0, so the sum reaches {m}",
            "an absolute value is not below 0",
        ),
        Claim(
            f"The square of a whole number has ${digit}$ as its units digit.",
            "4 has the square 16, ending in 6",
            "squares end in 0, 1, 4, 5, 6 or 9 only",
            f"no digit has a square ending in {digit}",
        ),
        Claim(
            f"The average of three different positive integers, none of them more than ${n}$, is at least ${n}$.",
            f"the largest three have the average {n - 1}",
            f"only one can be {n}, so the other two pull it down",
            f"the average is at most {n - 1}",
        ),
        Claim(
            f"A triangle with sides of ${n}$ and ${m}$ has a third side of ${long}$.",
            f"sides {n} and {m} reach {n + m} together",
            f"the third side must be below {n + m}, and {long} is not",
            f"the third side is below {n + m}",
        ),
        Claim(
            f"If an integer can be written as ${even}$ times an integer, it is odd.",
            f"{even} itself is even, so it fails",
            f"{even} has the factor 2, so each of its multiples does",
            f"every multiple of {even} is even",
        ),
        Claim(
            f"Some real number $x$ is picked, and it solves $x + {n} = x + {n + m}$.",
            f"x = 0 gives {n} and {n + m}, not equal",
            f"taking x from both sides leaves {n} and {n + m}, which differ",
            f"{n} and {n + m} are different numbers",
        ),
    )


FAMILIES = (Family("always_sometimes_never", "statements", ("fs", "js"), 24, always_sometimes_never),)
