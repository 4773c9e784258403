"""Published chains become records that keep the rules, or are dropped with a reason."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from stages import import_chains
from stages.import_chains import Published, adopt
from stages.study.errors import StudyError
from stages.study.files import read_records, write_records
from stages.study.records import Chain, Level
from stages.teacher.chains import falls
from tests.teacher.scripted import problem

PUBLISHED = Path(__file__).parents[2] / "shared" / "obryan"
TEXTS = {
    "R1": "There is one and there is one more, so that there are two. \\[\\boxed{2}\\]",
    "R2": "There is one and there is one more, and one and one are two, as everybody knows who has fingers.\nAnswer: 2",
    "R3": "There is one and one more, so 1 + 1 = 2.",
    "R4": "One and one more: 1 + 1 = 2.",
    "R5": "So 1 + 1 = 2.",
    "R6": "1 + 1 = 2",
}


def published(texts: dict[str, str], number: int = 1) -> list[Published]:
    return [
        Published(problem_id=problem(number).id, published_level=level, text=text, answer="2")
        for level, text in texts.items()
    ]


def test_levels_follow_length_and_end_in_one_answer_line():
    made, texts, outcomes = adopt(published(TEXTS), [problem(1)])
    assert [chain.level for chain in made] == list(Level)
    assert [chain.text.split("\n")[0] for chain in made[:2]] == [TEXTS["R2"].split("\n")[0], TEXTS["R1"]]
    assert all(chain.text.endswith("\nAnswer: 2") and chain.text.count("Answer:") == 1 for chain in made)
    assert (texts, +outcomes) == ({"kept": 6}, {"kept": 1})


@pytest.mark.parametrize(
    ("change", "text", "outcome"),
    [
        ({"R3": "So it is three, 1 + 1 = 3."}, "another answer", "without six good texts"),
        ({"R3": "So it is \\boxed{3}, or 2."}, "another answer", "without six good texts"),
        ({"R3": "So it is \\boxed{2"}, "no answer", "without six good texts"),
        ({"R3": ""}, "no answer", "without six good texts"),
        ({"R3": "We add one to one and the"}, "no answer", "without six good texts"),
        ({"R2": TEXTS["R1"]}, "kept", "words do not fall strictly"),
    ],
)
def test_what_breaks_a_rule_is_dropped(change, text, outcome):
    made, texts, outcomes = adopt(published(TEXTS | change), [problem(1)])
    assert not made
    assert texts[text]
    assert +outcomes == {outcome: 1}


def test_problems_must_be_usable_and_complete():
    five = {level: text for level, text in TEXTS.items() if level != "R4"}
    items = [*published(TEXTS, 1), *published(TEXTS, 2), *published(five, 3), *published(TEXTS, 4)]
    problems = [problem(4), problem(1), problem(2, usable=False), problem(3), problem(9)]
    made, _, outcomes = adopt(items, problems)
    assert [chain.problem_id[-2:] for chain in made[::6]] == ["04", "01"]
    assert outcomes == {"kept": 2, "not among the usable problems": 1, "without six good texts": 1}


@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published chains in ../shared/obryan")
def test_the_published_chains(tmp_path, monkeypatch, capsys):
    rows = [json.loads(line) for line in (PUBLISHED / "truth" / "problems.jsonl").read_text().split("\n") if line]
    problems = [
        problem(1, row["answer"], id=row["id"], year=row["year"], section=row["section"], statement=row["statement"])
        for row in rows
    ]
    write_records(tmp_path / "problems.jsonl", problems)
    source, out = PUBLISHED / "chains" / "published.jsonl", tmp_path / "chains.jsonl"
    monkeypatch.setattr("sys.argv", ["import_chains", str(source), str(tmp_path / "problems.jsonl"), str(out)])
    import_chains.main()
    made = read_records(out, Chain)
    # 65 when this was written, of 101 with six texts, 16 of whose lengths do not fall.
    assert 60 * 6 <= len(made) <= 85 * 6
    for start in range(0, len(made), 6):
        six = made[start : start + 6]
        assert [chain.level for chain in six] == list(Level)
        assert falls([chain.words for chain in six])
        assert all(longer.words > shorter.words or shorter.words < 12 for longer, shorter in pairwise(six))
        assert {chain.text.split("\n")[-1] for chain in six} == {f"Answer: {six[0].answer}"}
    told = capsys.readouterr().out
    assert f"kept {len(made) // 6}" in told
    assert "without six good texts" in told


def test_bad_input_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["import_chains", "a"])
    with pytest.raises(StudyError, match="usage"):
        import_chains.main()
    (tmp_path / "a.jsonl").write_text('{"problem_id": "x"}\n')
    write_records(tmp_path / "p.jsonl", [problem(1)])
    arguments = ["import_chains", str(tmp_path / "a.jsonl"), str(tmp_path / "p.jsonl"), str(tmp_path / "out.jsonl")]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(StudyError, match=r"a\.jsonl:1: published_level"):
        import_chains.main()
    write_records(tmp_path / "a.jsonl", published(TEXTS, 2))
    with pytest.raises(StudyError, match=r"no problem of .* has six chains"):
        import_chains.main()
    assert not (tmp_path / "out.jsonl").exists()
