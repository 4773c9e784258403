"""How large is the page of a real study, and how long does it take? 650 problems, 12 runs that answer all of them.

    python -m tests.report.large

Prints the page's size, and the seconds of processor time that the stage took; responses have 220 words, as published.
"""

import contextlib
import io
import os
import tempfile
import time
from pathlib import Path

from stages.report.__main__ import main as report
from tests.report import made_study
from tests.report.made_study import GRID, arguments, write_params, write_study


def main() -> None:
    made_study.BUDGET = 1500
    made_study.WORDS |= dict.fromkeys(made_study.WORDS, 220)
    runs = {key: run | {"all_problems": True} for key, run in GRID.items()}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_params(runs)
        write_study(years=range(2013, 2026))
        start, wall = time.process_time(), time.perf_counter()
        with arguments("report"), contextlib.redirect_stdout(io.StringIO()):
            report()
        took = time.process_time() - start
        size = Path("plots/report.html").stat().st_size
        print(f"{len(runs)} runs: {size / 1e6:.2f} MB in {took:.1f} s of processor time")
        print(f"{time.perf_counter() - wall:.1f} s by the clock, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
