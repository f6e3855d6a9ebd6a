# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml refit``: everything about a trained model but its trunk, made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skeleton_dml_ros.cli.options import DataFolderOption, JsonOption
from skeleton_dml_ros.cli.train import say_written
from skeleton_dml_ros.errors import SkeletonDmlError


def refit(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Folder of a trained model; it stays as it is.")
    ],
    configuration: Annotated[
        Path,
        typer.Argument(metavar="CONFIG.yaml", help="What it was trained by, or a change of that."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the new model goes.")],
    data_folder: DataFolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit a trained model's last layer, cohort and threshold again, without training.

    After a change of `whitening`, `open_set` or `validation`.  With `whitening: 0` the model keeps its
    last layer.

    Example: `skeleton-dml refit runs/mine mine.yaml --out runs/mine_at_1_percent`
    """
    from skeleton_dml_ros.embedding.model import CARD, load_model, save_model
    from skeleton_dml_ros.embedding.network import network_of
    from skeleton_dml_ros.evaluation.decision import describe_run, difference
    from skeleton_dml_ros.training import loop
    from skeleton_dml_ros.training.configuration import read_configuration

    settings = read_configuration(configuration, data_folder)
    trained = load_model(model)
    differs = difference(trained.card, settings)
    if differs is not None:
        raise SkeletonDmlError(f"{model} has another {differs}; give what it was trained by")
    if (out / CARD).exists():
        raise SkeletonDmlError(f"{out} holds a model already; give another --out")
    run = loop.refit(settings, network_of(trained))
    card, cohort = describe_run(run, settings)
    save_model(out, card, run.network, cohort)
    say_written(out, card, as_json)
