"""A student small enough to make in a test: a random model of llama's build with a tokenizer of single bytes."""

import json
import sys
from pathlib import Path

import yaml
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from stages.student import cpu

if "mlx.core" not in sys.modules:  # as a stage does it: before MLX is loaded
    cpu.prepare(1)

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models.llama import Model, ModelArgs
from mlx_lm.utils import quantize_model

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 4,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "vocab_size": 320,
    "tie_word_embeddings": False,
    "eos_token_id": 1,
}


def letters() -> list[str]:
    """The 256 letters that stand for bytes."""
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def make(folder: Path, *, template: str = CHATML, quantised: bool = False, **changes: object) -> Path:
    """Write the model, its config and tokenizer to `folder`, as mlx-lm loads them."""
    folder.mkdir(parents=True)
    config = CONFIG | changes
    mx.random.seed(5)
    model = Model(ModelArgs.from_dict(config))
    if quantised:
        model, config = quantize_model(model, config, group_size=32, bits=4)
    mx.save_safetensors(str(folder / "model.safetensors"), dict(tree_flatten(model.parameters())))
    (folder / "config.json").write_text(json.dumps(config))
    specials = ["<|im_start|>", "<|im_end|>"]
    tokenizer = Tokenizer(models.BPE({letter: place for place, letter in enumerate(specials + letters())}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(specials)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|im_end|>")
    wrapped.chat_template = template
    wrapped.save_pretrained(folder)
    return folder


def params(folder: Path, **blocks: dict) -> None:
    """The project's params.yaml in `folder`, with keys of the sample profile's blocks, or of `machine`, changed."""
    found = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8"))
    for block, changes in blocks.items():
        (found if block in found else found["sample"])[block] |= changes
    (folder / "params.yaml").write_text(yaml.safe_dump(found), encoding="utf-8")
