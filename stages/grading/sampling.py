"""Several drawn responses to each problem: how often one is right, how often one of k, and what most of them say."""

import pandas as pd

from stages.answers import compare
from stages.grading.frame import Numbers, accuracy
from stages.grading.statistics import difference_interval, pass_at_k


def sampled(grades: pd.DataFrame) -> Numbers:
    """`samples` a problem, `pass_at` k for k = 1, 2, 4 .. samples, each with its 95 % bootstrap interval over clusters,
    and the accuracy of the `majority` vote.

    Raises ValueError where the problems do not have equally many samples.
    """
    by_problem = grades.groupby("problem")
    counts = by_problem.agg(samples=("correct", "size"), right=("correct", "sum"), cluster=("cluster", "first"))
    if counts["samples"].nunique() != 1:
        raise ValueError("sampled: the problems do not have equally many samples")
    samples = int(counts["samples"].iloc[0])
    chosen = pd.DataFrame([majority(group) for _, group in by_problem])
    return {
        "samples": samples,
        "pass_at": {
            str(k): _mean(counts["right"].map(lambda right, k=k: pass_at_k(samples, int(right), k)), counts["cluster"])
            for k in sorted({2**power for power in range(samples.bit_length())} | {samples})
        },
        "majority": accuracy(chosen),
    }


def majority(grades: pd.DataFrame) -> pd.Series:
    """The line of one problem's grades that most of them agree with; of equally common answers the first.

    Two answers agree where the checker says that they are equal. What is cut off or blank has no vote.
    """
    lines = [line for _, line in grades.iterrows()]
    groups: list[list[pd.Series]] = []
    for line in lines:
        if line["truncated"] or line["blank"]:
            continue
        for group in groups:
            if line["answer"] == group[0]["answer"] or compare(group[0]["answer"], line["answer"]).verdict == "match":
                group.append(line)
                break
        else:
            groups.append([line])
    return max(groups, key=len)[0] if groups else lines[0]


def _mean(shares: pd.Series, clusters: pd.Series) -> Numbers:
    """Mean over problems, with the bootstrap interval that draws whole clusters."""
    grouped = shares.groupby(clusters)
    low, high = difference_interval(grouped.sum().tolist(), grouped.size().tolist())
    return {"share": float(shares.mean()), "low": max(0.0, low), "high": min(1.0, high)}
