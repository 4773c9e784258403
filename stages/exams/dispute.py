"""Two readings of the same strips held against each other. `dispute` is the door."""

import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Levenshtein

SIGNS = "+-=<>/"
DIGIT, SIGN, LETTER = "numerals", "signs", "letters"
ALIKE = {("1", "l"), ("1", "i"), ("1", "|"), ("1", "/"), ("0", "o"), ("5", "s"), ("8", "b"), ("2", "z"), ("v", "√")}
BEYOND = set("√π∠θ≤≥≠±°·×÷Δ△∞αβσ∑∩∪∈∥≅⊗⊕⊥≡→∛")  # what the second reader has no sign for
SHORT = 2  # characters up to which a strip is compared by the network itself


class Dispute(BaseModel):
    """Where two readings of a line differ, in characters: by kind, and how many the second reader could not judge."""

    model_config = ConfigDict(frozen=True)

    characters: int = 0
    numerals: int = 0
    signs: int = 0
    letters: int = 0
    unjudged: int = 0

    @property
    def agreement(self) -> float | None:
        """Share of the judged characters on which both agree; None where none was judged."""
        judged = self.characters - self.unjudged
        return max(0.0, 1 - (self.numerals + self.signs + self.letters) / judged) if judged > 0 else None


def dispute(pairs: Iterable[tuple[str, str]]) -> Dispute:
    """What the readers disagree about; white space, case and punctuation aside."""
    counts = dict.fromkeys(Dispute.model_fields, 0)
    for first, second in pairs:
        one, other = _bare(first), _bare(second)
        counts["characters"] += len(one)
        for operation in Levenshtein.editops(one, other):
            mine = one[operation.src_pos] if operation.tag != "insert" else ""
            theirs = other[operation.dest_pos] if operation.tag != "delete" else ""
            if mine in BEYOND and mine:
                counts["unjudged"] += 1
            elif (mine, theirs) not in ALIKE:
                kind = (
                    DIGIT
                    if (mine + theirs).strip(SIGNS).isdigit()
                    else SIGN
                    if set(mine + theirs) & set(SIGNS)
                    else LETTER
                )
                counts[kind] += 1
    return Dispute(**counts)


def _bare(text: str) -> str:
    return re.sub(r"[^\w+\-=<>/√π∠≤≥≠±°·×÷∞∑∩∪∈∥≅⊗⊕⊥≡→∛|]", "", text).casefold()
