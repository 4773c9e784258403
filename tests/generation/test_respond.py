"""Responses depend on neither processes, order nor interruptions; kept batches are those of the same asking."""

from dataclasses import replace

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from hypothesis import given
from hypothesis import strategies as st

from stages.generation import decoding, respond
from stages.generation.said import Said
from stages.generation.settings import Asking, Server
from stages.questions.exam import Question
from stages.student import base
from stages.study.errors import StudyError
from stages.study.files import write_records
from stages.study.params import Machine
from stages.study.records import Example

SETTINGS = Asking(budget=12, batch_size=3, examples={})
ONE, TWO = (Machine(cores=cores, teacher={}) for cores in (1, 2))
STATEMENTS = ["What is 1 + 1?", "Find x.", "Find the remainder when 7^33 is divided by 10.", "", "Find y.", "2?", "3?"]
QUESTIONS = [
    Question("exams", f"p{place}", statement, "1", "test", place % 3)
    if place % 3
    else Question("own", f"p{place}", statement, "1", "benchmark", None)
    for place, statement in enumerate(STATEMENTS)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "models" / "base")


@pytest.fixture
def project(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("STAGE_CORES", raising=False)
    monkeypatch.chdir(folder.parent.parent)
    return tmp_path


def ask(questions=QUESTIONS, settings=SETTINGS, machine=ONE):
    student = respond.identify("base", base.base_digest(), None, settings)
    with respond.kept_batches(student) as kept:
        return respond.respond(questions, student, None, settings, machine, kept)


def test_results_depend_neither_on_the_processes_nor_on_the_order_asked(project):
    found = ask()
    assert [(one.source, one.problem_id) for one in found] == sorted(
        (question.source, question.problem_id) for question in QUESTIONS
    )
    assert ask(machine=TWO) == found
    assert ask(QUESTIONS[::-1]) == found


def test_a_fold_is_answered_alike_whatever_else_is_asked(project):
    some = [question for question in QUESTIONS if question.fold == 1]
    assert ask(some) == [one for one in ask() if one.problem_id in {question.problem_id for question in some}]


SAMPLED = replace(SETTINGS, temperature=1.0, samples=2)


def test_several_samples_differ_and_are_the_same_whatever_else_is_asked(project):
    found = ask(settings=SAMPLED)
    assert [(one.source, one.problem_id, one.sample) for one in found] == sorted(
        (question.source, question.problem_id, sample) for question in QUESTIONS for sample in (1, 2)
    )
    texts = {(one.problem_id, one.sample): one.text for one in found}
    assert len(set(texts.values())) > len(QUESTIONS)
    some = ask(QUESTIONS[2:4], replace(SAMPLED, batch_size=1))
    assert {(one.problem_id, one.sample): one.text for one in some}.items() <= texts.items()
    more = ask(QUESTIONS[2:4], replace(SAMPLED, samples=3))
    assert {one.text for one in some} < {one.text for one in more}
    assert {one.student.temperature for one in found} == {1.0}


def test_worked_examples_stand_before_the_problems_of_their_fold_alone(project, monkeypatch):
    asked = []
    answer_batch = decoding.answer_batch
    monkeypatch.setattr(
        decoding, "answer_batch", lambda *told: asked.append([*map(told[1].decode, told[2])]) or answer_batch(*told)
    )
    examples = {fold: [Example(fold=fold, problem_id="x", statement=f"Worked {fold}", text="t")] for fold in (1, 2)}
    ask(settings=replace(SETTINGS, examples=examples, instruction="Say it."))
    for batch in asked:
        for prompt in batch:
            [statement] = [one for one in STATEMENTS if one and f"user\n{one}" in prompt] or [""]
            fold = STATEMENTS.index(statement) % 3
            assert [one for one in (1, 2) if f"Worked {one}" in prompt] == ([fold] if fold else [])
            assert "Say it." in prompt


def test_one_job_works_in_place(project, monkeypatch):
    monkeypatch.delattr(respond, "ProcessPoolExecutor")
    assert len(ask(QUESTIONS[:1], machine=TWO)) == 1


def test_a_killed_generation_goes_on_with_whole_batches_in_the_same_bytes(project, monkeypatch):
    whole = ask()
    done = []
    answer_batch = decoding.answer_batch

    def killed(model, tokenizer, prompts, *rest):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(prompts)
        return answer_batch(model, tokenizer, prompts, *rest)

    monkeypatch.setattr(decoding, "answer_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        ask()
    assert len(list((project / ".cache" / "generation").rglob("*.jsonl"))) == 2
    again = []
    monkeypatch.setattr(
        decoding, "answer_batch", lambda *arguments: again.append(arguments[2]) or answer_batch(*arguments)
    )
    assert ask() == whole
    assert len(again) == 1
    assert again[0] not in done
    assert list((project / ".cache" / "generation").iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"instruction": "Say it."},
        {"examples": {0: [Example(fold=0, problem_id="x", statement="s", text="t")]}},
        {"batch_size": 2},
        {"temperature": 0.5},
        {"server": Server(base_url="http://localhost:1/v1", model="m", adapter="model")},
    ],
)
def test_students_that_are_asked_in_different_ways_are_told_apart(project, change):
    usual = respond.identify("base", "a" * 64, None, SETTINGS)
    assert respond.identify("base", "a" * 64, None, replace(SETTINGS, **change)) != usual
    assert usual.engine == "mlx cpu float32"


def test_batches_of_another_student_prompt_or_budget_are_not_taken(project):
    student = respond.identify("base", "a" * 64, None, SETTINGS)
    changes = [{"base_digest": "b" * 64}, {"adapter_digest": "c" * 64}, {"prompt_digest": "d" * 64}, {"budget": 13}]
    folders = set()
    for change in [{}, *changes]:
        with respond.kept_batches(student.model_copy(update=change)) as kept:
            folders.add(kept)
    assert len(folders) == 5


@pytest.mark.parametrize("name", ["installed", "code_digest"])
def test_batches_of_other_code_or_versions_are_not_taken(project, monkeypatch, name):
    student = respond.identify("base", "a" * 64, None, SETTINGS)
    with respond.kept_batches(student) as before:
        pass
    monkeypatch.setattr(respond, name, lambda *_: "another")
    with respond.kept_batches(student) as after:
        pass
    assert before != after


def test_a_kept_batch_with_too_few_responses_is_named(project):
    student = respond.identify("base", base.base_digest(), None, SETTINGS)
    with respond.kept_batches(student) as kept:
        respond.respond(QUESTIONS, student, None, SETTINGS, ONE, kept)
        for file in kept.iterdir():
            if len(file.read_text().splitlines()) == 3:
                write_records(file, [Said(text="", tokens=0, finish_reason="stop")])
        with pytest.raises(StudyError, match=r"generation/.*jsonl: 1 responses to 3 prompts; remove it"):
            respond.respond(QUESTIONS, student, None, SETTINGS, ONE, kept)


@given(
    folds=st.lists(st.sampled_from([None, 0, 1]), min_size=1, max_size=40),
    size=st.integers(1, 9),
    lengths=st.lists(st.integers(1, 50), min_size=40, max_size=40),
)
def test_batches_hold_each_prompt_once_within_its_fold_evenly(folds, size, lengths):
    cut = respond.batches(folds, lengths, size)
    assert sorted(place for places in cut for place in places) == list(range(len(folds)))
    for places in cut:
        assert len({folds[place] for place in places}) == 1
    for fold in set(folds):
        sizes = [len(places) for places in cut if folds[places[0]] == fold]
        assert max(sizes) <= size
        assert max(sizes) - min(sizes) <= 1
        assert len(sizes) == -(-folds.count(fold) // size)
        order = [lengths[place] for places in cut for place in places if folds[place] == fold]
        assert order == sorted(order, reverse=True)
