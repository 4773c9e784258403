"""Answers in the form in which they are compared: what is written in a roundabout way becomes what it says."""

from dataclasses import replace

from stages.answers.equality import equal
from stages.answers.equations import solved
from stages.answers.expressions import Expr, Inexact, Op, Sym, Undefined, has, put, symbols
from stages.answers.kinds import Answer, Piece, Region, Relation, Seq, Unread
from stages.answers.limits import Work
from stages.answers.linear import Terms, expression, terms
from stages.answers.rationals import fold
from stages.answers.regions import overlap

UNIT_VECTORS = ("î", "ĵ", "k̂")


def settle(answer: Answer, work: Work) -> Answer:
    """The answer as it is compared.

    An equation between constants that holds is its left side, a set of one value that value; i + 2j with hats is
    (1, 2); |x| < 3 is an interval, and so are x > 2, x < 5.
    """
    if isinstance(answer, Relation):
        if answer.op == "=" and not symbols(answer.left) | symbols(answer.right):
            return answer.left if equal(answer.left, answer.right, work) else answer
        if answer.op != "=" and (has(answer.left, "abs") or has(answer.right, "abs")):
            return solved(answer, work) or answer
    if isinstance(answer, Seq):
        if answer.kind in ("set", "list", "or") and len(answer.items) == 1:
            return answer.items[0]
        regions = [item for item in answer.items if isinstance(item, Region)]
        if len(regions) == len(answer.items) > 1 and (
            answer.kind == "and" or (answer.kind == "list" and all(region.variable for region in regions))
        ):
            return _together(regions, answer.kind == "list", work) or answer
    if isinstance(answer, Op | Sym) and symbols(answer) & set(UNIT_VECTORS):
        return vector(answer, work) or put(answer, {"î": Sym("i")})
    return answer


def _together(regions: list[Region], either: bool, work: Work) -> Region | Unread | None:
    """x > 2, x < 5: both hold where that is possible, else `either` may; x > 5 and x < 2 is not said to mean that."""
    if len({region.variable for region in regions}) != 1:
        return None
    joined = regions[0]
    for region in regions[1:]:
        shared = [overlap(one, other, work) for one in joined.pieces for other in region.pieces]
        if any(isinstance(piece, bool) for piece in shared):
            return None
        pieces = tuple(piece for piece in shared if isinstance(piece, Piece))
        if not pieces and not either:
            return Unread("two conditions that exclude each other")
        joined = replace(joined, pieces=pieces or joined.pieces + region.pieces)
    return joined


def vector(expr: Expr, work: Work, letters: str = "") -> Seq | None:
    """a i + b j + c k as (a, b, c), (a, b) without a k; None where it is no such sum."""
    if letters:
        expr = put(expr, {letter: Sym(name) for letter, name in zip(letters, UNIT_VECTORS, strict=True)})
    if not symbols(expr) & {"ĵ", "k̂"}:
        return None
    parts: dict[str, Terms] = {name: {} for name in UNIT_VECTORS}
    try:
        for monomial, value in terms(fold(expr, work), work).items():
            found = [
                atom.name for atom, count in monomial if isinstance(atom, Sym) and atom.name in parts and count == 1
            ]
            if len(found) != 1:
                return None
            parts[found[0]][tuple(part for part in monomial if part[0] != Sym(found[0]))] = value
    except (Inexact, Undefined):
        return None
    used = UNIT_VECTORS if parts["k̂"] else UNIT_VECTORS[:2]
    return Seq("()", tuple(expression(parts[name], work) for name in used))
