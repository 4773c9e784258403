"""Damaged PDFs, for seeing that none of them stops a run.

    python -m tests.exams.mutated FOLDER COUNT PDF...

writes COUNT damaged copies of the PDFs into FOLDER: bytes changed, cut out, put in, numbers replaced, parts doubled.
"""

import random
import re
import sys
from pathlib import Path


def damaged(data: bytes, kind: int, rng: random.Random) -> bytes:
    """The file with one kind of damage (0 to 4)."""
    found = bytearray(data)
    place = rng.randrange(len(found))
    if kind == 0:
        for _ in range(rng.choice([1, 20, 400])):
            found[rng.randrange(len(found))] = rng.randrange(256)
    elif kind == 1:
        del found[place : place + rng.randrange(1, 2000)]
    elif kind == 2:
        found[place:place] = rng.randbytes(rng.randrange(1, 3000))
    elif kind == 3:
        numbers = list(re.finditer(rb"\d+", data))
        for match in rng.sample(numbers, min(5, len(numbers))):
            width = len(match[0])
            found[match.start() : match.end()] = rng.choice([b"0", b"-1", b"9" * width])[:width].ljust(width, b"0")
    else:
        source = rng.randrange(len(found))
        length = min(rng.randrange(10, 5000), len(found) - max(source, place))
        found[place : place + length] = found[source : source + length]
    return bytes(found)


def main() -> None:
    folder, count, files = Path(sys.argv[1]), int(sys.argv[2]), [Path(name) for name in sys.argv[3:]]
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        data = files[number % len(files)].read_bytes()
        result = damaged(data, number // len(files) % 5, random.Random(number))
        (folder / f"{2000 + number % 90} m{number:03} FS.pdf").write_bytes(result)


if __name__ == "__main__":
    main()
