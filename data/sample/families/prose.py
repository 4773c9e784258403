"""From the steps of one derivation to six chains of falling length and to a solver's reasoning.

A step is a tuple of wordings of the same thought, the longest first; the last may be empty (the thought is dropped).
"""

import itertools
import random

from data.sample.markup import linear
from data.sample.problem import Item

Step = tuple[str, ...]

# Words (split at white space) without the answer line: least, most, aim.
WINDOWS = {
    "R1": (38, 60, 42),
    "R2": (30, 42, 34),
    "R3": (23, 31, 26),
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
    give way first. `brief` is R6. Raises ValueError where the wordings on offer do not reach the windows.
    """
    least, most = BRIEF
    words = len(brief.split())
    if not least <= words <= most:
        raise ValueError(f"R6: {brief!r} has not {least} to {most} words")
    sizes = [[(len(text.split()), text.count("=")) for text in step] for step in steps]
    picks = _descend(sizes, list(WINDOWS), (0,) * len(steps), MANY, words)
    if picks is None:
        raise ValueError(f"no choice of wordings reaches all windows above {words} words: {steps}")
    texts = [" ".join(step[i] for step, i in zip(steps, pick, strict=True) if step[i]) for pick in picks]
    return dict(zip(WINDOWS, texts, strict=True)) | {"R6": brief}


def _descend(
    sizes: list[list[tuple[int, int]]], levels: list[str], start: tuple[int, ...], below: int, above: int
) -> list[tuple[int, ...]] | None:
    """The wording of each step for each of `levels`, with falling words between two bounds; None if there is none.

    `sizes` has words and equations of every wording of every step.
    """
    if not levels:
        return []
    least, most, aim = WINDOWS[levels[0]]
    options = []
    for pick in itertools.product(*(range(i, len(size)) for i, size in zip(start, sizes, strict=True))):
        words = sum(size[i][0] for size, i in zip(sizes, pick, strict=True))
        if max(least, above + 1) <= words <= min(most, below - 1):
            lost = sum(size[0][1] - size[i][1] for size, i in zip(sizes, pick, strict=True))
            options.append((abs(words - aim) + EQUATION * lost, [-i for i in pick], pick, words))
    for _, _, pick, words in sorted(options):
        rest = _descend(sizes, levels[1:], pick, words, above)
        if rest is not None:
            return [pick, *rest]
    return None


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
