"""The grade of one response, the same for teacher, base and tuned student: cut off, blank, then compare."""

from dataclasses import dataclass
from typing import cast

from stages.answers import compare, extract
from stages.study.records import Verdict

CUT_OFF = "cut off at the token budget"
BLANK = "no answer"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a response (None: nothing), how it was found, and whether it is the key, with the reason."""

    answer: str | None
    tier: str
    verdict: Verdict
    why: str


def found_answer(text: str, finish_reason: str) -> str | None:
    """The final answer in a response, or None; of one that was cut off, what runs up to its end is no answer."""
    return extract(text, truncated=finish_reason == "length").answer


def judge(key: str, text: str, finish_reason: str) -> Judgement:
    """The judgement on a response's text.

    A response that is cut off or holds no answer is wrong, not undecided, whatever stands in it: it had the same budget
    as all others, or nothing was said that could be compared.
    """
    cut_off = finish_reason == "length"
    found = extract(text, truncated=cut_off)
    if cut_off:
        return Judgement(found.answer, str(found.tier), "no", CUT_OFF)
    if found.answer is None:
        return Judgement(None, str(found.tier), "no", BLANK)
    compared = compare(key, found.answer)
    return Judgement(found.answer, str(found.tier), cast(Verdict, compared.verdict), compared.reason)
