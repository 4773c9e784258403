"""Train one run of the grid: LoRA on one level's and fold's dataset with one seed; the best checkpoint is kept.

    python -m stages.train R1-r0      (dvc repro train@R1-r0)

Writes models/adapters/R1-r0/ in mlx-lm's format, which `mlx_lm.generate --model models/base --adapter-path
models/adapters/R1-r0` loads, the loss curves plots/training/R1-r0/, and metrics/training/R1-r0.json.
"""

import sys
from pathlib import Path

from stages.student import base, cpu
from stages.study import params as parameters
from stages.study.errors import StudyError, run_stage
from stages.study.files import digest, read_records, replace_folder, write_json
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
    from dvclive.live import Live

    from stages.student import adapters
    from stages.student.rows import encode
    from stages.tuning import features, training

    model, tokenizer = base.load()
    base_digest = base.base_digest()
    with (
        replace_folder(Path("plots/training") / key) as curves,
        Live(dir=str(curves), dvcyaml=None, save_dvc_exp=False, report=None) as live,
    ):

        def report(iteration: int, train_loss: float | None, valid_loss: float | None) -> None:
            live.step = iteration
            for name, loss in (("train", train_loss), ("valid", valid_loss)):
                if loss is not None:
                    live.log_metric(f"{name}/loss", loss)

        trained = training.tune(
            model,
            encode(tokenizer, rows["train"], settings.max_tokens),
            encode(tokenizer, rows["valid"], settings.max_tokens),
            settings,
            iterations=settings.long_iterations if run.long else settings.iterations,
            keep_last=run.long,
            seed=params.run_seed(key),
            report=report,
            examples=lambda parts, rows: features.cached_examples(
                parts, rows, features.cache_key(base_digest, settings.layers, parts, rows)
            ),
        )
    training_of = adapters.Training(
        run=key,
        level=run.level,
        replicate=run.replicate,
        fold=run.fold,
        seed=params.run_seed(key),
        base_digest=base_digest,
        data_digest=digest(dataset / "train.jsonl", dataset / "valid.jsonl"),
        kept_iteration=trained.kept_iteration,
        versions=installed(STUDENT),
    )
    adapter = adapters.save(Path("models/adapters") / key, trained.weights, trained.config, training_of)
    losses = {"kept_loss": trained.kept_loss, "last_loss": trained.last_loss, "trained_tokens": trained.trained_tokens}
    write_json(f"metrics/training/{key}.json", training_of.model_dump() | {"adapter_digest": adapter} | losses)


if __name__ == "__main__":
    run_stage(main)
