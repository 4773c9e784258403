"""Problems, clusters and settings made up for the tests of folds."""

from stages.folds.settings import SplitSettings
from stages.study.records import Problem, Reading, Source


def problem(number: int, statement: str = "", year: int = 2021, section: str = "fs") -> Problem:
    return Problem(
        id=f"made-{year}-{section}-{number:03}",
        corpus="made",
        year=year,
        section=section,
        number=f"{number:03}",
        statement=statement or f"Statement {number} of {year} {section}",
        answer=str(number),
        source=Source(file="made.pdf", page=1, box=(0, 0, 1, 1)),
        reading=Reading(engine="text", confidence=1.0),
    )


def settings(**changes: object) -> SplitSettings:
    told = {"protocol": "held_out", "seed": 1, "folds": 5, "valid": 0.1, "similarity": 0.5, "test_years": []}
    return SplitSettings.model_validate(told | changes)
