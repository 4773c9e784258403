"""Questions that the reader missed and a person added, as problems among those that were found."""

from collections.abc import Mapping, Sequence

from stages.exams.assemble import Paper, judged, problem_id
from stages.exams.corrections import Correction, additions, name_of
from stages.exams.doubt import answer_confidence
from stages.exams.labels import rank
from stages.exams.outline import PageAnalysis
from stages.exams.settings import ExtractSettings
from stages.study.records import Problem, Reading, Source


def with_additions(
    corpus: str,
    found: Sequence[Problem],
    papers: Sequence[Paper],
    pages: Mapping[str, Sequence[PageAnalysis]],
    corrections: Sequence[Correction],
    settings: ExtractSettings,
) -> list[Problem]:
    """The problems that were found and those that were added, in the order of year, section and number.

    An addition whose page was not read, whose section is unknown, or whose number was found elsewhere makes no
    problem; `corrections.stale` tells of it.
    """
    sizes = {(name, page.page): page.size for name, read in pages.items() for page in read if not page.failure}
    names = {name_of(problem) for problem in found}
    added = []
    for name, correction in additions(corrections).items():
        size = sizes.get((correction.file, correction.page))
        year, section, number = name.split()
        if size and name not in names and section in settings.sections:
            paper = next((p for p in papers if (p.exam.year, p.exam.code) == (int(year), section)), None)
            problem = _problem(corpus, (int(year), section, number), correction, size, paper)
            added.append(judged(problem, False, None, settings, correction))
    return sorted([*found, *added], key=lambda problem: (problem.year, problem.section, rank(problem.number)))


def _problem(
    corpus: str, name: tuple[int, str, str], correction: Correction, size: tuple[int, int], paper: Paper | None
) -> Problem:
    """The question with the answer that the paper's key has for its number, before the person's own words."""
    year, section, number = name
    entry = paper.key.get(number) if paper else None
    left, top, right, bottom = correction.place
    width, height = size
    identity = problem_id(corpus, year, section, number)
    return Problem(
        id=identity,
        corpus=corpus,
        year=year,
        section=section,
        number=number,
        statement=correction.statement or "",
        answer=entry.text if entry else "",
        answer_note=entry.note if entry else "",
        source=Source(
            file=correction.file,
            page=correction.page,
            box=(round(left * width), round(top * height), round(right * width), round(bottom * height)),
            place=correction.place,
            crop=f"data/crops/{identity}.png",
        ),
        reading=Reading(
            engine="person",
            confidence=1.0,
            answer_confidence=round(answer_confidence(entry), 4) if entry and entry.text else 1.0,
        ),
    )
