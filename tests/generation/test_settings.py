"""stages.generation.settings: what may stand in `generate`, and what a variant changes of it."""

import pytest
from pydantic import ValidationError

from stages.generation.settings import Asking, GenerateSettings, Server, asking
from stages.questions.prompt import INSTRUCTION
from stages.study.params import Variant

USUAL = {"max_tokens": 96, "batch_size": 64, "engine": "mlx"}
SERVER = {"base_url": "http://localhost:8080/v1", "model": "m", "adapter": "adapters"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"max_tokens": 1, "batch_size": 1}, None),
        ({"engine": "openai", "server": SERVER}, None),
        ({"engine": "openai", "server": SERVER | {"base_url": "https://host"}}, None),
        ({"max_tokens": 0}, "max_tokens"),
        ({"batch_size": 0}, "batch_size"),
        ({"engine": "vllm"}, "engine"),
        ({"engine": "openai"}, "server: to be given with the engine `openai`"),
        ({"server": SERVER}, "server: to be given with the engine `openai`"),
        ({"engine": "openai", "server": SERVER | {"model": ""}}, "model"),
        ({"engine": "openai", "server": SERVER | {"adapter": "lora"}}, "adapter"),
        ({"engine": "openai", "server": SERVER | {"key": "k"}}, "key"),
        *(
            ({"engine": "openai", "server": SERVER | {"base_url": url}}, "base_url")
            for url in (
                "localhost:8080",
                "ftp://host",
                "http://",
                "http://user@host",
                "http://host?key=k",
                "http://a b",
            )
        ),
    ],
)
def test_what_may_stand_there(changes, fault):
    if fault is None:
        assert GenerateSettings.model_validate(USUAL | changes)
        return
    with pytest.raises(ValidationError, match=fault):
        GenerateSettings.model_validate(USUAL | changes)


@pytest.mark.parametrize(
    ("variant", "changes"),
    [
        ({}, {}),
        ({"budget": 4}, {"budget": 384}),
        ({"batch_size": 16}, {"batch_size": 16}),
        ({"instruction": "Say it."}, {"instruction": "Say it."}),
        ({"temperature": 0.7, "samples": 4}, {"temperature": 0.7, "samples": 4}),
    ],
)
def test_a_variant_changes_what_it_names_and_no_more(variant, changes):
    usual = {"budget": 96, "batch_size": 64, "examples": {0: []}, "instruction": INSTRUCTION}
    settings, asked = GenerateSettings.model_validate(USUAL), Variant.model_validate({"student": "base"} | variant)
    assert asking(settings, asked, {0: []}) == Asking(**usual | changes)


def test_the_server_answers_where_it_is_the_engine():
    settings = GenerateSettings.model_validate(USUAL | {"engine": "openai", "server": SERVER})
    assert asking(settings, Variant(student="base"), {}).server == Server.model_validate(SERVER)
