"""Times of day and dates: `3:45 p.m.`, `noon`, `March 5, 2020`, `the 5th of March`."""

import re

from stages.answers.kinds import Answer, Date, Time, Words
from stages.answers.vocabulary import MONTHS

_TIME = re.compile(r"(\d{1,2})(?:\s*:\s*([0-5]\d))?\s*([ap])\.?\s?m\.?", re.IGNORECASE)
_MONTH = "|".join(sorted({*MONTHS, *(name[:3] for name in MONTHS), "sept"}, key=len, reverse=True))
_SHORT = {name[:3]: name for name in MONTHS} | {name: name for name in MONTHS} | {"sept": "september"}
_DATES = (
    re.compile(
        rf"(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?", re.IGNORECASE
    ),
    re.compile(
        rf"(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\.?(?:,?\s+(?P<year>\d{{4}}))?",
        re.IGNORECASE,
    ),
)


def time_or_date(plain: str) -> Answer | None:
    """A text that is a time of day with its half (a.m., p.m.), or a date; None for anything else."""
    if plain.istitle() and plain.lower().rstrip(".") in _SHORT:
        return Words((_SHORT[plain.lower().rstrip(".")],))
    if plain.lower() in ("noon", "midnight"):
        return Time(720 if plain.lower() == "noon" else 0, True)
    found = _TIME.fullmatch(plain)
    if found and 1 <= int(found[1]) <= 12:
        hours = int(found[1]) % 12 + (12 if found[3].lower() == "p" else 0)
        return Time(60 * hours + int(found[2] or 0), True)
    for pattern in _DATES:
        date = pattern.fullmatch(plain)
        if date and 1 <= int(date["day"]) <= 31:
            number = next(n for name, n in MONTHS.items() if name.startswith(date["month"].lower()[:3]))
            return Date(number, int(date["day"]), int(date["year"]) if date["year"] else None)
    return None
