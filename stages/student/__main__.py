"""Put the student to be taught into models/base, in mlx-lm's format.

python -m stages.student      (dvc repro student)
"""

from stages.student.base import BASE, fetch
from stages.study import params as parameters
from stages.study.errors import run_stage


def main() -> None:
    """Fetch what the block `student` names."""
    fetch(parameters.load().active.student, BASE)


if __name__ == "__main__":
    run_stage(main)
