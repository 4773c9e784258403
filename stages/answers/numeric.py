"""Values at 50 and 100 digits, with mpmath, for what has no exact form (nested radicals, logarithms, trigonometry)."""

import threading
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb, factorial, perm

from mpmath import MPContext, mpc, mpf

from stages.answers.expressions import FUNCTIONS, Expr, Inexact, NotReal, Num, Sym, Undefined
from stages.answers.limits import MAX_EXPONENT, MAX_FACTORIAL, TooHard, Work

GUARD = 20  # digits beyond those that count: there are at most 400 tokens, and few steps lose as much as a digit


class _Contexts(threading.local):
    """mpmath's contexts, one set per thread, because mpmath changes their precision while it works."""

    def __init__(self) -> None:
        self.of = {}
        for digits in (50, 100):
            self.of[digits] = MPContext()
            self.of[digits].dps = digits + GUARD


_contexts = _Contexts()
_COSTLY = FUNCTIONS - {"abs", "floor", "ceil"} | {"pow", "root", "log"}
_NAMES = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}  # mpmath's


class Numeric:
    """One evaluation at `digits` digits. `largest` is the largest magnitude that occurred, for the error bound."""

    def __init__(self, digits: int, at: Mapping[str, Fraction], work: Work, over_reals: bool) -> None:
        self.mp = _contexts.of[digits]
        self.digits = digits
        self.at = at
        self.work = work
        self.over_reals = over_reals
        self.largest = self.mp.mpf(0)
        self.lost = False  # a term so small that it vanished in a sum
        self.steps = digits // 10

    def value(self, expr: Expr) -> mpf | mpc:
        """The value; raises Inexact, Undefined, NotReal and TooHard."""
        result = self._value(expr)
        if self.over_reals and isinstance(result, self.mp.mpc):
            if abs(result.imag) > abs(result.real) * self.mp.mpf(10) ** -self.digits:
                raise NotReal
            result = result.real
        magnitude = abs(result)
        if not self.mp.isfinite(magnitude):
            raise Undefined("no finite value")
        if magnitude and abs(self.mp.mag(magnitude)) > MAX_EXPONENT:
            raise TooHard("a number with too many digits")
        if magnitude > self.largest:
            self.largest = magnitude
        return result

    def _value(self, expr: Expr) -> mpf | mpc:
        mp = self.mp
        self.work.spend(self.steps)
        if isinstance(expr, Num):
            return self._rational(expr.value)
        if isinstance(expr, Sym):
            if expr.name in self.at:
                return self._rational(self.at[expr.name])
            if expr.name == "i":
                return mp.mpc(0, 1)
            if expr.name in ("π", "e"):
                return mp.pi + 0 if expr.name == "π" else mp.e + 0
            raise Inexact
        args = [self.value(arg) for arg in expr.args]
        self._spend(expr.name, args)
        try:
            return self._apply(expr.name, args)
        except (ZeroDivisionError, ValueError):
            raise Undefined("division by zero") from None
        except OverflowError:
            raise TooHard("a number with too many digits") from None

    def _spend(self, name: str, args: list[mpf | mpc]) -> None:
        """What an operation costs beyond its node: a function as much as several sums, complex arguments threefold."""
        steps = 15 if name in _COSTLY else 0
        if any(isinstance(arg, self.mp.mpc) for arg in args):
            steps = 3 * (steps + self.steps)
        self.work.spend(steps)

    def _rational(self, value: Fraction) -> mpf:
        self.work.spend_on(value)
        return self.mp.mpf(value.numerator) / value.denominator

    def _apply(self, name: str, args: list[mpf | mpc]) -> mpf | mpc:
        mp = self.mp
        first = args[0]
        if name == "add":
            total = sum(args[1:], first)
            size = max(abs(arg) for arg in args)
            if abs(total) < size * mp.mpf(10) ** -self.digits:
                return mp.mpf(0)  # what is left is rounding; the pass at 100 digits checks that it is
            if any(arg and abs(arg) < size * mp.mpf(10) ** -30 for arg in args):
                self.lost = True
            return total
        if name == "mul":
            product = first
            for arg in args[1:]:
                product = product * arg
            return product
        if name == "div":
            if not args[1]:
                raise Undefined("division by zero")
            return first / args[1]
        if name == "pow":
            return self._power(first, args[1])
        if name == "root":
            degree = self._whole(args[1], 1000, "a root's index")
            if degree < 1:
                raise Inexact
            if isinstance(first, mp.mpf) and first < 0 and degree % 2:
                return -mp.root(-first, degree)
            return mp.root(first, degree)
        if name == "deg":
            return first * mp.pi / 180
        if name == "abs":
            return abs(first)
        if name in ("ln", "log"):
            if not args[-1]:
                raise Undefined("logarithm of zero")
            if name == "ln":
                return mp.ln(first)
            if not first or first == 1:
                raise Undefined("a logarithm's base")
            return mp.ln(args[1]) / mp.ln(first)
        if name in FUNCTIONS and name not in ("floor", "ceil"):
            if abs(first) > 10**6:
                raise TooHard("a function of a large number")
            function: Callable[[mpf | mpc], mpf | mpc] = getattr(mp, _NAMES.get(name, name))
            return function(first)
        if name in ("fact", "binom", "perm"):
            return self._integers(name, args)
        raise Inexact

    def _power(self, base: mpf | mpc, exponent: mpf | mpc) -> mpf | mpc:
        mp = self.mp
        if not base:
            if isinstance(exponent, mp.mpf) and exponent > 0:
                return mp.mpf(0)
            raise Undefined("a power of zero")
        if abs(mp.mag(base)) * abs(exponent) > MAX_EXPONENT or abs(exponent) > MAX_EXPONENT:
            raise TooHard("a number with too many digits")
        if isinstance(base, mp.mpf) and base < 0 and isinstance(exponent, mp.mpf) and not mp.isint(exponent):
            for degree in (3, 5, 7):  # the real root of a negative number
                whole = exponent * degree
                if abs(whole - mp.nint(whole)) < mp.mpf(10) ** -self.digits:
                    return (-1) ** int(mp.nint(whole)) * mp.power(-base, exponent)
        return mp.power(base, exponent)

    def _integers(self, name: str, args: list[mpf | mpc]) -> mpf:
        n, *k = (self._whole(arg, MAX_FACTORIAL, "a factorial") for arg in args)
        if min(n, *k, 0) < 0:
            raise Inexact
        self.work.spend(n * n // 25000)
        if name == "fact":
            return self.mp.mpf(factorial(n))
        return self.mp.mpf(comb(n, k[0]) if name == "binom" else perm(n, k[0]))

    def _whole(self, value: mpf | mpc, limit: int, what: str) -> int:
        """A value as an integer; its size is checked before, because as an integer it may have a million digits."""
        if isinstance(value, self.mp.mpc) or not self.mp.isint(value):
            raise Inexact
        if abs(value) > limit:
            raise TooHard(f"{what} over {limit}")
        return int(value)


def numeric_difference(one: Expr, other: Expr, at: Mapping[str, Fraction], work: Work, over_reals: bool) -> bool | None:
    """Whether two values are equal to 50 digits and to 100; None where neither equal nor unequal is sure.

    An evaluation is taken to be off by at most 10^-digits times the largest number that occurred in it, for which 20
    guard digits are kept. Values are equal if they are no further apart than that at both precisions. They differ if
    they are further apart at both, by the same distance: what only looks like a difference shrinks with the precision.
    """
    distances = []
    for digits in (50, 100):
        left, right = (Numeric(digits, at, work, over_reals) for _ in range(2))
        a, b = left.value(one), right.value(other)
        bound = max(left.largest, right.largest) * left.mp.mpf(10) ** -digits
        distances.append(abs(a - b) if abs(a - b) > bound else 0)
        size = max(abs(a), abs(b))
        if not distances[-1] and (left.lost or right.lost or size > bound > size * left.mp.mpf(10) ** -25):
            return None
    if distances == [0, 0]:
        return True
    return False if distances[1] and 0.99 < distances[0] / distances[1] < 1.01 else None
