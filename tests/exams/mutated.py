"""Damaged and hostile PDFs: each must give a result or a clear error, soon, in little memory, and stop no other file.

    python -m tests.exams.mutated --count 500 --seed 0

makes so many files, reads them as `extract` does, ten and a healthy one at a time, and prints what came out by kind of
damage, the longest time of ten and the largest process. It fails where ten took over 60 s, a process took over 2 GiB,
a file had no outcome, or a healthy one was not read.
"""

import argparse
import io
import os
import random
import re
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import typst
from PIL import Image

from stages.exams.corpus import read_pages
from stages.exams.settings import ExtractSettings
from tests.exams.papers import SETUP, as_scan

SETTINGS = ExtractSettings(dpi=150, min_confidence=0.5, sections={}, second_reader="network")
SECONDS, MEBIBYTES = 60, 2048
GROUP = 10  # files read together, with a healthy one among them
PAPER = """#align(center)[*2031 Contest \\ Junior Senior Test*]\n
1. Find the sum of the first ten primes.\n\n2. What is $x^2/3$ for $x = 6$?\n"""
Damage = Callable[[bytes, random.Random], bytes]


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of numbered objects, the first of them its catalog; without a cross-reference table, which readers mend."""
    body = b"".join(b"%d 0 obj %s endobj\n" % (number, text) for number, text in enumerate(objects, 1))
    return (
        b"%PDF-1.4\n"
        + body
        + b"trailer <</Root 1 0 R /Size %d %s>>\nstartxref\n0\n%%%%EOF\n"
        % (
            len(objects) + 1,
            trailer,
        )
    )


CATALOG = b"<</Type /Catalog /Pages 2 0 R>>"
ONE_PAGE = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"


def page(box: bytes = b"0 0 612 792", content: bytes = b"") -> bytes:
    """A page's dictionary, whose parent is object 2."""
    return b"<</Type /Page /Parent 2 0 R /MediaBox [%s] %s>>" % (box, content)


def flipped(data: bytes, rng: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(rng.choice([1, 20, 400])):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def cut(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + data[place + rng.randrange(1, 2000) :]


def stuffed(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + rng.randbytes(rng.randrange(1, 3000)) + data[place:]


def numbers_changed(data: bytes, rng: random.Random) -> bytes:
    found = bytearray(data)
    numbers = list(re.finditer(rb"\d+", data))
    for match in rng.sample(numbers, min(5, len(numbers))):
        width = len(match[0])
        found[match.start() : match.end()] = rng.choice([b"0", b"-1", b"9" * width])[:width].ljust(width, b"0")
    return bytes(found)


def xref_damaged(data: bytes, rng: random.Random) -> bytes:
    place = data.rfind(b"startxref")
    return data[:place] + b"startxref\n%d\n%%%%EOF\n" % rng.choice([0, 7, 10**9, rng.randrange(len(data))])


def objects_swapped(data: bytes, rng: random.Random) -> bytes:
    found = list(re.finditer(rb"\d+ 0 obj\b", data))
    if len(found) < 2:
        return flipped(data, rng)
    one, two = sorted(rng.sample(found, 2), key=lambda match: match.start())
    return data[: one.start()] + two[0] + data[one.end() : two.start()] + one[0] + data[two.end() :]


def streams_wrong(data: bytes, rng: random.Random) -> bytes:
    name = rng.choice([b"/DCTDecode", b"/LZWDecode", b"/JBIG2Decode", b"/JPXDecode", b"/NoSuchDecode"])
    return re.sub(rb"/(Flate|DCT|CCITTFax)Decode", name, data)


def fonts_missing(data: bytes, rng: random.Random) -> bytes:
    return re.sub(rb"/FontFile\d?|/ToUnicode", lambda match: b"/X" + match[0][2:], data)


def junk_after(data: bytes, rng: random.Random) -> bytes:
    return data + rng.choice([b"\n<html>" + b"junk " * 3000, b"\0" * 5000, rng.randbytes(3000), data])


def junk_before(data: bytes, rng: random.Random) -> bytes:
    return rng.choice([b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", rng.randbytes(900)]) + data


def huge_page(data: bytes, rng: random.Random) -> bytes:
    sizes = [b"0 0 99999999 99999999", b"0 0 1e12 1e12", b"0 0 14400 14400", b"-5e8 -5e8 5e8 5e8", b"0 0 1 99999"]
    return pdf(CATALOG, ONE_PAGE, page(rng.choice(sizes)))


def odd_box(data: bytes, rng: random.Random) -> bytes:
    box = rng.choice([b"0 0 0 0", b"612 792 0 0", b"nan nan nan nan", b"", b"0 0 612", b"(a) (b) (c) (d)"])
    return pdf(CATALOG, ONE_PAGE, page(box))


def no_pages(data: bytes, rng: random.Random) -> bytes:
    count = rng.choice([b"0", b"-1", b"5", b"99999999"])
    return pdf(CATALOG, b"<</Type /Pages /Kids [] /Count %s>>" % count)


def nested_tree(data: bytes, rng: random.Random) -> bytes:
    depth = rng.choice([50, 5000])
    nodes = [b"<</Type /Pages /Kids [%d 0 R] /Count 1>>" % (number + 3) for number in range(depth)]
    return pdf(CATALOG, *nodes, page())


def tree_in_a_ring(data: bytes, rng: random.Random) -> bytes:
    ring = b"<</Type /Pages /Kids [2 0 R] /Count 9 /Parent 3 0 R>>"
    return pdf(CATALOG, b"<</Type /Pages /Kids [3 0 R 2 0 R] /Count 2>>", ring)


def encrypted(data: bytes, rng: random.Random) -> bytes:
    key = b"<</Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s>>>" % (b"5a" * 32, b"%02x" % rng.randrange(256) * 32)
    return pdf(CATALOG, ONE_PAGE, page(), key, trailer=b"/Encrypt 4 0 R /ID [<00> <00>]")


def many_empty_pages(data: bytes, rng: random.Random) -> bytes:
    count = 10_000
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    return pdf(CATALOG, b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, count), *([page()] * count))


def endless_form(data: bytes, rng: random.Random) -> bytes:
    """A drawing that draws itself."""
    itself = b"/Resources <</XObject <</F 4 0 R>>>>"
    form = b"<</Type /XObject /Subtype /Form /BBox [0 0 9 9] %s /Length 11>> stream\n/F Do /F Do\nendstream" % itself
    drawn = b"<</Length 5>> stream\n/F Do\nendstream"
    return pdf(CATALOG, ONE_PAGE, page(content=b"/Contents 5 0 R " + itself), form, drawn)


def many_strokes(data: bytes, rng: random.Random) -> bytes:
    """A page of a hundred thousand strokes."""
    strokes = b"".join(b"%d %d m %d %d l S\n" % tuple(rng.randrange(700) for _ in range(4)) for _ in range(100_000))
    stream = b"<</Length %d>> stream\n%s\nendstream" % (len(strokes), strokes)
    return pdf(CATALOG, ONE_PAGE, page(content=b"/Contents 4 0 R"), stream)


def picture(data: bytes, rng: random.Random) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(file, rng.choice(["PNG", "JPEG", "GIF"]))
    return file.getvalue()


def web_page(data: bytes, rng: random.Random) -> bytes:
    return b"<!DOCTYPE html><title>404</title>" + rng.choice([b"", b"%PDF-1.4 is not here %%EOF"])


def archive(data: bytes, rng: random.Random) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("paper.pdf", data)
    return file.getvalue()


def empty(data: bytes, rng: random.Random) -> bytes:
    return b"\n" * rng.choice([0, 0, 5])


DAMAGES: list[Damage] = [
    flipped, truncated, cut, stuffed, numbers_changed, xref_damaged, objects_swapped, streams_wrong, fonts_missing,
    junk_after, junk_before, huge_page, odd_box, no_pages, nested_tree, tree_in_a_ring, encrypted, endless_form,
    picture, web_page, archive, empty,
]  # fmt: skip
RARE: list[Damage] = [many_empty_pages, many_strokes]  # one of fifty


def originals() -> list[bytes]:
    """Small papers of one page to be damaged: a text layer, twice as likely, and a scan."""
    setups = [SETUP, "#set page(width: 4in, height: 3in, margin: 0.3in)\n"]
    text, small = (typst.compile((setup + PAPER).encode(), ignore_system_fonts=True) for setup in setups)
    return [text, text, as_scan(small, 0.3)]


def mutated(number: int, seed: int, sources: list[bytes]) -> tuple[str, str, bytes]:
    """Kind of damage, file name and bytes of the file with this number."""
    rng = random.Random(f"{seed} {number}")
    damage = RARE[number // 50 % len(RARE)] if number % 50 == 49 else DAMAGES[number % len(DAMAGES)]
    ending = rng.choice([".pdf"] * 4 + [".PDF"])
    return damage.__name__, f"{2000 + number % 90} {number:03} JS{ending}", damage(rng.choice(sources), rng)


def outcomes_of(folder: Path, backend: str = "sequential", cores: int = 1) -> dict[str, str]:
    """What reading the files of a folder gives, in words by file: how many pages were read, or why not."""
    pages, failures, _ = read_pages(folder, SETTINGS, cores, {"backend": backend})
    told = dict(failures)
    for name, found in pages.items():
        bad = [page.failure for page in found if page.failure]
        told[name] = "; ".join(bad) or f"{len(found)} pages read"
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.exams.mutated", allow_abbrev=False)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    sources = originals()
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    slowest = 0.0
    for first in range(0, options.count, GROUP):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "papers"
            folder.mkdir()
            os.environ["DVC_ROOT"] = place  # results of pages are kept there
            kinds = {"healthy.pdf": "healthy"}
            (folder / "healthy.pdf").write_bytes(sources[0])
            for number in range(first, min(first + GROUP, options.count)):
                kind, name, data = mutated(number, options.seed, sources)
                (folder / name).write_bytes(data)
                kinds[name] = kind
            start = time.monotonic()
            told = outcomes_of(folder)
            slowest = max(slowest, time.monotonic() - start)
        if told.keys() != kinds.keys() or not all(told.values()) or told["healthy.pdf"] != "1 pages read":
            raise SystemExit(f"files {first} to {first + GROUP}: {told}")
        for name, words in told.items():
            outcomes[kinds[name]][re.sub(r"\S*/|\d+", "", words)[:90]] += 1
        print(f"{first + GROUP} files", file=sys.stderr, flush=True)
    for kind, counts in sorted(outcomes.items()):
        print(f"{kind:18}" + "; ".join(f"{count} x {words}" for words, count in counts.most_common()))
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{options.count} files; slowest {GROUP} together {slowest:.1f} s; largest process {largest:.0f} MiB")
    if slowest > SECONDS or largest > MEBIBYTES:
        raise SystemExit(f"a file took more than {SECONDS} s, or a process more than {MEBIBYTES} MiB")


if __name__ == "__main__":
    main()
