"""Papers in the manner of other contests: the right questions, or a clear outcome for the file."""

from pathlib import Path

import pytest

from stages.exams.assemble import assemble, make_problem
from stages.exams.outline import PageAnalysis
from stages.exams.pages import count_pages
from stages.exams.reading import read_page
from stages.exams.settings import ExtractSettings
from stages.study.records import Problem
from tests.exams.contests import CONTESTS, SECTIONS, Contest
from tests.exams.papers import typeset

SETTINGS = ExtractSettings(dpi=200, min_confidence=0.0, sections=SECTIONS, second_reader="network")


def read(
    contest: Contest, folder: Path, scan: float | None
) -> tuple[dict[str, dict[str, Problem]], dict[str, list[str]]]:
    """Problems by section and number, and what went wrong with each file."""
    files: dict[str, list[PageAnalysis]] = {}
    for name, source in contest.files.items():
        path = typeset(source, folder / name, scan)
        pages = [read_page(path, number, SETTINGS, 1)[0] for number in range(1, count_pages(path) + 1)]
        files[name] = [page.model_copy(update={"file": name}) for page in pages]
    papers, outcomes = assemble(files, SECTIONS)
    problems = {
        paper.exam.code: {q.label.number: make_problem("c", paper, q, SETTINGS, []) for q in paper.exam.questions}
        for paper in papers
    }
    return problems, {name: outcome.troubles for name, outcome in outcomes.items()}


def check(contest: Contest, problems: dict[str, dict[str, Problem]], outcomes: dict[str, list[str]]) -> None:
    told = {code: {n: p.answer.replace(" ", "") for n, p in of.items()} for code, of in problems.items()}
    assert told == contest.found, outcomes
    for place, text in contest.holds.items():
        code, number = place.split()
        assert text in problems[code][number].statement
    for place, text in contest.lacks.items():
        code, number = place.split()
        assert text not in problems[code][number].statement
    empty = {code for code, answers in contest.found.items() if not any(answers.values())}
    for code in empty:  # no key is said, not passed over
        assert any(code in trouble for troubles in outcomes.values() for trouble in troubles)


@pytest.mark.parametrize("contest", CONTESTS, ids=lambda contest: contest.name)
def test_paper_of_another_contest(tmp_path: Path, contest: Contest) -> None:
    check(contest, *read(contest, tmp_path, None))


@pytest.mark.long
@pytest.mark.parametrize("contest", CONTESTS[::3], ids=lambda contest: contest.name)
def test_scan_of_another_contest(tmp_path: Path, contest: Contest) -> None:
    check(contest, *read(contest, tmp_path, 0.7))


def test_a_file_that_is_no_exam_is_told(tmp_path: Path) -> None:
    _, outcomes = read(CONTESTS[-1], tmp_path, None)
    assert outcomes["Letter to schools.pdf"] == ["no question and no answer sheet of a known section found"]
    assert outcomes["KEY 2010.pdf"] == ["no question and no answer sheet of a known section found"]
