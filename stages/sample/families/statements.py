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
    """One claim and why its verdict holds: an example, a general reason, and the reason in short.

    They have 8, 12 and 7 words, so that the chains of all claims follow one pattern.
    """

    text: str
    example: str
    reason: str
    short: str


def always_sometimes_never(rng: random.Random, *, wording: int) -> Item:
    row, column = divmod(wording, 3)
    verdict, claims = (("ALWAYS", _always), ("SOMETIMES", _sometimes), ("NEVER", _never))[column]
    claim = claims(rng)[row]
    steps = (
        ("Look at one example first, then decide with a reason that covers every case.", ""),
        (f"For example, {claim.example}.", ""),
        (f"The reason: {claim.reason}.", f"The reason: {claim.short}."),
        (f"So the statement is {verdict} true.", f"So {verdict}."),
    )
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
            "every product with an even is even",
        ),
        Claim(
            f"If ${odd}$ consecutive integers are added, the sum is a multiple of ${odd}$.",
            f"the integers 1 to {odd} add to {odd * (odd + 1) // 2}",
            f"the sum is {odd} times the middle one, because {odd} is odd",
            f"the sum is {odd} times the middle",
        ),
        Claim(
            f"Two different primes, both greater than ${n}$, are added and the result is an even number.",
            f"the primes {p} and {q} add to {p + q}",
            "primes beyond 2 are odd, and two odd numbers have even sum",
            "odd plus odd is even every time",
        ),
        Claim(
            f"A real number $x$ satisfies the inequality $x^2 + {n} >= {n}$.",
            f"with x at 0 both sides are {n}",
            "a square is never negative, so adding one never makes anything smaller",
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
            "a third of 180 degrees is 60",
        ),
        Claim(
            f"When $x$ is less than ${n}$, the number $x + {m}$ is less than ${n + m}$.",
            f"for 1 we get {1 + m}, less than {n + m}",
            f"adding {m} to both sides keeps the order of the two sides",
            f"adding {m} on both sides keeps order",
        ),
        Claim(
            f"The square of an odd integer is increased by ${odd}$, and the result is even.",
            f"for 3 we get {9 + odd}, which is even",
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
            f"{yes} works here, because {because}",
            f"{no} does not work, because {contrary}, so both happen",
            f"{yes} works, but {no} does not work",
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
            f"their sum is {odd + 3}",
            2,
            f"their sum is {odd + 2}",
        ),
        claim(
            f"Suppose that ${a}$ and ${b}$ divide a positive integer. Then ${a * b}$ divides it as well.",
            a * b,
            f"it is {a * b} itself",
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
            f"{odd + 2} is a prime",
            odd,
            f"{3 * odd} is no prime",
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
            f"the integers 1 to {even} add to {even * (even + 1) // 2}",
            f"the remainder on division by {even} stays {even // 2} for each first integer",
            f"the remainder by {even} is always {even // 2}",
        ),
        Claim(
            f"The sum of two odd integers, each greater than ${n}$, is an odd integer.",
            f"for {odd} and {odd + 2} we get {2 * odd + 2}, even",
            "two odd numbers leave no remainder in total when divided by 2",
            "odd plus odd is even, never odd",
        ),
        Claim(
            f"The inequality $|x - {n}| + {m} < {m}$ has the real number $x$ as a solution.",
            f"with x at {n} the sum is {m}",
            f"an absolute value is at least 0, so the sum reaches {m}",
            "an absolute value is not below 0",
        ),
        Claim(
            f"The square of a whole number has ${digit}$ as its units digit.",
            "4 has the square 16, ending in 6",
            "all squares end in 0, 1, 4, 5, 6 or 9 only",
            f"no single digit's square ends in {digit}",
        ),
        Claim(
            f"The average of three different positive integers, none of them more than ${n}$, is at least ${n}$.",
            f"the three largest values have the average {n - 1}",
            f"only one can be {n}, so the other two pull it down",
            f"the average is always at most {n - 1}",
        ),
        Claim(
            f"A triangle with sides of ${n}$ and ${m}$ has a third side of ${long}$.",
            f"sides of {n} and {m} reach {n + m} together",
            f"the third side must be below {n + m}, and {long} is not below",
            f"the third side must be below {n + m}",
        ),
        Claim(
            f"If an integer can be written as ${even}$ times an integer, it is odd.",
            f"{even} itself is even, so {even} fails here",
            f"{even} has the factor 2, so each of its multiples does too",
            f"every multiple of {even} is again even",
        ),
        Claim(
            f"Some real number $x$ is picked, and it solves $x + {n} = x + {n + m}$.",
            f"for 0 the sides are {n} and {n + m}",
            f"taking x away from both sides leaves {n} and {n + m}, which differ",
            f"{n} and {n + m} are two different numbers",
        ),
    )


FAMILIES = (Family("always_sometimes_never", "statements", ("fs", "js", "tp"), 9, always_sometimes_never),)
