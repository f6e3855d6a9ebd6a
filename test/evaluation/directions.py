# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Clips without movement, and an engine that embeds them as the direction in which they lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.embedding.engine import EmbeddingKey
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


class DirectionEngine:
    """Embeds a clip as the direction in which its first eight joints' x lie; NaN is refused."""

    key = EmbeddingKey("direction", "numpy", "float32")
    dimension = 8

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        places = np.array([clip.positions[0, 0, :8, 0] for clip in sequences])
        if np.isnan(places).any():
            raise SkeletonDmlError("nothing was seen")
        places /= np.linalg.norm(places, axis=1, keepdims=True)
        return np.asarray(places, dtype=np.float32)


def archive_of_directions(classes: int, clips: int, shuffled: bool = False) -> SkeletonArchive:
    """So many clips of each class, around an axis of its own; they are called 0, 1, ...

    Args:
        classes: up to eight.
        clips: of each class.
        shuffled: give the clips each other's labels.
    """
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), clips)
    sequences = []
    for label in labels:
        positions = np.zeros((2, 1, 25, 3))
        positions[:, :, :8, 0] = np.eye(8)[label] + generator.normal(scale=0.02, size=8)
        sequences.append(SkeletonSequence(positions, np.arange(2) / 30, NTU_25))
    if shuffled:
        labels = generator.permutation(labels)
    names = tuple(f"action {label}" for label in range(classes))
    clip_names = [str(number) for number in range(len(labels))]
    return archive_of(sequences, labels.tolist(), names, names=clip_names)
