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


def test_a_row_that_is_too_long_is_named(tokenizer):
    rows = [row(), row(chain="long " * 40 + "\nAnswer: 2", name="p2")]
    length = len(row_tokens(tokenizer, rows[1]).tokens)
    with pytest.raises(StudyError, match=f"p2: {length} tokens are more than train.max_tokens = {length - 1}"):
        encode(tokenizer, rows, length - 1)
    assert [len(one.tokens) for one in encode(tokenizer, rows, length)][1] == length
