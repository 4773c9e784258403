"""Rigorous enclosures: complex balls of flint's `acb` (Johansson 2017) that are certain to hold a constant's value.

Two balls that do not meet prove that two constants differ; two that meet prove nothing. Where a step needs to know
whether a part is exactly zero (a divisor, a radicand, a logarithm's argument), `enclose` says so by `Unsettled`, and
`settled` answers with the proof of `zero`, or with more bits.
"""

import threading
from collections.abc import Callable, Mapping, Set
from fractions import Fraction

from flint import acb, arb, ctx, fmpq

from stages.answers.expressions import ZERO, Expr, Inexact, NotReal, Num, Op, Sym, Undefined
from stages.answers.limits import MAX_PRECISION, TooLarge, Work
from stages.answers.rationals import add, mul

_lock = threading.RLock()  # flint's precision is the process's; another thread's would widen our balls


class Unsettled(Exception):
    """More bits are needed, or a proof that `part` is zero."""

    def __init__(self, part: Expr) -> None:
        super().__init__("more bits are needed")
        self.part = part


def enclose(
    expr: Expr, bits: int, zeros: Set[Expr], work: Work, real: bool, at: Mapping[str, acb] | None = None
) -> acb:
    """A ball around the value of a folded constant; parts in `zeros` are zero, variables are in the balls `at`.

    Raises Undefined, NotReal (only where `real`: an even root or logarithm of a negative number), Inexact for what is
    no constant, and Unsettled.
    """
    with _lock:
        before = ctx.prec
        ctx.prec = bits
        try:
            ball = _Evaluation(bits, zeros, work, real, at or {}).value(expr)
        finally:
            ctx.prec = before
    if not ball.is_finite():
        raise TooLarge("a number out of range")
    return ball


class _Evaluation:
    """One evaluation at `bits` bits; every part is computed once."""

    def __init__(self, bits: int, zeros: Set[Expr], work: Work, real: bool, at: Mapping[str, acb]) -> None:
        self.zeros, self.work, self.real, self.at = zeros, work, real, at
        self.steps = 1 + (bits >> 9)
        self.known: dict[Expr, acb] = {}

    def value(self, expr: Expr) -> acb:
        if expr in self.known:
            return self.known[expr]
        ball = acb(0) if expr in self.zeros else self._value(expr)
        self.known[expr] = ball
        return ball

    def _value(self, expr: Expr) -> acb:
        self.work.spend(self.steps)
        if isinstance(expr, Num):
            return acb(rational(expr.value))
        if isinstance(expr, Sym):
            return self._symbol(expr.name)
        if expr.name == "cosπ":
            turns = expr.args[0].value  # type: ignore[union-attr]
            return acb(arb.cos_pi_fmpq(fmpq(turns.numerator, turns.denominator)))
        args = [self.value(arg) for arg in expr.args]
        if expr.name in _COSTLY:
            self.work.spend(self.steps * self.steps >> 2)
        if expr.name in _APPLY:
            return _APPLY[expr.name](self, expr, *args)
        if len(args) != 1:
            raise Inexact  # such as ± between two values, which is no one value
        return self._function(expr, args[0])

    def _symbol(self, name: str) -> acb:
        if name in self.at:
            return self.at[name]
        if name == "√-1" and self.real:
            raise NotReal
        if name in ("i", "√-1"):
            return acb(0, 1)
        if name == "π":
            return acb(arb.pi())
        if name == "e":
            return acb(arb.const_e())
        raise Inexact

    def nonzero(self, ball: acb, part: Expr) -> None:
        """Raises Unsettled where the ball may hold zero."""
        if part not in self.zeros and ball.contains(0):
            raise Unsettled(part)

    def div(self, expr: Op, top: acb, bottom: acb) -> acb:
        if expr.args[1] in self.zeros:
            raise Undefined("division by zero")
        self.nonzero(bottom, expr.args[1])
        return top / bottom

    def pow(self, expr: Op, base: acb, exponent: acb) -> acb:
        if isinstance(expr.args[1], Num) and expr.args[1].value.denominator == 1:
            whole = expr.args[1].value.numerator
            if abs(whole) > MAX_PRECISION:
                raise TooLarge("an exponent with too many digits")
            if whole < 0:
                return self.div(Op("div", (ZERO, expr.args[0])), acb(1), base) ** -whole
            return base**whole
        if expr.args[0] == Sym("e"):
            return exponent.exp()
        if expr.args[0] in self.zeros:
            raise Undefined("a power of zero")
        self.nonzero(base, expr.args[0])
        if self.real and base.imag.is_zero() and base.real < 0:
            raise NotReal
        return (exponent * base.log()).exp()

    def root(self, expr: Op, base: acb, _: acb) -> acb:
        degree = expr.args[1].value.numerator  # type: ignore[union-attr]
        if base.is_zero():
            return acb(0)
        self.nonzero(base, expr.args[0])
        if not base.imag.is_zero():
            if base.real < 0 and base.imag.contains(0):
                raise Unsettled(Op("imag", (expr.args[0],)))  # on the branch cut or not
            return base.root(degree)
        if base.real > 0:
            return acb(base.real.root(degree))
        if degree % 2:
            return -acb((-base.real).root(degree))
        if self.real:
            raise NotReal
        return base.root(degree)

    def ln(self, expr: Op, base: acb) -> acb:
        if base.is_zero():
            raise Undefined("logarithm of zero")
        self.nonzero(base, expr.args[0])
        if self.real and base.imag.is_zero() and base.real < 0:
            raise NotReal
        return base.log()

    def abs(self, expr: Op, value: acb) -> acb:
        return acb(abs(value.real) if value.imag.is_zero() else abs(value))

    def floor(self, expr: Op, value: acb) -> acb:
        return self._whole(expr, value, arb.floor)

    def ceil(self, expr: Op, value: acb) -> acb:
        return self._whole(expr, value, arb.ceil)

    def _whole(self, expr: Op, value: acb, function: Callable[[arb], arb]) -> acb:
        if not value.imag.is_zero():
            raise NotReal
        whole = function(value.real).unique_fmpz()
        if whole is not None:
            return acb(whole)
        near = Fraction(int(value.real.mid().floor().unique_fmpz() or 0))
        for candidate in (near, near + 1):
            part = add((expr.args[0], Num(-candidate)), self.work)
            if value.real.contains(candidate.numerator):
                if part in self.zeros:
                    return acb(candidate.numerator)
                raise Unsettled(part)
        raise Unsettled(expr.args[0])

    def _function(self, expr: Op, value: acb) -> acb:
        """Circular and hyperbolic functions and their inverses; the quotients by their divisors."""
        name = expr.name
        if name in _QUOTIENTS:
            top, bottom = _QUOTIENTS[name]
            below = getattr(value, bottom)()
            if below.contains(0):
                raise Unsettled(Op(bottom, expr.args))
            quotient: acb = (getattr(value, top)() if top else acb(1)) / below
            return quotient
        if name not in _FLINT:
            raise Inexact
        if name in ("arcsin", "arccos") and self.real and value.imag.is_zero():
            if abs(value.real) > 1:
                raise NotReal
            if not abs(value.real) < 1:
                side = Num(Fraction(1 if value.real > 0 else -1))
                part = add((expr.args[0], mul((Num(Fraction(-1)), side), self.work)), self.work)
                if part not in self.zeros:
                    raise Unsettled(part)
                value = acb(int(side.value))
        if value.imag.is_zero() and name != "arccos" and name != "arcsin":
            return acb(getattr(value.real, _FLINT[name])())
        if value.imag.is_zero() and abs(value.real) <= 1:
            return acb(getattr(value.real, _FLINT[name])())
        found: acb = getattr(value, _FLINT[name])()
        return found


def _sum(_: _Evaluation, __: Op, *args: acb) -> acb:
    return sum(args, acb(0))


def _product(_: _Evaluation, __: Op, *args: acb) -> acb:
    total = acb(1)
    for arg in args:
        total *= arg
    return total


_APPLY: dict[str, Callable[..., acb]] = {
    "add": _sum,
    "mul": _product,
    "div": _Evaluation.div,
    "pow": _Evaluation.pow,
    "root": _Evaluation.root,
    "ln": _Evaluation.ln,
    "abs": _Evaluation.abs,
    "floor": _Evaluation.floor,
    "ceil": _Evaluation.ceil,
}
_COSTLY = frozenset(("pow", "root", "ln", "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan"))
_FLINT = {
    "sin": "sin",
    "cos": "cos",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
}
_QUOTIENTS = {"tan": ("sin", "cos"), "cot": ("cos", "sin"), "sec": ("", "cos"), "csc": ("", "sin")}


def rational(value: Fraction) -> arb:
    """A rational as a ball; a whole number is exact."""
    if value.denominator == 1:
        return arb(value.numerator)
    return arb(fmpq(value.numerator, value.denominator))


def settled(
    expr: Expr, bits: int, work: Work, real: bool, zero: Callable[[Expr, Work, bool], bool | None], zeros: set[Expr]
) -> acb:
    """`enclose` with its doubts settled: by the proof `zero` (whose findings go to `zeros`), or by more bits.

    Raises Inexact where a doubt remains, beside what `enclose` raises.
    """
    while True:
        try:
            return enclose(expr, bits, zeros, work, real)
        except Unsettled as doubt:
            known = None if doubt.part == expr else zero(doubt.part, work, real)
            if known:
                zeros.add(doubt.part)
                continue
            bits *= 4
            if (known is None and bits > 4096) or bits > MAX_PRECISION:
                raise Inexact from None
