"""The losses of a training as dvclive writes them."""

from collections.abc import Sequence
from pathlib import Path

from dvclive.live import Live

from stages.study.files import replace_folder
from stages.tuning.checkpoint import Point


def write_curves(folder: Path, curve: Sequence[Point]) -> None:
    """Losses over iterations; without dvclive's metrics.json, which would hold the last ones and not those kept."""
    with replace_folder(folder) as making:
        with Live(dir=str(making), dvcyaml=None, save_dvc_exp=False, report=None) as live:
            for point in curve:
                live.step = point.iteration
                for name, loss in (("train", point.train_loss), ("valid", point.valid_loss)):
                    if loss is not None:
                        live.log_metric(f"{name}/loss", loss)
        (making / "metrics.json").unlink()
