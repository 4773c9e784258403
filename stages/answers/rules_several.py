"""Rules for several values: matrices and vectors, tuples, lists, sets."""

import re
from collections import Counter
from collections.abc import Sequence

from stages.answers.expressions import Expr, Op, symbols
from stages.answers.judging import Judge, is_expr, kind
from stages.answers.kinds import Answer, Matrix, Seq
from stages.answers.settle import vector
from stages.answers.verdicts import Comparison, match, no, together, unsure

_BY_PARTS = re.compile(r"[îĵ]|\\(?:mathbf|hat|vec|bm|boldsymbol)")


def matrices(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Matrices by elements; a vector may be written as a tuple."""
    for one, other in ((t, c), (c, t)):
        if isinstance(one, Matrix | Seq) and is_expr(other) and symbols(other) & {"j", "k"}:
            found = vector(other, judge.work, letters="ijk")  # i + 2j + 3k
            if found is not None:
                return judge.judge(t, found) if one is t else judge.judge(found, c)
    if not isinstance(t, Matrix) and not isinstance(c, Matrix):
        return None
    if isinstance(t, Matrix) and isinstance(c, Matrix):
        if _shape(t) == _shape(c):
            return elements(judge, _cells(t), _cells(c))
        if 1 in _shape(t) and 1 in _shape(c) and len(_cells(t)) == len(_cells(c)):
            result = elements(judge, _cells(t), _cells(c))
            return unsure("a row where the key is a column, or the reverse") if result.verdict == "match" else result
        return no("matrices of different shape")
    matrix, other = (t, c) if isinstance(t, Matrix) else (c, t)
    assert isinstance(matrix, Matrix)
    if isinstance(other, Seq) and other.kind in ("()", "[]") and 1 in _shape(matrix):
        cells = _cells(matrix)
        pair = (cells, other.items) if matrix is t else (other.items, cells)
        return elements(judge, *pair)
    if isinstance(other, Seq) and 1 in _shape(matrix) and other.kind == "list":
        result = elements(judge, _cells(matrix), other.items)
        return unsure("a vector on one side, a list on the other") if result.verdict == "match" else result
    if is_expr(other) and any(letter.isupper() for letter in symbols(other)):
        return unsure("a capital letter may stand for a matrix")
    return no(f"{kind(c)} where the key is {kind(t)}")


def elements(judge: Judge, t: Sequence[Answer], c: Sequence[Answer]) -> Comparison:
    """In order."""
    if len(t) != len(c):
        return no(f"{len(c)} values where the key has {len(t)}")
    return together([judge.judge(a, b) for a, b in zip(t, c, strict=True)])


def sequences(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Tuples in order, lists and sets in any order."""
    if not isinstance(t, Seq) and not isinstance(c, Seq):
        return None
    if not isinstance(t, Seq) or not isinstance(c, Seq):
        if any(isinstance(side, Op) and side.name in ("perm", "binom") for side in (t, c)):
            return unsure("P(3, 4) may be a point or a number of choices")
        return no(f"{kind(c)} where the key is {kind(t)}")
    if len(t.items) != len(c.items):
        unordered = {t.kind, c.kind} <= {"set", "list"}
        if unordered and same_set(judge, t.items, c.items):
            if "set" in (t.kind, c.kind):
                return match("the same set")
            return unsure("the same values, some of them repeated")
        if {len(t.items), len(c.items)} == {2, 3} and _BY_PARTS.search(judge.key + judge.answer):
            return unsure("a vector of the plane, or one of space without its third part")
        return no(f"{len(c.items)} values where the key has {len(t.items)}")
    kinds = {t.kind, c.kind}
    if kinds <= {"list", "set"}:
        return any_order(judge, t.items, c.items)
    if t.kind == c.kind:
        return elements(judge, t.items, c.items)
    in_order = elements(judge, t.items, c.items)
    if kinds == {"()", "[]"}:
        if len(t.items) == 2:
            return no("round brackets on one side, square brackets on the other")
        return in_order
    if "set" in kinds:
        return no("a tuple on one side, a set on the other", "order")
    if in_order.verdict == "match":
        if t.kind == "()":
            return judge.allow("the same values in order, the brackets left out", "order")
        return unsure("the same values, in order on one side only", "order")
    if any_order(judge, t.items, c.items).verdict == "no":
        return no("different values")
    return no("another order", "order") if t.kind == "()" else unsure("the same values in another order", "order")


def any_order(judge: Judge, t: Sequence[Answer], c: Sequence[Answer]) -> Comparison:
    """Each of the key's values has its own among the answer's; those that are written alike pair off at once."""
    ours, theirs = Counter(t), Counter(c)
    left = list((theirs - ours).elements())
    doubt = None
    for item in (ours - theirs).elements():
        for place, other in enumerate(left):
            result = judge.judge(item, other)
            if result.verdict == "match":
                del left[place]
                break
            if result.verdict == "undecided":
                doubt = doubt or result
        else:
            return doubt or no("a value of the key is missing")
    return match("the same values")


def same_set(judge: Judge, t: Sequence[Answer], c: Sequence[Answer]) -> bool:
    """Whether each value of either side has an equal on the other, however often it stands there."""
    ours, theirs = dict.fromkeys(t), dict.fromkeys(c)
    return all(
        any(judge.judge(item, other).verdict == "match" for other in theirs) for item in ours if item not in theirs
    ) and all(
        any(judge.judge(item, other).verdict == "match" for item in ours) for other in theirs if other not in ours
    )


def _shape(matrix: Matrix) -> tuple[int, int]:
    return len(matrix.rows), len(matrix.rows[0])


def _cells(matrix: Matrix) -> tuple[Expr, ...]:
    return tuple(cell for row in matrix.rows for cell in row)
