# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml refit``: everything about a trained model but its trunk, made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skeleton_dml_ros.cli.options import DataFolderOption, JsonOption
from skeleton_dml_ros.cli.train import say_written


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
    decision_only: Annotated[
        bool,
        typer.Option(
            "--decision-only", help="Fit only the confidence of matches; the network stays."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fit a trained model's last layer, cohort, threshold and confidence again, without training.

    After a change of `whitening`, `open_set`, `validation` or `decision`.  With `whitening: 0` the
    model keeps its last layer; with --decision-only it keeps everything but the confidence.

    Example: `skeleton-dml refit runs/mine mine.yaml --out runs/mine_at_1_percent`
    """
    from skeleton_dml_ros.training.train import refit as refit_model

    refitted = refit_model(
        model, configuration, out, data_folder=data_folder, decision_only=decision_only
    )
    say_written(out, refitted.card, as_json)
