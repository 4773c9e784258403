"""stages.folds.resemblance: shingles as published, and the same pairs as by comparing all."""

import subprocess
import sys
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.folds.resemblance import Pair, jaccard, similar_pairs, word_ngrams
from stages.study.files import read_records
from stages.study.records import StrictRecord

ROOT = Path(__file__).parents[2]
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12).map(" ".join)


def by_brute_force(texts: dict[str, str], similarity: float) -> list[Pair]:
    grams = {name: word_ngrams(text) for name, text in texts.items()}
    found = [Pair(one, other, jaccard(grams[one], grams[other])) for one, other in combinations(sorted(texts), 2)]
    return sorted(pair for pair in found if pair.jaccard >= similarity)


@pytest.mark.parametrize(
    ("first", "second", "n", "expected"),
    [
        # Broder (1997): the 4-shingling of "a rose is a rose is a rose" is {a rose is a, rose is a rose, is a rose is}
        ("a rose is a rose is a rose", "a rose is a rose is a rose", 4, 1.0),
        ("Find x if 2x + 3 = 7.", "find X, if 2x-3 = 7", 3, 1.0),  # words only: case, signs and points are no words
        ("one two three four", "one two three five", 3, 1 / 3),
        ("one two three four", "five six seven eight", 3, 0.0),
        ("3 4", "3 4.", 3, 1.0),  # shorter than a run
        ("3 4", "4 3", 3, 0.0),
        ("3 4", "3 4 5", 3, 0.0),
        ("ﬁnd x²", "find x2", 1, 1.0),  # compatibility forms
        ("", "?!", 3, 1.0),
        ("", "a", 3, 0.0),
    ],
)
def test_resemblance(first, second, n, expected):
    assert jaccard(word_ngrams(first, n), word_ngrams(second, n)) == pytest.approx(expected)


def test_shingles_as_broder_prints_them():
    grams = {"a rose is a", "rose is a rose", "is a rose is"}
    assert word_ngrams("a rose is a rose is a rose", 4) == {tuple(gram.split()) for gram in grams}


@given(TEXTS, TEXTS, st.integers(1, 4))
def test_resemblance_laws(first, second, n):
    one, two = word_ngrams(first, n), word_ngrams(second, n)
    assert one
    assert jaccard(one, one) == 1
    assert 0 <= jaccard(one, two) <= 1
    assert jaccard(one, two) == jaccard(two, one)
    assert (jaccard(one, two) == 1) == (one == two)


def test_two_sets_of_nothing_are_the_same():
    assert jaccard([], []) == 1.0
    assert jaccard([], [1]) == 0.0


@given(TEXTS, TEXTS, TEXTS)
def test_jaccard_distance_is_a_metric(first, second, third):
    one, two, three = (word_ngrams(text, 2) for text in (first, second, third))
    assert (1 - jaccard(one, three)) <= (1 - jaccard(one, two)) + (1 - jaccard(two, three)) + 1e-12


@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=12).map(" ".join), max_size=30),
    st.sampled_from([0.01, 0.1, 0.25, 1 / 3, 0.5, 0.6, 2 / 3, 0.75, 0.9, 1.0]),
)
def test_the_same_pairs_as_by_comparing_all(statements, similarity):
    texts = {f"p{number:02}": text for number, text in enumerate(statements)}
    found = list(similar_pairs(texts, similarity))
    assert sorted(found) == by_brute_force(texts, similarity)
    assert sorted(similar_pairs(dict(reversed(texts.items())), similarity)) == sorted(found)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_pairs_of_long_statements(seed):
    """Statements that are changed copies of one another, word by word: scores of all sizes."""
    random = Random(seed)
    words = [f"w{number}" for number in range(40)]
    texts: dict[str, str] = {}
    for number in range(120):
        made = random.choices(words, k=random.randint(1, 30))
        if texts and random.random() < 0.6:
            made = random.choice([*texts.values()]).split()
            for _ in range(random.randint(0, 6)):
                made[random.randrange(len(made))] = random.choice(words)
        texts[f"p{number:03}"] = " ".join(made)
    for similarity in (0.2, 0.5, 0.8):
        assert sorted(similar_pairs(texts, similarity)) == by_brute_force(texts, similarity)
    assert len(by_brute_force(texts, 0.5)) > 5


class Statement(StrictRecord, extra="ignore"):
    """What all files of problems and of their truth have."""

    id: str
    statement: str | None = None


@pytest.mark.parametrize(
    "path",
    [
        "data/raw/sample/truth.jsonl",
        "../shared/obryan/truth/problems.jsonl",
        "../shared/obryan-more/truth/problems.jsonl",
    ],
)
@pytest.mark.parametrize("similarity", [0.3, 0.5])
def test_the_same_pairs_of_real_statements(path, similarity):
    if not (ROOT / path).exists():
        pytest.skip(f"{path} is not here")
    texts = {one.id: one.statement for one in read_records(ROOT / path, Statement) if one.statement}
    assert len(texts) > 100
    assert sorted(similar_pairs(texts, similarity)) == by_brute_force(texts, similarity)


SCALE = """
import json, resource, sys, time
from random import Random
from stages.folds.resemblance import similar_pairs

random = Random(1)
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
made = [line["statement"] for line in lines if line.get("statement")]
texts = {}
for number in range(50_000):
    words = random.choice(made).split()
    for _ in range(random.randint(0, len(words) // 2)):
        words[random.randrange(len(words))] = str(random.randint(2, 999))
    texts[f"p{number:05}"] = " ".join(words)
start = time.process_time()
count = sum(1 for _ in similar_pairs(texts, 0.5))
print(count, time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_fifty_thousand_statements(tmp_path):
    """Within 2 minutes of processor time and 1 GiB; statements of the sample with words changed, so full of pairs."""
    command = [sys.executable, "-c", SCALE, str(ROOT / "data/raw/sample/truth.jsonl")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    count, seconds, peak = done.stdout.split()
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(count) > 10_000
    assert float(seconds) < 120
    assert int(peak) * unit < 2**30
