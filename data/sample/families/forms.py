"""Exact numbers as they are written in answers. Fractions look the same in markup and in linear form."""

import math
from fractions import Fraction


def mixed(value: Fraction) -> str:
    """`3 1/2` for 7/2; an integer or a proper fraction stays as it is. `value` is not negative."""
    whole, rest = divmod(value, 1)
    return f"{whole} {rest}" if whole and rest else str(value)


def decimal(value: Fraction) -> str:
    """`2.35` for 47/20; raises ValueError where the decimal does not end."""
    sign, value = ("-" if value < 0 else ""), abs(value)
    places = 0
    while value * 10**places % 1:
        places += 1
        if places > 9:
            raise ValueError(f"{value} has no short decimal")
    digits = str(int(value * 10**places)).rjust(places + 1, "0")
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def money(cents: int) -> str:
    """`4.05` for 405."""
    return f"{cents // 100}.{cents % 100:02d}"


def square_part(n: int) -> tuple[int, int]:
    """(a, b) with n = a^2 b and b free of squares."""
    a = max(k for k in range(1, math.isqrt(n) + 1) if n % (k * k) == 0)
    return a, n // (a * a)


def numeral(n: int, base: int) -> str:
    """The digits of n > 0 in a base up to ten, without the base."""
    digits = ""
    while n:
        n, digit = divmod(n, base)
        digits = str(digit) + digits
    return digits


def term(coefficient: int, name: str) -> str:
    """`x`, `-x` or `3x`."""
    return {1: name, -1: f"-{name}"}.get(coefficient, f"{coefficient}{name}")


def plus(value: int | Fraction) -> str:
    """`+ 3` or `- 3`."""
    return f"+ {value}" if value >= 0 else f"- {-value}"
