# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The protocols: which clips are references, and which are queries.

One-shot: one clip of each class is its reference, all others are queries.  Open-set: the same with
some of the classes only; the clips of the others are queries as well, and unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError


def one_shot_episodes(
    labels: NDArray[np.integer], episodes: int, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """References and queries of each draw.

    Args:
        labels: (clips,) class of each clip.
        episodes: how many times one random clip of each class becomes its reference.
        generator: decides which.

    Yields:
        (classes,) indices of the references, one a class in ascending order of class, and
        indices of all the other clips.

    Raises:
        SkeletonDmlError: there are fewer than two classes or no clip is left as a query.
    """
    classes = np.unique(labels)
    if len(classes) < 2:
        raise SkeletonDmlError(
            f"the one-shot protocol needs at least two classes; here are {len(classes)}"
        )
    if len(labels) == len(classes):
        raise SkeletonDmlError(
            "each class has a single clip, which is its reference; no query is left"
        )
    members = [np.flatnonzero(labels == name) for name in classes]
    for _ in range(episodes):
        references = np.array([generator.choice(clips) for clips in members])
        yield references, np.setdiff1d(np.arange(len(labels)), references)


def one_shot_accuracies(
    embeddings: NDArray[np.float32],
    labels: NDArray[np.integer],
    episodes: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Share of queries whose nearest reference is of their class, for each draw.

    Args:
        embeddings: (clips, dimension) unit vectors.
        labels: (clips,) class of each clip.
        episodes: number of draws.
        generator: decides which clips are references.

    Returns:
        (draws,) shares in [0, 1].

    Raises:
        SkeletonDmlError: as :func:`one_shot_episodes`.
    """
    accuracies = []
    for references, queries in one_shot_episodes(labels, episodes, generator):
        # Of unit vectors the nearest is the one with the largest inner product.
        similarity = embeddings @ embeddings[references].T
        nearest = references[similarity[queries].argmax(axis=1)]
        accuracies.append(float((labels[nearest] == labels[queries]).mean()))
    return np.array(accuracies)


def open_set_episodes(
    labels: NDArray[np.integer], known: int, episodes: int, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """References and queries of each draw, in which some random classes are known.

    Args:
        labels: (clips,) class of each clip.
        known: how many classes get one random clip each as their reference.
        episodes: how many times that happens.
        generator: decides which.

    Yields:
        (known,) indices of the references, and indices of all the other clips: those of classes
        that have a reference are genuine queries, those of the others impostors.

    Raises:
        SkeletonDmlError: no class is known or none is unknown, or there is no draw.
    """
    classes = np.unique(labels)
    if not 1 <= known < len(classes):
        raise SkeletonDmlError(
            f"{known} known classes of {len(classes)} leave none unknown or teach none; give 1 to "
            f"{len(classes) - 1}"
        )
    if episodes < 1:
        raise SkeletonDmlError(f"draws is {episodes}; give at least 1")
    members = {label: np.flatnonzero(labels == label) for label in classes}
    for _ in range(episodes):
        chosen = generator.choice(classes, size=known, replace=False)
        references = np.array([generator.choice(members[label]) for label in chosen])
        yield references, np.setdiff1d(np.arange(len(labels)), references)
