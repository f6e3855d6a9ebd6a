# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images of skeleton sequences, after their papers.

A representation is a frozen dataclass with its settings as fields.  Called with (batch, frames, bodies,
joints, 3), it returns images (batch, 3, height, width) float32 in [0, 1] on the input's device.
"""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor

from skeleton_dml_ros.representations.gimme_signals import GimmeSignals
from skeleton_dml_ros.representations.images import RepresentationError
from skeleton_dml_ros.representations.skelemotion import (
    SkeleMotion,
    SkeleMotionMagnitude,
    SkeleMotionOrientation,
)
from skeleton_dml_ros.representations.skeleton_dml import FaithfulSkeletonDML, SkeletonDML
from skeleton_dml_ros.representations.skepxels import Skepxels
from skeleton_dml_ros.representations.sl_dml import SLDML
from skeleton_dml_ros.representations.tssi import TSSI
from skeleton_dml_ros.representations.views import SkeletonViews


class Representation(Protocol):
    """Draws images of sequences."""

    def __call__(self, positions: Tensor) -> Tensor:
        """(batch, frames, bodies, joints, 3) to (batch, 3, height, width) in [0, 1]."""
        ...


REPRESENTATIONS: dict[str, type[Representation]] = {
    "skeleton_dml": SkeletonDML,
    "skeleton_dml_views": SkeletonViews,
    "skeleton_dml_faithful": FaithfulSkeletonDML,
    "sl_dml": SLDML,
    "tssi": TSSI,
    "skepxels": Skepxels,
    "skelemotion_magnitude": SkeleMotionMagnitude,
    "skelemotion_orientation": SkeleMotionOrientation,
    "skelemotion": SkeleMotion,
    "gimme_signals": GimmeSignals,
}


def get_representation(name: str, **settings: Any) -> Representation:
    """The named representation with the given settings.

    Raises:
        RepresentationError: no such representation or setting.
    """
    try:
        representation = REPRESENTATIONS[name]
    except KeyError:
        raise RepresentationError(
            f"there is no representation {name!r}; give one of {', '.join(REPRESENTATIONS)}"
        ) from None
    try:
        return representation(**settings)
    except TypeError as error:
        raise RepresentationError(f"representation {name}: {error}") from None


__all__ = ["REPRESENTATIONS", "Representation", "RepresentationError", "get_representation"]
