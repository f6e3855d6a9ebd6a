# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skeletons through TF: from the frame in which they were seen into one that stands still.

On a robot the head tilts and the base turns.  A fixed frame with a vertical z takes both out; its
axes are ROS's (x and y horizontal, z up).
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
    """A transform is not known, or not yet."""


@dataclass(frozen=True, eq=False)
class Transform:
    """Where one frame stands in another.

    Attributes:
        rotation: (3, 3).
        translation: (3,) metres.
    """

    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]

    def __call__(self, positions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Positions (..., 3) of the one frame, in the other."""
        return (positions @ self.rotation.T + self.translation).astype(np.float32)


class Transforms(Protocol):
    """The transforms that are known; safe to use from several threads."""

    def lookup(self, target: str, source: str, stamp_ns: int) -> Transform:
        """The transform that takes positions in ``source`` to ``target`` at this time.

        Never waits.

        Raises:
            TransformUnavailableError: it is not known for this time; one line says why.
        """
        ...

    def clear(self) -> None:
        """Forget what moves: time ran backwards."""
        ...


def transform_of(
    translation: tuple[float, float, float], quaternion: tuple[float, float, float, float]
) -> Transform:
    """The transform of a translation in metres and a rotation as x, y, z, w.

    Raises:
        TransformUnavailableError: the translation or the quaternion is not a valid one.
    """
    turn = np.array([quaternion], dtype=np.float64)
    length = float(np.linalg.norm(turn))
    if not np.isfinite(length) or length < 1e-6:
        raise TransformUnavailableError(
            f"quaternion {quaternion} is not a valid rotation; fix its publisher"
        )
    place = np.array(translation, dtype=np.float64)
    if not (np.abs(place) < MAX_DISTANCE).all():
        raise TransformUnavailableError(
            f"translation {translation} is not a position in metres; fix its publisher"
        )
    return Transform(rotations(turn)[0], place)
