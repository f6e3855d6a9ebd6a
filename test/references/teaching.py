# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Synthetic recordings and an engine without torch, for the tests of references."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import EmbeddingKey
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.reference import Reference, ReferenceKind, new_reference_id
from skeleton_dml_ros.skeleton.layouts import Layout, get_layout
from skeleton_dml_ros.skeleton.resampling import resample
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

RESAMPLED_FRAMES = 12


def environment() -> dict[str, str]:
    """Environment of a subprocess that imports the package and this module."""
    folders = [Path(__file__).parents[2], Path(__file__).parent]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(folder) for folder in folders)}


def recording(
    movement: int = 0,
    seed: int = 0,
    frames: int = 20,
    bodies: int = 1,
    layout: Layout | None = None,
    noise: float = 0.02,
) -> SkeletonSequence:
    """A smooth movement with unseen joints; the seed only changes the noise."""
    layout = layout or get_layout("kinect_v1_20")
    joints = len(layout.joint_names)
    way = np.random.default_rng(movement).normal(size=(2, bodies, joints, 3))
    random = np.random.default_rng([movement, seed])
    phase = np.linspace(0, np.pi, frames)[:, None, None, None]
    positions = np.sin(phase) * way[0] + np.cos(phase) * way[1]
    positions += noise * random.normal(size=positions.shape)
    positions[3, 0, 2] = np.nan
    return SkeletonSequence(
        positions=positions.astype(np.float32),
        timestamps=np.arange(frames) / 30 + 1e-4 * random.random(frames),
        layout=layout,
        start_ns=1_700_000_000_123_456_789 + seed,
        confidence=random.random((frames, bodies, joints)).astype(np.float32),
    )


def unseen_recording() -> SkeletonSequence:
    """A recording without a visible joint, which no engine can embed."""
    return recording().replace(positions=np.full((20, 1, 20, 3), np.nan, dtype=np.float32))


def reference(label: str = "wave", movement: int = 0, seed: int = 0) -> Reference:
    """A reference with a new id."""
    return Reference(
        reference_id=new_reference_id(),
        label=label,
        kind=ReferenceKind.ACTION,
        created_ns=1_700_000_000_000_000_000 + seed,
        sequence=recording(movement, seed),
        source="camera/7/1700000000000000000",
        visibility=0.9,
    )


class FakeEngine:
    """A random projection of a clip's joints; each name is another model."""

    def __init__(self, name: str = "one", dimension: int = 16) -> None:
        self.key = EmbeddingKey(f"digest-of-{name}", "fake", "float32")
        self.dimension = dimension
        self.embedded = 0
        self._seed = sum(name.encode())

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        rows = [self._embed_one(sequence) for sequence in sequences]
        self.embedded += len(rows)
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def _embed_one(self, sequence: SkeletonSequence) -> NDArray[np.float64]:
        if not sequence.observed.any():
            raise SkeletonDmlError("no joint was seen; record again")
        values = np.nan_to_num(resample(sequence, RESAMPLED_FRAMES).positions).ravel()
        projection = np.random.default_rng(self._seed).normal(size=(len(values), self.dimension))
        vector: NDArray[np.float64] = values @ projection
        vector /= np.linalg.norm(vector)
        return vector


def unit_vectors(count: int, dimension: int = 16, seed: int = 0) -> NDArray[np.float32]:
    """Random directions, (count, dimension)."""
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
