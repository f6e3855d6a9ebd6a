# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Several Skeleton-DML images of a clip, each of another view of it, one below the other.

Embedders that see different things err on different clips, so together they err less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from skeleton_dml_ros.representations.images import RepresentationError
from skeleton_dml_ros.representations.skeleton_dml import SkeletonDML

DEFAULT_VIEWS: tuple[Mapping[str, Any], ...] = (
    {"pacing": "time"},
    {"pacing": "path"},
    {"streams": ("positions", "motion")},
)


@dataclass(frozen=True)
class SkeletonViews:
    """Images of this project's variant of Skeleton-DML, all of one size, from top to bottom.

    The network has a trunk for each of them (``architecture.views``).

    Attributes:
        height: rows of one body in each view, after resizing.
        width: columns after resizing.
        reach: as of :class:`~skeleton_dml_ros.representations.skeleton_dml.SkeletonDML`.
        views: what each image shows: its ``pacing`` and ``streams``, as ``SkeletonDML`` has them.
    """

    height: int = 32
    width: int = 48
    reach: float = 4.0
    views: tuple[Mapping[str, Any], ...] = DEFAULT_VIEWS

    def __post_init__(self) -> None:
        if not self.views:
            raise RepresentationError("views is empty; give one view or more")
        # All settings of each, so that equal views compare equal however they were written.
        whole = [{"pacing": one.pacing, "streams": list(one.streams)} for one in self.images()]
        object.__setattr__(self, "views", tuple(whole))

    def images(self) -> list[SkeletonDML]:
        """What draws each view."""
        return [
            SkeletonDML(height=self.height, width=self.width, reach=self.reach, **view)
            for view in self.views
        ]

    def __call__(self, positions: Tensor) -> Tensor:
        """Images of the sequences.

        Args:
            positions: (batch, frames, bodies, joints, 3), normalised; frames divisible by three.

        Returns:
            (batch, 3, views * bodies * height, width) float32 in [0, 1], on the input's device.

        Raises:
            RepresentationError: frames are not divisible by three, or a joint was not seen.
        """
        return torch.cat([image(positions) for image in self.images()], dim=2)


def views_together(images: Sequence[object]) -> dict[str, Any]:
    """The representation that shows what several show, in their order, as a card describes it.

    Raises:
        RepresentationError: one is no variant of Skeleton-DML with views, or of another size.
    """
    drawn: list[SkeletonDML] = []
    for image in images:
        if isinstance(image, SkeletonViews):
            drawn += image.images()
        elif isinstance(image, SkeletonDML):
            drawn.append(image)
        else:
            raise RepresentationError(f"{image} has no views; give models of skeleton_dml_views")
    sizes = {(one.height, one.width, one.reach) for one in drawn}
    if len(sizes) > 1:
        raise RepresentationError(f"views of one image have one size and reach, and not {sizes}")
    height, width, reach = sizes.pop()
    views = [{"pacing": one.pacing, "streams": list(one.streams)} for one in drawn]
    return {
        "name": "skeleton_dml_views",
        "height": height,
        "width": width,
        "reach": reach,
        "views": views,
    }
