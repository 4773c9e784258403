"""Characters of typeset mathematics to the plain ones of the linear form: `plain` for each, `on_the_line` for runs."""

import re
import unicodedata
from collections.abc import Callable

PLAIN = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-",
        "’": "'", "‘": "'", "“": '"', "”": '"', "′": "'", "″": '"',
        "⋅": "·", "∙": "·", "•": "·", "∗": "*", "∕": "/", "⁄": "/", "∶": ":", "∣": "|", "∼": "~", "ϕ": "φ", "∆": "Δ",
        "…": "...", "⋯": "...",
        "²": "^2", "³": "^3", "½": "1/2", "⅓": "1/3", "¼": "1/4", "¾": "3/4",
    }
)  # fmt: skip

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵃᵇᵏᵐᵖˣʸ", "0123456789+-()nabkmpxy")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙₐₖₘₚₓ", "0123456789+-()nakmpx")
KEYBOARD = [  # what stands in for signs where these cannot be typed
    (r"\bsqrt\s*(?=\()", "√"), (r"³√", "∛"), (r">=", "≥"), (r"<=", "≤"), (r"!=", "≠"), (r"·{2,}", "..."),
]  # fmt: skip


def on_the_line(text: str) -> str:
    """Raised and lowered characters of Unicode as `^(...)` and `_(...)`, and signs that were spelled out.

    >>> on_the_line("x² + aₙ₋₁ <= sqrt(3)")
    'x^2 + a_(n-1) ≤ √(3)'
    """
    for pattern, sign in KEYBOARD:
        text = re.sub(pattern, sign, text)
    for table, mark in ((RAISED, "^"), (LOWERED, "_")):
        text = re.sub("[" + "".join(map(chr, table)) + "]+", _script_of(mark, table), text)
    return text


def _script_of(mark: str, table: dict[int, int]) -> Callable[[re.Match[str]], str]:
    def script(run: re.Match[str]) -> str:
        text = run[0].translate(table)
        return mark + (text if len(text) == 1 else f"({text})")

    return script


def plain(text: str) -> str:
    """Typographic variants to the characters of the linear form: letters of mathematical italics, minus, quotes."""
    return "".join(
        unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" or "ﬀ" <= c <= "ﬆ" or c == "ℎ" else c
        for c in text
    ).translate(PLAIN)
