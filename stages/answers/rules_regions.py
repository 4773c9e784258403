"""The rule for intervals and unions."""

from stages.answers.judging import Judge, kind
from stages.answers.kinds import Answer, Region, as_region
from stages.answers.regions import sorted_pieces
from stages.answers.verdicts import Comparison, match, no, together


def regions(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Intervals and unions."""
    if not isinstance(t, Region) and not isinstance(c, Region):
        return None
    one, other = as_region(t), as_region(c)
    if one is None or other is None:
        return no(f"{kind(c)} where the key is {kind(t)}")
    if one.variable and other.variable and one.variable != other.variable:
        return no("another variable")
    first, second = sorted_pieces(one, judge.work), sorted_pieces(other, judge.work)
    if first is None or second is None:
        first, second = list(one.pieces), list(other.pieces)
    if len(first) != len(second):
        return no("other intervals")
    results = []
    for a, b in zip(first, second, strict=True):
        if (a.low_closed, a.high_closed) != (b.low_closed, b.high_closed):
            return no("an end belongs to one interval and not to the other")
        for x, y in ((a.low, b.low), (a.high, b.high)):
            if (x is None) != (y is None):
                return no("other ends")
            if x is not None and y is not None:
                results.append(judge.judge(x, y))
    return together(results) if results else match("the same interval")
