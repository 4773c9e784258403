"""What each student is asked: the problems, what they are to each run, and so the one denominator of every table."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from stages.questions.benchmarks import read_benchmarks
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.params import Params, Run, Variant
from stages.study.records import Assignment, BenchmarkProblem, Problem, Split

EXAMS = "exams"  # the source of a question that is not a benchmark's


class Question(NamedTuple):
    """A problem as it is put to one run. `fold` is the problem's own, in which it is held out; None in a benchmark."""

    source: str
    problem_id: str
    statement: str
    key: str
    split: Split | Literal["benchmark"]
    fold: int | None


@dataclass(frozen=True)
class Exam:
    """The usable problems by id, what they are to the runs of each fold, and the benchmarks by name and id."""

    problems: Mapping[str, Problem]
    assignments: tuple[Assignment, ...]
    benchmarks: Mapping[str, Mapping[str, BenchmarkProblem]]
    published: bool

    @cached_property
    def fold_of(self) -> dict[str, int]:
        """Each problem's own fold, by id."""
        return {one.problem_id: one.fold for one in self.assignments if one.split == "test"}

    @cached_property
    def cluster_of(self) -> dict[str, str]:
        """The name of each problem's cluster of near-duplicates."""
        return {one.problem_id: one.cluster for one in self.assignments}

    def trained(self, fold: int) -> set[str]:
        """Ids of the problems whose chains the runs of a fold are trained on."""
        return {
            one.problem_id for one in self.assignments if one.fold == fold and one.split == "train" and one.has_chain
        }

    def asked_of(self, run: Run | None, asked: Variant) -> list[Question]:
        """Everything that a run's student answers, or that the base student (None) does, where it is asked so.

        A run answers the problems that its fold holds out, the others after them where it is to answer all or where the
        protocol is the published study's, then the benchmarks. The base student was trained on nothing: to it every
        problem is held out.
        """
        mine = [one for one in self.assignments if (one.split == "test" if run is None else one.fold == run.fold)]
        if run is not None and not any(one.split == "test" for one in mine):
            raise StudyError(f"data/assignment.jsonl: fold {run.fold}, which a run names, holds out no problem")
        whole = run is None or asked.all_problems or self.published
        exams = [
            Question(
                EXAMS,
                one.problem_id,
                self.problems[one.problem_id].statement,
                self.problems[one.problem_id].answer,
                one.split,
                self.fold_of[one.problem_id],
            )
            for one in sorted(mine, key=lambda one: (one.split != "test", one.problem_id))
            if (whole or one.split == "test") and asked.fold in (None, self.fold_of[one.problem_id])
        ]
        if not exams:
            raise StudyError(f"data/assignment.jsonl: fold {asked.fold}, which a variant names, has no problem to ask")
        outside = [
            Question(name, one.id, one.statement, one.answer, "benchmark", None)
            for name, problems in self.benchmarks.items()
            for one in problems.values()
        ]
        return exams + outside if asked.benchmark else exams


def read_exam(params: Params) -> Exam:
    """Read problems, assignment and benchmarks; raises StudyError where they do not belong together."""
    problems = {one.id: one for one in read_records("data/problems.jsonl", Problem) if one.usable}
    assignments = tuple(read_records("data/assignment.jsonl", Assignment))
    exam = Exam(problems, assignments, read_benchmarks(params.benchmarks), params.published)
    held_out = sorted(one.problem_id for one in assignments if one.split == "test")
    if held_out != sorted(problems):
        odd = sorted({*held_out} ^ problems.keys()) or [one for one in problems if held_out.count(one) > 1]
        raise StudyError(
            f"data/assignment.jsonl: {odd[0]}: each usable problem of data/problems.jsonl is to be held out once; "
            "run `dvc repro split`"
        )
    for fold in sorted({one.fold for one in assignments}):
        told = sorted(one.problem_id for one in assignments if one.fold == fold)
        if told != held_out:
            odd = sorted({*told} ^ {*held_out}) or [one for one in told if told.count(one) > 1]
            raise StudyError(
                f"data/assignment.jsonl: fold {fold}: {odd[0]}: each usable problem is to stand in each fold once; "
                "run `dvc repro split`"
            )
    return exam
