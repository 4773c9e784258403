"""Exam papers and their keys as Typst sources, in layouts far beyond those of the real files. `make` is the door.

A seed decides a paper: its title and separators, numbering, columns, page breaks, mathematics, figures, what stands
before and after the questions, and the form and place of its key. What each question begins and ends with are words
that no other question has, so that a row that went astray is noticed.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import typst

SECTIONS = {
    "fs": "freshman sophomore|fr-so|fs", "js": "junior senior|jr-sr|js", "tp": "two-person|two person|tp",
    "sprint": "sprint round|sprint", "amc": "amc 8|amc8", "olympiad": "olympiad|olympiade",
}  # fmt: skip
TITLES = {
    "fs": ["Freshman-Sophomore Test", "FRESHMAN / SOPHOMORE EXAM", "Fr. & So. Individual Exam",
           "Freshmen and Sophomores", "Freshman | Sophomore Round", "FR--SO Individual Test",
           "Freshman·Sophomore Event"],
    "js": ["Junior/Senior Individual Test", "JR - SR", "Junior – Senior Event", "Juniors & Seniors", "Jr. + Sr. Exam",
           "JUNIOR : SENIOR TEST", "Junior (Senior) Contest"],
    "tp": ["Two-Person Speed Event", "2-Person Test", "TWO PERSON ROUND", "Two – Person Competition"],
    "sprint": ["Sprint Round", "SPRINT ROUND, Problems 1–10"],
    "amc": ["AMC 8", "AMC8 Contest"],
    "olympiad": ["Mathematical Olympiad", "Olympiad, Final Round"],
}  # fmt: skip
WORDS = (  # noqa: SIM905 (each stands in one question only)
    "abbey anchor autumn bakery balcony bamboo barrel basket beacon bishop blanket bottle branch bridge bucket button "
    "cabin camera candle canyon carpet castle cavern cellar chapel cherry circus clinic cobbler copper cottage cotton "
    "cradle crystal curtain dagger dancer desert dragon driver eagle engine fabric falcon farmer feather ferry finger "
    "forest garden garlic ginger glacier goblet granite hammer harbor harvest helmet island jacket jungle kettle "
    "kitchen ladder lantern lemon library lizard marble market meadow mirror monkey museum needle orchard oyster "
    "palace parrot pebble pepper pigeon pillow pirate planet pocket potato prairie puzzle rabbit raven ribbon river "
    "rocket saddle sailor salmon scarf shadow shovel silver spider squirrel stable statue summer sunset temple thunder "
    "ticket tiger timber tunnel turkey valley velvet village violin walnut weather whistle willow window winter wizard "
    "wolf yogurt zebra"
).split()
NUMBERING = ["{}.", "{})", "({})", "{}.", "Q{}", "Q{}.", "Problem {}:", "Problem {}.", "Question {}", "#{}", "{}:"]
NOTES = ["Must be exact", "Must be this fraction.", "(units optional)", "Degrees optional", "Must be reduced"]
FONTS = ["Libertinus Serif", "New Computer Modern", "Liberation Sans", "Liberation Serif", "DejaVu Sans"]
Pick = Callable[[str, dict[str, int]], str]
RULES = [
    "Calculators are not allowed in this contest.", "All answers must be written on the answer sheet.",
    "Figures are not drawn to scale.", "There is no penalty for guessing.", "Stop when time is called.",
    "Write your name and school in the space at the top.",
]  # fmt: skip


@dataclass
class Made:
    """One paper as files by name; of each question its first and last word, and of each answer its text without spaces.

    `features` name the choices that were made, for a table of misses; `turns` are pages that are upside down and so on.
    """

    seed: int
    year: int
    section: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    features: dict[str, str] = field(default_factory=dict)


def make(seed: int) -> Made:
    """The paper of this seed, without a scanner's traces."""
    rng = random.Random(f"paper {seed}")
    made = Made(seed, 1990 + seed % 45, rng.choice(["fs", "js", "tp"] * 3 + ["sprint", "amc", "olympiad"]))
    pick = _picker(rng, made)
    count = rng.choice([6, 8, 8, 10])
    names = [str(n) for n in range(1, count + 1)]
    if pick("ties", {"none": 5, "T1": 1, "9. (T1)": 1, "Tiebreaker": 1}) != "none":
        names += [f"T{n}" for n in range(1, rng.choice([2, 3]) + 1)]
    choices = made.section == "amc" or pick("choices", {"no": 6, "yes": 1}) == "yes"
    words = rng.sample(WORDS, 2 * len(names))
    made.asked = {name: (words[2 * k], words[2 * k + 1]) for k, name in enumerate(names)}
    sources = {}
    for name in names:
        sources[name], made.answers[name] = ("", rng.choice("ABCDE")) if choices else _answer(rng)
        sources[name] = sources[name] or made.answers[name]
    title = f"{made.year} Mathematics Contest \\ {rng.choice(TITLES[made.section])}"
    kind = pick("key", {"rules": 4, "underscores": 2, "table": 2, "list": 2, "inline": 1, "underlined": 1})
    setup = _setup(rng, pick)
    sheets = [*_front(rng, pick, title), _questions(rng, made, pick, title, choices)]
    if kind == "inline":
        items = " ".join(f"{_key_label(n)} {sources[n]} #h(1.2em)" for n in names)
        sheets[-1] += f"\n#v(0.3in)\n{rng.choice(['*Answers*', 'Answers:', 'ANSWER KEY'])}\\\n{items}\n"
    elif pick("team round", {"no": 6, "yes": 1}) == "yes":
        sheets.append(_team(rng, made))
    if pick("blank page", {"no": 6, "yes": 1}) == "yes":
        sheets.append("#v(1in)")
    key = [] if kind == "inline" else [_key(rng, pick, kind, title, sources, made.features["size"])]
    named = pick("section named in", {"title": 3, "title and file": 2})
    file = f"{made.year} {'All' if named == 'title' else made.section.upper()}"
    if key and pick("key file", {"same": 2, "own": 1}) == "own":
        name = rng.choice(["{} Answers.pdf", "{} Key.pdf", "KEY {}.pdf", "{} Solutions.pdf"]).format(file)
        made.files[name] = _typeset(setup, key)
        key = []
    made.files[f"{file} Test.pdf"] = _typeset(setup, sheets + key)
    return made


def _picker(rng: random.Random, made: Made) -> Pick:
    """A function that draws one of some weighted values of a feature and takes it down."""

    def pick(feature: str, values: dict[str, int]) -> str:
        value = rng.choices(list(values), list(values.values()))[0]
        made.features[feature] = value
        return value

    return pick


def _typeset(setup: str, sheets: list[str]) -> bytes:
    source = setup + "\n#pagebreak()\n".join(sheets)
    try:
        return typst.compile(source.encode())
    except typst.TypstError as error:
        raise AssertionError(f"{error}\n{source}") from error


def _setup(rng: random.Random, pick: Pick) -> str:
    font = pick("font", dict.fromkeys(FONTS, 1))
    size = pick("size", {"10": 1, "11": 2, "12": 2, "13": 1})
    header = pick("header", {"none": 3, "running": 1})
    footer = pick("footer", {"none": 2, "number": 1, "page of": 1, "prose": 1})
    feet = {"none": "none", "number": "align(center, context counter(page).display())",
            "page of": "align(right)[Page #context counter(page).display() of 4]",
            "prose": "[#smallcaps[Department of Mathematics] #h(1fr) Please turn over]"}  # fmt: skip
    head = "[School of Mathematics #h(1fr) Name #box(line(length: 1.4in))]" if header == "running" else "none"
    mark = "none"
    if pick("watermark", {"no": 7, "yes": 1}) == "yes":
        mark = "rotate(-40deg, text(90pt, fill: luma(232))[SAMPLE])"
    paper = rng.choice(["us-letter", "us-letter", "a4"])
    justify = rng.choice(["true", "false"])
    return (
        f'#set page(paper: "{paper}", margin: {rng.uniform(0.75, 1.1):.2f}in, header: {head},\n'
        f"  footer: {feet[footer]}, background: {mark})\n"
        f'#set text({size}pt, font: "{font}", hyphenate: false, fallback: true)\n'
        f"#set par(justify: {justify}, leading: {rng.uniform(0.65, 0.9):.2f}em)\n"
    )


def _front(rng: random.Random, pick: Pick, title: str) -> list[str]:
    """A cover with numbered rules, or none."""
    if pick("cover", {"none": 5, "rules": 1}) == "none":
        return []
    told = "\n".join(f"+ {rule}" for rule in rng.sample(RULES, rng.choice([3, 5])))
    return [
        f"#align(center)[#text(20pt)[*{title}*]]\n#v(1in)\n"
        f"*{rng.choice(['Instructions', 'Rules', 'READ FIRST'])}*\n\n{told}\n"
    ]


def _team(rng: random.Random, made: Made) -> str:
    """Another event of the same day, whose questions are not this section's."""
    head = rng.choice(["Five-Person Team Test", "TEAM ROUND", "5-Person Team Event"])
    rows = [
        f"[{n}.], [What is {n} plus {rng.randrange(9, 99)} for the whole team, written as a numeral?],"
        for n in range(1, 6)
    ]
    return (
        f"#align(center)[*{made.year} Mathematics Contest \\ {head}*]\n#v(0.2in)\n"
        "#grid(columns: (0.4in, 1fr), row-gutter: 0.3in,\n" + "\n".join(rows) + ")\n"
    )


def _questions(rng: random.Random, made: Made, pick: Pick, title: str, choices: bool) -> str:
    """The question pages: labels in a column, in the text, or on a line of their own; one column or two."""
    columns = pick("columns", {"one": 4, "two": 1})
    style = pick("labels", {"column": 3, "hanging": 2, "flush": 2, "own line": 1})
    numbering = rng.choice(NUMBERING)
    if style == "own line":
        numbering = rng.choice([n for n in NUMBERING if "P" in n or "Q" in n])
    made.features["numbering"] = numbering
    of = f" of {len(made.asked)}" if numbering == "Question {}" and rng.random() < 0.5 else ""
    bold = pick("bold labels", {"no": 1, "yes": 1}) == "yes"
    marks = pick("marks", {"no": 6, "[3]": 1}) == "[3]"
    long = pick("breaks", {"no": 2, "within questions": 1}) != "no"
    accents = pick("accents", {"no": 6, "yes": 1}) == "yes"
    texts = []
    plain = sum(not name.startswith("T") for name in made.asked)
    for name, ends in made.asked.items():
        label = _label(name, made.features["ties"], numbering, plain) + of
        body = _question(rng, made, *ends, long=long, choices=choices, accents=accents, narrow=columns == "two")
        label = f'#"{label}"'  # a string: at the start of a line `1.` would begin a list
        texts.append((f"*{label}*" if bold else label, body + (" *[3]*" if marks else "")))
    gap = rng.uniform(0.14, 0.32)
    wide = 0.42 if len(numbering) < 5 and made.features["ties"] not in ("9. (T1)", "Tiebreaker") else 1.3
    blocks = [_labelled(style, label, body, wide) for label, body in texts]
    head = f"#align(center)[*{title}*]\n" if rng.random() < 0.8 else f"#align(center, text(1.25em)[{title}])\n"
    if rng.random() < 0.3:
        head += "Name #box(line(length: 2in)) #h(1em) School #box(line(length: 2in))\n"
    if rng.random() < 0.25:
        head += "\n_Answer every question. Give exact values unless you are told otherwise._\n"
    half = (len(blocks) + 1) // 2
    if columns == "two":
        sides = [f"\n#v({gap:.2f}in)\n".join(part) for part in (blocks[:half], blocks[half:])]
        return head + f"#v(0.2in)\n#columns(2, gutter: 0.35in)[{sides[0]}\n#colbreak()\n{sides[1]}]\n"
    return head + "#v(0.2in)\n" + f"\n#v({gap:.2f}in)\n".join(blocks) + "\n"


def _label(name: str, ties: str, numbering: str, count: int) -> str:
    if not name.startswith("T"):
        return numbering.format(name)
    number = int(name[1:])
    return {"T1": f"T{number}.", "9. (T1)": f"{count + number}. (T{number})", "Tiebreaker": f"Tiebreaker {number}."}[
        ties
    ]


def _labelled(style: str, label: str, body: str, wide: float) -> str:
    if style == "column":
        return f"#grid(columns: ({wide}in, 1fr), [{label}], [{body}])"
    if style == "own line":
        return f"#block[*{label}*\n\n{body}]"
    return f"#block(par(hanging-indent: {0.3 if style == 'hanging' else 0}in)[{label} #h(0.4em) {body}])"


def _question(
    rng: random.Random, made: Made, start: str, end: str, long: bool, choices: bool, accents: bool, narrow: bool
) -> str:
    a, b, c, d = (rng.randrange(2, 90) for _ in range(4))
    first = start.capitalize()
    kinds = {
        "prose": f"{first} and {a} friends share {b} apples. How many are left for the {end}?",
        "equation": f"{first} says that $x^2 + {a} x = {b}$. Find the least value of $x$ in the {end}.",
        "quotient": f"{first} wants you to simplify $({a} x + {b})/({c} x - {d})$ for the {end}.",
        "fractions": f"{first} adds $display({a}/{b})$ and $display({c}/{d})$ to find the {end}.",
        "determinant": f'{first} has the determinant $mat(delim: "|", {a}, {b}; {c}, {d})$ of this {end}.',
        "matrix": f'{first} adds $mat(delim: "[", {a}, {b}, 1; {c}, {d}, 2; 3, 1, {a})$ to the {end}.',
        "system": f"{first} solves $cases({a} x + y = {b}, x - {c} y = {d})$ in the {end}.",
        "display": f"{first} asks for the sum $ sum_(k=1)^{a} k/(k+{b}) = S $ of every {end}.",
        "root": f"{first} finds the exact value of $sqrt({a}) + root(3, {b})$ in the {end}.",
        "figure": f"{first} sees a triangle with sides {a} and {b}. {FIGURE} What is the area of the {end}?",
        "limit": f"{first} takes $lim_(x -> {a}) (x^2 - {b})/(x - {c})$ for the {end}.",
        "list": f"{first} has these: (i) {a} cows; (ii) {b} hens; (iii) {c} ducks. Count the legs of the {end}.",
    }  # fmt: skip
    if narrow:
        kinds.pop("matrix")
    kind = rng.choice(list(kinds))
    made.features[f"has {kind}"] = "yes"
    text = kinds[kind]
    if long and rng.random() < 0.5:
        made.features["has long"] = "yes"
        text = (
            f"{first} walks {c} miles. "
            + "The road goes up and down, past a mill and along a quiet lake. " * rng.choice([3, 5])
            + text.replace(first, "Then one", 1)
        )
    if accents:
        text = text.replace("?", "? Déterminer la même chose où ça se répète; ¿cuántos años?")
        text = text.rstrip(".") + (f" — été, {end}." if text.endswith(".") else f" ({end}).")
    if choices:
        values = rng.sample(range(10, 99), 5)
        text += "\\\n" + " #h(1fr) ".join(f"({letter}) {value}" for letter, value in zip("ABCDE", values, strict=True))
    return text


FIGURE = (
    "#align(center, box(width: 1.6in, height: 1.1in, {\n"
    " place(polygon(stroke: 0.7pt, (0.3in, 0.9in), (1.3in, 0.9in), (0.9in, 0.2in)))\n"
    " place(dx: 0.12in, dy: 0.85in)[A]; place(dx: 1.36in, dy: 0.85in)[B]; place(dx: 0.86in, dy: 0in)[C] }))"
)


def _answer(rng: random.Random) -> tuple[str, str]:
    """Typst source of an answer, and what it reads without spaces."""
    a, b = rng.randrange(2, 99), rng.randrange(2, 99)
    return rng.choice(
        [
            (f"{a}", f"{a}"), (f"-{a}", f"-{a}"), (f"{a}.{b:02}", f"{a}.{b:02}"), (f"({a}, {b})", f"({a},{b})"),
            (f"${a}/{b}$", f"{a}/{b}"), (f"$display({a}/{b})$", f"{a}/{b}"), (f"${a} sqrt({b})$", f"{a}√{b}"),
            (f"{a},{b:02}0", f"{a},{b:02}0"), ("NEVER", "NEVER"), (f"{a} or -{a}", f"{a}or-{a}"),
            (f"{a}{b}", f"{a}{b}"), (f"{a}:{b}", f"{a}:{b}"), (f"{a} inches", f"{a}inches"), (f"${a} pi$", f"{a}π"),
        ]
    )  # fmt: skip


def _key_label(name: str) -> str:
    return f"{name}."


def _key(rng: random.Random, pick: Pick, kind: str, title: str, sources: dict[str, str], size: str) -> str:
    """An answer sheet of its own page."""
    names = list(sources)
    head = f"#align(center)[*{title} \\ {rng.choice(['Answers', 'ANSWER KEY', 'Key', 'Solutions'])}*]\n#v(0.3in)\n"
    columns = int(pick("key columns", {"1": 1, "2": 3, "3": 1}))
    high = -(-len(names) // columns)
    order = [column * high + row for row in range(high) for column in range(columns)]  # down the columns
    cells = [names[k] if k < len(names) else "" for k in order]
    if kind == "table":
        stroke = pick("table lines", {"0.6pt": 2, "none": 1, "(bottom: 0.5pt)": 1})
        body = ", ".join(f"[{n}], [{sources.get(n, '')}]" for n in cells)
        heads = ", ".join(["[*No.*], [*Answer*]"] * columns)
        return (
            head
            + f"#align(center, table(columns: {2 * columns}, inset: 7pt, align: center + horizon,\n"
            + f"stroke: {stroke}, {heads}, {body}))\n"
        )
    if kind == "list":
        body = ", ".join(f"[{_key_label(n)} #h(0.5em) {sources[n]}]" if n else "[]" for n in cells)
        return head + f"#grid(columns: (1fr,) * {columns}, row-gutter: {rng.uniform(0.15, 0.35):.2f}in, {body})\n"
    width = 6.4 / columns
    rule = width * rng.uniform(0.45, 0.6)
    noted = columns < 3 and pick("notes", {"no": 1, "yes": 1}) == "yes"
    small = rng.choice(["6.5pt", "8pt", "1em"]) if columns == 1 else rng.choice(["6.5pt", "8pt"])
    line = f"line(length: {rule:.2f}in)" if kind != "underscores" else '"' + "_" * round(rule * 120 / int(size)) + '"'
    place = 0.42 + rule * rng.uniform(0.1, 0.35)
    slot = (
        f"#let slot(n, body, note) = box(width: {width:.2f}in, height: {rng.uniform(0.5, 0.65):.2f}in, {{\n"
        f"place(bottom + left, [*#n*]); place(bottom + left, dx: 0.42in, {line})\n"
        f"place(bottom + left, dx: {place:.2f}in, dy: -5pt, body)\n"
        f"place(bottom + left, dx: {0.3 + rule:.2f}in, dy: -7pt, "
        f"box(width: {width - rule - 0.7:.2f}in, text({small}, note))) }})\n"
    )
    if kind == "underlined":
        line = "#box(stroke: (bottom: 0.6pt), inset: (bottom: 3pt), baseline: 3pt)"
        slot = (
            f"#let slot(n, body, note) = box(width: {width:.2f}in, height: 0.5in)"
            f"[#n #h(0.5em) {line}[~~~~#body~~~~~~~~]]\n"
        )
    body = ", ".join(
        f"slot[{_key_label(n)}][{sources[n]}][{rng.choice(NOTES) if noted and rng.random() < 0.3 else ''}]"
        if n
        else "[]"
        for n in cells
    )
    return slot + head + f"#grid(columns: {columns}, {body})\n"
