"""Likelihoods of texts, against a student whose preferences are known and against one forward pass over everything."""

import math
from pathlib import Path

import numpy as np
import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
from mlx_lm.utils import load

from stages.questions.prompt import student_messages
from stages.student.likelihood import CHUNK, mean_log_likelihood
from stages.student.rows import prompt_tokens

ASKED = student_messages("What is 1 + 1?")
WORDS = tiny.CONFIG["vocab_size"]


def prefer(folder: Path, letter: str, by: float) -> None:
    """Let the student in `folder` say `letter` with a logit of `by`, and anything else with one of 0, always."""
    path, (_, tokenizer) = folder / "model.safetensors", load(str(folder))
    weights = dict(mx.load(str(path)))
    for name, value in weights.items():
        if "embed" in name:
            weights[name] = mx.ones_like(value)
        elif "o_proj" in name or "down_proj" in name:
            weights[name] = mx.zeros_like(value)
    head = np.zeros(weights["lm_head.weight"].shape, np.float32)
    head[tokenizer.encode(letter, add_special_tokens=False)[0]] = by / head.shape[1]
    mx.save_safetensors(str(path), weights | {"lm_head.weight": mx.array(head)})


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    return load(str(tiny.make(tmp_path_factory.mktemp("student") / "base")))


@pytest.mark.parametrize(("text", "liked"), [("a", 1), ("z", 0), ("az", 0.5), ("azzz", 0.25), ("a" * 700, 1)])
def test_a_text_is_as_likely_as_its_letters(tmp_path, text, liked):
    prefer(tiny.make(tmp_path / "base"), "a", by=3.2)
    model, tokenizer = load(str(tmp_path / "base"))
    expected = 3.2 * liked - math.log(math.exp(3.2) + WORDS - 1)
    assert mean_log_likelihood(model, tokenizer, ASKED, text) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("length", [1, 7, CHUNK, 2 * CHUNK + 31])
@pytest.mark.parametrize("asked", ["", "What is 1 + 1?", "long " * 80])
def test_in_chunks_as_in_one_pass(student, length, asked):
    model, tokenizer = student
    text = "".join(chr(97 + number * number % 26) for number in range(length))
    prompt = prompt_tokens(tokenizer, student_messages(asked))
    tokens = [*prompt, *tokenizer.encode(text, add_special_tokens=False)]
    logits = np.array(model(mx.array(tokens)[None])[0].astype(mx.float32), np.float64)[len(prompt) - 1 : -1]
    chosen = logits[np.arange(length), tokens[len(prompt) :]] - np.log(np.exp(logits).sum(axis=1))
    found = mean_log_likelihood(model, tokenizer, student_messages(asked), text)
    assert found == pytest.approx(chosen.mean(), abs=1e-4)
    assert found == mean_log_likelihood(model, tokenizer, student_messages(asked), text)


def test_nothing_is_never_the_likeliest(student):
    assert mean_log_likelihood(*student, ASKED, "") == -math.inf
