"""Problem families: each draws its numbers, states the problem in several settings and tells its derivation.

May come in: a `random.Random` and the number of a wording. Knows nothing of exams, typesetting or recordings.
"""

from data.sample.families import (
    bases,
    benchmark,
    coordinates,
    counting,
    functions,
    logarithms,
    numbers,
    plane,
    probability,
    sequences,
    solid,
    statements,
    stories,
    tiebreakers,
    trigonometry,
)
from data.sample.problem import Family

FAMILIES: tuple[Family, ...] = (
    *numbers.FAMILIES,
    *bases.FAMILIES,
    *counting.FAMILIES,
    *probability.FAMILIES,
    *sequences.FAMILIES,
    *plane.FAMILIES,
    *solid.FAMILIES,
    *coordinates.FAMILIES,
    *functions.FAMILIES,
    *logarithms.FAMILIES,
    *trigonometry.FAMILIES,
    *stories.FAMILIES,
    *statements.FAMILIES,
    *tiebreakers.FAMILIES,
)
BENCHMARK_FAMILIES: tuple[Family, ...] = benchmark.FAMILIES
