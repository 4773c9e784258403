r"""Compare pairs of answers, or grade whole responses.

`python -m stages.answers FILE.tsv` reads the columns truth and candidate (`-` is standard input) and prints one line
per case, verdict and reason. With `--expected`, a third column holds the expected verdict (`match`, `no`, `undecided`,
or two of them as in `undecided-or-no`); each line then ends in `right` or `wrong`, the score goes to standard error,
and the exit code is 1 if any case is wrong.

`python -m stages.answers FILE.jsonl --response FIELD --key FIELD` grades JSON Lines: the final answer of each response
is compared with the key, and how often each verdict was given for each reason is printed. `--truncated FIELD` names the
field that is true where a response was cut off, and `--out FILE` takes a line per response: answer, verdict, reason.
"""

import argparse
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tabulate import tabulate

from stages.answers import Comparison, compare, judge_response


def main() -> None:
    """Read the file, print the verdicts or their counts."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.answers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", help="tab-separated pairs or JSON Lines of responses, or - for standard input")
    parser.add_argument("--expected", action="store_true", help="score the third column")
    parser.add_argument("--response", metavar="FIELD", help="the file is JSON Lines; the field of the response")
    parser.add_argument("--key", metavar="FIELD", default="answer", help="the field of the key (default: answer)")
    parser.add_argument("--truncated", metavar="FIELD", help="the field that says whether a response was cut off")
    parser.add_argument("--out", metavar="FILE", help="write a JSON line per response")
    options = parser.parse_args()
    try:
        raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        parser.error(f"{options.file}: {error.strerror}")
    text = raw.decode("utf-8-sig", "replace")
    if options.response is None:
        sys.exit(_pairs(text, options.expected))
    try:
        rows = list(_graded(text, options))
    except ValueError as error:
        parser.error(str(error))
    if options.out:
        Path(options.out).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    counts = Counter((row["verdict"], row["reason"]) for row in rows)
    table = [(count, *names) for names, count in counts.most_common()]
    right = sum(row["verdict"] == "match" for row in rows)
    print(tabulate(table, ["responses", "verdict", "reason"], "github", disable_numparse=True))
    print(f"\n{right} of {len(rows)} match")


def _graded(text: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """answer, verdict, reason and policy of each line; raises ValueError, with the line, for one that is unfit."""
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise ValueError(f"{options.file}, line {number}: not JSON") from None
        for field in filter(None, (options.response, options.key, options.truncated)):
            if not isinstance(row, dict) or field not in row:
                raise ValueError(
                    f"{options.file}, line {number}: no field {field!r}; name it by an option (see --help)"
                )
        cut_off = bool(options.truncated and row[options.truncated])
        answer, result = judge_response(str(row[options.response] or ""), str(row[options.key]), cut_off)
        yield {"answer": answer, "verdict": result.verdict, "reason": result.reason, "policy": result.policy}


def _pairs(text: str, expected: bool) -> int:
    """Print a line per pair; 1 if any verdict is not the expected one."""
    right = cases = 0
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
        fields = line.rstrip("\r\n").split("\t")
        if not line.strip() or (number == 1 and fields[:2] == ["truth", "candidate"]):
            continue
        cases += 1
        if len(fields) < 2:
            result = Comparison("undecided", f"line {number}: no tab between truth and candidate")
        else:
            result = compare(fields[0], fields[1])
        shown = [result.verdict, " ".join(result.reason.split())]
        if expected:
            good = len(fields) > 2 and result.verdict in fields[2].strip().split("-or-")
            right += good
            shown.append("right" if good else "wrong")
        print("\t".join(shown))
    if expected:
        print(f"{right} of {cases} as expected", file=sys.stderr)
    return int(expected and right < cases)


if __name__ == "__main__":
    main()
