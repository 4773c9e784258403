"""Rules for text: lettered choices, words, no solution, answers that a key joins by `or`, times and dates."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from stages.answers.expressions import Num, Op, Sym, has, symbols
from stages.answers.judging import Judge, is_expr, kind
from stages.answers.kinds import NOTHING, Answer, Choice, Date, Ratio, Region, Seq, Time, Unread, Words
from stages.answers.limits import Work
from stages.answers.parse import parse
from stages.answers.rules_several import any_order
from stages.answers.verdicts import Comparison, match, no, unsure
from stages.answers.vocabulary import MULTIPLES, ORDINALS, PARTS, TENS
from stages.answers.words import FAMILIES, UNDEFINED, bare

_ORDINAL = re.compile(r"(\d{1,9})(?:st|nd|rd|th)")
_LETTERS = re.compile(r"[A-H]{2,8}")
_YES_OR_NO = re.compile(r"(?:yes|no)\s*[,.;:]", re.IGNORECASE)


def alternatives(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """A key `a or b`: forms of one answer, or answers of which any counts, or all of them."""
    if isinstance(c, Seq) and c.kind == "or":
        first, *others = c.items
        forms = [{judge.judge(first, item).verdict, judge.judge(item, first).verdict} for item in others]
        if all("match" in form for form in forms):  # 3/4, or 75%
            c = next((item for item in c.items if judge.judge(t, item).verdict == "match"), first)
        else:
            c = replace(c, kind="list")
        if not isinstance(t, Seq) or t.kind != "or":
            return judge.judge(t, c)
    if not isinstance(t, Seq) or t.kind != "or":
        return None
    if isinstance(c, Seq) and c.kind in ("list", "set"):
        every = any_order(judge, t.items, c.items)
        if every.verdict == "match":
            return every
    results = [judge.judge(item, c) for item in t.items]
    if any(result.verdict == "match" for result in results):
        if all(judge.judge(t.items[0], item).verdict == "match" for item in t.items[1:]):
            return match("a form of the key's answer")
        return judge.allow("one of the answers that the key allows", "alternatives")
    return next((result for result in results if result.verdict == "undecided"), results[0])


def times(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Times of day and dates; 3:45 without a.m. or p.m. may be either."""
    for one, other in ((t, c), (c, t)):
        if isinstance(one, Time) and isinstance(other, Ratio) and len(other.parts) == 2:
            hours, minutes = (part.value if isinstance(part, Num) else None for part in other.parts)
            if hours is None or minutes is None:
                return no(f"{kind(c)} where the key is {kind(t)}")
            clock = 60 * hours + minutes
            if clock == one.minutes and hours > 12:
                return match("the same time")
            same = clock % 720 == one.minutes % 720 and hours <= 12
            return unsure("the same time without a.m. or p.m.") if same else no("another time")
    for sort in (Time, Date):
        if isinstance(t, sort) and isinstance(c, sort):
            if isinstance(t, Date) and isinstance(c, Date) and (t.year is None) != (c.year is None):
                same = (t.month, t.day) == (c.month, c.day)
                return unsure("the same day, the year on one side only") if same else no("another day")
            return no("another time" if sort is Time else "another day")
        if isinstance(t, sort) or isinstance(c, sort):
            return unsure(f"{kind(c)} where the key is {kind(t)}")
    return None


def choices(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Lettered choices: the letter decides; a letter's text counts where the key has no letter."""
    lettered = isinstance(t, Seq) and t.kind == "list" and all(isinstance(item, Sym) for item in t.items)
    if lettered and isinstance(c, Op | Words) and _LETTERS.fullmatch(judge.answer):
        return judge.judge(t, Seq("list", tuple(map(Sym, judge.answer))))  # ABD for A, B, D
    if isinstance(t, Choice) and isinstance(c, Choice):
        if t.letter != c.letter:
            return no("another choice", "choice")
        if t.rest and c.rest and judge.judge(_behind(t, judge.work), _behind(c, judge.work)).verdict == "no":
            return no("the same letter with another text", "choice")
        return match("the same choice", "choice")
    if isinstance(t, Choice):
        if isinstance(c, Sym) and c.name.upper() == t.letter:
            return match("the same choice", "choice")
        if t.rest:
            return judge.judge(_behind(t, judge.work), c)
        if isinstance(c, Words) and t.letter.lower() in c.words:
            return unsure("words around a letter", "choice")
        return no(f"{kind(c)} where the key is a choice", "choice")
    if isinstance(c, Choice):
        if isinstance(t, Sym) and t.name.upper() == c.letter and t.name != "e" and not c.rest:
            return match("the same letter", "choice")
        if c.rest:
            result = judge.judge(t, _behind(c, judge.work))
            return replace(result, policy="choice") if result.verdict == "match" else result
        return no(f"a choice where the key is {kind(t)}", "choice")
    return None


def words(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """Short text: equal up to case, articles and punctuation."""
    if not isinstance(t, Words) and not isinstance(c, Words):
        return None
    if isinstance(t, Words) and isinstance(c, Words):
        return texts(judge, bare(t.words), bare(c.words))
    other, words = (c, t) if isinstance(t, Words) else (t, c)
    assert isinstance(words, Words)
    text = judge.key if words is t else judge.answer
    if is_expr(other) and symbols(other) and len(text) < 20:
        spelled = parse(text, judge.work, letters=True)
        if is_expr(spelled) and not isinstance(other, Sym):
            return judge.judge(spelled, c) if words is t else judge.judge(t, spelled)
    if is_expr(other) and (has(other, "∞") or isinstance(other, Sym)):
        letter = other.name.lower() if isinstance(other, Sym) else "∞"
        if words.words[0].startswith((letter, "infinit" if letter == "∞" else letter)):
            return unsure("a letter or sign that may stand for the word", "text")
    numeral = _ORDINAL.fullmatch(judge.answer if words is t else judge.key)
    place = TENS.get(words.words[0], 0) + ORDINALS.get(words.words[-1], 0)
    if numeral and words.words[-1] in ORDINALS and len(words.words) == 1 + (words.words[0] in TENS):
        return judge.verdict(int(numeral[1]) == place, "the same place in order")
    if words is c and {"more", "less", "fewer", "least", "most"} & set(words.words):
        return no("a bound where the key is a value", "text")
    if any(word[0].isdigit() or word in PARTS or word in MULTIPLES for word in words.words):
        return unsure("a number among words")
    if other == NOTHING and any(word.startswith(("infinit", "many", "all")) for word in words.words):
        return no("no solution on one side, many on the other", "no solution")
    if other == NOTHING:
        return unsure("no solution, or something else in words", "no solution")
    if isinstance(other, Region):
        return unsure("an interval, or something else in words")
    return no(f"{kind(c)} where the key is {kind(t)}")


def texts(judge: Judge, t: Sequence[str], c: Sequence[str]) -> Comparison:
    """Two texts as words."""
    if list(t) == list(c):
        return match("the same words", "text")
    if {" ".join(t), " ".join(c)} <= UNDEFINED:
        return unsure("two ways to say that there is no value", "text")
    family = next((family for family in FAMILIES if t[0] in family), None)
    if family and c and c[0] in family:
        if c[0] != t[0]:
            return no("another word of the choice", "text")
        if list(t) in (["yes"], ["no"]) and _YES_OR_NO.match(judge.answer):
            return match("the same word, and a sentence behind it", "text")
        if (
            len(t) == 1
            and not family & set(c[1:])
            and not {"not", "no", "never", "but", "except", "and", "or"} & set(c[1:])
        ):
            return match("the same word of the choice", "text")
    if ("not" in t) != ("not" in c) and [w for w in t if w != "not"] == [w for w in c if w != "not"]:
        return no("one says not, the other does not", "text")
    shared = set(t) & set(c)
    if set(t) < set(c) and {"and", "or"} & (set(c) - set(t)):
        return no("more than the key", "text")
    if (
        not shared
        and ("not" in t) == ("not" in c)
        and not any(word in other or other in word for word in t for other in c if len(word) > 3)
    ):
        return no("different words", "text")
    return unsure("words that are partly the same", "text")


def nothing(judge: Judge, t: Answer, c: Answer) -> Comparison | None:
    """no solution."""
    if t != NOTHING and c != NOTHING:
        return None
    if Num(Fraction(0)) in (t, c):
        return unsure("no solution, or zero", "no solution")
    return no(f"no solution on one side, {kind(c if t == NOTHING else t)} on the other", "no solution")


def _behind(choice: Choice, work: Work) -> Answer:
    """What stands behind a choice's letter; not another choice, so that A)A)A) is not taken apart one by one."""
    rest = parse(choice.rest, work)
    return Unread("a choice within a choice") if isinstance(rest, Choice) else rest
