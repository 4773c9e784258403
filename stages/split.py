"""Deal the problems into folds, and write the dataset of each reasoning level and fold.

    python -m stages.split      (dvc repro split)

Near-duplicates form a cluster and are dealt as one; the folds are the same for all levels. Every usable problem is held
out by one fold, blind to whether the teacher solved it; only problems with their six chains become rows. Rows are in
mlx-lm's chat format, so `mlx_lm.lora --data data/datasets/R1/fold-0` takes the folder as it is.
"""

import sys
from collections import Counter
from collections.abc import Iterator

from stages.chains.rules import by_problem
from stages.folds.clusters import assign, cluster
from stages.folds.examples import choose_examples
from stages.folds.leakage import overlap
from stages.folds.resemblance import similar_pairs
from stages.folds.settings import SplitSettings
from stages.folds.summary import fold_summary, rows_by_split
from stages.grading.statistics import detectable_gains
from stages.questions.benchmarks import read_benchmarks
from stages.questions.prompt import student_messages
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, replace_folder, write_json, write_records
from stages.study.records import Chain, Level, Problem, Row


def main() -> None:
    parameters.no_arguments(sys.argv[1:], "stages.split")
    params = parameters.load()
    settings = params.block("split", SplitSettings)
    problems = {problem.id: problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable}
    chains = by_problem(read_records("data/chains.jsonl", Chain), problems, "data/chains.jsonl")
    benchmarks = read_benchmarks(params.benchmarks)
    statements = {one: problem.statement for one, problem in problems.items()}

    pairs: Counter[bool] = Counter()  # by whether they are of different years; only counted, as they may be millions

    def counted() -> Iterator[tuple[str, str]]:
        for first, second, _ in similar_pairs(statements, settings.similarity):
            pairs[problems[first].year != problems[second].year] += 1
            yield first, second

    clusters = cluster(problems, counted())
    assignments = assign(problems, clusters, set(chains), settings)
    rows = rows_by_split(assignments)
    for fold in range(settings.folds):
        for split in ("train", "valid", "test"):
            if not rows.get((fold, split)):
                raise StudyError(
                    f"params.yaml: {params.profile}.split: fold {fold}: {split} has no rows ({len(chains)} of"
                    f" {len(problems)} usable problems have chains, {len(clusters)} clusters); take fewer folds,"
                    " another share, or add problems"
                )
    with replace_folder("data/datasets") as folder:
        for (fold, split), ids in rows.items():
            for level in Level:
                path = folder / level / f"fold-{fold}" / f"{split}.jsonl"
                write_records(path, [row(problems[one], chains[one][level]) for one in ids])
    write_records("data/assignment.jsonl", assignments)
    write_records("data/examples.jsonl", choose_examples(problems, chains, assignments, settings))

    summary = {
        "protocol": settings.protocol,
        "problems": len(problems),
        "with_chains": len(chains),
        "clusters": len(clusters),
        "largest_cluster": max(map(len, clusters.values())),
        "near_duplicate_pairs": {"same_year": pairs[False], "across_years": pairs[True]},
        "folds": {str(fold): fold_summary(fold, assignments, problems, rows) for fold in range(settings.folds)},
        "detectable_gain": detectable_gains(len(problems)),
        "benchmarks": {name: overlap(told, statements, settings) for name, told in benchmarks.items()},
    }
    write_json("metrics/split.json", summary)
    sizes = Counter(one.fold for one in assignments if one.split == "test")
    print(f"{len(problems)} problems in {len(clusters)} clusters; held out by fold: {[*sizes.values()]}")


def row(problem: Problem, chain: Chain) -> Row:
    """One dataset row: the student's prompt for the problem, then the chain as the response."""
    messages = [*student_messages(problem.statement), {"role": "assistant", "content": chain.text}]
    return Row(messages=messages, problem_id=problem.id)


if __name__ == "__main__":
    run_stage(main)
