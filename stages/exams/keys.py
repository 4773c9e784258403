"""Answer sheets with rules: what stands above each numbered one. `find_key` is the door.

A cell's ink is parted into groups by the gaps between them, whatever their size; groups that speak of the answer
("Must be a reduced fraction") are its note. Alternatives ("0.47 or .47") stay as they are written.
"""

import re
from itertools import pairwise

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz

from stages.exams.dispute import Dispute
from stages.exams.items import Line
from stages.exams.labels import label_text, parse_label
from stages.exams.linear import Read, write
from stages.exams.lines import find_lines
from stages.exams.shapes import Box, Glyph, Page, around

REACH = 5.0  # em: how far above its rule an answer may reach, if the next rule leaves room for it
FIRST = 3.4  # em: over the first rule of a column, where the sheet's instructions stand
BLOCK = 0.8  # em: the widest gap between the rows of an answer
APART = 0.8  # em: the least gap between a note and the number of the next column
RULES = 4  # an answer sheet has at least so many, a list of answers too
GAP = 0.5  # em of the answer: between an answer and its note, or the parts of an answer
NOTE = re.compile(
    r"must|optional|accept|reduced|simplest|exact|this form|decimal|fraction|ordered pair|improper|units?\b|any order"
    r"|required|not needed|clear|rounded|only|needed|answer|no credit|degrees?\b|either|equivalent",
    re.I,
)
NOTE_WORDS = ("must be", "optional", "reduced", "fraction", "decimal", "exactly", "improper", "required", "acceptable")


class KeyEntry(BaseModel):
    """What a key says of one question; `text` is empty on a blank sheet. `box` is the cell, in pixels.

    `lowest` is the confidence of the worst-read character, `dispute` what the second reader says against the text.
    """

    model_config = ConfigDict(frozen=True)

    number: str
    text: str
    note: str = ""
    confidence: float = 1.0
    lowest: float = 1.0
    dispute: Dispute | None = None
    box: tuple[int, int, int, int]


def find_key(page: Page, read: Read) -> list[KeyEntry]:
    """What stands above each numbered rule of an answer sheet; an empty list for a page that is not one."""
    rules = _labelled_rules(page, read)
    usual = sorted(rule.width for _, rule in rules)[len(rules) // 2] if rules else 0
    rules = [(number, rule) for number, rule in rules if 0.5 * usual < rule.width < 2 * usual]
    if len({number for number, _ in rules}) < RULES:
        return []
    found: dict[str, KeyEntry] = {}
    for number, rule in rules:
        entry = _entry(page, number, rule, [other for _, other in rules], read)
        if number not in found or (entry.text and not found[number].text):
            found[number] = entry
    return list(found.values())


def _labelled_rules(page: Page, read: Read) -> list[tuple[str, Box]]:
    """Rules with the number to their left; what lies on the row up to the next number belongs to the same rule."""
    em = page.em
    labelled: list[tuple[str, Box]] = []
    rest: list[Box] = []
    bars = sorted((bar for bar in page.bars if bar.width >= 1.5 * em), key=lambda bar: bar.x0)
    for rule in bars:
        beside = Box(rule.x0 - 4 * em, rule.y0 - 1.3 * em, rule.x0 + 0.1 * em, rule.y1 + 0.5 * em)
        label = _nearest([glyph for glyph in page.glyphs if beside.holds(glyph.box)], em)
        text = (
            label_text([item for line in find_lines(label, [], em) for item in line.items], em, read) if label else ""
        )
        after = any(abs(bar.cy - rule.cy) < 0.3 * em and 0 < rule.x0 - bar.x1 < 4 * em for bar in bars)
        # A bare number between two rules is an answer that stands on its line, not a label.
        number = parse_label(text if text.endswith((".", ")", ":")) or after else text + ".")
        if number:
            labelled.append((number, rule))
        else:
            rest.append(rule)
    whole = []
    for number, rule in labelled:
        ends = [r.x0 for _, r in labelled if abs(r.cy - rule.cy) < 0.5 * em and r.x0 > rule.x1]
        edge = min(ends, default=float("inf"))
        for other in rest:
            gap = Box(rule.x1, rule.y0 - 1.5 * em, other.x0, rule.y1 + 0.2 * em)
            near = abs(other.cy - rule.cy) < 0.3 * em and rule.x1 <= other.x0 < min(edge, rule.x1 + 8 * em)
            # An answer may stand between two parts of its rule; a frame on the same row is no part of it.
            if near and (gap.width < 2 * em or any(gap.holds(glyph.box) for glyph in page.glyphs)):
                rule = around([rule, other])
        if rule.width >= 3 * em:
            whole.append((number, rule))
    return whole + _between_numbers(whole, rest, em)


def _nearest(glyphs: list[Glyph], em: float) -> list[Glyph]:
    """The glyphs before a rule, up to a gap: what lies beyond is a note to the answer of the column on the left."""
    large = [glyph for glyph in glyphs if max(glyph.box.width, glyph.box.height) > 0.3 * em]
    right = edge = max((glyph.box.x1 for glyph in large), default=float("inf"))
    for glyph in sorted(large, key=lambda glyph: -glyph.box.x1):
        if edge - glyph.box.x1 > APART * em:
            break
        edge = min(edge, glyph.box.x0)
    return [glyph for glyph in glyphs if edge <= glyph.box.x0 and glyph.box.x1 < right + 0.5 * em]  # no dirt beyond


def _between_numbers(labelled: list[tuple[str, Box]], rest: list[Box], em: float) -> list[tuple[str, Box]]:
    """Rules whose number was misread: they stand in a column, under n, where the rule below is not n + 1's."""
    found: list[tuple[str, Box]] = []
    for rule in sorted(rest, key=lambda rule: rule.cy):
        known = {number for number, _ in labelled + found}
        column = [
            (n, r)
            for n, r in labelled + found
            if abs(r.x0 - rule.x0) < em and abs(r.width - rule.width) < 0.3 * r.width
        ]
        above = max((pair for pair in column if pair[1].cy < rule.cy - em), key=lambda pair: pair[1].cy, default=None)
        if above is None or not above[0].isdigit():
            continue
        steps = sorted(low.cy - high.cy for (_, high), (_, low) in pairwise(sorted(column, key=lambda c: c[1].cy)))
        number = str(int(above[0]) + 1)
        if number not in known and steps and rule.cy - above[1].cy < 1.4 * steps[len(steps) // 2]:
            found.append((number, rule))
    return found


def _entry(page: Page, number: str, rule: Box, rules: list[Box], read: Read) -> KeyEntry:
    em = page.em
    column = sorted(r.y1 for r in rules if abs(r.x0 - rule.x0) < 3 * em)
    steps = sorted(low - high for high, low in pairwise(column) if low - high > em)
    reach = min(REACH * em, (steps[len(steps) // 2] if steps else REACH * em) - 0.3 * em)
    above = max((y for y in column if y < rule.y0 - em), default=rule.y0 - FIRST * em)
    right = min([rule.x1 + 4 * em, *(r.x0 - 3.5 * em for r in rules if r.x0 > rule.x1)])
    area = Box(rule.x0 - 0.2 * em, max(above + 0.3 * em, rule.y0 - reach), max(rule.x1, right), rule.y1 + 0.1 * em)
    glyphs = [g for g in page.glyphs if area.holds(g.box) and not _is_residue(g.box, rule, em)]
    bars = [
        bar for bar in page.bars if area.holds(bar) and bar.width < 0.8 * rule.width and bar.cy < rule.y0 - 0.2 * em
    ]
    glyphs = _lowest_block(glyphs, bars, em)
    text, note, confidence = read_cell(glyphs, bars, em, read, rule.x1)
    return KeyEntry(number=number, text=text, note=note, confidence=confidence, box=area.whole())


def _is_residue(box: Box, rule: Box, em: float) -> bool:
    """Whether a small piece of ink is what was left of the rule itself, which a turned scan makes a stair."""
    return box.height < 0.35 * em and box.cy > rule.y0 - 0.15 * em


def _lowest_block(glyphs: list[Glyph], bars: list[Box], em: float) -> list[Glyph]:
    """What stands just above the rule, up to a gap that no answer has: over it a title or instructions may stand."""
    boxes = [*(g.box for g in glyphs if g.box.height > 0.3 * em), *(bar for bar in bars if bar.width < 6 * em)]
    spans = sorted(((box.y1, box.y0) for box in boxes), reverse=True)
    if not spans:
        return glyphs
    top = spans[0][1]
    for y1, y0 in spans[1:]:
        if top - y1 > BLOCK * em:
            break
        top = min(top, y0)
    return [glyph for glyph in glyphs if glyph.box.cy > top - 0.3 * em]


def read_cell(glyphs: list[Glyph], bars: list[Box], em: float, read: Read, end: float) -> tuple[str, str, float]:
    """Answer, note and confidence of what stands in one cell of a key; what starts right of `end` is not the cell's."""
    if not any(glyph.box.height > 0.3 * em for glyph in glyphs):
        return "", "", 1.0
    groups = [_group(part, bars, em, read) for part in _parted(glyphs, bars, em) if part[0].box.x0 < end]
    answer: list[str] = []
    notes: list[str] = []
    trust: list[tuple[int, float]] = []
    first: Box | None = None
    for box, lines, text, told in groups:
        if not re.search(r"\w", text) and not (text in "-−" and not answer):
            continue
        if _is_note(lines, text, box, first, em) or (notes and re.search(r"[a-z]{2,}", text) and text != "or"):
            notes.append(text)
        else:
            first = first or box
            answer.append(text)
            trust += told
    text, tail = _without_tail(" ".join(answer))
    text = text.strip(" ,;·")  # specks
    text = text if text.endswith("..") else text.removesuffix(".")
    return text, " ".join([*([tail] if tail else []), *notes]), average(trust) if text else 1.0


def _parted(glyphs: list[Glyph], bars: list[Box], em: float) -> list[list[Glyph]]:
    """Groups of glyphs from left to right, with a gap between each two; the gap counts in em of the larger print."""
    size = max(
        [
            em,
            *(
                g.size or g.box.height / 0.66
                for g in glyphs
                if g.box.width > 0.4 * g.box.height and not (g.text and g.labels)
            ),
        ]
    )
    size = min(size, 2.2 * em)
    spans = sorted([(g.box.x0, g.box.x1) for g in glyphs] + [(b.x0, b.x1) for b in bars])
    starts = [spans[0][0]]
    edge = spans[0][1]
    for x0, x1 in spans[1:]:
        if x0 - edge > GAP * size:
            starts.append(x0)
        edge = max(edge, x1)
    limits = [*starts[1:], float("inf")]
    parts = [
        sorted((g for g in glyphs if low <= g.box.x0 < high), key=lambda g: g.box.x0)
        for low, high in zip(starts, limits, strict=True)
    ]
    return [piece for part in parts if part for piece in _small_print(part, size)]


def _small_print(part: list[Glyph], size: float) -> list[list[Glyph]]:
    """A group parted where much smaller print follows it closely: a note that stands near its answer."""
    for place in range(1, len(part) - 4):
        left, right = part[:place], part[place:]
        gap = right[0].box.x0 - max(g.box.x1 for g in left)
        if gap > 0.15 * size and max(g.box.height for g in right) < 0.62 * max(g.box.height for g in left):
            return [left, right]
    return [part]


def _group(
    glyphs: list[Glyph], bars: list[Box], em: float, read: Read
) -> tuple[Box, list[Line], str, list[tuple[int, float]]]:
    box = around([glyph.box for glyph in glyphs])
    heights = sorted(
        g.size or g.box.height / 0.66 for g in glyphs if g.box.width > 0.4 * g.box.height and not (g.text and g.labels)
    )
    size = min(max(heights[-1] if heights else em, 0.5 * em), 2.2 * em)
    own = [bar for bar in bars if box.x0 - 0.3 * em <= bar.cx <= box.x1 + 0.3 * em]
    lines = find_lines(glyphs, own, size)
    parts, trust = [], []
    for line in lines:
        part, told = write(line.items, size, read)
        parts.append(part)
        trust += told
    return box, lines, " ".join(part for part in parts if part), trust


def _is_note(lines: list[Line], text: str, box: Box, first: Box | None, em: float) -> bool:
    """Whether a group of a cell speaks of the answer `first`: by its words, its lines, its size or its place."""
    words = re.findall(r"[A-Za-z]{3,}", text)
    told = NOTE.search(text) is not None or any(fuzz.partial_ratio(w, text.lower()) > 85 for w in NOTE_WORDS)
    if first is None:
        return len(words) > 1 and told and not _without_tail(text)[1]
    if not words:
        return False
    apart = box.y1 < first.y0 or box.y0 > first.y1
    sizes = sorted(glyph.box.height for line in lines for glyph in line.glyphs())
    small = sizes[len(sizes) * 3 // 4] < 0.75 * min(first.height, em)
    return told or len(lines) > 1 or apart or small or text.startswith("(")


def _without_tail(text: str) -> tuple[str, str]:
    """The answer, and a note in brackets that follows it closely."""
    match = re.fullmatch(r"(.*\S)\s*(\((?:[^()]*[A-Za-z]{3,}[^()]*)\)\W*)", text)
    if match and NOTE.search(match[2]):
        return match[1], match[2]
    match = re.fullmatch(r"(.*?\S)[\s,;]+((?:must|degrees? optional|units? optional|\w+ optional)\b.*)", text, re.I)
    return (match[1], match[2]) if match else (text, "")


def average(trust: list[tuple[int, float]]) -> float:
    """Mean confidence over characters; 0 where nothing was read."""
    total = sum(count for count, _ in trust)
    return sum(count * value for count, value in trust) / total if total else 0.0
