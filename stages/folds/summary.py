"""What metrics/split.json says of the folds."""

from collections import Counter
from collections.abc import Mapping, Sequence

from stages.study.records import Assignment, Problem


def rows_by_split(assignments: Sequence[Assignment]) -> dict[tuple[int, str], list[str]]:
    """Ids of the problems with chains by fold and split, without those that are excluded."""
    rows: dict[tuple[int, str], list[str]] = {}
    for one in assignments:
        if one.has_chain and one.split != "excluded":
            rows.setdefault((one.fold, one.split), []).append(one.problem_id)
    return rows


def fold_summary(
    fold: int,
    assignments: Sequence[Assignment],
    problems: Mapping[str, Problem],
    rows: Mapping[tuple[int, str], Sequence[str]],
) -> dict[str, object]:
    """Sizes of a fold, sections of what it holds out, rows of each level, and clusters that straddle it (a leak)."""
    mine = [one for one in assignments if one.fold == fold]
    splits = Counter(one.split for one in mine)
    seen = {one.cluster for one in mine if one.split in ("train", "valid") and one.has_chain}
    return {
        **{split: splits[split] for split in ("train", "valid", "test", "excluded")},
        "rows": {split: len(rows[fold, split]) for split in ("train", "valid", "test")},
        "sections": dict(
            sorted(Counter(problems[one.problem_id].section for one in mine if one.split == "test").items())
        ),
        "held_out_with_a_twin_in_training": sum(one.split == "test" and one.cluster in seen for one in mine),
    }
