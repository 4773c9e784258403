"""Put the student to be taught into models/base, in mlx-lm's format.

python -m stages.fetch      (dvc repro fetch)
"""

import sys
from pathlib import Path

from stages.sources.fetching import fetch
from stages.sources.settings import StudentSource
from stages.study import params as parameters
from stages.study.errors import run_stage


def main() -> None:
    """Fetch what the block `student` names."""
    parameters.no_arguments(sys.argv[1:], "stages.fetch")
    fetch(parameters.load().block("student", StudentSource), Path("models/base"))


if __name__ == "__main__":
    run_stage(main)
