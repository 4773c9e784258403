"""Papers with their keys, typeset in layouts far beyond those of the real files, for measuring on unseen ones.

    python -m tests.exams.varied PAGES

reads that many pages of them (two a paper) and prints the shares of questions found and of answers right. The seed
decides a paper: title and its separators, numbering, columns, rules, notes, mathematics, and how it was scanned.
"""

import io
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import typst
from PIL import Image, ImageFilter

from stages.exams.assemble import assemble
from stages.exams.outline import PageAnalysis
from stages.exams.questions import question_text
from stages.exams.reading import read_page
from stages.exams.settings import ExtractSettings

SECTIONS = {"fs": "freshman sophomore|fs", "js": "junior senior|jr-sr|js", "tp": "two-person|tp"}
SETTINGS = ExtractSettings(dpi=200, min_confidence=0.5, sections=SECTIONS, second_reader="network")
TITLES = {
    "fs": ["Freshman-Sophomore Test", "FRESHMAN / SOPHOMORE", "Fr. & So. Individual Exam", "Freshmen and Sophomores"],
    "js": ["Junior/Senior Individual Test", "JR - SR", "Junior – Senior Event", "Juniors & Seniors"],
    "tp": ["Two-Person Speed Event", "2-Person Test", "TWO PERSON ROUND"],
}
NOTES = ["Must be exact", "Must be this fraction.", "(units optional)", "Degrees optional", "Must be reduced"]
LABELS = ["{}.", "{})", "({})"]


def question(rng: random.Random) -> str:
    """A question with some layout in it."""
    a, b, c, d = (rng.randrange(2, 90) for _ in range(4))
    return rng.choice(
        [
            f"Find the sum of the first {a} terms of the sequence that starts with {b}, {c} and {d}, in this order.",
            f"If $x^2 + {a} x = {b}$, find the least value of $x$ that is a whole number.",
            f"Simplify the quotient $({a} x + {b})/({c} x - {d})$ as far as you can.",
            f'Find the determinant $mat(delim: "|", {a}, {b}; {c}, {d})$ of these numbers.',
            f'Add $mat(delim: "[", {a}, {b}; {c}, {d})$ to itself and name the largest number.',
            f"A rope of {a} feet is cut into {b} pieces of equal length. How long is each of the pieces, in inches? "
            "Give the answer as a common fraction and not as a decimal, and write no unit.",
            f"Find the exact value of $sqrt({a}) + sqrt({b})$ times {c}.",
        ]
    )


def answer(rng: random.Random) -> tuple[str, str]:
    """Typst source of an answer, and what it reads without spaces."""
    a, b = rng.randrange(2, 99), rng.randrange(2, 99)
    return rng.choice(
        [
            (f"{a}", f"{a}"), (f"-{a}", f"-{a}"), (f"{a}.{b:02}", f"{a}.{b:02}"), (f"({a}, {b})", f"({a},{b})"),
            (f"${a}/{b}$", f"{a}/{b}"), (f"$display({a}/{b})$", f"{a}/{b}"), (f"${a} sqrt({b})$", f"{a}√{b}"),
            (f"{a},{b:02}0", f"{a},{b:02}0"), ("NEVER", "NEVER"), (f"{a} or -{a}", f"{a}or-{a}"),
        ]
    )  # fmt: skip


def paper(seed: int) -> tuple[bytes, int, str, list[str]]:
    """A PDF of two pages (questions, key), its year, its section, and the answers without spaces."""
    rng = random.Random(seed)
    section, year, count = rng.choice(list(SECTIONS)), 2000 + seed % 90, rng.choice([8, 10])
    size, label = rng.choice([10, 11, 12]), rng.choice(LABELS)
    font = rng.choice(["Libertinus Serif", "New Computer Modern"])
    head = f"#align(center)[*{year} Mathematics Competition \\ {rng.choice(TITLES[section])}*]\n"
    gap, indent = rng.uniform(0.12, 0.3), rng.uniform(0.3, 0.5)
    rows = [f"[{label.format(n)}], [{question(rng)}]," for n in range(1, count + 1)]
    asked = f"#grid(columns: ({indent:.2f}in, 1fr), row-gutter: {gap:.2f}in,\n" + "\n".join(rows) + ")\n"
    drawn = rng.random() < 0.7
    slots, wanted = [], []
    for n in range(1, count + 1):
        source, plain = answer(rng)
        note = rng.choice(NOTES) if rng.random() < 0.3 else ""
        slots.append(f"slot[{n}.][{source}][{note}]")
        wanted.append(plain)
    order = [slots[k // 2 + (k % 2) * (count // 2)] for k in range(count)]  # down the columns
    rule = "line(length: 2in)" if drawn else '"' + "_" * 22 + '"'
    place = rng.uniform(0.5, 0.9)
    slot = (
        "#let slot(n, body, note) = box(width: 3.2in, height: 0.62in, {\n"
        f"place(bottom + left, [*#n*]); place(bottom + left, dx: 0.4in, {rule})\n"
        f"place(bottom + left, dx: {place:.2f}in, dy: -5pt, body)\n"
        f"place(bottom + left, dx: 1.75in, dy: -7pt, box(width: 0.9in, text({rng.choice([6.5, 8])}pt, note))) }})\n"
    )
    key = slot + head.replace("*]", " \\ Answers*]") + "#v(0.3in)\n#grid(columns: 2, " + ", ".join(order) + ")\n"
    setup = f'#set page(paper: "us-letter", margin: {rng.uniform(0.7, 1.1):.2f}in)\n'
    setup += f'#set text({size}pt, font: "{font}", hyphenate: false)\n'
    data = typst.compile((setup + head + asked + "#pagebreak()\n" + key).encode(), ignore_system_fonts=True)
    return (data if seed % 4 == 0 else scanned(data, rng)), year, section, wanted


def scanned(data: bytes, rng: random.Random) -> bytes:
    """The pages as a scanner sees them: turned, blurred, with dirt, perhaps in black and white only."""
    sheets = []
    for page in pdfium.PdfDocument(data):
        sheet = page.render(scale=200 / 72, grayscale=True).to_pil().convert("L")
        sheet = sheet.rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=255)
        sheet = sheet.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
        pixels = np.asarray(sheet).astype(float)
        noise = np.random.default_rng(rng.randrange(2**32))
        pixels += noise.normal(0, rng.uniform(0, 12), pixels.shape)
        for y, x in zip(noise.integers(0, 2190, 40), noise.integers(0, 1690, 40), strict=True):
            pixels[y : y + 2, x : x + 2] = 40
        if rng.random() < 0.5:
            pixels = np.where(pixels < rng.uniform(120, 180), 0, 255)
        sheets.append(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))
    file = io.BytesIO()
    sheets[0].save(file, "PDF", resolution=200, save_all=True, append_images=sheets[1:])
    return file.getvalue()


def measure(seed: int, folder: Path) -> tuple[int, int, int, list[str]]:
    """Questions there are, questions found with a statement, answers right, and what went wrong."""
    data, year, section, wanted = paper(seed)
    path = folder / f"{seed}.pdf"
    path.write_bytes(data)
    pages: list[PageAnalysis] = [
        read_page(path, number, SETTINGS, 1)[0].model_copy(update={"file": "paper.pdf"}) for number in (1, 2)
    ]
    papers, outcomes = assemble({"paper.pdf": pages}, SECTIONS)
    faults = [f"{seed}: {trouble}" for trouble in outcomes["paper.pdf"].troubles]
    found = right = 0
    for one in papers:
        if (one.exam.year, one.exam.code) != (year, section):
            faults.append(f"{seed}: taken for {one.exam.year} {one.exam.code}, and is {year} {section}")
            continue
        texts = {q.label.number: question_text(pages[0], q).statement for q in one.exam.questions}
        found += sum(len(texts.get(str(n), "")) > 20 for n in range(1, len(wanted) + 1))
        for n, plain in enumerate(wanted, 1):
            entry = one.key.get(str(n))
            told = entry.text.replace(" ", "") if entry else ""
            right += told == plain
            if told != plain:
                faults.append(f"{seed}: answer {n} is {plain}, read {told!r}")
    return len(wanted), found, right, faults


def main() -> None:
    papers = int(sys.argv[1]) // 2
    total = found = right = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(papers):
            wanted, seen, same, faults = measure(seed, Path(folder))
            total, found, right = total + wanted, found + seen, right + same
            for fault in faults:
                print(fault)
    print(f"{2 * papers} pages, {total} questions: {found / total:.4f} found, {right / total:.4f} answers right")


if __name__ == "__main__":
    main()
