# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml train`` and ``skeleton-dml refit``: train a model, or fit parts of it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.options import DataFolderOption, DeviceOption, JsonOption
from skeleton_dml_ros.cli.terminal import print_json, progress, say

if TYPE_CHECKING:
    from skeleton_dml_ros.embedding.model import ModelCard
    from skeleton_dml_ros.training.loop import Progress


def train(
    configuration: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG.yaml",
            help="Training configuration, such as config/training/default.yaml.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Output folder of the model, its checkpoint and TensorBoard scalars.",
        ),
    ],
    data_folder: DataFolderOption = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume from the checkpoint in DIR.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Seed of the random numbers. Default: the configuration's seed.",
            min=0,
        ),
    ] = None,
    device: DeviceOption = "auto",
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder that caches normalised clips for later runs. Default: in memory only.",
        ),
    ] = None,
    rehearsal: Annotated[
        Path | None,
        typer.Option(
            "--threshold-from",
            metavar="MODEL",
            help="Take the threshold from this model of the same recipe, which was trained with "
            "validation classes. For configurations without them.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model.

    --resume continues an interrupted run; `tensorboard --logdir DIR` shows its progress. On four GPUs:
    `torchrun --standalone --nproc-per-node 4 -m skeleton_dml_ros.cli train ...`

    Example: `skeleton-dml train config/training/default.yaml --out runs/mine`
    """
    from skeleton_dml_ros.training.configuration import read_configuration
    from skeleton_dml_ros.training.distributed import is_first_process
    from skeleton_dml_ros.training.train import train as train_model

    settings = read_configuration(configuration, data_folder)
    first = is_first_process()
    with progress("Training", shown=first) as bar:
        bar.advance(0, settings.optimisation.epochs)

        def report(reached: Progress) -> None:
            bar.advance(reached.epoch, reached.epochs)
            bar.say(_line(reached))

        try:
            model = train_model(
                settings,
                out,
                seed=seed,
                resume=resume,
                device=device,
                cache=cache,
                rehearsal=rehearsal,
                report=report,
            )
        except KeyboardInterrupt:
            if first:
                bar.say("interrupted; continue with --resume")
            raise
    if first:
        _say_written(out, model.card, as_json)


def refit(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="Folder of a trained model, which is not changed."),
    ],
    configuration: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG.yaml", help="The model's training configuration, with changes."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the new model.")],
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            "--beside",
            metavar="MODEL",
            help="Another trained model whose views are appended; repeatable.",
        ),
    ] = None,
    data_folder: DataFolderOption = None,
    decision_only: Annotated[
        bool,
        typer.Option(
            "--decision-only", help="Fit only the confidence of matches; keep the network."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fit a model's last layer, cohort, threshold and confidence again, without training.

    Use it after a change of `whitening`, `open_set`, `validation` or `decision`. With `whitening: 0`
    the last layer is kept; with --decision-only everything but the confidence is. With --beside, the
    views of several models become those of one.

    Example: `skeleton-dml refit runs/mine mine.yaml --out runs/mine_at_1_percent`
    """
    from skeleton_dml_ros.training.train import refit as refit_model

    refitted = refit_model(
        model,
        configuration,
        out,
        beside=beside or (),
        data_folder=data_folder,
        decision_only=decision_only,
    )
    _say_written(out, refitted.card, as_json)


def _say_written(out: Path, card: ModelCard, as_json: bool) -> None:
    """Print the folder of a new model, as JSON with its figures."""
    if as_json:
        print_json(
            {"model": str(out), "figures": card.figures, "threshold": card.decision.score_threshold}
        )
        return
    say(f"wrote model {out}")


def _line(reached: Progress) -> str:
    """An epoch as one line; TensorBoard has all scalars."""
    scalars = reached.scalars
    line = f"epoch {reached.epoch:3d} of {reached.epochs}   loss {scalars['loss']:.3f}"
    if "validation_accuracy" in scalars:
        line += f"   validation one-shot accuracy {scalars['validation_accuracy']:.1f} %"
    return f"{line}   {reached.seconds:.1f} s"
