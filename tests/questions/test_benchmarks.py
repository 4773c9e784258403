"""stages.questions.benchmarks: our own records and MATH-500's, and files that are neither."""

import pytest

from stages.questions.benchmarks import read_benchmark
from stages.study.errors import StudyError

OURS = '{"id": "b-1", "statement": "Find x", "answer": "2", "subject": "Algebra"}\n'
PUBLISHED = (
    '{"problem": "Find x", "solution": "...", "answer": "2", "subject": "Algebra", "level": 2, "unique_id": "b-1"}\n'
)


@pytest.mark.parametrize("content", [OURS, PUBLISHED])
def test_both_forms_are_the_same_problem(tmp_path, content):
    (tmp_path / "b.jsonl").write_text(content, encoding="utf-8")
    [problem] = read_benchmark(tmp_path / "b.jsonl")
    assert problem.model_dump() == {"id": "b-1", "statement": "Find x", "answer": "2", "subject": "Algebra"}


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
