# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Transforms from a sensor's frame into the fixed frame.

A fixed, gravity-aligned frame (x, y horizontal, z up) compensates for a tilting head and a turning
base.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.frame_tree import rotations

MAX_DISTANCE = 1e9
"""Metres between two frames; more is not a position."""


class TransformUnavailableError(SkeletonDmlError):
    """A transform is unknown, or not known yet."""


@dataclass(frozen=True, eq=False)
class Transform:
    """The pose of one frame in another.

    Attributes:
        rotation: (3, 3).
        translation: (3,) metres.
    """

    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]

    def __call__(self, positions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Transform positions (..., 3)."""
        return (positions @ self.rotation.T + self.translation).astype(np.float32)

    def from_origin(self, origin: NDArray[np.float64]) -> Transform:
        """The same transform into a frame with another origin, (3,) metres in the target frame."""
        return Transform(self.rotation, self.translation - origin)


class Transforms(Protocol):
    """TF lookup; thread-safe."""

    def lookup(self, target: str, source: str, stamp_ns: int) -> Transform:
        """The transform from ``source`` to ``target`` at this time; never waits.

        Raises:
            TransformUnavailableError: it is not known for this time; the message says why.
        """
        ...

    def clear(self) -> None:
        """Forget all transforms that are not static, after time ran backwards."""
        ...


def transform_of(
    translation: tuple[float, float, float], quaternion: tuple[float, float, float, float]
) -> Transform:
    """A transform from a translation in metres and a quaternion x, y, z, w.

    Raises:
        TransformUnavailableError: the translation or the quaternion is invalid.
    """
    rotation = np.array([quaternion], dtype=np.float64)
    length = float(np.linalg.norm(rotation))
    if not np.isfinite(length) or length < 1e-6:
        raise TransformUnavailableError(
            f"{quaternion} is not a valid quaternion; fix its publisher"
        )
    offset = np.array(translation, dtype=np.float64)
    if not (np.abs(offset) < MAX_DISTANCE).all():
        raise TransformUnavailableError(
            f"translation {translation} is not a position in metres; fix its publisher"
        )
    return Transform(rotations(rotation)[0], offset)
