"""Papers in the manner of well-known contests, made up for the tests: what each holds, and what must be found in it."""

from dataclasses import dataclass, field

SECTIONS = {
    "sprint": "sprint round|sprint", "target": "target round", "amc8": "amc 8|amc8", "putnam": "putnam",
    "js": "junior senior|jr-sr|js", "oly": "olympiad", "adm": "entrance|admissions", "alg": "algebra ii|algebra 2",
}  # fmt: skip


@dataclass(frozen=True)
class Contest:
    """Files (name, Typst source); by section the answers by number; what some statements must and must not hold."""

    name: str
    files: dict[str, str]
    found: dict[str, dict[str, str]]  # section: number: answer
    holds: dict[str, str] = field(default_factory=dict)  # `section number`: text of the statement
    lacks: dict[str, str] = field(default_factory=dict)


def rows(*texts: str, label: str = "{}.", indent: str = "0.4in") -> str:
    """Questions with their numbers in a column of their own."""
    cells = ", ".join(f'[#"{label.format(n)}"], [{text}]' for n, text in enumerate(texts, 1))
    return f"#grid(columns: ({indent}, 1fr), row-gutter: 16pt, {cells})\n"


def blanks(*texts: str) -> str:
    """Questions with a rule for the answer before their number, as MATHCOUNTS has them."""
    cells = ", ".join(f'[#"{n}."], box(line(length: 0.9in)), [{text}]' for n, text in enumerate(texts, 1))
    return f"#grid(columns: (0.35in, 1.1in, 1fr), row-gutter: 22pt, {cells})\n"


def listed(*answers: str, columns: int = 1) -> str:
    """Answers in lines."""
    cells = ", ".join(f'[#"{n}." #h(0.6em) {answer}]' for n, answer in enumerate(answers, 1))
    return f"#grid(columns: (1fr,) * {columns}, row-gutter: 14pt, {cells})\n"


def title(*lines: str) -> str:
    """A centred title."""
    return "#align(center, text(14pt)[*" + " \\ ".join(lines) + "*])\n#v(0.2in)\n"


FRENCH = "Déterminer la même valeur, et donner une preuve complète."
BREAK = "\n#pagebreak()\n"
WORDS = [
    "Anna bakes seven trays of nine rolls each. How many rolls does she bake in all?",
    "What is the greatest whole number less than the square root of three hundred?",
    "A fair coin is tossed four times. What is the probability of exactly two heads?",
    "The sum of two numbers is twenty and their difference is six. What is the larger number?",
    "How many diagonals does a regular octagon have?",
    "What is the least positive multiple of both twelve and eighteen?",
]
CHOICES = "\\ (A) 1 #h(1fr) (B) 2 #h(1fr) (C) 3 #h(1fr) (D) 4 #h(1fr) (E) 5"
SHORT = ["$2 + 3 = $ ?", "$9 - 4 = $ ?", "$6 times 7 = $ ?", "$81 div 9 = $ ?", "$5^2 = $ ?", "$sqrt(49) = $ ?"]
VALUES = ["63", "17", "3/8", "13", "20", "36"]
ANSWERS = {str(n): value for n, value in enumerate(VALUES, 1)}
LETTERS = dict(zip("123456", "BDACEB", strict=True))
HEAD = "#set page(header: [2019 State Competition #h(1fr) Page #context counter(page).display()])\n"


def parts(count: int) -> str:
    """Two sessions with numbers A1, A2, ... and B1, B2, ..."""
    texts = [(f"{part}{n}.", WORDS[(n + 2 * (part == "B")) % 6]) for part in "AB" for n in range(1, count + 1)]
    return "\n\n".join(
        f"*{label}* {text} Prove your claim, and say in which place it uses the premise." for label, text in texts
    )


CONTESTS = [
    Contest(
        "rules for answers before the questions, the key on the last page",
        {"2019 State.pdf": HEAD + title("Sprint Round", "Problems 1–6") + blanks(*WORDS) + BREAK
         + title("2019 Sprint Round", "Answer Key") + listed(*VALUES)},
        {"sprint": ANSWERS}, {"sprint 5": "diagonals"},
    ),
    Contest(
        "two rounds in one file, each with its answers in the last page's list",
        {"2018 State.pdf": title("2018 Sprint Round") + rows(*WORDS) + BREAK
         + title("2018 Target Round") + rows(*WORDS[::-1])
         + BREAK + title("Sprint Round Answers") + listed(*VALUES, columns=2) + BREAK
         + title("Target Round Answers") + listed(*VALUES[::-1], columns=3)},
        {"sprint": ANSWERS, "target": {str(n): v for n, v in enumerate(VALUES[::-1], 1)}},
    ),
    Contest(
        "options in a row, answers as letters",
        {"2020 AMC 8.pdf": title("2020 AMC 8", "Problems") + rows(*(text + CHOICES for text in WORDS)),
         "2020 AMC 8 Answers.pdf": listed("B", "D", "A", "C", "E", "B")},
        {"amc8": LETTERS}, {"amc8 2": "(E) 5"},
    ),
    Contest(
        "short questions with options in a row",
        {"2021 AMC 8.pdf": title("2021 AMC 8") + rows(*(text + CHOICES for text in SHORT), indent="0.3in") + BREAK
         + title("Solutions") + "#table(columns: 6, ..range(1, 7).map(n => [#n]), [B], [D], [A], [C], [E], [B])\n"},
        {"amc8": dict.fromkeys("123456", "")}, {"amc8 3": "(E) 5", "amc8 1": "(C) 3"},
    ),
    Contest(
        "parts A and B without a key",
        {"2017 Putnam.pdf": title("The 2017 Putnam Examination") + parts(3)},
        {"putnam": dict.fromkeys(["A1", "A2", "A3", "B1", "B2", "B3"], "")}, {"putnam B2": "Prove your claim"},
    ),
    Contest(
        "numbers as in Question 1 of 6, a line of their own",
        {"2016 Algebra II.pdf": title("Algebra II", "State Contest 2016")
         + "\n".join(f"*Question {n} of 6*\n\n{text}\n#v(0.2in)" for n, text in enumerate(WORDS, 1)),
         "KEY 2016 Algebra II.pdf": title("KEY") + listed(*VALUES)},
        {"alg": ANSWERS}, {"alg 6": "multiple of both"},
    ),
    Contest(
        "marks in brackets, parts in letters",
        {"2015 Entrance.pdf": title("University Entrance Paper 2015")
         + "Answer all questions. Each is worth the marks shown.\n\n"
         + rows(*(f"{text} #h(1fr) [{n + 2}]\n\n(a) Show your work. #h(1fr) [2]\n\n(b) Give a reason. #h(1fr) [1]"
                  for n, text in enumerate(WORDS)))},
        {"adm": dict.fromkeys("123456", "")}, {"adm 4": "(b) Give a reason"},
    ),
    Contest(
        "the same questions in two languages, one after the other",
        {"2014 Olympiad.pdf": title("XII Olympiad 2014") + "_English_\n" + rows(*WORDS[:4]) + "#v(0.3in)\n_Français_\n"
         + rows(*[FRENCH] * 4)},
        {"oly": dict.fromkeys("1234", "")}, {"oly 4": "larger number"}, {"oly 4": "Français", "oly 1": "valeur"},
    ),
    Contest(
        "two languages side by side",
        {"2013 Olympiad.pdf": title("Olympiad 2013") + "#grid(columns: (1fr, 1fr), column-gutter: 0.4in, ["
         + rows(*WORDS[:4]) + "], [" + rows(*[FRENCH] * 4) + "])"},
        {"oly": dict.fromkeys("1234", "")}, {"oly 4": "larger number"}, {"oly 4": "valeur", "oly 1": "valeur"},
    ),
    Contest(
        "solutions worked out below each question",
        {"2012 JR-SR with Solutions.pdf": title("2012 Junior–Senior Test", "Questions and Solutions")
         + rows(*(f"{text}\n\nSolution: By counting one finds it. Answer: {value}"
                  for text, value in zip(WORDS, VALUES, strict=True)))},
        {"js": dict.fromkeys("123456", "")}, {"js 1": "rolls"}, {"js 1": "counting", "js 6": "counting"},
    ),
    Contest(
        "a cover with numbered rules, a running title on every page",
        {"2011 Junior Senior.pdf": title("2011 Junior/Senior Test")
         + "*Directions*\n\n1. Use a pencil.\n\n2. Guess if you must.\n\n"
         "3. Show no work.\n" + BREAK + HEAD + rows(*WORDS) + BREAK + "#align(center)[*Key*]\n" + listed(*VALUES)},
        {"js": ANSWERS}, {"js 1": "rolls"},
    ),
    Contest(
        "a file that is no exam beside one that is",
        {"2010 JS.pdf": title("2010 Jr. & Sr. Test") + rows(*WORDS),
         "Letter to schools.pdf": "Dear colleague, #lorem(80)",
         "KEY 2010.pdf": listed(*VALUES)},
        {"js": dict.fromkeys("123456", "")},
    ),
]  # fmt: skip
