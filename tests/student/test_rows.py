"""Rows of a dataset: what of them is trained on, and which do not fit."""

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
from mlx_lm.utils import load_tokenizer

from stages.questions.prompt import student_messages
from stages.student.rows import encode, prompt_tokens, row_tokens
from stages.study.errors import StudyError
from stages.study.records import Row


def row(statement: str = "What is 1 + 1?", chain: str = "1 + 1 = 2.\nAnswer: 2", name: str = "p1") -> Row:
    return Row(messages=[*student_messages(statement), {"role": "assistant", "content": chain}], problem_id=name)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return load_tokenizer(tiny.make(tmp_path_factory.mktemp("student") / "base"))


@pytest.mark.parametrize("statement", ["What is 1 + 1?", "Solve √(x+1) ≤ 2π.", "", "Answer: <|im_end|>"])
def test_what_is_trained_follows_the_very_prompt_of_generation(tokenizer, statement):
    found = row_tokens(tokenizer, row(statement))
    assert found.tokens[: found.start] == prompt_tokens(tokenizer, student_messages(statement))
    assert tokenizer.decode(found.tokens[found.start :]) == "1 + 1 = 2.\nAnswer: 2<|im_end|>"


@pytest.mark.parametrize("after", ["", "\n", "<|im_end|>\n"])
def test_the_last_trained_token_is_the_stop_whatever_the_template_puts_after(tmp_path, after):
    template = "{% for m in messages %}{{ m['role'] + ':' + m['content'] }}" + (
        "{% if not loop.last %}\n{% else %}" + after + "{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
    )
    tokenizer = load_tokenizer(
        tiny.make(
            tmp_path / "base",
            template=template.replace("{% if not loop.last %}\n", "{% if m['role'] != 'assistant' %}\n"),
        )
    )
    found = row_tokens(tokenizer, row())
    assert found.tokens[-1] == tokenizer.eos_token_id
    assert found.tokens.count(tokenizer.eos_token_id) == 1


def test_a_template_that_changes_the_prompt_is_refused(tmp_path):
    template = "{{ messages | length }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    tokenizer = load_tokenizer(tiny.make(tmp_path / "base", template=template))
    with pytest.raises(StudyError, match="p1 right after its prompt"):
        row_tokens(tokenizer, row())


def test_rows_that_are_too_long_are_counted_and_the_longest_is_named(tokenizer):
    rows = [row(), row(chain="long " * 40 + "\nAnswer: 2", name="p2"), row(chain="long " * 30, name="p3")]
    lengths = [len(row_tokens(tokenizer, one).tokens) for one in rows]
    message = f"^R1.jsonl: 2 of 3 rows have more tokens than train.max_tokens = {lengths[0]}, the longest {lengths[1]}"
    with pytest.raises(StudyError, match=rf"{message} \(p2\)"):
        encode(tokenizer, rows, lengths[0], "R1.jsonl")
    with pytest.raises(StudyError, match="1 of 3 rows"):
        encode(tokenizer, rows, lengths[1] - 1, "R1.jsonl")
    assert [len(one.tokens) for one in encode(tokenizer, iter(rows), lengths[1], "R1.jsonl")] == lengths
