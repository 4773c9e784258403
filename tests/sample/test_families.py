"""Every family and wording of the sample: answers against brute force, chains against the rules, equations exact."""

import functools
import itertools
import random
import re

import pytest

from data.sample.competition import competition
from data.sample.families import BENCHMARK_FAMILIES, FAMILIES
from data.sample.families.prose import chains
from data.sample.markup import linear, typst
from data.sample.problem import Family, Item
from tests.sample.second_computations import CHECKS, equations, false_equations, grams, numbers, value

SEEDS = range(6)
# Families of five settings with four questions each: wording = 4 * setting + question, both from 0.
STAPLES = {
    "product_rule", "arrangements", "draw_one", "rectangle_area", "circle_area", "absolute_solutions",
    "exponent_equation", "special_side", "consecutive", "odd_sum",
}  # fmt: skip
LEVELS = ["R1", "R2", "R3", "R4", "R5", "R6"]
WINDOWS = {"R1": (38, 60), "R2": (30, 42), "R3": (23, 31), "R4": (16, 22), "R5": (11, 16), "R6": (6, 10)}
TOPICS = {
    "number theory", "counting", "probability", "sequences", "plane geometry", "solid geometry", "coordinates",
    "functions", "logarithms", "trigonometry", "bases", "word problems", "statements", "tiebreaker",
}  # fmt: skip
ALL = FAMILIES + BENCHMARK_FAMILIES
PAIRS = [pytest.param(family, id=family.name) for family in ALL]
EXAM_PAIRS = [pytest.param(family, id=family.name) for family in FAMILIES]


@functools.cache
def items(family: Family) -> list[tuple[int, Item]]:
    return [
        (wording, family.make(random.Random(seed), wording=wording)) for wording in family.wordings for seed in SEEDS
    ]


def test_the_families_cover_the_competition():
    names = [family.name for family in ALL]
    assert len(set(names)) == len(names)
    assert len(FAMILIES) >= 44
    assert len(BENCHMARK_FAMILIES) >= 5
    assert {family.topic for family in FAMILIES} == TOPICS
    assert not TOPICS & {family.topic for family in BENCHMARK_FAMILIES}


def test_every_wording_stands_on_paper():
    """No text in the source that no exam prints: a number that the plan does not name cannot be made."""
    printed = {(item.family, q.wording) for exam in competition() for q in exam.questions if (item := q.item).chains}
    assert printed == {(family.name, wording) for family in FAMILIES for wording in family.wordings}
    for family in FAMILIES:
        for wording in set(range(-30, 30)) - set(family.wordings) if family.name not in STAPLES else ():
            with pytest.raises(KeyError):
                family.make(random.Random(1), wording=wording)


@pytest.mark.parametrize("family", [family for family in FAMILIES if family.name in STAPLES], ids=lambda f: f.name)
def test_every_setting_and_every_question_of_a_staple_stands_on_paper(family):
    assert {wording // 4 for wording in family.wordings} == set(range(5))
    assert {wording % 4 for wording in family.wordings} == set(range(4))
    with pytest.raises(IndexError):
        family.make(random.Random(1), wording=20)


def test_answers_of_all_forms_occur():
    answers = [linear(item.answer) for family in FAMILIES for _, item in items(family)]
    forms = {
        "integer": r"\d+",
        "fraction": r"\d+/\d+",
        "mixed": r"\d+ \d+/\d+",
        "decimal": r"\d+\.\d+",
        "radical": r"\d+√\d+",
        "pi": r"\d+π",
        "tuple": r"\(-?\d+, -?\d+\)",
        "word": r"[A-Za-z]+",
        "ratio": r"\d+ : \d+",
        "complex": r"-?\d+ \+ \d*i",
        "set": r"\{-?\d+, -?\d+\}",
        "base": r"\d+_\d",
        "expression": r"\d*x\^2 [+-] \d*x - \d+",
    }
    counts = {name: sum(bool(re.fullmatch(form, answer)) for answer in answers) for name, form in forms.items()}
    assert sum(counts.values()) == len(answers)
    assert min(counts.values()) > 0
    assert 0.5 < counts["integer"] / len(answers) < 0.75


@pytest.mark.parametrize("family", PAIRS)
def test_the_same_seed_gives_the_same_item(family):
    for wording in family.wordings:
        first, again, other = (family.make(random.Random(seed), wording=wording) for seed in (5, 5, 6))
        assert first == again
        assert first.family == other.family == family.name


@pytest.mark.parametrize("family", PAIRS)
def test_answers_agree_with_a_second_computation(family):
    for wording, item in items(family):
        statement, answer = linear(item.statement), linear(item.answer)
        assert value(answer) == value(str(CHECKS[family.name](statement, numbers(statement), wording))), statement
        assert item.wrong
        assert value(item.wrong) != value(answer), statement


@pytest.mark.parametrize("family", EXAM_PAIRS)
def test_chains_fall_from_level_to_level_and_are_true(family):
    for _, item in items(family):
        assert list(item.chains) == LEVELS
        words = [len(item.chains[level].split()) for level in LEVELS]
        assert words == sorted(set(words), reverse=True), item.chains
        assert all(low <= count <= high for count, (low, high) in zip(words, WINDOWS.values(), strict=True)), words
        assert "Answer:" not in " ".join(item.chains.values())
        assert not any(re.match(r"(?!sin|cos|tan)[a-z]{2}", text) for text in item.chains.values())
        assert all(linear(item.answer) in text for text in item.chains.values()), item.chains
        for text in (*item.chains.values(), item.reasoning):
            assert text == " ".join(text.split())
            assert text.endswith(".")
            assert false_equations(text) == [], text


@pytest.mark.parametrize("family", EXAM_PAIRS)
def test_reasoning_is_long_enough_and_ends_in_the_answer(family):
    for _, item in items(family):
        assert 80 <= len(item.reasoning.split()) <= 160
        assert linear(item.answer) in item.reasoning.split(". ")[-1]


@pytest.mark.parametrize("family", PAIRS)
def test_statements_are_short_and_wordings_differ(family):
    for seed in SEEDS:
        texts = [linear(family.make(random.Random(seed), wording=n).statement) for n in family.wordings]
        assert all(len(text.split()) <= 45 for text in texts)
        assert all(text[0].isupper() and text[-1] in ".?" for text in texts)
        if family in FAMILIES:
            for one, two in itertools.combinations(map(grams, texts), 2):
                assert len(one & two) / len(one | two) < 0.45


def test_every_statement_and_answer_compiles():
    compiler = pytest.importorskip("typst")
    drawn = [item for family in ALL for _, item in items(family)[:: len(SEEDS)]]
    source = "\n\n".join(f"{typst(item.statement)} {typst(item.answer)}" for item in drawn)
    assert len(drawn) == sum(len(family.wordings) for family in ALL) > 250
    assert compiler.compile(source.encode(), format="pdf").startswith(b"%PDF")


@pytest.mark.parametrize(
    ("steps", "brief", "what"),
    [
        ((("word " * 50, "word " * 35, "word " * 26, "word " * 18),), "six words are enough right here.", "reaches"),
        ((("word " * 50, "word " * 35, "word " * 26, "word " * 18, "word " * 12),), "too short.", "R6"),
        ((("word " * 50, "word " * 35, "word " * 26, "word " * 18, "word " * 12),), "word " * 11, "R6"),
    ],
)
def test_steps_that_miss_a_level_are_refused(steps, brief, what):
    with pytest.raises(ValueError, match=what):
        chains(steps, brief)


@pytest.mark.parametrize(
    ("text", "false"),
    [
        ("So 3 · 4 = 12.", 0),
        ("So 3 · 4 = 13.", 1),
        ("Then 2 + 3 · 4 = 14, and 20 / 4 = 5.", 0),
        ("Then 2 + 3 · 4 = 20, and 20 / 4 = 4.", 2),
        ("48/5 = 9 3/5.", 0),
        ("48/5 = 9 2/5.", 1),
        ("√(9 + 16) = √25 = 5.", 0),
        ("√20 = 2√5.", 0),
        ("√20 = 4√5.", 1),
        ("4 · √3/2 = 2√3.", 0),
        ("4 · √3/2 = 4√3.", 1),
        ("8 - 9 = -1 and 2^5 = 32 and 2.5 · 2 = 5.", 0),
        ("8 - 9 = 1 and 2^5 = 10 and 2.5 · 2 = 5.0.", 2),
        ("2x + 3 = 7, so x = 4 / 2 = 2.", 0),
        ("x = 4 / 2 = 3.", 1),
        ("(4 + 8) / 2 = 6 and -2 · -3 = 6.", 0),
        ("2πr = 18π and 9 · 9π = 81π.", 0),
    ],
)
def test_the_equation_check_finds_what_is_false(text, false):
    assert len(false_equations(text)) == false


def test_the_equation_check_has_much_to_do():
    texts = [text for family in FAMILIES for _, item in items(family) for text in item.chains.values()]
    assert sum(len(equations(text)) for text in texts) > 1.5 * len(texts)
