"""Sets the sample competition as exam PDFs that look like a real competition's, in three layouts.

2021 and 2022: questions and keys in files of their own. 2023 and 2024: one file a year, with blank copies of the
answer sheets and blank pages. 2025: scans without a text layer, 1 bit at 200 dpi, each page turned a little.
`pages(exams)` gives file name and bytes; the same exams give the same bytes. `python -m data.sample` writes them.
"""

import io
import json
import random
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import typst
from PIL import Image, ImageDraw

from data.sample.competition import SCANNED, Exam, Question
from data.sample.markup import linear
from data.sample.markup import typst as markup

TEMPLATE = Path(__file__).parent / "exam.typ"
STAMP = 1735689600  # 2025-01-01, written into every PDF so that its bytes do not depend on the day
DPI = 200  # of the scans
THRESHOLD = 160  # grey from which a pixel of a scan is white

TITLE = "The Sample Mathematics Competition"
SUBTITLES = {
    "fs": ("Freshman-Sophomore Individual Test", "Freshman-Sophomore Individual Test"),
    "js": ("Junior-Senior Individual Test", "Junior-Senior Individual Test"),
    "tp": ("Questions for the Two-Person Speed Event", "Answers for the Two-Person Speed Event"),
}
DIRECTIONS = (
    "Write every answer on the answer sheet, legibly and in simplest form. Answers must be exact unless the "
    "question says otherwise. Units of measurement are not required. All questions count the same."
)
ROUNDS = (
    "This event has ten rounds of three minutes each.\n\n1st: 7 points\n2nd: 5 points\nAll others: 3 points\n\n"
    "One answer may be handed in for each round. Fold the sheet lengthwise and hold it up for a proctor.\n\n"
    "The tiebreakers are used only where teams are level after ten rounds."
)
BANNERS = {1: "Calculators may not be used on the first five questions", 6: "Calculators may be used from here on"}
FOOT = "Results and awards are posted in the main hall at four o'clock."

# The small print beside an answer of this linear form.
FORMS = (
    (r"-?\d+/\d+", "Must be this reduced fraction."),
    (r"\d+ \d+/\d+", "Must be a mixed number."),
    (r"-?\d*\.\d+", "Must be this decimal."),
    (r"\([^()]*,[^()]*\)", "Must be in this form."),
    (r"[A-Z]{2,}", "Must be the whole word."),
    (r".*√.*", "Must be exact."),
)
UNITS = ("degrees", "minutes", "hours", "days", "dollars", "cents", "inches", "feet", "meters", "miles", "gallons")

# What the printer did differently each year. tie: how a tiebreaker is announced on the question sheet, as what stands
# at the margin and what stands before its text.
LOOKS: dict[int, dict[str, Any]] = {
    2021: {"size": 11.5, "font": "Libertinus Serif", "display": False, "justify": False, "gap": 18, "notes": "over",
           "fraction": "vertical", "weight": "bold", "tie": ("{after}.", "({name}) ")},
    2022: {"size": 11, "font": "New Computer Modern", "display": True, "justify": True, "gap": 19, "notes": "beside",
           "fraction": "horizontal", "weight": "regular", "tie": ("{name}.", "")},
    2023: {"size": 11.5, "font": "Libertinus Serif", "display": True, "justify": True, "gap": 18, "notes": "over",
           "fraction": "vertical", "weight": "bold", "tie": ("{name}.", "")},
    2024: {"size": 11, "font": "New Computer Modern", "display": False, "justify": False, "gap": 18, "notes": "beside",
           "fraction": "vertical", "weight": "regular", "tie": ("Tiebreaker {n}.", "")},
    2025: {"size": 12, "font": "Libertinus Serif", "display": True, "justify": False, "gap": 19, "notes": "over",
           "fraction": "vertical", "weight": "bold", "tie": ("{name}.", "")},
}  # fmt: skip


def pages(exams: Iterable[Exam]) -> Iterator[tuple[str, bytes]]:
    """File name and PDF of every exam file, in order of name within a year."""
    by_year: dict[int, dict[str, Exam]] = {}
    for exam in exams:
        by_year.setdefault(exam.year, {})[exam.section] = exam
    for year, sections in sorted(by_year.items()):
        for name, sheets in _files(year, sections).items():
            document = {"name": name, "look": LOOKS[year], "sheets": sheets}
            yield f"{name}.pdf", _scan(document) if year == SCANNED else _compile(document, "pdf")


def _files(year: int, sections: dict[str, Exam]) -> dict[str, list[dict[str, Any]]]:
    """Which sheets go into which file, named the way such files are named."""
    ask = {code: _questions(exam) for code, exam in sections.items()}
    key = {code: _key(exam, filled=True) for code, exam in sections.items()}
    empty = {code: _key(exam, filled=False) for code, exam in sections.items()}
    blank = {"kind": "blank"}
    match year:
        case 2021:
            return {
                "2021 FR-SO Exam": [ask["fs"]],
                "2021 FR-SO Key": [key["fs"]],
                "2021 JR-SR Exam": [ask["js"]],
                "2021 JR-SR Key": [key["js"]],
                "2021 Two-Person Speed Test": [ask["tp"]],
                "2021 Two-Person Speed Test Key": [key["tp"]],
            }
        case 2022:
            return {
                "2022 Freshman Sophomore Answers": [empty["fs"], key["fs"]],
                "2022 Freshman Sophomore Test": [ask["fs"]],
                "2022 Junior Senior Answers": [key["js"]],
                "2022 Junior Senior Test": [ask["js"]],
                "2022 Two-Person Speed Test": [ask["tp"], empty["tp"], key["tp"]],
            }
        case 2023:
            return {"2023 All Tests and Answers": [*ask.values(), blank, empty["fs"], *key.values()]}
        case 2024:
            both = [sheet for code in sections for sheet in (ask[code], empty[code], key[code])]
            return {"2024 Complete Competition": [*both, blank]}
        case _:
            return {f"{year} {code.upper()}": [ask[code], key[code]] for code in sections}


def _questions(exam: Exam) -> dict[str, Any]:
    """The question sheet of a section; the template breaks it into pages between questions."""
    entries: list[dict[str, str]] = []
    numbered = sum(question.number.isdigit() for question in exam.questions)
    for place, question in enumerate(exam.questions, start=1):
        if exam.section == "tp" and place in BANNERS:
            entries.append({"banner": BANNERS[place]})
        label, lead = (f"{question.number}.", "")
        if place > numbered:
            words = {"name": question.number, "n": place - numbered, "after": place}
            label, lead = (text.format(**words) for text in LOOKS[exam.year]["tie"])
        entries.append({"label": label, "body": lead + markup(question.item.statement)})
    return _heading(exam, 0) | {"kind": "questions", "entries": entries}


def _key(exam: Exam, filled: bool) -> dict[str, Any]:
    """The answer sheet of a section, with or without its answers: two columns of rules, or one for two persons."""
    numbered = [question for question in exam.questions if question.number.isdigit()]
    ties = [question for question in exam.questions if not question.number.isdigit()]
    if exam.section == "tp":  # a third tiebreaker stands in the right column
        columns = [[*numbered, *ties[:2]], ties[2:]]
    else:
        columns = [[*numbered[:10], *ties[0::2]], [*numbered[10:], *ties[1::2]]]
    rows = len(columns[0])
    slots = [[_slot(question, row, filled) for row, question in enumerate(column)] for column in columns]
    if exam.section == "tp":
        slots[1] = [slot | {"row": rows - 3} for slot in slots[1]]
    return _heading(exam, 1) | {
        "kind": "key",
        "filled": filled,
        "columns": [[0.05, slots[0]], [3.65, slots[1]]],  # inches from the left margin
        "pitch": 6.9 / rows,
        "rounds": ROUNDS if exam.section == "tp" else "",
        "foot": FOOT if rows == 10 else "",
    }


def _slot(question: Question, row: int, filled: bool) -> dict[str, Any]:
    label = f"{question.number}."
    if not filled:
        return {"label": label, "row": row, "body": "", "note": ""}
    body = re.sub(r"(\d) (?=\d)", r"\1 space ", markup(question.item.answer))  # mixed numbers need their gap
    return {"label": label, "row": row, "body": body, "note": _note(question)}


def _note(question: Question) -> str:
    """The small print beside an answer: the form it must have, or a unit that may be left out."""
    answer, statement = linear(question.item.answer), linear(question.item.statement).lower()
    for pattern, note in FORMS:
        if re.fullmatch(pattern, answer):
            return note
    unit = next((unit for unit in UNITS if re.search(rf"number of {unit}|how many {unit}", statement)), "")
    return f"{unit.capitalize()} optional" if unit else ""


def _heading(exam: Exam, kind: int) -> dict[str, Any]:
    return {"title": f"{TITLE} {exam.year}", "subtitle": SUBTITLES[exam.section][kind], "directions": DIRECTIONS}


def _compile(document: dict[str, Any], kind: Literal["pdf", "png"]) -> Any:
    """One PDF, or the PNGs of the pages. Only Typst's own fonts are used, so that any machine sets the same page."""
    return typst.compile(
        TEMPLATE,
        format=kind,
        ppi=DPI,
        ignore_system_fonts=True,
        timestamp=STAMP,
        pdf_tags=False,
        sys_inputs={"file": json.dumps(document)},
    )


def _scan(document: dict[str, Any]) -> bytes:
    """The document as it comes back from a copier: black and white, a little askew, a little dirty."""
    rng = random.Random(document["name"])
    images = _compile(document, "png")
    sheets = [_copy(Image.open(io.BytesIO(image)), rng) for image in (images if isinstance(images, list) else [images])]
    file, stamp = io.BytesIO(), time.gmtime(STAMP)
    sheets[0].save(
        file, "PDF", resolution=DPI, save_all=True, append_images=sheets[1:], creationDate=stamp, modDate=stamp,
        title=document["name"],
    )  # fmt: skip
    return file.getvalue()


def _copy(page: Image.Image, rng: random.Random) -> Image.Image:
    """One page at 1 bit, turned by 0.2 to 0.8 degrees either way, with specks of one or two pixels."""
    angle = rng.choice((-1, 1)) * rng.uniform(0.2, 0.8)
    page = page.convert("L").rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    draw = ImageDraw.Draw(page)
    for _ in range(rng.randint(30, 60)):
        x, y, size = rng.randrange(page.width), rng.randrange(page.height), rng.choice((0, 0, 0, 1))
        draw.rectangle((x, y, x + size, y + size), fill=0)
    return page.point(lambda value: 255 if value > THRESHOLD else 0, "1")
