"""From the steps of one derivation to six chains of falling length and to a solver's reasoning.

A step is a tuple of wordings of the same thought, the longest first; the last may be empty (the thought is dropped).
"""

import itertools
import random

from stages.sample.markup import linear
from stages.sample.problem import Item

Step = tuple[str, ...]

# Words (split at white space) without the answer line: least, most, aim.
WINDOWS = {
    "R1": (40, 60, 58),
    "R2": (32, 42, 37),
    "R3": (23, 31, 27),
    "R4": (16, 22, 19),
    "R5": (11, 16, 13),
}
BRIEF = (6, 10)  # words of R6: least, most
EQUATION = 4  # words that an equation is worth when something has to go
MANY = 10**6

OPENERS = (
    "Okay, let me read the question once more and see what is asked.",
    "Let me start by writing down what is given and what is wanted.",
    "All right, I look for the simplest way to get there first.",
    "Hmm, this looks like a standard question, but let me be careful with it.",
    "Let me think about which method fits here before I compute anything.",
    "First I want to be sure that I understand the question.",
)
CLOSINGS = (
    "So the answer should be {answer}.",
    "I am confident now that the answer is {answer}.",
    "That settles it, the final answer is {answer}.",
    "Everything fits, so I will answer {answer}.",
)


def chains(steps: tuple[Step, ...], brief: str) -> dict[str, str]:
    """Level -> text. From level to level each step keeps its wording or takes a shorter one, and the words fall.

    Among the choices inside a level's window the one near its aim that keeps most equations is taken; early sentences
    give way first. `brief` is R6. Raises ValueError where the wordings on offer do not reach a level's window.
    """
    lengths = [[len(text.split()) for text in step] for step in steps]
    equations = [[text.count("=") for text in step] for step in steps]
    chosen, words = tuple(0 for _ in steps), MANY
    texts = {}
    for level, (least, most, aim) in WINDOWS.items():
        options = []
        for picked in itertools.product(*(range(i, len(step)) for i, step in zip(chosen, steps, strict=True))):
            total = sum(length[i] for length, i in zip(lengths, picked, strict=True))
            if least <= total <= min(most, words - 1):
                lost = sum(count[0] - count[i] for count, i in zip(equations, picked, strict=True))
                options.append((abs(total - aim) + EQUATION * lost, [-i for i in picked], picked, total))
        if not options:
            raise ValueError(f"{level}: no choice of wordings has {least} to {most} words: {steps}")
        _, _, chosen, words = min(options)
        texts[level] = " ".join(step[i] for step, i in zip(steps, chosen, strict=True) if step[i])
    least, most = BRIEF
    if not least <= len(brief.split()) <= min(most, words - 1):
        raise ValueError(f"R6: {brief!r} has not {least} to {most} words, or not fewer than R5")
    return texts | {"R6": brief}


def write(
    family: str,
    statement: str,
    answer: str,
    steps: tuple[Step, ...],
    *,
    brief: str,
    rng: random.Random,
    slip: str,
    check: str,
    wrong: str,
) -> Item:
    """An item whose chains and reasoning come from `steps`; `brief` is the shortest chain.

    `slip` is a thought before the steps (a false start that is seen through), `check` one after them.
    """
    opener, closing = rng.choice(OPENERS), rng.choice(CLOSINGS)
    thoughts = [opener, slip, *(step[0] for step in steps), check, closing.format(answer=linear(answer))]
    return Item(family, statement, answer, " ".join(filter(None, thoughts)), chains(steps, brief), wrong)
