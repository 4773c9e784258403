import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx

from stages.student import base, generation
from stages.student.generation import Asked
from stages.student.rows import prompt_tokens
from stages.study.errors import StudyError
from stages.study.params import Generate, Machine
from stages.questions.prompt import student_messages

GENERATE = Generate(max_tokens=12, batch_size=3, splits=["test"])
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
    found = generation.batch(model, tokenizer, prompts, 6)
    assert found == [(tokenizer.decode(tokens), len(tokens), reason) for tokens, reason in expected]


def test_results_depend_neither_on_the_workers_nor_on_the_order_asked(project, monkeypatch):
    monkeypatch.setattr(generation.joblib, "cpu_count", lambda: 2)  # whatever this machine has
    asked = [Asked("test", student_messages(statement)) for statement in STATEMENTS]
    one = generation.respond(asked, None, GENERATE, Machine(threads=1, workers=1))
    assert len(one) == len(asked)
    assert one == generation.respond(asked, None, GENERATE, Machine(threads=1, workers=2))
    assert one[::-1] == generation.respond(asked[::-1], None, GENERATE, Machine(threads=1, workers=1))


def test_beside_other_stages_one_process_works_in_place(project, monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    monkeypatch.delattr(generation, "ProcessPoolExecutor")
    asked = [Asked("test", student_messages(statement)) for statement in STATEMENTS]
    assert len(generation.respond(asked, None, GENERATE, Machine(threads=1, workers=2))) == len(asked)


def test_a_part_is_answered_in_the_same_batches_whatever_else_is_asked():
    test = [Asked("test", student_messages("x" * n)) for n in (5, 9, 7, 1)]
    train = [Asked("train", student_messages("x" * n)) for n in (8, 6, 2)]
    assert generation.batches(test, 3) == [[1, 2, 0], [3]]
    assert generation.batches([*train, *test], 3) == [[4, 5, 3], [6], [0, 1, 2]]


@pytest.mark.parametrize(
    ("sequences", "shared"),
    [([[1, 2, 3], [1, 2, 4]], [1, 2]), ([[1]], [1]), ([[1], [2]], []), ([[], [1]], []), ([[1, 2], [1, 2, 3]], [1, 2])],
)
def test_common_start(sequences, shared):
    assert generation.common_start(sequences) == shared


def test_one_prompt_alone_and_prompts_without_a_common_start(project):
    model, tokenizer = base.load()
    for prompts in ([[5, 6, 7]], [[5, 6, 7], [8, 9]], [[5], [6]]):
        expected = [greedy(model, tokenizer, prompt, 4) for prompt in prompts]
        found = generation.batch(model, tokenizer, prompts, 4)
        assert [(one.tokens, one.finish_reason) for one in found] == [(len(t), reason) for t, reason in expected]


def test_a_missing_adapter_is_named_with_the_command_that_makes_it(project, tmp_path):
    with pytest.raises(StudyError, match=r"R1-r0/adapters\.safetensors: no such file; run `dvc repro train@R1-r0`"):
        generation.respond([], tmp_path / "R1-r0", GENERATE, Machine(threads=1, workers=1))
