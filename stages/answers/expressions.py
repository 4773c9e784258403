"""Expressions: a tree of numbers, letters and operations."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property


@dataclass(frozen=True, slots=True, repr=False)
class Num:
    """A rational; `places` is the number of decimal places it was written with, None if not as a decimal."""

    value: Fraction
    places: int | None = None

    def __repr__(self) -> str:
        # Expressions are sorted by it. In hexadecimal, since Python writes no integer of over 4300 decimal digits.
        return f"Num({self.value.numerator:x}/{self.value.denominator:x}, {self.places})"


@dataclass(frozen=True, slots=True)
class Sym:
    """A variable, or the constants `π`, `e`, `i` and `∞`."""

    name: str


@dataclass(frozen=True)
class Op:
    """`add`, `mul`, `div`, `pow`, `root` (x, n), `fact`, `binom`, `perm`, `pm`, `log` (base, x), `deg`, functions."""

    name: str
    args: tuple["Expr", ...]

    @cached_property  # asked at every level of a tree, which would take its depth times its size
    def symbols(self) -> frozenset[str]:
        """The variables within, and `i`."""
        return frozenset().union(*(symbols(arg) for arg in self.args))

    @cached_property
    def names(self) -> frozenset[str]:
        """The operations and symbols within."""
        return frozenset((self.name,)).union(*(names(arg) for arg in self.args))

    @cached_property
    def _hash(self) -> int:
        return hash((self.name, self.args))

    def __hash__(self) -> int:
        return self._hash


Expr = Num | Sym | Op
CONSTANTS = frozenset(("π", "e", "i", "∞", "√-1"))
ZERO, ONE, MINUS_ONE = Num(Fraction(0)), Num(Fraction(1)), Num(Fraction(-1))


class Inexact(Exception):
    """The value has no exact form here; numeric evaluation may still decide."""


class Undefined(Exception):
    """Division by zero, a logarithm of zero and the like."""


class NotReal(Exception):
    """A root or logarithm of a negative number in an expression over the reals."""


def symbols(expr: Expr) -> frozenset[str]:
    """The variables of an expression, and `i` where it occurs."""
    if isinstance(expr, Sym):
        return frozenset() if expr.name in CONSTANTS and expr.name != "i" else frozenset([expr.name])
    if isinstance(expr, Op):
        return expr.symbols
    return frozenset()


def names(expr: Expr) -> frozenset[str]:
    """The operations and symbols of an expression."""
    if isinstance(expr, Op):
        return expr.names
    return frozenset((expr.name,)) if isinstance(expr, Sym) else frozenset()


def has(expr: Expr, name: str) -> bool:
    """Whether an operation or symbol of that name occurs."""
    return name in names(expr)


def put(expr: Expr, values: dict[str, Expr]) -> Expr:
    """An expression with expressions for its variables."""
    if isinstance(expr, Sym):
        return values.get(expr.name, expr)
    if isinstance(expr, Op):
        return Op(expr.name, tuple(put(arg, values) for arg in expr.args))
    return expr


def lower(expr: Expr) -> Expr:
    if isinstance(expr, Sym):
        return Sym(expr.name.lower())
    if isinstance(expr, Op):
        return Op(expr.name, tuple(lower(arg) for arg in expr.args))
    return expr


def variable_power(*exprs: Expr) -> bool:
    """Whether a variable stands in an exponent."""
    for expr in exprs:
        if isinstance(expr, Op):
            if expr.name == "pow" and symbols(expr.args[1]) - {"i"}:
                return True
            if variable_power(*expr.args):
                return True
    return False


def scaled(expr: Expr, factor: Fraction) -> Expr:
    return expr if factor == 1 else Op("mul", (expr, Num(factor)))


def signs(expr: Expr, sign: int) -> Expr:
    """An expression with every ± taken as + (sign 1) or - (sign -1), and every ∓ the other way."""
    if not isinstance(expr, Op):
        return expr
    args = tuple(signs(arg, sign) for arg in expr.args)
    if expr.name in ("pm", "mp"):
        plus = (sign == 1) == (expr.name == "pm")
        return Op("add", (args[0], args[1] if plus else Op("mul", (MINUS_ONE, args[1]))))
    return Op(expr.name, args)


def infinite(expr: Expr) -> int:
    if expr == Sym("∞"):
        return 1
    if isinstance(expr, Op) and expr.name == "mul" and expr.args == (MINUS_ONE, Sym("∞")):
        return -1
    return 0
