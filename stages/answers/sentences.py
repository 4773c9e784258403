"""What a sentence says: the tail behind the last sign or word that announces a result, or the one value in it."""

import re
from collections.abc import Iterable
from itertools import takewhile

from stages.answers.limits import MAX_CHARACTERS
from stages.answers.numerals import with_digits
from stages.answers.units import known
from stages.answers.words import FAMILIES
from stages.answers.wrapping import unwrap

MAX_ITEMS = 20

_ITEM = re.compile(
    r"[ \t]{0,9}(?:(?:[-*•]|\d{1,2}[.)])[ \t]{1,4})?(?:\*{0,2}\(?(?:[a-h]|i{1,3}|iv)\)\*{0,2}[ \t]{0,4})?"
    r"(?<=[ \t)*])"
)
_AFTERTHOUGHT = re.compile(
    r",?\s+(?:but\b|bc\b|cuz\b|because\b|since\b|[Ii] (?:think|believe|guess|hope|suppose)\b|(?:and )?not\s+[-$\d\\]"
    r"|so (?:there|that|this|we|it)\b"
    r"|rather than|instead of|as (?:desired|required|expected|claimed|needed)\b|right\b|if I\b|for sure\b).*",
    re.DOTALL,
)
SENTENCE = re.compile(r"(?:(?<!i\.e)(?<!e\.g)(?<!approx)(?<!vs)\.|\?)(?=\s+[A-Z\\($]|\s*$)|!{1,5}(?=\s+[A-Z]|\s*$)|。")
_CLAUSE = re.compile(
    r",\s+(?!(?:and|or)\s+[-\d\\$(√A-Zx-z])(?=[a-z]{2,}\b)|\s(?:because|since|which|where|when|but|so|by|as)\s|;\s|\*{0,2}\s[—–]\s(?=[A-Za-z]{2})"
)
_NUMBERED = re.compile(r"^(?:option|choice) \(?\d\)\s+(?=\S)", re.IGNORECASE)
_NOT_BUT = re.compile(r"^\W{0,3}not\s[^.;\n]{1,60}?,?\s(?:but|rather)\s(?:rather\s|is\s|it is\s)?", re.IGNORECASE)
_ATTAINED = re.compile(  # at the end: where an extreme value is taken on
    r",?\s(?:and\s)?(?:(?:which|it|this)\s(?:is|occurs|happens)\s)?(?:only\s)?"
    r"(?:(?:attained|achieved|reached|occurring|taken on)\s(?:only\s|precisely\s|exactly\s)?(?:at|when|for|if|by)"
    r"|at|when|for|if|occurs (?:at|when))\s[^.;]{0,20}?=[^.;]{1,40}$"
    r"|,\s(?:which|and (?:it|this))\s(?:occurs|happens|is (?:attained|achieved|reached|obtained))\s[^.;]{1,80}$"
)
_EXTREME = re.compile(r"\b(?:max|min|great|larg|small|least|highest|lowest)", re.IGNORECASE)
_IS_THE_ANSWER = re.compile(
    r"(?:(?:so|thus|hence|therefore),?\s)?([^.;]{1,60}?)\s(?:is|are)\s(?:therefore\s|thus\s)?(?:the|our|my)\s"
    r"(?:(?:only|correct|final|positive|real|right|desired|required|unique)\s){0,2}"
    r"(?:solutions?|answers?|roots?|result|value)\b",
    re.IGNORECASE,
)
_STATED = re.compile(  # 15 ways to choose 2 of 6, 2.5 hours for 150 miles; not `3 red and 4 blue ones`
    r"\b(?:there (?:are|were|will be)|takes?|took|costs?|needs?|requires?) (?:exactly |only |a total of |in total )?"
    r"(\$?\d[\d,]{0,12}(?:\.\d{1,9})?\$?) ([a-z]{1,15})\b(?!.{0,300}\band \$?\d)"
)
_OPENING = re.compile(r"^(?:(?:so|thus|hence|therefore|then|conclusion|result)[,:]?\s+)+", re.IGNORECASE)
_MARKER = re.compile(
    r"=>|⟹|∴|(?<![<>!:])=|→|⇒|\\(?:implies|Rightarrow|to|rightarrow|therefore)(?![A-Za-z])|:(?=\s)"
    r"|\b(?:is|are|equals|was|be|gets?|gives?|giving|yields?|(?<!\d )(?<!\d\$ )to|total|total of|only|takes?|costs?"
    r"|needs?|has|have|its|it's|makes?)(?=[\s$\\])",
    re.IGNORECASE,
)
_ADVERB = re.compile(
    r"(?:approximately|about|roughly|around|exactly|equal to|simply|just|therefore|thus|also|now|at|of|then)\s+",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"(?:-?\d{1,15}|\\frac\{-?\d{1,15}\}\{\d{1,15}\})(?: [A-Za-z]{1,15}){0,2}")  # three boys
_ROUND = re.compile(r"\\[()]")
_ALMOST = re.compile(r"≈|\\approx(?![A-Za-z])")
_ASSIGNMENTS = re.compile(
    r"(?:\b[a-zA-Z]\s?=\s?[-+\w./√π\\{}^]{1,30}(?:\s?,\s?(?:(?:and|or)\s)?|\s(?:and|or)\s)\s?){1,9}[a-zA-Z]\s?=\s?[-+\w./√π\\{}^]{1,30}$"
)
_NAME = re.compile(r"(?:^|[\s($,;])([A-Za-z])\s?$")
_DOLLARS = re.compile(r"(?<!\\)\$([^$]{1,200})(?<!\\)\$(?!\d)")
_DOLLAR = re.compile(r"(?<!\\)\$(?!\d)")  # what is left of a formula that began before the tail
DECORATION = re.compile(  # no two of its alternatives can match at the same place, so that it never goes back
    r"(?:[\s>#*_`\-=|~.□∎]|\\[\])\[]|\$\$|(?<=```)[A-Za-z]+|\\end\{[a-z*]{1,20}\}|\\blacksquare|(?<!`)Q\.?E\.?D|[✓✔☑✅])*",
    re.IGNORECASE,
)

_VALUE = re.compile(r"\d|√|π|\\(?:d?frac|sqrt|pi)\b|∞|\\infty")
_NUMBER = re.compile(
    r"\([-−]?\d[^()\n]{0,40},[^()\n]{0,40}\)"
    r"|(?<![A-Za-z\d.^_/])[-−]?[$£€]?(?:\d[\d,]{0,20}\d|\d)(?:[.:]\d{1,20})?(?:/\d{1,9})?(?:\s?[%°²³])?(?![A-Za-z\d_/^])(?:\s?[ck]?m[²³])?"
)
_BOLD = re.compile(r"(?<![\w)])\*\*([^*\n]{1,80})\*\*(?!\w)")
_BOLD_SPANS = re.compile(r"\*\*(?!\(?[\da-h]{1,2}[.):]\*|\d{1,9}(?:st|nd|rd|th)\b)([^*\n]{1,80}?)[.:!,]?\*\*")
_FORMULAS = re.compile(r"\\\((.{1,200}?)\\\)|(?<![\\$])\$([^$\n]{1,200})\$(?![\d$])")
_MEASURED = re.compile(r"([-−]?[$£€]?\d[\d,.]{0,20} ([A-Za-z]{2,15})) ([a-z]{2,15})\b.*")
_KEPT = frozenset("and more less fewer short below above per squared cubed times to or of than old".split())  # noqa: SIM905
_REASON = re.compile(  # that ends a sentence; not `and, since n > 0, we have n = 3`
    r"(?:,?\s\(?(?:because|since|as \w{1,20} \w{1,20} (?:is|are|=))|,\sas)\s"
    r"(?![^\n]{0,300},\s+(?:we|it|so|then|the|this|there|and|\\\(|\$|[a-z] =))"
)
_HELPLESS = re.compile(
    r"\b(?:cannot|can't|couldn't|unable|unclear|sorry|unsure|not (?:sure|enough|possible|clear|given|able|certain)"
    r"|don't (?:know|have)|without knowing|please)\b",
    re.IGNORECASE,
)
_RIGHT_CHOICE = re.compile(
    r"(?<![A-Za-z])\(?\b([A-H])\b\)?\s{1,3}is (?:therefore |thus )?(?:the )?(?:correct|right|best)\b"
    r"|\b(?:option|choose|pick|select|go with)\s{1,3}(?:option\s|choice\s|answer\s)?\(?([A-H])\b\)?(?=\W*$)"
)
_SET_PHRASE = re.compile(
    r"\b(no (?:real |such )?(?:solutions?|values?|numbers?)|infinitely many(?: solutions)?|does not exist|undefined"
    r"|all real numbers)(?: exists?)?$",
    re.IGNORECASE,
)
UNFINISHED = re.compile(  # a heading
    r"\W{0,9}(?:step|case|part)\b(?![^\n]{0,200}(?:=|\b(?:is|are|has|have|so|there|gives?)\b))", re.IGNORECASE
)


def next_line(response: str, start: int) -> tuple[str, int]:
    """The rest of the line, or the next line with anything on it; and where it ends."""
    while start < len(response):
        end = response.find("\n", start)
        end = len(response) if end < 0 else end
        line = response[start : min(end, start + MAX_CHARACTERS + 1)]
        if not DECORATION.fullmatch(line):
            return line, end
        start = end + 1
    return "", len(response)


def clause(text: str) -> str:
    """A sentence's first clause: `5, because ...` is 5, `not 12 but 21` is 21."""
    text = _NUMBERED.sub("", _NOT_BUT.sub("", text, count=1), count=1)
    end = _CLAUSE.search(text)
    return without_remark(_AFTERTHOUGHT.sub("", text[: end.start()] if end else text, count=1).strip())


def without_remark(text: str) -> str:
    """Without words in brackets at the end: `5 (since x > 0)` is 5, `(2, 3)` and `21 (base five)` stay."""
    place = text.rfind(" (")
    remark = text[place + 2 : -1]
    if place <= 0 or not text.endswith(")") or remark.startswith(("base", "in base")) or ")" in remark:
        return text
    if re.search(r"\b(?:mod|sin|cos|tan|log|ln|sqrt)\b", remark):
        return text
    return text[:place] if re.search(r"(?<![\\a-z])[a-z]{3}|%$|^≈", remark) else text


def without_bold(text: str) -> str:
    """Without emphasis; the two stars of `x**2` are none."""
    return _BOLD.sub(r"\1", text)


def tail_of(sentence: str) -> str:
    """What a sentence says behind its last sign or word that announces a result."""
    sentence = without_remark(_OPENING.sub("", unwrap(sentence.lstrip("=>→⇒⟹∴ ")), count=1))
    attained = _ATTAINED.search(sentence)
    head = sentence[: attained.start()] if attained else ""
    sentence = head if _EXTREME.search(head) and _VALUE.search(head) else sentence
    before, _, which = sentence.partition(", which ")
    sentence = sentence if re.search(r"\d", which) else before
    sentence = _ROUND.sub("$", sentence)
    plain = " ".join(_DOLLAR.sub(" ", _DOLLARS.sub(r" \1 ", sentence)).split())
    assignments = _ASSIGNMENTS.search(plain[-300:].rstrip("\\)$ "))
    if assignments:
        return assignments[0]
    markers = list(_MARKER.finditer(sentence))
    tail = sentence[markers[-1].end() :].strip() if markers else sentence
    if markers and markers[-1][0] == "=" and re.search(r"(?<![\\a-z])[a-z](?![a-z])", _ALMOST.split(tail)[0]):
        name = _NAME.search(sentence, 0, markers[-1].start())
        tail = f"{name[1]} = {tail}" if name else tail
    tail = _DOLLAR.sub(" ", _DOLLARS.sub(r" \1 ", tail)).strip()
    tail = _ADVERB.sub("", tail, count=1) if _ADVERB.match(tail) else tail
    tail = without_remark(_AFTERTHOUGHT.sub("", tail, count=1).strip())
    return tail if looks_final(tail) else _ALMOST.split(tail)[-1].strip()


def list_items(lines: Iterable[str]) -> list[str]:
    """The lines at the beginning that are items of a list, blank lines left out."""
    items: list[str] = []
    for line in lines:
        if line.strip():
            item = _ITEM.match(line)
            if not item:
                break
            items.append(line[item.end() :])
    return items


def joined_items(items: list[str]) -> str | None:
    """The items as one answer, if there are two or more and each ends in something final."""
    tails = [tail_of(unwrap(item.replace("**", "")).rstrip(". ")) for item in items]
    return ", ".join(tails) if 2 <= len(tails) <= MAX_ITEMS and all(map(looks_final, tails)) else None


def split(pattern: re.Pattern[str], text: str) -> list[str]:
    """`text` in pieces that end where the pattern matches."""
    pieces, start = [], 0
    for found in pattern.finditer(text):
        pieces.append(text[start : found.start()])
        start = found.end()
    return [*pieces, text[start:]]


def looks_final(tail: str) -> bool:
    """Mathematics with a few words behind it, or a word that answers a choice; not a piece of prose."""
    words = re.findall(r"(?<![\\A-Za-z{])[A-Za-z]{2,}", tail)
    if re.match(r"[-+−±]?[\d.√π$\\(\[{|∞½¼¾⅓⅔]|[A-Za-z](?![A-Za-z'’]| (?!and|or)[a-z]{2,})", tail.strip("*_")):
        return len(words) <= 4
    if _NUMERAL.fullmatch(with_digits(tail)):
        return True
    return 0 < len(words) <= 2 and any(words[0].lower() in family for family in FAMILIES)


def said(sentence: str) -> str | None:
    """The result that a sentence ends in, or the one that it holds."""
    plain = sentence.replace("**", "").rstrip("*_` .!")
    phrase = _SET_PHRASE.search(plain)
    if phrase:
        return phrase[1]
    before = _IS_THE_ANSWER.match(plain)
    if before and looks_final(unwrap(before[1])) and _VALUE.search(before[1]):
        return tail_of(before[1])
    choice = _RIGHT_CHOICE.search(plain)
    if choice:
        return choice[1] or choice[2]
    bold = [span for span in _BOLD_SPANS.findall(sentence) if looks_final(span)]
    if len(bold) == 1 and _VALUE.search(bold[0]):
        return tail_of(bold[0])
    head = re.sub(r"\s\([^()]{0,200}$", "", _REASON.split(plain, maxsplit=1)[0])
    for part in (head, plain) if _VALUE.search(head) else (plain,):
        tail = tail_of(part)
        if looks_final(tail):
            return _up_to_its_unit(tail)
    if _HELPLESS.search(plain) or UNFINISHED.match(plain):
        return None
    return bold[0] if len(bold) == 1 else only_value(head) or _stated(head)


def _stated(sentence: str) -> str | None:
    """The number that a sentence states before others, with its unit."""
    found = _STATED.search(sentence)
    if not found:
        return None
    return f"{found[1]} {found[2]}" if known(found[2]) and found[2] != "in" else found[1]


def _up_to_its_unit(tail: str) -> str:
    """`75 dollars left after that` without what stands behind the unit, if that begins with a word that may go."""
    found = _MEASURED.fullmatch(tail)
    return found[1] if found and known(found[2]) and found[2] != "in" and found[3] not in _KEPT else tail


def only_value(sentence: str) -> str | None:
    """The one formula or the one number in a sentence, with its unit: Mary has 75 dollars left."""
    sentence = sentence.replace("**", "")
    formulas = [first or second for first, second in _FORMULAS.findall(sentence)]
    if formulas:
        tail: str = tail_of(formulas[0])
        alone = len(formulas) == 1 and not _VALUE.search(_FORMULAS.sub(" ", sentence))
        return tail if alone and _VALUE.search(tail) else None
    numbers = list(_NUMBER.finditer(sentence))
    if len(numbers) != 1 or re.search(r"\d", sentence[: numbers[0].start()] + sentence[numbers[0].end() :]):
        return None
    words = sentence[numbers[0].end() :].split()[:3]
    return " ".join([numbers[0][0], *(word.strip(",;:") for word in takewhile(_is_unit, words))])


def _is_unit(word: str) -> bool:
    word = word.strip(",;:")
    return (known(word) and word != "in") or word.lower() in (
        "a.m.",
        "p.m.",
        "am",
        "pm",
        "square",
        "cubic",
        "per",
        "and",
    )
