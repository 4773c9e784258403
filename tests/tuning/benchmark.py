"""How fast training is, beside `mlx_lm.lora`: trained tokens a second of processor time, and peak memory.

    python -m tests.tuning.benchmark [LAYERS]      (needs models/base and data/datasets; 8 layers if none are named)

Three ways, each in a process of its own with one BLAS thread, on the rows of R1 in batches of 2: mlx-lm's own training
(its `train`, batches and loss, prompts masked) as MLX is installed; the same with OpenBLAS under it; this project's
loop. The features of the frozen layers are told apart, and counted over runs of two lengths. Processor time, that of
compilers which MLX starts included: other work on the machine changes it least.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from stages.student import base, cpu

STEPS = {"as installed": 2, "OpenBLAS": 8, "this project": 16}
BATCH = 2
FOLDER = Path("data/datasets/R1/fold-0")
EPOCHS = (2, 4, 20)  # a usual run of the sample, its long one, and the published study's 1,000 iterations


def seconds() -> float:
    """Processor time of this process and of those that it started."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def measure(way: str, layers: int) -> dict[str, float]:
    """Trained tokens and seconds of a few iterations, the first two not counted; peak memory in GiB."""
    if way == "OpenBLAS":
        cpu.on_gpu = lambda: True  # so that MLX keeps its own exponentials and its compiler
    if way != "as installed":
        cpu.prepare(1)
    from stages.tuning import training
    from stages.tuning.settings import TrainSettings
    from tests.student.tiny import TRAIN

    settings = TrainSettings.model_validate(TRAIN | {"layers": layers, "rank": 8, "batch_size": BATCH, "scale": 20.0})
    model, tokenizer = base.load()
    training.new_adapters(model, settings, 1)
    found = (_ours if way == "this project" else _theirs)(model, tokenizer, settings, STEPS[way])
    return found | {"gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def _theirs(model: Any, tokenizer: Any, settings: Any, steps: int) -> dict[str, float]:
    from mlx.optimizers import Adam
    from mlx_lm.tuner.callbacks import TrainingCallback
    from mlx_lm.tuner.datasets import CacheDataset, ChatDataset
    from mlx_lm.tuner.trainer import TrainingArgs, train

    class Clock(TrainingCallback):
        told: list[tuple[int, float]]

        def on_train_loss_report(self, report: dict[str, Any]) -> None:
            self.told.append((report["trained_tokens"], seconds()))

    clock = Clock()
    clock.told = []
    rows = [json.loads(line) for line in (FOLDER / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        args = TrainingArgs(
            batch_size=BATCH, iters=2 + steps, steps_per_report=1, adapter_file=f"{folder}/a.safetensors"
        )
        data = CacheDataset(ChatDataset(rows, tokenizer, mask_prompt=True))
        train(model, Adam(settings.learning_rate), data, args=args, training_callback=clock)
    (before, started), (tokens, ended) = clock.told[1], clock.told[-1]
    return {"tokens": tokens - before, "seconds": ended - started}


def _ours(model: Any, tokenizer: Any, settings: Any, steps: int) -> dict[str, float]:
    from stages.student.rows import encode
    from stages.study.files import read_records
    from stages.study.records import Row
    from stages.tuning import training
    from stages.tuning.features import choose
    from stages.tuning.schedule import Plan
    from stages.tuning.split_model import split_model

    rows = encode(tokenizer, read_records(FOLDER / "train.jsonl", Row), 512, FOLDER)
    parts = split_model(model, settings.layers, max(rows, key=lambda row: len(row.tokens)).tokens)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DVC_ROOT"] = folder  # so that none are cached
        frozen, limit, held = len(model.layers) - settings.layers, 2**40, Path(folder) / "held"
        started = seconds()
        lower = choose(parts, rows, held, layers=frozen, passes=2, base_digest="", limit=limit)
        features, at = seconds() - started, []

        def timed(rows: Any) -> Any:
            at.append(seconds())
            return lower(rows)

        plan = Plan(2 + steps, (2 + steps,), keep_last=True, patience=0)
        given = training.Rows(rows, rows[:BATCH])
        progress = training.tune(model, parts, given, settings, plan, seed=1, lower=timed, state=Path(folder)).progress
    tokens = progress.trained_tokens * steps / (2 + steps)  # the first two have as many as others
    whole = sum(len(row.tokens) - row.start for row in rows)
    return {"tokens": tokens, "seconds": at[-1] - at[3], "features": features, "epoch_tokens": whole}


def main() -> None:
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
        return
    layers = sys.argv[1] if len(sys.argv) == 2 else "8"
    speeds: dict[str, float] = {}
    for way in STEPS:
        command = [sys.executable, "-m", "tests.tuning.benchmark", way, layers]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        speed = speeds[way] = found["tokens"] / found["seconds"]
        print(f"{layers} layers, {way}: {speed:.1f} trained tokens a second, {found['gib']:.2f} GiB", flush=True)
    for epochs in EPOCHS:
        tokens = epochs * found["epoch_tokens"]
        speed = tokens / (tokens / speeds["this project"] + found["features"])
        print(
            f"  {epochs} epochs, features included: {speed:.1f}: {speed / speeds['OpenBLAS']:.1f} times mlx-lm's loop "
            f"on OpenBLAS, {speed / speeds['as installed']:.0f} times as it is installed"
        )


if __name__ == "__main__":
    main()
