"""Transcendental parts as variables: what is equal whatever they stand for is equal.

`Kernels.replaced` turns a folded expression into an algebraic one, in which pi, e, logarithms of primes, powers
e^(m) and e^(im) of products m, factorials and other functions are variables. sin, cos and their kin become quotients of
such powers, sinh as well, and a^x is e^(x ln a); (n+2)! is (n+2)(n+1) n!. So the laws of exponents, logarithms,
factorials and angles are laws of rational functions, which `identity` proves.

Roots and absolute values are the places where this could go wrong, because of their branches: |g| becomes s g with a
sign s that is tried both ways, a square under an even root is taken out as an absolute value, and an even root of what
contains e^(im) is refused (`Inexact`).
"""

import math
from collections.abc import Callable
from fractions import Fraction

from stages.answers.expressions import MINUS_ONE, ONE, Expr, Inexact, Num, Op, Sym, symbols
from stages.answers.fields import power_part
from stages.answers.limits import Work
from stages.answers.linear import Monomial, Terms, expression, terms
from stages.answers.rationals import HALF, add, cosine, div, fold, ln, mul, power, quotient, root

CIRCULAR = frozenset("sin cos tan cot sec csc".split())  # noqa: SIM905
HYPERBOLIC = frozenset("sinh cosh tanh".split())  # noqa: SIM905
MAX_SHIFT = 30  # factors that (n + k)! may be taken apart into
I_UNIT = Sym("i")
Same = Callable[[Expr, Expr], bool | None]


class Kernels:
    """The variables that stand for transcendental parts; `same` proves two arguments equal.

    `values` gives the constant that a variable stands for, where it stands for one; `signs` are the variables that
    stand for the sign of something; `positive` those that are positive; `turning` those that are e^(im).
    """

    def __init__(self, exprs: tuple[Expr, ...], same: Same, work: Work) -> None:
        self.same, self.work = same, work
        self.values: dict[str, Expr] = {}
        self.signs: set[str] = set()
        self.positive: set[str] = set()
        self.turning: set[str] = set()
        self.powers: dict[tuple[str, Monomial], Sym] = {}
        self.others: list[tuple[Op, Sym]] = []
        self.shifts: dict[Expr, int] = {}  # factorials by argument without its whole part: the least whole part
        self.denominator = 1
        for expr in exprs:
            self._survey(expr)

    def _survey(self, expr: Expr) -> None:
        """The common denominator of all exponents and angles, and the smallest of factorials that belong together."""
        if not isinstance(expr, Op):
            return
        self.work.spend(2)
        if expr.name in CIRCULAR or expr.name in HYPERBOLIC:
            self._note(terms(expr.args[0], self.work))
        elif expr.name == "pow" and not isinstance(expr.args[1], Num):
            self._note(self._exponent(expr))
        elif expr.name == "fact":
            rest, whole = self._shifted(expr.args[0])
            self.shifts[rest] = min(whole, self.shifts.get(rest, whole))
        elif expr.name in ("binom", "perm"):
            self._survey(_counting(expr, self.work))
            return
        for arg in expr.args:
            self._survey(arg)

    def _note(self, found: Terms) -> None:
        self.denominator = math.lcm(self.denominator, *(value.denominator for value in found.values()))
        if self.denominator > 1000:
            raise Inexact

    def _exponent(self, expr: Op) -> Terms:
        base, exponent = expr.args
        return terms(mul((exponent, self._spread(base)), self.work), self.work)

    def _shifted(self, expr: Expr) -> tuple[Expr, int]:
        found = dict(terms(expr, self.work))
        shift = found.pop((), Fraction(0))
        whole = math.floor(shift)
        if shift != whole:
            found[()] = shift - whole
        return expression(found, self.work), whole

    def replaced(self, expr: Expr) -> Expr:
        """The algebraic form; raises Inexact where there is none that is safe."""
        self.work.spend(3)
        if isinstance(expr, Sym):
            return self._constant(expr)
        if isinstance(expr, Num):
            return expr
        if expr.name in CIRCULAR:
            return self._circular(expr)
        if expr.name in HYPERBOLIC:
            return self._hyperbolic(expr)
        if expr.name in ("binom", "perm"):
            return self.replaced(_counting(expr, self.work))
        if expr.name == "fact":
            return self._factorial(expr)
        if expr.name == "pow" and not isinstance(expr.args[1], Num):
            return self._power(self._exponent(expr))
        if expr.name == "cosπ":
            return expr
        if expr.name == "ln":
            return self._logarithm(expr)
        if expr.name in ("floor", "ceil", "arcsin", "arccos", "arctan"):
            return self._other(expr)
        args = [self.replaced(arg) for arg in expr.args]
        if expr.name == "abs":
            return self._absolute(args[0])
        if expr.name == "root":
            return self._root(args[0], expr.args[1])
        return fold(Op(expr.name, tuple(args)), self.work)

    def _constant(self, expr: Sym) -> Expr:
        if expr.name in ("π", "e"):
            self.values[expr.name] = expr
            self.positive.add(expr.name)
        return expr

    def _new(self, value: Expr | None, positive: bool = False) -> Sym:
        symbol = Sym(f"#{len(self.powers) + len(self.others)}")
        if value is not None and not symbols(value) - {"i"}:
            self.values[symbol.name] = value
        if positive:
            self.positive.add(symbol.name)
        return symbol

    def _power(self, exponent: Terms) -> Expr:
        """e^exponent as a product of whole powers of variables, roots of unity and roots of primes."""
        factors: list[Expr] = []
        for monomial, value in exponent.items():
            turning = (I_UNIT, 1) in monomial
            kept = tuple(part for part in monomial if part[0] != I_UNIT)
            if turning and kept == ((Sym("π"), 1),):
                sine = mul((I_UNIT, cosine(HALF.value - value)), self.work)
                factors.append(add((cosine(value), sine), self.work))
            elif not turning and not kept:
                factors.append(power((self._constant(Sym("e")), Num(value)), self.work))
            elif not turning and len(kept) == 1 and _is_logarithm(kept[0]):
                base = self.replaced(kept[0][0].args[0])  # type: ignore[union-attr]
                factors.append(power((base, Num(value)), self.work))
            else:
                count = Num(value * self.denominator)
                if count.value.denominator != 1 or abs(count.value) > 400:
                    raise Inexact
                factors.append(power((self._base("i" if turning else "", kept), count), self.work))
        return mul(factors, self.work)

    def _base(self, kind: str, monomial: Monomial) -> Sym:
        """The variable for e^(m/d), or e^(im/d) where `kind` is i."""
        key = (kind, monomial)
        if key not in self.powers:
            argument = expression({monomial: Fraction(1, self.denominator)}, self.work)
            if kind:
                argument = mul((I_UNIT, argument), self.work)
            symbol = self._new(Op("pow", (Sym("e"), argument)), positive=not kind)
            self.powers[key] = symbol
            if kind:
                self.turning.add(symbol.name)
        return self.powers[key]

    def _circular(self, expr: Op) -> Expr:
        angle = terms(expr.args[0], self.work)
        up = self._power(_turned(angle, 1))
        down = self._power(_turned(angle, -1))
        two = Num(Fraction(2))
        cos = div((add((up, down), self.work), two), self.work)
        sine = div((add((up, mul((MINUS_ONE, down), self.work)), self.work), mul((two, I_UNIT), self.work)), self.work)
        return quotient(expr.name, sine, cos, self.work)

    def _hyperbolic(self, expr: Op) -> Expr:
        argument = terms(expr.args[0], self.work)
        up, down = self._power(argument), self._power({key: -value for key, value in argument.items()})
        cosh = mul((HALF, add((up, down), self.work)), self.work)
        sinh = mul((HALF, add((up, mul((MINUS_ONE, down), self.work)), self.work)), self.work)
        return {"sinh": sinh, "cosh": cosh}.get(expr.name) or div((sinh, cosh), self.work)

    def _factorial(self, expr: Op) -> Expr:
        rest, whole = self._shifted(expr.args[0])
        least = self.shifts.get(rest, whole)
        if whole - least > MAX_SHIFT:
            raise Inexact
        argument = self.replaced(rest)
        base = self._other(Op("fact", (add((rest, Num(Fraction(least))), self.work),)))
        more = [add((argument, Num(Fraction(n))), self.work) for n in range(least + 1, whole + 1)]
        return mul((base, *more), self.work)

    def _spread(self, value: Expr) -> Expr:
        """ln of a product as the sum of logarithms: equal wherever both are defined."""
        if isinstance(value, Op) and (symbols(value) - {"i"} or self._positive(value)):
            if value.name in ("mul", "div"):
                parts = [self._spread(arg) for arg in value.args]
                if value.name == "div":
                    parts[1] = mul((MINUS_ONE, parts[1]), self.work)
                return add(parts, self.work)
            if value.name in ("pow", "root"):
                count = value.args[1] if value.name == "pow" else div((ONE, value.args[1]), self.work)
                return mul((count, self._spread(value.args[0])), self.work)
        return ln((value,), self.work)

    def _logarithm(self, expr: Op) -> Expr:
        spread = self._spread(expr.args[0])
        return self._other(expr) if spread == expr else self.replaced(spread)

    def _other(self, expr: Op) -> Expr:
        """A variable for a function of its argument, the same for equal arguments."""
        for known, symbol in self.others:
            if known.name == expr.name and self.same(known.args[0], expr.args[0]):
                return symbol
        symbol = self._new(expr)
        self.others.append((expr, symbol))
        return symbol

    def _absolute(self, value: Expr) -> Expr:
        if symbols(value) & self.turning or "i" in symbols(value):
            raise Inexact
        if not symbols(value) - self.values.keys():
            return Op("abs", (value,))
        if self._positive(value):
            return value
        factors = list(value.args) if isinstance(value, Op) and value.name == "mul" else [value]
        parts: list[Expr] = []
        for factor in factors:
            if isinstance(factor, Num):
                parts.append(Num(abs(factor.value)))
            elif self._positive(factor):
                parts.append(factor)
            else:
                parts.append(mul((self._sign(factor), factor), self.work))
        return mul(parts, self.work)

    def _sign(self, value: Expr) -> Expr:
        """The variable for the sign of a value; what is known for its negative counts as well."""
        for known, symbol in self.others:
            if known.name == "sign":
                if self.same(known.args[0], value):
                    return symbol
                if self.same(known.args[0], mul((MINUS_ONE, value), self.work)):
                    return mul((MINUS_ONE, symbol), self.work)
        symbol = self._new(None)
        self.signs.add(symbol.name)
        self.others.append((Op("sign", (value,)), symbol))
        return symbol

    def _positive(self, value: Expr) -> bool:
        """Whether a value is certainly not negative, wherever it is defined."""
        if isinstance(value, Num):
            return value.value >= 0
        if isinstance(value, Sym):
            return value.name in self.positive
        if value.name == "pow" and isinstance(value.args[1], Num):
            return value.args[1].value.numerator % 2 == 0 or self._positive(value.args[0])
        if value.name == "root":
            return self._positive(value.args[0]) or value.args[1].value.numerator % 2 == 0  # type: ignore[union-attr]
        return value.name in ("add", "mul", "div", "abs") and all(
            value.name == "abs" or self._positive(arg) for arg in value.args
        )

    def _root(self, value: Expr, index: Expr) -> Expr:
        """A root; a power under an even one comes out as an absolute value."""
        degree = index.value.numerator  # type: ignore[union-attr]
        if symbols(value) & self.turning:
            raise Inexact
        if degree % 2 or not symbols(value) - self.values.keys():
            return root((value, index), self.work)
        outside, inside = power_part(value, degree, self.work)
        return mul((self._absolute(outside), root((inside, index), self.work)), self.work)


def _is_logarithm(part: tuple[Expr, int]) -> bool:
    return isinstance(part[0], Op) and part[0].name == "ln" and part[1] == 1


def _turned(angle: Terms, sign: int) -> Terms:
    """The terms of i x angle, or of its negative."""
    found: Terms = {}
    for monomial, value in angle.items():
        if any(atom == I_UNIT for atom, _ in monomial):
            raise Inexact
        found[tuple(sorted((*monomial, (I_UNIT, 1)), key=repr))] = sign * value
    return found


def _counting(expr: Op, work: Work) -> Expr:
    """binom(n, k) and perm(n, k) by factors where k is a small number, else by factorials."""
    n, k = expr.args
    if isinstance(k, Num):
        if k.value.denominator != 1 or not 0 <= k.value <= MAX_SHIFT:
            raise Inexact
        factors = [add((n, Num(Fraction(-j))), work) for j in range(int(k.value))]
        below = math.factorial(int(k.value)) if expr.name == "binom" else 1
        return mul((Num(Fraction(1, below)), *factors), work)
    rest = Op("fact", (add((n, mul((MINUS_ONE, k), work)), work),))
    below_all = mul((Op("fact", (k,)), rest), work) if expr.name == "binom" else rest
    return Op("div", (Op("fact", (n,)), below_all))
