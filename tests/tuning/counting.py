"""Rows that count upwards, so that there is something to learn."""

import numpy as np

from stages.student.rows import TokenizedRow


def rows(n: int, seed: int = 0) -> list[TokenizedRow]:
    """Rows of 6 to 30 tokens, trained from a random place on."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        length = int(random.integers(6, 31))
        start = int(random.integers(2, 200))
        found.append(TokenizedRow([*range(start, start + length - 1), 1], int(random.integers(1, length - 1))))
    return found
