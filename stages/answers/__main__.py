"""Compare pairs of answers: `python -m stages.answers FILE.tsv` (columns truth, candidate; `-` for standard input).

Prints one line per case, verdict and reason. With `--expected`, a third column holds the expected verdict
(`match`, `no`, `undecided`, or two of them as in `undecided-or-no`); each line then ends in `right` or `wrong`, the
score goes to standard error, and the exit code is 1 if any case is wrong.
"""

import argparse
import io
import sys
from pathlib import Path

from stages.answers import Comparison, compare


def main() -> None:
    """Read the cases, print the verdicts."""
    parser = argparse.ArgumentParser(prog="python -m stages.answers", description=__doc__)
    parser.add_argument("file", help="tab-separated cases, or - for standard input")
    parser.add_argument("--expected", action="store_true", help="score the third column")
    options = parser.parse_args()
    try:
        raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        parser.error(f"{options.file}: {error.strerror}")
    right = cases = 0
    for number, line in enumerate(io.StringIO(raw.decode("utf-8-sig", "replace"), newline="\n"), 1):
        fields = line.rstrip("\r\n").split("\t")
        if not line.strip() or (number == 1 and fields[:2] == ["truth", "candidate"]):
            continue
        cases += 1
        if len(fields) < 2:
            result = Comparison("undecided", f"line {number}: no tab between truth and candidate")
        else:
            result = compare(fields[0], fields[1])
        shown = [result.verdict, " ".join(result.reason.split())]
        if options.expected:
            good = len(fields) > 2 and result.verdict in fields[2].strip().split("-or-")
            right += good
            shown.append("right" if good else "wrong")
        print("\t".join(shown))
    if options.expected:
        print(f"{right} of {cases} as expected", file=sys.stderr)
        sys.exit(right < cases)


if __name__ == "__main__":
    main()
