# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml train``: from recordings with labels to a model folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.options import DataFolderOption, DeviceOption, JsonOption
from skeleton_dml_ros.cli.terminal import output, print_json, progress
from skeleton_dml_ros.errors import SkeletonDmlError

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

    settings = read_configuration(configuration, data_folder)
    if seed is not None:
        settings = replace(settings, seed=seed)

    from skeleton_dml_ros.embedding.model import CARD, load_model, save_model
    from skeleton_dml_ros.evaluation.decision import check_rehearsal, describe_run
    from skeleton_dml_ros.training import loop
    from skeleton_dml_ros.training.distributed import is_first_process

    _check_device(device)
    rehearsed = None if rehearsal is None else load_model(rehearsal).card
    if rehearsed is not None:
        check_rehearsal(rehearsed, settings)
    if not resume and (out / CARD).exists():
        raise SkeletonDmlError(f"{out} holds a model already; give another --out, or --resume")
    first = is_first_process()
    with progress("Training", shown=first) as bar:
        bar.advance(0, settings.optimisation.epochs)

        def report(reached: Progress) -> None:
            bar.advance(reached.epoch, reached.epochs)
            bar.say(_line(reached))

        try:
            run = loop.train(
                settings, out, resume=resume, device=device, cache=cache, report=report
            )
        except KeyboardInterrupt:
            if first:
                bar.say("interrupted; the epochs that are done stay: go on with --resume")
            raise
    if not first:
        return
    card, cohort = describe_run(run, settings, rehearsed)
    save_model(out, card, run.network, cohort)
    say_written(out, card, as_json)


def say_written(out: Path, card: ModelCard, as_json: bool) -> None:
    """Say where a model went, or what was measured of it."""
    if as_json:
        print_json(
            {"model": str(out), "figures": card.figures, "threshold": card.decision.threshold}
        )
        return
    output().print(f"model written to {out}", markup=False)


def _check_device(device: str) -> None:
    import torch

    if device == "auto":
        return
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise SkeletonDmlError(
            f"device {device!r} cannot be used: {reason}; give cpu, cuda or auto"
        ) from None


def _line(reached: Progress) -> str:
    """An epoch in a line; all of its scalars are in TensorBoard."""
    scalars = reached.scalars
    line = f"epoch {reached.epoch:3d} of {reached.epochs}   loss {scalars['loss']:.3f}"
    if "validation_accuracy" in scalars:
        line += f"   one-shot on validation {scalars['validation_accuracy']:.1f} %"
    return f"{line}   {reached.seconds:.1f} s"
