"""Characters of typeset mathematics to the plain ones of the linear form."""

import unicodedata

PLAIN = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-",
        "’": "'", "‘": "'", "“": '"', "”": '"', "′": "'", "″": '"',
        "⋅": "·", "∙": "·", "•": "·", "∗": "*", "∕": "/", "⁄": "/", "∶": ":", "∣": "|", "∼": "~", "ϕ": "φ", "∆": "Δ",
        "…": "...", "⋯": "...",
        "²": "^2", "³": "^3", "½": "1/2", "⅓": "1/3", "¼": "1/4", "¾": "3/4",
    }
)  # fmt: skip


def plain(text: str) -> str:
    """Typographic variants to the characters of the linear form: letters of mathematical italics, minus, quotes."""
    return "".join(
        unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" or "ﬀ" <= c <= "ﬆ" or c == "ℎ" else c
        for c in text
    ).translate(PLAIN)
