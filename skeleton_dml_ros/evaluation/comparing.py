# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Embed an archive's clips and compute their alignment features, as far as decisions need them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.engine import Engine, embed_each
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.alignment import clip_features
from skeleton_dml_ros.references.fusion import Decision
from skeleton_dml_ros.references.pair_scores import ComparedClips

CHUNK = 64
"""Clips embedded at once, between two steps of the progress bar."""


def compared_clips(
    engine: Engine,
    archive: SkeletonArchive,
    indices: NDArray[np.integer],
    decisions: Iterable[Decision],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[ComparedClips, NDArray[np.intp]]:
    """Embed clips of an archive, and compute what else the decisions look at.

    Args:
        engine: embeds.
        archive: the clips.
        indices: of the clips to compare.
        decisions: will score the clips.
        progress: called with the number of clips embedded and of all clips.

    Returns:
        The clips and their indices, without clips in which too little was seen.

    Raises:
        SkeletonDmlError: too little was seen in every clip.
    """
    decisions = list(decisions)
    mirrors = any(one.distance_weight and np.isfinite(one.mirror_penalty) for one in decisions)
    aligns = any(one.cost_weight for one in decisions)
    vectors: list[NDArray[np.float32]] = []
    mirrored: list[NDArray[np.float32]] = []
    features: list[NDArray[np.float32]] = []
    kept: list[int] = []
    for begin in range(0, len(indices), CHUNK):
        chunk = [int(index) for index in indices[begin : begin + CHUNK]]
        clips = [archive.clip(index) for index in chunk]
        found = embed_each(engine, clips)
        images = embed_each(engine, [clip.mirrored() for clip in clips]) if mirrors else found
        for index, clip, vector, image in zip(chunk, clips, found, images, strict=True):
            if vector is None or image is None:
                continue
            if aligns:
                features.append(clip_features(clip))
            vectors.append(vector)
            mirrored.append(image)
            kept.append(index)
        progress(min(begin + CHUNK, len(indices)), len(indices))
    if not kept:
        raise SkeletonDmlError("too little was seen in every clip to embed it")
    embedded = np.array(kept, dtype=np.intp)
    compared = ComparedClips(
        labels=archive.labels[embedded],
        bodies=np.array([archive.people(index) for index in kept]),
        vectors=np.stack(vectors),
        mirrored=np.stack(mirrored) if mirrors else None,
        features=features if aligns else None,
    )
    return compared, embedded


def clips_of_classes(
    archive: SkeletonArchive, classes: Sequence[int | str] | None = None
) -> NDArray[np.intp]:
    """Indices of the clips of some classes of an archive.

    Args:
        archive: labelled clips.
        classes: names or indices of the classes; None for all.

    Raises:
        SkeletonDmlError: a class does not exist, or has no clip.
    """
    used = np.arange(len(archive))
    if classes is not None:
        used = np.flatnonzero(np.isin(archive.labels, [archive.label_of(one) for one in classes]))
    if len(used) == 0:
        raise SkeletonDmlError("the archive has no clip of the chosen classes")
    return used


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
    used = clips_of_classes(archive, classes)
    clips, embedded = compared_clips(engine, archive, used, (), progress)
    return clips.vectors, embedded, len(used) - len(embedded)
