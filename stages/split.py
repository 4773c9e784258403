"""Divide the problems into train, valid and test, and write the dataset of each reasoning level.

    python -m stages.split      (dvc repro split)

Near-duplicate problems form a cluster and share a split; the split is by problem and the same for all levels. Every
usable problem is assigned, blind to whether the teacher solved it; only problems with their six chains become rows.
Rows are in mlx-lm's chat format, so `mlx_lm.lora --data data/datasets/R1` takes the folder as it is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from random import Random

from stages.study import params as parameters
from stages.study.benchmarks import read_benchmark
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_json, write_records
from stages.study.params import SplitBlock
from stages.study.prompt import ANSWER_LINE, student_messages
from stages.study.records import Assignment, BenchmarkProblem, Chain, Level, Problem, Row, Split
from stages.study.statistics import jaccard, word_ngrams

SPLITS: tuple[Split, ...] = ("train", "valid", "test")
MAY_REPEAT = 12  # words; a shorter text may be as long as the level before it

Chains = dict[str, dict[Level, Chain]]


def near_duplicates(problems: Iterable[Problem], similarity: float) -> list[tuple[Problem, Problem]]:
    """Pairs of problems whose statements have a word 3-gram Jaccard of at least `similarity`, in order of id."""
    grams = [(problem, word_ngrams(problem.statement)) for problem in sorted(problems, key=lambda p: p.id)]
    return [(one, two) for (one, a), (two, b) in combinations(grams, 2) if jaccard(a, b) >= similarity]


def cluster(ids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Single linkage by union-find: ids joined by any path of pairs, sorted, under the smallest id among them."""
    parent = {one: one for one in sorted(ids)}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    for pair in pairs:
        low, high = sorted(map(root, pair))
        parent[high] = low
    clusters: dict[str, list[str]] = {}
    for one in parent:
        clusters.setdefault(root(one), []).append(one)
    return clusters


def draw(
    clusters: Mapping[str, list[str]], sections: Mapping[str, str], shares: Mapping[Split, float], random: Random
) -> dict[str, Split]:
    """A split for each cluster, so that each split gets its share of the problems of each section, within reach.

    `sections` gives the section of each problem. The largest clusters go first, each to a split drawn with odds of
    what the splits still need of its sections; a split that it would overfill is out, so that sizes come out right.
    """
    of_section = Counter(sections[member] for members in clusters.values() for member in members)
    need = {split: {section: share * n for section, n in of_section.items()} for split, share in shares.items()}
    order = sorted(clusters)
    random.shuffle(order)
    splits: dict[str, Split] = {}
    for name in sorted(order, key=lambda name: -len(clusters[name])):
        members = clusters[name]
        room = {split: sum(need[split].values()) for split in shares}
        fitting = [split for split in shares if room[split] > len(members) - 0.5]
        odds = [max(0.0, sum(need[split][sections[member]] for member in members)) for split in fitting]
        split = random.choices(fitting, odds)[0] if sum(odds) > 0 else max(shares, key=lambda split: room[split])
        splits[name] = split
        for member in members:
            need[split][sections[member]] -= 1
    return splits


def check(chains: Iterable[Chain], problems: Mapping[str, Problem]) -> Chains:
    """Chains by problem and level; raises StudyError naming problem and level where one breaks a rule of the study.

    All six levels exist; words fall strictly from level to level, short texts aside; all end in one answer line.
    """
    found: Chains = {}
    for chain in chains:
        where = f"data/chains.jsonl: {chain.problem_id} {chain.level}"
        if chain.problem_id not in problems:
            raise StudyError(f"{where}: data/problems.jsonl has no usable problem of this id; run `dvc repro compress`")
        if chain.level in found.setdefault(chain.problem_id, {}):
            raise StudyError(f"{where}: stands there twice")
        if chain.text.strip().splitlines()[-1:] != [ANSWER_LINE + chain.answer]:
            raise StudyError(f"{where}: does not end in the line '{ANSWER_LINE}{chain.answer}'")
        if (words := len(chain.text.split())) != chain.words:
            raise StudyError(f"{where}: has {words} words, but {chain.words} are recorded")
        found[chain.problem_id][chain.level] = chain
    for problem_id, levels in found.items():
        for level in Level:
            if level not in levels:
                raise StudyError(
                    f"data/chains.jsonl: {problem_id} {level}: missing; all six levels are needed, or none"
                )
        for before, chain in pairwise(levels[level] for level in Level):
            where = f"data/chains.jsonl: {problem_id} {chain.level}"
            if chain.words > before.words or chain.words == before.words >= MAY_REPEAT:
                raise StudyError(f"{where}: {chain.words} words, not fewer than the {before.words} of {before.level}")
            if chain.answer != before.answer:
                raise StudyError(f"{where}: answer {chain.answer!r}, but {before.answer!r} at {before.level}")
    return found


def assign(problems: Mapping[str, Problem], clusters: Mapping[str, list[str]], options: SplitBlock) -> dict[str, Split]:
    """The split of each problem. Clusters that touch a held-out year are test; the shares apply to all others."""
    years = {name: {problems[member].year for member in members} for name, members in clusters.items()}
    free = {name: members for name, members in clusters.items() if not years[name] & {*options.test_years}}
    shares: dict[Split, float] = {
        "train": 1 - options.valid - options.test,
        "valid": options.valid,
        "test": options.test,
    }
    drawn = draw(free, {one.id: one.section for one in problems.values()}, shares, Random(options.seed))
    return {member: drawn.get(name, "test") for name, members in clusters.items() for member in members}


def overlap(
    benchmark: Iterable[BenchmarkProblem], problems: Iterable[Problem], similarity: float
) -> list[tuple[str, str, float]]:
    """Benchmark id, problem id and Jaccard of each pair of near-duplicates between benchmark and exams."""
    exams = [(problem.id, word_ngrams(problem.statement)) for problem in problems]
    shared = ((item.id, word_ngrams(item.statement)) for item in benchmark)
    scored = ((item, one, jaccard(grams, other)) for item, grams in shared for one, other in exams)
    return sorted(pair for pair in scored if pair[2] >= similarity)


def main() -> None:
    params = parameters.load()
    options = params.active.split
    problems = {problem.id: problem for problem in read_records("data/problems.jsonl", Problem) if problem.usable}
    chains = check(read_records("data/chains.jsonl", Chain), problems)
    benchmark = read_benchmark(f"data/benchmarks/{params.benchmark}.jsonl")

    pairs = near_duplicates(problems.values(), options.similarity)
    clusters = cluster(problems, [(one.id, two.id) for one, two in pairs])
    split_of = assign(problems, clusters, options)
    rows = {split: [one for one in sorted(chains) if split_of[one] == split] for split in SPLITS}
    for split, ids in rows.items():
        if not ids:
            raise StudyError(
                f"params.yaml: {params.profile}.split: {split} has no rows ({len(chains)} of {len(problems)} usable"
                f" problems have chains, {len(clusters)} clusters); give {split} a larger share, or add problems"
            )
    near = overlap(benchmark, problems.values(), options.similarity)
    near_training = {item for item, one, _ in near if one in rows["train"]}

    cluster_of = {member: name for name, members in clusters.items() for member in members}
    write_records(
        "data/assignment.jsonl",
        [
            Assignment(problem_id=one, split=split_of[one], cluster=cluster_of[one], has_chain=one in chains)
            for one in sorted(problems)
        ],
    )
    for level in Level:
        for split, ids in rows.items():
            write_records(
                f"data/datasets/{level}/{split}.jsonl", [row(problems[one], chains[one][level]) for one in ids]
            )

    sections = {problem.section for problem in problems.values()}
    same_year = sum(one.year == two.year for one, two in pairs)
    count = Counter((split_of[one.id], one.section) for one in problems.values())
    write_json(
        "metrics/split.json",
        {
            "problems": len(problems),
            "with_chains": len(chains),
            "clusters": len(clusters),
            "largest_cluster": max(map(len, clusters.values())),
            "near_duplicate_pairs": {"same_year": same_year, "across_years": len(pairs) - same_year},
            "sizes": {split: sum(count[split, section] for section in sections) for split in SPLITS},
            "sections": {split: {section: count[split, section] for section in sorted(sections)} for split in SPLITS},
            "rows": {level: {split: len(ids) for split, ids in rows.items()} for level in Level},
            "benchmark": {
                "name": params.benchmark,
                "problems": len(benchmark),
                "near_duplicates": len({item for item, _, _ in near}),
                "near_training_rows": len(near_training),
                "pairs": [
                    {"benchmark": item, "problem": one, "split": split_of[one], "jaccard": round(score, 4)}
                    for item, one, score in near
                ],
            },
        },
    )
    sizes = ", ".join(f"{split} {len(ids)}" for split, ids in rows.items())
    print(f"{len(problems)} problems in {len(clusters)} clusters; rows per level: {sizes}")
    print(f"benchmark {params.benchmark}: {len(near_training)} of {len(benchmark)} problems resemble a training row")


def row(problem: Problem, chain: Chain) -> Row:
    """One dataset row: the student's prompt for the problem, then the chain as the response."""
    messages = [*student_messages(problem.statement), {"role": "assistant", "content": chain.text}]
    return Row(messages=messages, problem_id=problem.id)


if __name__ == "__main__":
    run_stage(main)
