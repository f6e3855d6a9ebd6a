# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One-shot accuracy: share of queries whose nearest reference, of one per class, is of their class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.datasets.recordings import read_recordings
from skeleton_dml_ros.datasets.splits import OneShotSplit, clips_of_part, references_of
from skeleton_dml_ros.embedding.engine import Engine, embed_each
from skeleton_dml_ros.embedding.engines import make_engine
from skeleton_dml_ros.embedding.model import Model, load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.episodes import one_shot_accuracies

CHUNK = 64
"""Clips embedded at once, between two steps of the progress bar."""


@dataclass(frozen=True)
class OneShotFigures:
    """Result of the one-shot protocol.

    Attributes:
        accuracy_mean: mean over the episodes, percent.
        accuracy_std: standard deviation over the episodes, percent.
        episodes: number of episodes; 1 if a split fixes the references.
        classes: number of classes.
        queries: queries per episode.
        left_out: clips in which too little was seen to embed them; they are not queries.
        split: name of the split, or None.
    """

    accuracy_mean: float
    accuracy_std: float
    episodes: int
    classes: int
    queries: int
    left_out: int = 0
    split: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


def evaluate_one_shot(
    engine: Engine | Model | str | Path,
    archive: SkeletonArchive | str | Path,
    classes: Sequence[int | str] | None = None,
    episodes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> OneShotFigures:
    """Measure one-shot accuracy: in each episode one random clip of each class is its reference.

    All other clips are queries.

    Args:
        engine: embeds; or a model, or the path of its folder, which torch then computes.
        archive: labelled clips, or the path of their archive.
        classes: names or indices of the classes that take part; None for all.
        episodes: number of episodes.
        seed: of the episodes.
        progress: called with the number of clips embedded and of all clips.

    Raises:
        SkeletonDmlError: model or archive cannot be read, a class does not exist, or there are too
            few classes or clips.
    """
    if episodes < 1:
        raise SkeletonDmlError(f"episodes is {episodes}; give at least 1")
    if isinstance(engine, (str, Path)):
        engine = load_model(engine)
    if isinstance(engine, Model):
        engine = make_engine(engine, "torch")
    if not isinstance(archive, SkeletonArchive):
        archive = read_recordings(archive)
    embeddings, embedded, left_out = embed_classes(engine, archive, classes, progress)
    labels = archive.labels[embedded]
    accuracies = 100 * one_shot_accuracies(
        embeddings, labels, episodes, np.random.default_rng(seed)
    )
    present = len(np.unique(labels))
    return OneShotFigures(
        accuracy_mean=float(accuracies.mean()),
        accuracy_std=float(accuracies.std()),
        episodes=episodes,
        classes=present,
        queries=len(labels) - present,
        left_out=left_out,
    )


def evaluate_split(
    engine: Engine,
    archive: SkeletonArchive,
    split: OneShotSplit,
    episodes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> OneShotFigures:
    """The one-shot protocol on a split's evaluation classes.

    Args:
        engine: embeds.
        archive: labelled clips, the split's references among them.
        split: which classes take part, and which clips are their references.
        episodes: number of episodes if the split fixes no references.
        seed: of the episodes.
        progress: called with the number of clips embedded and of all clips.

    Raises:
        SkeletonDmlError: the archive lacks a class or a reference of the split, no query is left,
            or too little is seen in a reference to embed it.
    """
    used = clips_of_part(archive, split, "evaluation")
    if not split.references:
        labels = sorted({int(label) for label in archive.labels[used]})
        drawn = evaluate_one_shot(engine, archive, labels, episodes, seed, progress)
        return replace(drawn, split=split.name)
    references = references_of(archive, split)
    embeddings, embedded = embed_archive(engine, archive, used, progress)
    is_reference = np.isin(embedded, references)
    if is_reference.sum() < len(references):
        lost = archive.names[int(np.setdiff1d(references, embedded)[0])]
        raise SkeletonDmlError(
            f"too little is seen in the reference {lost!r} of split {split.name} to embed it; give "
            "another archive"
        )
    if is_reference.all():
        raise SkeletonDmlError(
            f"the archive holds only the references of split {split.name} and no other clip of its "
            "evaluation classes; no query is left"
        )
    labels_of = archive.labels[embedded]
    # The nearest of unit vectors has the largest inner product.
    nearest = (embeddings[~is_reference] @ embeddings[is_reference].T).argmax(axis=1)
    right = labels_of[is_reference][nearest] == labels_of[~is_reference]
    return OneShotFigures(
        accuracy_mean=100 * float(right.mean()),
        accuracy_std=0.0,
        episodes=1,
        classes=len(references),
        queries=len(right),
        left_out=len(used) - len(embedded),
        split=split.name,
    )


def embed_classes(
    engine: Engine,
    archive: SkeletonArchive,
    classes: Sequence[int | str] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[NDArray[np.float32], NDArray[np.intp], int]:
    """Embed the clips of some classes of an archive.

    Args:
        engine: embeds.
        archive: labelled clips.
        classes: names or indices of the classes; None for all.
        progress: called with the number of clips embedded and of all clips.

    Returns:
        (clips, dimension) embeddings, the clips' indices, and the number of clips left out because
        too little was seen.

    Raises:
        SkeletonDmlError: a class does not exist, or no clip is left.
    """
    used = np.arange(len(archive))
    if classes is not None:
        used = np.flatnonzero(np.isin(archive.labels, [archive.label_of(one) for one in classes]))
    if len(used) == 0:
        raise SkeletonDmlError("the archive has no clip of the chosen classes")
    embeddings, embedded = embed_archive(engine, archive, used, progress)
    return embeddings, embedded, len(used) - len(embedded)


def embed_archive(
    engine: Engine,
    archive: SkeletonArchive,
    indices: NDArray[np.integer],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Embed clips of an archive.

    Args:
        engine: embeds.
        archive: the clips.
        indices: of the clips to embed.
        progress: called with the number of clips embedded and of all clips.

    Returns:
        (clips, dimension) embeddings and the clips' indices, without clips in which too little was
        seen.
    """
    rows: list[NDArray[np.float32]] = []
    embedded: list[int] = []
    for begin in range(0, len(indices), CHUNK):
        chunk = [int(index) for index in indices[begin : begin + CHUNK]]
        vectors = embed_each(engine, [archive.clip(index) for index in chunk])
        for index, vector in zip(chunk, vectors, strict=True):
            if vector is not None:
                rows.append(vector)
                embedded.append(index)
        progress(min(begin + CHUNK, len(indices)), len(indices))
    if not rows:
        raise SkeletonDmlError("too little was seen in every clip to embed it")
    return np.stack(rows), np.array(embedded, dtype=np.intp)
