"""stages.questions.benchmarks: our own records and MATH-500's, and files that are neither."""

from pathlib import Path

import pytest

from stages.questions.benchmarks import read_benchmark, read_benchmarks
from stages.study.errors import StudyError

MATH_500 = Path(__file__).parents[3] / "shared/benchmarks/math-500.jsonl"
OURS = '{"id": "b-1", "statement": "Find x", "answer": "2", "subject": "Algebra", "difficulty": "2"}\n'
PUBLISHED = (
    '{"problem": "Find x", "solution": "...", "answer": "2", "subject": "Algebra", "level": 2, "unique_id": "b-1"}\n'
)


@pytest.mark.parametrize("content", [OURS, PUBLISHED])
def test_both_forms_are_the_same_problem(tmp_path, content):
    (tmp_path / "b.jsonl").write_text(content, encoding="utf-8")
    [problem] = read_benchmark(tmp_path / "b.jsonl")
    assert problem.model_dump() == {
        "id": "b-1",
        "statement": "Find x",
        "answer": "2",
        "subject": "Algebra",
        "difficulty": "2",
    }


def test_several_at_once_in_the_order_of_their_names_and_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/benchmarks").mkdir(parents=True)
    second = OURS.replace("b-1", "b-0")
    for name, content in {"own": OURS + second, "math": PUBLISHED}.items():
        (tmp_path / f"data/benchmarks/{name}.jsonl").write_text(content, encoding="utf-8")
    found = read_benchmarks(["own", "math"])
    assert [(name, [*problems]) for name, problems in found.items()] == [("own", ["b-1", "b-0"]), ("math", ["b-1"])]
    assert read_benchmarks([]) == {}


@pytest.mark.skipif(not MATH_500.exists(), reason="needs ../shared/benchmarks/math-500.jsonl, not part of the project")
def test_math_500_as_it_is_published():
    problems = read_benchmark(MATH_500)
    assert len(problems) == 500
    assert len({one.subject for one in problems}) == 7
    assert {one.difficulty for one in problems} == {*"12345"}
    assert all(one.statement and one.answer for one in problems)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no problems in it"),
        (OURS + OURS, "1 problems have the id of another one"),
        (OURS + PUBLISHED, "b.jsonl:2: "),
        ('{"unique_id": "b-1"}\n', "b.jsonl:1: problem: Field required"),
        (None, "no such file"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "b.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        read_benchmark(tmp_path / "b.jsonl")
