# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml train``: from recordings with labels to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.options import DataFolderOption, DeviceOption, JsonOption
from skeleton_dml_ros.cli.terminal import output, print_json, progress

if TYPE_CHECKING:
    from skeleton_dml_ros.embedding.model import ModelCard
    from skeleton_dml_ros.training.loop import Progress


def train(
    configuration: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG.yaml",
            help="What to train on and how, such as config/training/default.yaml.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where the model goes, with its checkpoint and TensorBoard scalars.",
        ),
    ],
    data_folder: DataFolderOption = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in DIR.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Of everything random; the configuration's if left out.", min=0
        ),
    ] = None,
    device: DeviceOption = "auto",
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep normalised clips here, for this run and later ones; in memory if left out.",
        ),
    ] = None,
    rehearsal: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL",
            help="Of a configuration without validation classes: a model of the same recipe that was "
            "trained with some, whose threshold the new one takes.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model.

    An interrupted run goes on with --resume.  To watch it: tensorboard --logdir DIR.
    On four GPUs: torchrun --standalone --nproc-per-node 4 -m skeleton_dml_ros.cli train ...

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
                bar.say("interrupted; the epochs that are done stay: go on with --resume")
            raise
    if first:
        say_written(out, model.card, as_json)


def say_written(out: Path, card: ModelCard, as_json: bool) -> None:
    """Say where a model went, or what was measured of it."""
    if as_json:
        print_json(
            {"model": str(out), "figures": card.figures, "threshold": card.decision.score_threshold}
        )
        return
    output().print(f"model written to {out}", markup=False)


def _line(reached: Progress) -> str:
    """An epoch in a line; all of its scalars are in TensorBoard."""
    scalars = reached.scalars
    line = f"epoch {reached.epoch:3d} of {reached.epochs}   loss {scalars['loss']:.3f}"
    if "validation_accuracy" in scalars:
        line += f"   one-shot on validation {scalars['validation_accuracy']:.1f} %"
    return f"{line}   {reached.seconds:.1f} s"
