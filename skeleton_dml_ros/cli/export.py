# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml export``: a model as a graph that runs faster, and without torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from skeleton_dml_ros.cli.evaluate import chosen_clips
from skeleton_dml_ros.cli.options import ClassesOption, JsonOption, SubjectsOption, open_model
from skeleton_dml_ros.cli.terminal import output, print_json
from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

PEOPLE_AN_ACTION = 6
"""Made-up people who do each action of the synthetic actor, where no recordings are given."""

MAX_CLIPS = 256
"""More clips change the ranges of int8 little and take longer."""


def export(
    folder: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder of the model.")],
    to: Annotated[
        Literal["onnx", "int8"],
        typer.Option("--to", help="Float32, or int8, which is faster and rounds."),
    ] = "int8",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="ARCHIVE",
            help="Recordings on which the graph is compared with the model, and whose values give "
            "the ranges of int8; made-up ones if left out.",
            show_default=False,
        ),
    ] = None,
    classes: ClassesOption = None,
    subjects: SubjectsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a model's graph for ONNX Runtime into the model's folder.

    It starts without torch and computes several times as fast on a CPU.  Before it is written, its
    embeddings are compared with the model's.

    Two examples:

    - `skeleton-dml export runs/mine`
    - `skeleton-dml export runs/mine --data recordings.npz --classes 0-7`
    """
    if data is None and (classes is not None or subjects is not None):
        raise SkeletonDmlError("--classes and --subjects choose from recordings; give --data")
    model = open_model(folder)
    clips = _dummy() if data is None else _recorded(data, classes, subjects)

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
    output().print(
        f"{exported.path} written, {size:.1f} MB; on {exported.clips} clips its embeddings are "
        f"{exported.mean_distance:.2g} from the model's on average, {exported.largest_distance:.2g} "
        "at most",
        markup=False,
        soft_wrap=True,
    )


def _dummy() -> list[SkeletonSequence]:
    """Clips of the synthetic actor: every action that it can do, each by several people."""
    import numpy as np

    from skeleton_dml_ros.datasets.synthetic_actor import Person, action_names, perform

    generator = np.random.default_rng(0)
    return [
        perform(action, Person.sample(generator), generator)
        for action in action_names()
        for _ in range(PEOPLE_AN_ACTION)
    ]


def _recorded(data: Path, classes: str | None, subjects: str | None) -> list[SkeletonSequence]:
    """Of the chosen clips, as many as are needed, by chance."""
    import numpy as np

    archive, chosen = chosen_clips(data, classes, subjects)
    among = np.arange(len(archive))
    if chosen is not None:
        among = np.flatnonzero(np.isin(archive.labels, chosen))
    among = np.random.default_rng(0).permutation(among)[:MAX_CLIPS]
    return [archive.clip(int(index)) for index in among]
