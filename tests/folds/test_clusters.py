"""stages.folds.clusters: near-duplicates stay together, every problem is held out once, folds are even."""

from collections import Counter
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stages.folds.clusters import assign, cluster, deal, draw
from tests.folds.problems import problem, settings

SIZES = st.lists(st.integers(1, 4), min_size=30, max_size=80)


def made(sizes: list[int], sections: tuple[str, ...] = ("fs", "js", "tp"), years: tuple[int, ...] = (2021, 2022, 2023)):
    """Problems and their clusters; sections go round with the problems, years with the clusters."""
    problems, clusters = {}, {}
    for number, size in enumerate(sizes):
        members = []
        for _ in range(size):
            count = len(problems)
            one = problem(count, "", years[(number + len(members)) % len(years)], sections[count % len(sections)])
            problems[one.id] = one
            members.append(one.id)
        clusters[min(members)] = sorted(members)
    return problems, clusters


@given(st.integers(1, 30), st.data())
def test_clusters_are_the_connected_components(n, data):
    ids = [f"p{number:02}" for number in range(n)]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=40))
    clusters = cluster(reversed(ids), pairs)
    reach = {one: {one} for one in ids}  # by repeated merging, slowly and plainly
    for _ in ids:
        for one, other in pairs:
            reach[one] = reach[other] = reach[one] | reach[other]
    name_of = {member: name for name, members in clusters.items() for member in members}
    assert sorted(name_of) == ids
    for one, other in combinations(ids, 2):
        assert (name_of[one] == name_of[other]) == bool(reach[one] & reach[other])
    assert all(members == sorted(members) and name == members[0] for name, members in clusters.items())
    assert cluster(ids, reversed(pairs)) == clusters


@given(SIZES, st.integers(2, 6), st.integers(0, 10**6))
def test_folds_are_even_in_size_and_by_section(sizes, folds, seed):
    problems, clusters = made(sizes)
    section_of = {one: told.section for one, told in problems.items()}
    dealt = deal(clusters, section_of, folds, Random(seed))
    assert len(dealt) == len(clusters)
    assert {*dealt} <= {*range(folds)}
    size, by_section = Counter(), Counter()
    for fold, members in zip(dealt, clusters.values(), strict=True):
        size[fold] += len(members)
        for one in members:
            by_section[fold, section_of[one]] += 1
    largest = max(sizes)
    assert max(size.values()) - min(size[fold] for fold in range(folds)) <= largest + 1
    for section, count in Counter(section_of.values()).items():
        for fold in range(folds):
            assert abs(by_section[fold, section] - count / folds) <= largest + 1


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_single_problems_are_dealt_to_within_one(seed, folds):
    problems, clusters = made([1] * 73)
    section_of = {one: told.section for one, told in problems.items()}
    dealt = deal(clusters, section_of, folds, Random(seed))
    counts = Counter(zip(dealt, (section_of[name] for name in clusters), strict=True))
    for section in ("fs", "js", "tp"):
        of = [counts[fold, section] for fold in range(folds)]
        assert max(of) - min(of) <= 1
    totals = [dealt.count(fold) for fold in range(folds)]
    assert max(totals) - min(totals) <= 1


@pytest.mark.parametrize("seed", range(20))
def test_the_largest_clusters_are_dealt_first(seed):
    """Then the single problems fill up what they leave: one of four and eight of one come to four in each of three."""
    problems, clusters = made([1] * 4 + [4] + [1] * 4, sections=("fs",))
    dealt = deal(clusters, dict.fromkeys(problems, "fs"), 3, Random(seed))
    sizes = Counter()
    for fold, members in zip(dealt, clusters.values(), strict=True):
        sizes[fold] += len(members)
    assert sorted(sizes.values()) == [4, 4, 4]


def test_chance_decides_where_a_cluster_goes():
    problems, clusters = made([3] + [1] * 57)
    section_of = {one: told.section for one, told in problems.items()}
    landed = Counter(deal(clusters, section_of, 5, Random(seed))[0] for seed in range(1000))
    assert all(landed[fold] / 1000 == pytest.approx(0.2, abs=0.05) for fold in range(5))
    others = Counter(deal(clusters, section_of, 5, Random(seed))[20] for seed in range(1000))
    assert all(others[fold] / 1000 == pytest.approx(0.2, abs=0.05) for fold in range(5))


@given(SIZES, st.floats(0.05, 0.5), st.integers(0, 10**6))
def test_a_draw_comes_to_its_share_of_each_section(sizes, share, seed):
    problems, clusters = made(sizes)
    section_of = {one: told.section for one, told in problems.items()}
    drawn = draw(clusters, section_of, share, Random(seed))
    assert drawn <= clusters.keys()
    assert drawn == draw(dict(reversed(clusters.items())), section_of, share, Random(seed))
    counts = Counter(section_of[one] for name in drawn for one in clusters[name])
    for section, count in Counter(section_of.values()).items():
        assert counts[section] <= share * count + 0.5 + 1e-9
    if max(sizes) == 1:
        for section, count in Counter(section_of.values()).items():
            assert counts[section] >= share * count - 0.5 - 1e-9


@pytest.mark.parametrize(("problems", "drawn"), [(5, 1), (4, 0), (10, 1), (15, 2), (20, 2)])
def test_half_a_problem_is_rounded_up(problems, drawn):
    made_up, clusters = made([1] * problems, sections=("fs",))
    assert len(draw(clusters, dict.fromkeys(made_up, "fs"), 0.1, Random(0))) == drawn


@given(SIZES, st.integers(2, 6), st.integers(0, 10**6))
def test_every_problem_is_held_out_once_with_its_cluster(sizes, folds, seed):
    problems, clusters = made(sizes)
    has_chain = {one for number, one in enumerate(problems) if number % 5}
    assigned = assign(problems, clusters, has_chain, settings(folds=folds, seed=seed))
    assert [(one.fold, one.problem_id) for one in assigned] == [
        (fold, one) for fold in range(folds) for one in sorted(problems)
    ]
    assert sorted(one.problem_id for one in assigned if one.split == "test") == sorted(problems)
    assert {one.problem_id for one in assigned if one.has_chain} == has_chain
    assert not any(one.split == "excluded" for one in assigned)
    for fold in range(folds):
        split_of = {one.problem_id: one.split for one in assigned if one.fold == fold}
        for members in clusters.values():
            assert len({split_of[one] for one in members}) == 1
    assert {one.problem_id: one.cluster for one in assigned} == {
        member: name for name, members in clusters.items() for member in members
    }


def test_validation_takes_its_share_of_all_problems():
    problems, clusters = made([1] * 300)
    for fold in range(5):
        split = Counter(one.split for one in assign(problems, clusters, set(), settings(valid=0.1)) if one.fold == fold)
        assert split["test"] == 60
        assert split["valid"] == pytest.approx(30, abs=2)
        assert split["train"] == 240 - split["valid"]


def test_validation_sets_of_two_folds_are_drawn_apart():
    problems, clusters = made([1] * 300)
    assigned = assign(problems, clusters, set(), settings())
    valid = [{one.problem_id for one in assigned if (one.fold, one.split) == (fold, "valid")} for fold in range(5)]
    assert all(len(one & other) < 15 for one, other in combinations(valid, 2))


def test_another_seed_deals_otherwise_and_the_same_one_alike():
    problems, clusters = made([1, 2] * 40)
    one, other, again = (assign(problems, clusters, set(), settings(seed=seed)) for seed in (1, 2, 1))
    assert one == again
    assert one != other
    assert assign(dict(reversed(problems.items())), clusters, set(), settings()) == one


@given(SIZES, st.integers(0, 10**6))
def test_a_held_out_year_is_never_trained_on_nor_its_near_duplicates(sizes, seed):
    """Clusters reach over years here: one member of the year is enough to exclude them all."""
    problems, clusters = made(sizes)
    assigned = assign(problems, clusters, set(problems), settings(test_years=[2022], seed=seed))
    touched = {
        one for members in clusters.values() if any(problems[m].year == 2022 for m in members) for one in members
    }
    for one in assigned:
        if one.problem_id in touched:
            assert one.split in ("test", "excluded")
        else:
            assert one.split in ("train", "valid", "test")
    assert sorted(one.problem_id for one in assigned if one.split == "test") == sorted(problems)
    mixed = [members for members in clusters.values() if len({problems[m].year for m in members}) > 1]
    if any(problems[m].year == 2022 for members in mixed for m in members):
        assert any(problems[one].year != 2022 for one in touched)


def test_a_near_duplicate_of_a_held_out_year_is_excluded():
    """By name, whatever the seed: the twin of 2021 goes with that of 2022, a twin of 2022 and 2023 as well."""
    problems, clusters = made([1] * 60, years=(2021,))
    twins = [problem(900, year=2021), problem(901, year=2022), problem(902, year=2023)]
    problems |= {one.id: one for one in twins}
    clusters |= {twins[0].id: [twins[0].id, twins[1].id], twins[2].id: [twins[2].id]}
    for seed in range(10):
        assigned = assign(problems, clusters, set(problems), settings(test_years=[2022], seed=seed))
        of = {one.id: Counter(a.split for a in assigned if a.problem_id == one.id) for one in twins}
        assert of[twins[0].id] == of[twins[1].id] == {"test": 1, "excluded": 4}
        assert of[twins[2].id]["excluded"] == 0


def test_the_published_protocol_deals_near_duplicates_apart():
    problems, clusters = made([2] * 60)
    assigned = assign(problems, clusters, set(problems), settings(protocol="published"))
    assert sorted(one.problem_id for one in assigned if one.split == "test") == sorted(problems)
    own = {one.problem_id: one.fold for one in assigned if one.split == "test"}
    apart = sum(own[one] != own[other] for one, other in clusters.values())
    assert apart > 30
    assert {one.cluster for one in assigned} == clusters.keys()  # they are still known to be near-duplicates


@pytest.mark.parametrize(
    "change",
    [
        {"folds": 1},
        {"valid": 0.0},
        {"valid": 1.0},
        {"similarity": 0.0},
        {"similarity": 1.5},
        {"seed": -1},
        {"protocol": "random"},
        {"test": 0.3},
    ],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(ValidationError):
        settings(**change)
