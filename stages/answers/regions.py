"""Intervals and unions put in order: ends compare as proved, pieces that touch are joined."""

from dataclasses import replace

from stages.answers.equality import order
from stages.answers.expressions import Expr
from stages.answers.kinds import Piece, Region
from stages.answers.limits import Work


def sorted_pieces(region: Region, work: Work) -> list[Piece] | None:
    """Pieces from left to right, those that touch joined; None where the ends cannot be put in order."""
    kept = []
    for piece in region.pieces:
        width = ends(piece.low, piece.high, -1, 1, work)
        if width is None:
            return None
        if width < 0 or (width == 0 and piece.low_closed and piece.high_closed):
            kept.append(piece)
    joined: list[Piece] = []
    for piece in by_low_end(kept, work) or []:
        last = joined[-1] if joined else None
        gap = 1 if last is None else ends(last.high, piece.low, 1, -1, work)
        if gap is None:
            return None
        if last is None or gap < 0 or (gap == 0 and not (last.high_closed or piece.low_closed)):
            joined.append(piece)
            continue
        longer = ends(last.high, piece.high, 1, 1, work)
        if longer is None:
            return None
        if longer <= 0:
            closed = piece.high_closed or (longer == 0 and last.high_closed)
            joined[-1] = replace(last, high=piece.high, high_closed=closed)
    return joined if joined or not kept else None


def ends(one: Expr | None, other: Expr | None, first: int, second: int, work: Work) -> int | None:
    """`order` of two ends; None stands for infinity with the sign `first` or `second`."""
    if one is None or other is None:
        return (first if one is None else 0) - (second if other is None else 0)
    return order(one, other, work)


def by_low_end(pieces: list[Piece], work: Work) -> list[Piece] | None:
    """Pieces by their low ends, closed ones first; None where two cannot be put in order."""
    found: list[Piece] = []
    for piece in pieces:
        place = len(found)
        while place:
            before = ends(found[place - 1].low, piece.low, -1, -1, work)
            if before is None:
                return None
            if before < 0 or (before == 0 and (found[place - 1].low_closed or not piece.low_closed)):
                break
            place -= 1
        found.insert(place, piece)
    return found


def overlap(one: Piece, other: Piece, work: Work) -> Piece | bool | None:
    """What two intervals share: a piece, None for nothing, False where that is not known."""
    work.spend(5)
    low = ends(one.low, other.low, -1, -1, work)
    high = ends(one.high, other.high, 1, 1, work)
    if low is None or high is None:
        return False
    first = one if low > 0 or (low == 0 and not one.low_closed) else other
    last = one if high < 0 or (high == 0 and not one.high_closed) else other
    shared = Piece(first.low, last.high, first.low_closed, last.high_closed)
    width = ends(shared.low, shared.high, -1, 1, work)
    if width is None:
        return False
    empty = width > 0 or (width == 0 and not (shared.low_closed and shared.high_closed))
    return None if empty else shared
