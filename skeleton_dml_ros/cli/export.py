# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml export``: export a model for ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from skeleton_dml_ros.cli.evaluate import chosen_clips
from skeleton_dml_ros.cli.options import ClassesOption, JsonOption, SubjectsOption, open_model
from skeleton_dml_ros.cli.terminal import print_json, say
from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

PEOPLE_PER_ACTION = 6
"""Synthetic people who show each action if no recordings are given."""

MAX_CLIPS = 256
"""Maximum number of clips; more take longer and hardly change the ranges of int8."""


def export(
    folder: Annotated[Path, typer.Argument(metavar="MODEL", help="Model folder.")],
    to: Annotated[
        Literal["onnx", "int8"],
        typer.Option(
            "--to", help="Precision: onnx (float32), or int8, which is faster and less precise."
        ),
    ] = "int8",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="ARCHIVE",
            help="Skeleton archive to calibrate int8 and to compare the embeddings. Default: synthetic "
            "clips.",
            show_default=False,
        ),
    ] = None,
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export a model for ONNX Runtime into the model folder.

    The exported graph does not need torch and is several times as fast on a CPU. Its embeddings are
    compared with the model's before it is written.

    For example:

    - `skeleton-dml export runs/mine`
    - `skeleton-dml export runs/mine --data recordings.npz --classes 0-7`
    """
    if data is None and (classes is not None or subjects is not None):
        raise SkeletonDmlError("--classes and --subjects require --data")
    model = open_model(folder)
    clips = _synthetic() if data is None else _recorded(data, classes, subjects)

    from skeleton_dml_ros.embedding.export import export_model

    exported = export_model(model, to, clips)
    size = exported.path.stat().st_size / 1e6
    if as_json:
        print_json(
            {
                "graph": str(exported.path),
                "megabytes": size,
                "clips": exported.clips,
                "mean_distance": exported.mean_distance,
                "largest_distance": exported.largest_distance,
            }
        )
        return
    say(
        f"wrote {exported.path} ({size:.1f} MB); distance of its embeddings to the model's on "
        f"{exported.clips} clips: mean {exported.mean_distance:.2g}, "
        f"maximum {exported.largest_distance:.2g}"
    )


def _synthetic() -> list[SkeletonSequence]:
    """Clips of every action of the synthetic actor, each by several people."""
    import numpy as np

    from skeleton_dml_ros.datasets.synthetic_actor import Person, action_names, perform

    generator = np.random.default_rng(0)
    return [
        perform(action, Person.sample(generator), generator)
        for action in action_names()
        for _ in range(PEOPLE_PER_ACTION)
    ]


def _recorded(data: Path, classes: str | None, subjects: str | None) -> list[SkeletonSequence]:
    """A random sample of the chosen clips."""
    import numpy as np

    archive, chosen = chosen_clips(data, classes, subjects)
    among = np.arange(len(archive))
    if chosen is not None:
        among = np.flatnonzero(np.isin(archive.labels, chosen))
    among = np.random.default_rng(0).permutation(among)[:MAX_CLIPS]
    return [archive.clip(int(index)) for index in among]
