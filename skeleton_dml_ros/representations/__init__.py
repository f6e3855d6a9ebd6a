# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images of skeleton sequences, each from its paper's definition.

A representation is a frozen data class whose fields are its settings; called with a batch
(batch, frames, bodies, joints, 3), it returns images (batch, 3, height, width) float32 in [0, 1]
on the device of its input.
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


class Representation(Protocol):
    """Turns sequences into images."""

    def __call__(self, positions: Tensor) -> Tensor:
        """(batch, frames, bodies, joints, 3) to (batch, 3, height, width) in [0, 1]."""
        ...


REPRESENTATIONS: dict[str, type[Representation]] = {
    "skeleton_dml": SkeletonDML,
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
        RepresentationError: no representation has this name, or it has no such setting.
    """
    try:
        representation = REPRESENTATIONS[name]
    except KeyError:
        raise RepresentationError(
            f"no representation is called {name!r}; there are {', '.join(REPRESENTATIONS)}"
        ) from None
    try:
        return representation(**settings)
    except TypeError as error:
        raise RepresentationError(f"representation {name}: {error}") from None


__all__ = ["REPRESENTATIONS", "Representation", "RepresentationError", "get_representation"]
