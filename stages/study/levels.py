"""What a run may be trained on: one of the six levels, a control made from them, or several of these in parts.

R1 .. R6          the chains of one level
answer            the answer line alone: what reasoning adds is told by this control
cut-R2 .. cut-R6  R1's first words, as many as the problem's chain of that level has, then the answer line
R1+R4, 2R1+R4     each problem by one of its levels, as many problems by each as the parts say
"""

import re

from stages.study.records import Level

ANSWER = "answer"
CUT = "cut-"
UNMIXED = (*Level, ANSWER, *(f"{CUT}{level}" for level in Level if level != Level.R1))


def parts(level: str) -> dict[str, int]:
    """The levels and controls that `level` is made of, each with its parts; raises ValueError for what is none."""
    found: dict[str, int] = {}
    for one in level.split("+"):
        told = re.fullmatch(r"([1-9][0-9]?)?(.*)", one)
        number, name = told.groups() if told else (None, one)
        if name not in UNMIXED or name in found or (number and level == one):
            raise ValueError(f"one of {', '.join(UNMIXED)}, or several of them in parts, as R1+R4 or 2R1+R4, is meant")
        found[name] = int(number or 1)
    return found
