"""Texts that resemble each other: word 3-grams, Jaccard, and all pairs above a threshold without comparing all."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Grams = frozenset[tuple[str, ...]]

_WORD = re.compile(r"[^\W_]+")


class Pair(NamedTuple):
    """Two names, the smaller first, and the Jaccard of their texts."""

    first: str
    second: str
    jaccard: float


def word_ngrams(text: str, n: int = 3) -> Grams:
    """The set of runs of `n` words of `text`; a text with fewer words is one run of all it has.

    A word is a run of letters and digits after compatibility normalisation and case folding, so punctuation,
    operators and typography do not tell two texts apart. A. Z. Broder, "On the resemblance and containment of
    documents" (1997), calls these shingles.
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return frozenset(tuple(words[start : start + n]) for start in range(max(1, len(words) - n + 1)))


def jaccard(first: Iterable[object], second: Iterable[object]) -> float:
    """Resemblance of two sets: shared over all members, in 0..1 (P. Jaccard, 1912; Broder, 1997)."""
    one, other = frozenset(first), frozenset(second)
    union = len(one | other)
    return len(one & other) / union if union else 1.0


def similar_pairs(texts: Mapping[str, str], similarity: float) -> Iterator[Pair]:
    """Every pair of texts whose word 3-grams have a Jaccard of at least `similarity`, exactly; in no special order.

    Two sets that resemble each other enough share one of the rarest grams of each, so only texts that meet in such a
    gram are compared: prefix filtering, as in R. J. Bayardo, Y. Ma, R. Srikant, "Scaling up all pairs similarity
    search" (WWW 2007). Nothing is missed, unlike with hashing, and pairs are yielded one by one.
    """
    grams = {name: word_ngrams(text) for name, text in sorted(texts.items())}
    frequency = Counter(gram for members in grams.values() for gram in members)
    number = {gram: rank for rank, gram in enumerate(sorted(frequency, key=lambda gram: (frequency[gram], gram)))}
    ranked = {name: sorted(number[gram] for gram in members) for name, members in grams.items()}
    meeting: dict[int, list[str]] = defaultdict(list)
    sets: dict[str, frozenset[int]] = {}
    for name in sorted(ranked, key=lambda name: (len(ranked[name]), name)):  # a partner is never the longer one
        members = ranked[name]
        sets[name] = frozenset(members)
        shortest = math.ceil(similarity * len(members) - 1e-9)  # of a partner; rounding must not lose one
        rare = members[: len(members) - shortest + 1]
        candidates = {other for gram in rare for other in meeting[gram] if len(sets[other]) >= shortest}
        for other in candidates:
            score = jaccard(sets[name], sets[other])
            if score >= similarity:
                yield Pair(min(name, other), max(name, other), score)
        for gram in rare:
            meeting[gram].append(name)
