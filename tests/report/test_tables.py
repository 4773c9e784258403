"""stages.report.tables: numbers counted from predictions, and planted errors that must move them."""

import json
from pathlib import Path
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stages.study.statistics import mcnemar, wilson

from stages.report.inputs import BASE, Curve, load
from stages.report.tables import (
    all_table,
    groups,
    levels,
    minimum,
    overfitting,
    p_value,
    score,
    score_teacher,
    spread,
    summarise,
    tables,
    versus_base,
)
from stages.study.files import read_records, write_records
from stages.study.params import Params
from stages.study.records import Assignment, Prediction
from tests.report.made_study import recount


def prediction(number: int, verdict: str, finish: str = "stop", answer: str | None = "1", words: int = 3) -> Prediction:
    return Prediction(
        problem_id=f"p{number}",
        response="so",
        answer=answer,
        tier="made up",
        verdict=verdict,
        finish_reason=finish,
        tokens=2 * words,
        words=words,
        split="test",
    )


PREDICTIONS = st.lists(
    st.builds(
        prediction,
        st.integers(0, 999),
        st.sampled_from(["match", "no", "undecided"]),
        st.sampled_from(["stop", "length"]),
        st.sampled_from([None, "1"]),
        st.integers(0, 200),
    ),
    min_size=1,
    max_size=40,
)


def summary_of(params: Params) -> dict:
    return summarise(load(params.runs), {run: params.run_seed(run) for run in params.runs})


@given(PREDICTIONS)
def test_scores_are_counts(predictions):
    found = score(predictions)
    right = [one for one in predictions if one.correct]
    assert (found.n, found.correct) == (len(predictions), len(right))
    assert found.truncated == sum(one.finish_reason == "length" for one in predictions)
    assert found.blank == sum(one.answer is None for one in predictions)
    assert found.undecided == sum(one.verdict == "undecided" for one in predictions)
    assert found.words == pytest.approx(fmean(one.words for one in predictions))
    assert found.interval == wilson(len(right), len(predictions))
    assert json.loads(json.dumps(found.record()))["accuracy"] == round(len(right) / len(predictions), 4)


@given(PREDICTIONS, st.data())
def test_one_flipped_verdict_moves_the_accuracy_by_one_problem(predictions, data):
    place = data.draw(st.integers(0, len(predictions) - 1))
    flipped = list(predictions)
    correct = predictions[place].correct
    flipped[place] = predictions[place].model_copy(update={"verdict": "no" if correct else "match"})
    assert score(flipped).correct == score(predictions).correct + (-1 if correct else 1)


def flip(run: str) -> None:
    """Turn every held-out verdict of a run round, as a broken checker might."""
    path = f"data/predictions/{run}.jsonl"
    flipped = [
        one.model_copy(update={"verdict": "no" if one.correct else "match"}) if one.split == "test" else one
        for one in read_records(path, Prediction)
    ]
    write_records(path, flipped)
    recount(run)


def test_flipped_predictions_move_every_number_they_enter(study):
    before = summary_of(study)
    flip("R1-r0")
    after = summary_of(study)
    n = before["problems"]["held_out"]
    old, new = before["runs"]["R1-r0"], after["runs"]["R1-r0"]
    assert new["held_out"]["correct"] == n - old["held_out"]["correct"]
    assert new["all"]["correct"] - old["all"]["correct"] == n - 2 * old["held_out"]["correct"]
    assert new["versus_base"] != old["versus_base"]
    assert after["levels"]["R1"]["held_out"]["accuracy"] == pytest.approx(
        before["levels"]["R1"]["held_out"]["accuracy"] + (n - 2 * old["held_out"]["correct"]) / n / 5, abs=2e-4
    )
    assert after["levels"]["R1"]["held_out"]["std"] != before["levels"]["R1"]["held_out"]["std"]
    for same in ("base", "teacher"):
        assert after[same] == before[same]
    assert {key: run for key, run in after["runs"].items() if key != "R1-r0"} == {
        key: run for key, run in before["runs"].items() if key != "R1-r0"
    }
    flip(BASE)
    assert summary_of(study)["base"]["held_out"]["correct"] == n - before["base"]["held_out"]["correct"]


def test_summary_agrees_with_a_second_count(study):
    summary = summary_of(study)
    told = {}
    for run in [BASE, *study.runs]:
        lines = Path(f"data/predictions/{run}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        told[run] = {row["problem_id"]: row["verdict"] == "match" for row in rows if row["split"] == "test"}
    for run, right in told.items():
        record = (summary["base"] if run == BASE else summary["runs"][run])["held_out"]
        assert (record["correct"], record["n"]) == (sum(right.values()), 75)
        if run != BASE:
            gained = sum(right[one] and not told[BASE][one] for one in right)
            lost = sum(told[BASE][one] and not right[one] for one in right)
            versus = summary["runs"][run]["versus_base"]
            assert (versus["gained"], versus["lost"]) == (gained, lost)
            assert versus["p"] == pytest.approx(mcnemar(gained, lost), rel=1e-3)
    shares = [sum(told[f"R1-r{n}"].values()) / 75 for n in range(5)]
    level = summary["levels"]["R1"]["held_out"]
    assert level["accuracy"] == pytest.approx(fmean(shares), abs=1e-4)
    assert level["std"] == pytest.approx(stdev(shares), abs=1e-4)
    assert summary["levels"]["R2"]["held_out"]["std"] is None
    assert summary["levels"]["R1"]["replicates"] == 5  # the long run is none of them
    assert [run["seed"] for run in summary["runs"].values()][:5] == [1, 1001, 2001, 3001, 4001]


def test_all_problems_stand_beside_the_share_trained_on(study):
    loaded = load(study.runs)
    summary = summary_of(study)
    with_chains = sum(one.split == "train" and one.has_chain for one in loaded.assignment.values())
    assert summary["runs"]["R3-r0"]["all"]["trained_share"] == round(with_chains / 250, 4)
    assert summary["base"]["all"]["trained_share"] == 0
    assert summary["levels"]["R1"]["all"]["trained_share"] == round(with_chains / 250, 4)
    header = all_table(loaded, summary).header
    assert header.index("trained on, %") == header.index("all, %") + 1


def test_clusters_among_the_held_out_are_told(study):
    assert summary_of(study)["problems"]["held_out_clusters"] == 75
    records = read_records("data/assignment.jsonl", Assignment)
    joined = [one.model_copy(update={"cluster": "one"}) if one.split == "test" else one for one in records]
    write_records("data/assignment.jsonl", joined)
    assert summary_of(study)["problems"]["held_out_clusters"] == 1


def test_the_teacher_is_judged_by_the_checker_alone(study):
    loaded = load(study.runs)
    verified = [loaded.teacher[one] for one in loaded.held_out]
    found = score_teacher(verified)
    assert found.correct == sum(one.verdict == "match" for one in verified)
    by_verifier = [
        one.model_copy(update={"checker": "undecided", "decided_by": "verifier", "verdict": "match"})
        for one in verified
    ]
    assert (score_teacher(by_verifier).correct, score_teacher(by_verifier).undecided) == (0, len(verified))


def test_groups_add_up(study):
    loaded = load(study.runs)
    for by in ("section", "year"):
        members = groups(loaded, by)
        assert sorted(one for ids in members.values() for one in ids) == sorted(loaded.held_out)
    assert list(groups(loaded, "section")) == ["fs", "js", "tp"]


def test_every_table_has_one_denominator_and_says_what_failed(study):
    loaded = load(study.runs)
    summary = summary_of(study)
    for name, table in tables(loaded, summary).items():
        assert {"cut off", "blank"} <= set(table.header), name
        assert {len(row) for row in table.rows} == {len(table.header)}, name
        cut, blank = (table.header.index(column) for column in ("cut off", "blank"))
        assert all(row[cut] and row[blank] for row in table.rows), name
        assert table.rows[0][0] == BASE
    for kind in ("held_out", "all", "benchmark"):
        records = [summary["base"][kind], *(run[kind] for run in summary["runs"].values())]
        assert len({record["n"] for record in records}) == 1


def test_levels_are_in_order_and_replicates_too(study):
    assert levels(load(dict(reversed(study.runs.items())))) == {
        "R1": ["R1-r0", "R1-r1", "R1-r2", "R1-r3", "R1-r4"],
        **{f"R{n}": [f"R{n}-r0"] for n in range(2, 7)},
    }


def test_a_run_does_not_differ_from_itself(study):
    loaded = load(study.runs)
    loaded.exams["R1-r0"].clear()
    loaded.exams["R1-r0"].update(loaded.exams[BASE])
    assert versus_base(loaded, "R1-r0") == (0, 0, 1.0)


@pytest.mark.parametrize(
    ("losses", "lowest"),
    [({0: 2.0, 10: 1.0, 20: 1.5}, 10), ({0: 2.0, 10: 1.0, 20: 1.0}, 10), ({30: 1.0, 0: 3.0}, 30), ({0: 1.0}, 0)],
)
def test_the_minimum_is_the_first_lowest(losses, lowest):
    assert minimum(losses) == lowest
    told = overfitting(Curve({}, losses))
    assert (told["minimum_iteration"], told["last_iteration"]) == (lowest, max(losses))
    assert told["minimum_valid_loss"] <= told["last_valid_loss"]


def test_spread_of_one_replicate_has_no_deviation():
    record = score([prediction(1, "match"), prediction(2, "no", "length", None)]).record()
    assert spread([record]) == {
        "accuracy": 0.5,
        "std": None,
        "n": 2,
        "truncated": 1,
        "blank": 1,
        "undecided": 0,
        "words": 3,
        "tokens": 6,
    }


@pytest.mark.parametrize(("p", "text"), [(1, "1.0000"), (0.0499, "0.0499"), (0.0001, "0.0001"), (9e-5, "< 0.0001")])
def test_p_values_are_not_rounded_to_zero(p, text):
    assert p_value(p) == text
