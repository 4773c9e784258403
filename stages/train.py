"""Train one run of the grid: LoRA on one level's and fold's dataset with one seed; the best checkpoint is kept.

    python -m stages.train R1-r0      (dvc repro train@R1-r0)

Writes models/adapters/R1-r0/ in mlx-lm's format, which `mlx_lm.generate --model models/base --adapter-path
models/adapters/R1-r0` loads, the loss curves plots/training/R1-r0/, and metrics/training/R1-r0.json. Several machines
share the work under `mlx.launch --hostfile hosts.json -- python -m stages.train R1-r0`.
"""

import resource
import shutil
import sys
import time
from pathlib import Path

from stages.student import base, cpu
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import digest, read_records, write_json
from stages.study.records import Row
from stages.study.versions import STUDENT, check_versions, installed
from stages.tuning.settings import TrainSettings


def main() -> None:
    """Tune on the run's level and fold with its seed, then write adapter, curves and metrics."""
    key = parameters.single_argument(sys.argv[1:], "stages.train RUN (a key of `runs:` in params.yaml)")
    params = parameters.load()
    run, settings = params.run(key), params.block("train", TrainSettings)
    check_versions(STUDENT)
    dataset = Path("data/datasets") / run.level / f"fold-{run.fold}"
    rows = {split: read_records(dataset / f"{split}.jsonl", Row) for split in ("train", "valid")}
    for split, found in rows.items():
        if not found:
            raise StudyError(f"{dataset}/{split}.jsonl: no rows; nothing to {split}: see data/chains.jsonl and split")

    cpu.prepare(params.machine.usable_cores())
    from stages.student import adapters
    from stages.student.rows import encode
    from stages.tuning.curves import write_curves
    from stages.tuning.fit import fit
    from stages.tuning.training import Rows

    started = time.monotonic()
    model, tokenizer = base.load()
    base_digest = base.base_digest()
    fitted = fit(
        model,
        Rows(
            *(
                encode(tokenizer, rows[split], settings.max_tokens, dataset / f"{split}.jsonl")
                for split in ("train", "valid")
            )
        ),
        settings,
        run=key,
        long=run.long,
        seed=params.run_seed(key),
        base_digest=base_digest,
        features_bytes=int(params.machine.features_gib * 2**30),
    )
    if not fitted.writes:
        return
    progress = fitted.progress
    training = adapters.Training(
        run=key,
        level=run.level,
        replicate=run.replicate,
        fold=run.fold,
        seed=params.run_seed(key),
        base_digest=base_digest,
        data_digest=digest(dataset / "train.jsonl", dataset / "valid.jsonl"),
        kept_iteration=progress.kept_iteration,
        versions=installed(STUDENT),
    )
    adapter = adapters.save(Path("models/adapters") / key, fitted.weights, fitted.config, training)
    write_curves(Path("plots/training") / key, progress.curve)
    losses = {
        "kept_loss": progress.kept_loss,
        "last_loss": progress.curve[-1].valid_loss,
        "last_iteration": progress.iteration,
        "trained_tokens": progress.trained_tokens,
    }
    write_json(f"metrics/training/{key}.json", training.model_dump() | {"adapter_digest": adapter} | losses)
    shutil.rmtree(fitted.state)
    seconds, peak = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_gib = peak / 2 ** (30 if sys.platform == "darwin" else 20)  # bytes there, KiB elsewhere
    print(
        f"{key}: {progress.trained_tokens / seconds:.0f} trained tokens a second, {seconds:.0f} s, {peak_gib:.2f} GiB"
    )


if __name__ == "__main__":
    run_stage(main)
