"""Leaks: what a student was trained on beside what it is asked, found in the texts themselves."""

from collections.abc import Iterable, Mapping

from stages.folds.resemblance import Pair, similar_pairs
from stages.folds.settings import SplitSettings
from stages.study.records import BenchmarkProblem, Row


def across(one: Mapping[str, str], other: Mapping[str, str], similarity: float) -> list[Pair]:
    """Near-duplicates between two collections of texts by name, `first` from the one and `second` from the other."""
    tagged = {f"1 {name}": text for name, text in one.items()} | {f"2 {name}": text for name, text in other.items()}
    return sorted(
        Pair(pair.first[2:], pair.second[2:], pair.jaccard)
        for pair in similar_pairs(tagged, similarity)
        if pair.first[0] != pair.second[0]
    )


def overlap(
    benchmark: Mapping[str, BenchmarkProblem], statements: Mapping[str, str], settings: SplitSettings
) -> dict[str, object]:
    """How near a benchmark's problems are to the exams' statements: its size, how many resemble one, and which."""
    pairs = across({one.id: one.statement for one in benchmark.values()}, statements, settings.similarity)
    return {
        "problems": len(benchmark),
        "near_duplicates": len({pair.first for pair in pairs}),
        "pairs": [{"benchmark": one, "problem": other, "jaccard": score} for one, other, score in pairs],
    }


def leaks(rows: Iterable[Row], held_out: Mapping[str, str], similarity: float) -> list[Pair]:
    """Trained rows and held-out problems (statements by id) that are the same problem, by id or by text.

    `first` is the row's problem, `second` the held-out one. The row's own words are compared, not what the files of
    the split say about it.
    """
    rows = list(rows)
    asked = {f"{number} {row.problem_id}": row.messages[-2]["content"] for number, row in enumerate(rows)}
    same = {Pair(row.problem_id, row.problem_id, 1.0) for row in rows if row.problem_id in held_out}
    near = {pair._replace(first=pair.first.partition(" ")[2]) for pair in across(asked, held_out, similarity)}
    return sorted(same | near)
