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
TRAIN = {
    "unit": "iterations",
    "length": 3,
    "long_length": 5,
    "batch_size": 2,
    "accumulate": 1,
    "optimizer": "adam",
    "weight_decay": 0.0,
    "learning_rate": 5e-4,
    "schedule": "constant",
    "warmup": 0.0,
    "clip": 0.0,
    "validations": 2,
    "patience": 0,
    "keep": "best",
    "method": "lora",
    "layers": 2,
    "targets": [],
    "rank": 4,
    "scale": 2.0,
    "alpha": None,
    "dropout": 0.0,
    "max_tokens": 400,
    "checkpoint_gradients": False,
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
    """A params.yaml in `folder` that trains and asks a tiny student, with keys of its blocks changed."""
    run = {"level": "R1", "replicate": 0, "fold": 0, "long": False, "all_problems": False, "benchmark": False}
    found = {
        "profile": "sample",
        "corpus": "x",
        "benchmarks": ["own"],
        "seed": 1,
        "runs": {
            "R1-r0": run | {"benchmark": True},
            "R1-r1": run | {"replicate": 1, "fold": 1},
            "R2-r0": run | {"level": "R2"},
            "R1-long": run | {"long": True},
        },
        "variants": {"base": {"student": "base", "benchmark": True}},
        "machine": {"cores": 1, "teacher": {}},
    }
    profile = {
        "student": {"source": "folder", "name": "mine", "revision": "", "sha256": "", "dtype": "keep"},
        "split": {"protocol": "held_out", "folds": 2},
        "train": TRAIN,
        "generate": {"max_tokens": 6, "batch_size": 2, "engine": "mlx"},
    }
    for block, changes in blocks.items():
        target = found if block in found else profile
        target[block] = target[block] | changes if isinstance(changes, dict) else changes
    (folder / "params.yaml").write_text(yaml.safe_dump(found | {"sample": profile}), encoding="utf-8")
