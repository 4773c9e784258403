"""How fast training is, beside the loss of mlx_lm.lora: trained tokens a second of processor time, and peak memory.

    python -m tests.tuning.benchmark [LAYERS]      (needs models/base and data/datasets; 8 layers if none are named)

Three ways, each in a process of its own with one BLAS thread: mlx-lm's loss over all positions as MLX is installed; the
same with OpenBLAS under it; this project's loop, without the features, whose time a row is told apart. Processor time,
for other work on the machine changes it least.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from stages.student import base, cpu

STEPS = {"as installed": 1, "OpenBLAS": 4, "this project": 8}
BATCH = 2
ROWS = Path("data/datasets/R1/fold-0/train.jsonl")


def measure(way: str, layers: int) -> dict[str, float]:
    """Trained tokens, processor seconds and peak memory in GiB of a few steps, the first of them not counted."""
    if way == "OpenBLAS":
        cpu.on_gpu = lambda: True  # so that MLX keeps its own exponentials
    if way != "as installed":
        cpu.prepare(1)
    import mlx.core as mx

    from stages.student.rows import encode
    from stages.study.files import read_records
    from stages.study.records import Row
    from stages.tuning import training
    from stages.tuning.settings import TrainSettings
    from tests.student.tiny import TRAIN

    settings = TrainSettings.model_validate(TRAIN | {"layers": layers, "rank": 8, "batch_size": BATCH})
    model, tokenizer = base.load()
    training.new_adapters(model, settings, 1)
    rows = encode(tokenizer, read_records(ROWS, Row), 512, ROWS)[: BATCH * (STEPS[way] + 1)]
    step = _ours(model, rows, layers) if way == "this project" else _stock(model)
    tokens, seconds = 0, 0.0
    for place in range(STEPS[way] + 1):
        batch = rows[place * BATCH : (place + 1) * BATCH]
        started = time.process_time()
        mx.eval(step(batch))
        if place:
            seconds += time.process_time() - started
            tokens += sum(len(row.tokens) - row.start for row in batch)
    return {
        "tokens": tokens,
        "seconds": seconds,
        "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def _stock(model: Any) -> Any:
    import mlx.core as mx
    from mlx.nn.utils import value_and_grad
    from mlx_lm.tuner.trainer import default_loss

    both = value_and_grad(model, default_loss)

    def step(rows: Any) -> Any:
        longest = max(len(row.tokens) for row in rows)
        tokens = mx.array([row.tokens + [0] * (longest - len(row.tokens)) for row in rows])
        return both(model, tokens, mx.array([[row.start, len(row.tokens)] for row in rows]))

    return step


def _ours(model: Any, rows: Any, layers: int) -> Any:
    import mlx.core as mx

    from stages.tuning import training
    from stages.tuning.batches import make_batch
    from stages.tuning.features import features_in_batches
    from stages.tuning.split_model import split_model

    parts = split_model(model, layers, max(rows, key=lambda row: len(row.tokens)).tokens)
    gradient = training._gradient(model, parts)
    started = time.process_time()  # computing begins at once, where NumPy asks for values
    lower = {id(row): features_in_batches(parts)([row])[0] for row in rows}
    mx.eval(list(lower.values()))
    print(f"features: {(time.process_time() - started) / len(rows):.2f} s a row", file=sys.stderr)
    return lambda batch: gradient([make_batch(batch, lambda chosen: [lower[id(row)] for row in chosen])])[2]


def main() -> None:
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
        return
    layers = sys.argv[1] if len(sys.argv) == 2 else "8"
    found = {}
    for way in STEPS:
        command = [sys.executable, "-m", "tests.tuning.benchmark", way, layers]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found[way] = json.loads(done.stdout.splitlines()[-1])
        speed = found[way]["tokens"] / found[way]["seconds"]
        print(f"{layers} layers, {way}: {speed:.1f} trained tokens a second, {found[way]['gib']:.2f} GiB", flush=True)


if __name__ == "__main__":
    main()
