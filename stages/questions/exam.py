"""What each student is asked: the problems, what they are to each run, and so the one denominator of every table."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from stages.questions.benchmarks import read_benchmark
from stages.study.errors import StudyError
from stages.study.files import read_records
from stages.study.params import BASE, Params, Run
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
    """The usable problems by id, what they are to the runs of each fold, and the benchmark."""

    problems: Mapping[str, Problem]
    assignments: tuple[Assignment, ...]
    benchmark_name: str
    benchmark: Mapping[str, BenchmarkProblem]
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

    def asked_of(self, run: Run | None) -> list[Question]:
        """Everything that a run answers, or that the base student (None) does.

        A run answers the problems that its fold holds out, the others after them where it is to answer all or where the
        protocol is the published study's, then the benchmark. The base student was trained on nothing: to it every
        problem is held out.
        """
        mine = [one for one in self.assignments if (one.split == "test" if run is None else one.fold == run.fold)]
        if run is not None and not any(one.split == "test" for one in mine):
            raise StudyError(f"data/assignment.jsonl: fold {run.fold}, which a run names, holds out no problem")
        whole = run is None or run.all_problems or self.published
        asked = sorted(
            (one for one in mine if whole or one.split == "test"), key=lambda one: (one.split != "test", one.problem_id)
        )
        exams = [
            Question(
                EXAMS,
                one.problem_id,
                self.problems[one.problem_id].statement,
                self.problems[one.problem_id].answer,
                one.split,
                self.fold_of[one.problem_id],
            )
            for one in asked
        ]
        if run is not None and not run.benchmark:
            return exams
        outside = [
            Question(self.benchmark_name, one.id, one.statement, one.answer, "benchmark", None)
            for one in self.benchmark.values()
        ]
        return exams + outside


def read_exam(params: Params) -> Exam:
    """Read problems, assignment and benchmark; raises StudyError where they do not belong together."""
    problems = {one.id: one for one in read_records("data/problems.jsonl", Problem) if one.usable}
    assignments = tuple(read_records("data/assignment.jsonl", Assignment))
    benchmark = {one.id: one for one in read_benchmark(f"data/benchmarks/{params.benchmark}.jsonl")}
    exam = Exam(problems, assignments, params.benchmark, benchmark, params.published)
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


def run_named(params: Params, key: str) -> Run | None:
    """The run of a stage's command line; None for `base`. Raises StudyError for an unknown one."""
    return None if key == BASE else params.run(key)
