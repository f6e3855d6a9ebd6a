# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml evaluate decisions``: compare rules that separate known from unknown actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from skeleton_dml_ros.cli.evaluate import parse_classes
from skeleton_dml_ros.cli.options import (
    JsonOption,
    ModelOption,
    SeedOption,
    open_engine,
    open_model,
)
from skeleton_dml_ros.cli.terminal import print_json, progress, say

if TYPE_CHECKING:
    from skeleton_dml_ros.embedding.engine import Engine
    from skeleton_dml_ros.evaluation.decision_rules import LabelledSet

COHORT_CLIPS = 1000
"""Number of clips of a new cohort, balanced over the classes."""


def decisions(
    data: Annotated[
        list[str],
        typer.Option(
            "--data",
            metavar="ARCHIVE[:CLASSES]",
            help="Test set: archive and its classes (default: all). Can be repeated.",
        ),
    ],
    fit: Annotated[
        str, typer.Option(metavar="ARCHIVE[:CLASSES]", help="Set to fit the thresholds on.")
    ],
    cohort: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ARCHIVE[:CLASSES]",
            help="Set to build the cohort from. Can be repeated. Default: the model's cohort.",
        ),
    ] = None,
    model: ModelOption = "default",
    known: Annotated[int, typer.Option(metavar="K", help="Number of classes to enrol.", min=2)] = 4,
    episodes: Annotated[
        int, typer.Option(metavar="N", help="How many times references are drawn.", min=1)
    ] = 100,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Compare decision rules for known and unknown actions, as Markdown tables.

    Thresholds for 5 % and 10 % false accepts are fitted on one set and tested on others. The sets should
    contain no class of the cohort or of the model's training data.

    Example: `skeleton-dml evaluate decisions --fit a.npz:0-6 --data a.npz:7-15 --data b.npz`
    """
    import numpy as np

    from skeleton_dml_ros.evaluation.decision_rules import compare_rules, markdown
    from skeleton_dml_ros.training.sampling import balanced

    opened = open_model(model)
    engine = open_engine(opened, "torch")
    members = opened.cohort
    if cohort:
        sets = [_embedded(engine, argument) for argument in cohort]
        embeddings = np.concatenate([one.embeddings for one in sets])
        labels = [f"{one.name}:{label}" for one in sets for label in one.labels]
        numbers = np.unique(labels, return_inverse=True)[1]
        members = embeddings[balanced(numbers, COHORT_CLIPS, np.random.default_rng(seed))]
    figures = compare_rules(
        members,
        _embedded(engine, fit),
        [_embedded(engine, argument) for argument in data],
        known,
        episodes,
        seed,
    )
    if as_json:
        print_json([one.to_dict() for one in figures])
    else:
        say(*markdown(figures).splitlines())


def _embedded(engine: Engine, argument: str) -> LabelledSet:
    """Embed the clips of ``ARCHIVE[:CLASSES]``."""
    from skeleton_dml_ros.datasets.recording_file import split_clip_name
    from skeleton_dml_ros.datasets.recordings import read_recordings
    from skeleton_dml_ros.evaluation.comparing import embed_classes
    from skeleton_dml_ros.evaluation.decision_rules import LabelledSet

    path, which = split_clip_name(argument)
    archive = read_recordings(path)
    classes = None if which is None else parse_classes(which, archive.class_names)
    name = path.stem
    if classes is not None:
        name += f", {len(classes)} classes"
    with progress(f"Embedding {path.stem}") as bar:
        embeddings, embedded, _ = embed_classes(engine, archive, classes, bar.advance)
    return LabelledSet(name, embeddings, archive.labels[embedded])
