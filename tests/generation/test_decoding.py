"""A batch says what each prompt alone would; what is drawn follows its seed and its probabilities."""

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx

from stages.generation import decoding
from stages.generation.decoding import answer_batch, common_start, sampler
from stages.questions.prompt import student_messages
from stages.student import base
from stages.student.rows import prompt_tokens

STATEMENTS = ["What is 1 + 1?", "Find x.", "Find the remainder when 7^33 is divided by 10.", "", "Find y.", "2?", "3?"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.make(tmp_path_factory.mktemp("student") / "models" / "base")


@pytest.fixture
def project(folder, monkeypatch):
    monkeypatch.chdir(folder.parent.parent)


def greedy(model, tokenizer, prompt: list[int], max_tokens: int) -> tuple[list[int], str]:
    """The plain way: the whole sequence through the model for every token."""
    tokens: list[int] = []
    while len(tokens) < max_tokens:
        token = int(mx.argmax(model(mx.array([prompt + tokens]))[0, -1]))
        if token in tokenizer.eos_token_ids:
            return tokens, "stop"
        tokens.append(token)
    return tokens, "length"


def test_a_batch_says_what_each_prompt_alone_would(project):
    model, tokenizer = base.load()
    prompts = [prompt_tokens(tokenizer, student_messages(statement)) for statement in STATEMENTS]
    said = [set(greedy(model, tokenizer, prompt, 6)[0]) for prompt in prompts]
    stop = min(set.union(*said) - set.intersection(*said))  # a random model would hardly ever stop by itself
    tokenizer.add_eos_token(str(stop))
    expected = [greedy(model, tokenizer, prompt, 6) for prompt in prompts]
    assert {reason for _, reason in expected} == {"stop", "length"}
    found = answer_batch(model, tokenizer, prompts, 6)
    assert [(one.text, one.tokens, one.finish_reason) for one in found] == [
        (tokenizer.decode(tokens), len(tokens), reason) for tokens, reason in expected
    ]


@pytest.mark.parametrize(
    ("sequences", "shared"),
    [([[1, 2, 3], [1, 2, 4]], [1, 2]), ([[1]], [1]), ([[1], [2]], []), ([[], [1]], []), ([[1, 2], [1, 2, 3]], [1, 2])],
)
def test_common_start(sequences, shared):
    assert common_start(sequences) == shared


def test_one_prompt_alone_and_prompts_without_a_common_start(project):
    model, tokenizer = base.load()
    for prompts in ([[5, 6, 7]], [[5, 6, 7], [8, 9]], [[5], [6]]):
        expected = [greedy(model, tokenizer, prompt, 4) for prompt in prompts]
        found = answer_batch(model, tokenizer, prompts, 4)
        assert [(one.tokens, one.finish_reason) for one in found] == [(len(t), reason) for t, reason in expected]


def test_what_is_drawn_depends_on_its_seed_alone(project):
    model, tokenizer = base.load()
    prompts = [prompt_tokens(tokenizer, student_messages(statement)) for statement in STATEMENTS]
    seeds = [*range(len(prompts))]
    together = answer_batch(model, tokenizer, prompts, 8, 1.0, seeds)
    assert answer_batch(model, tokenizer, prompts[::-1], 8, 1.0, seeds[::-1]) == together[::-1]
    for place in (0, 3):
        assert answer_batch(model, tokenizer, prompts[place : place + 1], 8, 1.0, seeds[place : place + 1]) == [
            together[place]
        ]
    assert len({one.text for one in answer_batch(model, tokenizer, prompts[:1] * 4, 8, 1.0, seeds[:4])}) == 4
    assert answer_batch(model, tokenizer, prompts, 8, 1e-4, seeds) == answer_batch(model, tokenizer, prompts, 8)


def test_tokens_are_drawn_as_often_as_they_are_likely():
    shares = mx.array([0.1, 0.2, 0.3, 0.4])
    for temperature in (1.0, 2.0):
        draw = sampler(temperature, 5)
        drawn = [int(draw(mx.log(shares)[None])[0]) for _ in range(2000)]
        expected = shares ** (1 / temperature)
        for token, share in enumerate((expected / expected.sum()).tolist()):
            assert abs(drawn.count(token) / 2000 - share) < 0.045  # four standard deviations


def test_all_prompts_are_one_batch_and_what_they_share_is_read_once(project, monkeypatch):
    model, tokenizer = base.load()
    told, read = [], []

    class Watched(decoding.BatchGenerator):
        def __init__(self, *arguments, **settings):
            told.append(settings)
            super().__init__(*arguments, **settings)

        def insert(self, prompts, **settings):
            read.extend(prompts)
            return super().insert(prompts, **settings)

    monkeypatch.setattr(decoding, "BatchGenerator", Watched)
    answer_batch(model, tokenizer, [[5, 6, 7], [5, 6, 8], [5, 6]], 2)
    answer_batch(model, tokenizer, [[5, 6, 7]], 2)
    assert [(one["completion_batch_size"], one["prefill_batch_size"]) for one in told] == [(3, 3), (1, 1)]
    assert read == [[6, 7], [6, 8], [6], [7]]
