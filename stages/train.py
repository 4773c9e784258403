"""Train one run of the grid: LoRA on one level's dataset with one seed; the best checkpoint is kept.

    python -m stages.train R1-r0      (dvc repro train@R1-r0)

Writes models/adapters/R1-r0/ in mlx-lm's format, which `mlx_lm.generate --model models/base --adapter-path
models/adapters/R1-r0` loads, and the loss curves plots/training/R1-r0/.
"""

import shutil
import sys
from functools import partial
from pathlib import Path

from stages.student import base, cpu
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records
from stages.study.records import Row


def main() -> None:
    """Tune on the run's level with its seed, then write adapters and curves."""
    if len(sys.argv) != 2:
        raise StudyError("usage: python -m stages.train RUN (a key of `runs:` in params.yaml)")
    key = sys.argv[1]
    params = parameters.load()
    run, train = params.run(key), params.active.train
    dataset = Path("data/datasets") / run.level
    rows = {split: read_records(dataset / f"{split}.jsonl", Row) for split in ("train", "valid")}
    for split, found in rows.items():
        if not found:
            raise StudyError(f"{dataset}/{split}.jsonl: no rows; nothing to {split}: see data/chains.jsonl and split")

    cpu.prepare(params.machine.threads)
    from dvclive import Live

    from stages.student import features, training
    from stages.student.rows import encode

    model, tokenizer = base.load()
    curves = Path("plots/training") / key
    shutil.rmtree(curves, ignore_errors=True)
    with Live(dir=str(curves), dvcyaml=None, save_dvc_exp=False, report=None) as live:

        def report(iteration: int, train_loss: float | None, valid_loss: float | None) -> None:
            live.step = iteration
            for name, loss in (("train", train_loss), ("valid", valid_loss)):
                if loss is not None:
                    live.log_metric(f"{name}/loss", loss)

        weights, config = training.tune(
            model,
            encode(tokenizer, rows["train"], train.max_tokens),
            encode(tokenizer, rows["valid"], train.max_tokens),
            train,
            iterations=train.long_iterations if run.long else train.iterations,
            keep_last=run.long,
            seed=params.run_seed(key),
            report=report,
            examples=partial(features.kept_examples, made_by=f"{features.digest(base.BASE)} {train.layers}"),
        )
    training.save(Path("models/adapters") / key, weights, config)


if __name__ == "__main__":
    run_stage(main)
