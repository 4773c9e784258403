"""The base student: its tokenizer, its digest, and the error without one."""

from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from stages.questions.prompt import student_messages
from stages.student import base
from stages.study.errors import StudyError


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny.make(base.BASE)


def test_the_tokenizer_alone_is_the_one_that_is_loaded_with_the_model(project):
    alone, (_, tokenizer) = base.load_tokenizer(), base.load()
    assert alone.eos_token_ids == tokenizer.eos_token_ids == {1}
    messages = student_messages("What is 1 + 1?")
    assert alone.apply_chat_template(messages) == tokenizer.apply_chat_template(messages)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"])
def test_the_digest_tells_weights_configuration_and_tokenizer(project, name):
    before = base.base_digest()
    assert base.base_digest() == before
    path = base.BASE / name
    path.write_bytes(path.read_bytes() + b" ")
    assert base.base_digest() != before


def test_hidden_files_are_no_part_of_the_student(project):
    before = base.base_digest()
    (base.BASE / ".DS_Store").write_text("a window")
    assert base.base_digest() == before


@pytest.mark.parametrize("function", [base.load, base.load_tokenizer, base.base_digest])
def test_without_a_student_the_stage_that_makes_it_is_named(tmp_path, monkeypatch, function):
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    with pytest.raises(StudyError, match="models/base: no student there; run `dvc repro fetch`"):
        function()
