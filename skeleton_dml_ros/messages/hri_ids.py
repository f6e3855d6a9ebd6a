# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS4HRI's list of tracked bodies, for hri_tf and hri_2d."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skeleton_dml_ros.messages.fields import LeftOut, frame_of, read_people, stamp_of

TYPE = "hri_msgs/msg/IdsList"

TOPIC = "/humans/bodies/tracked"


@dataclass(frozen=True)
class TrackedBodies:
    """The bodies that are tracked.

    Attributes:
        stamp_ns: time of the image.
        frame_id: the camera's frame, or empty.
        ids: of the bodies.
    """

    stamp_ns: int
    frame_id: str
    ids: tuple[str, ...]


def read_tracked_bodies(
    message: Any, left_out: LeftOut, check: Callable[[str], None] = lambda person: None
) -> TrackedBodies:
    """The bodies in an IdsList.

    Args:
        message: the IdsList.
        left_out: counts the bodies whose ids are not valid.
        check: raises for a further kind of invalid id.

    Raises:
        SkeletonDmlError: no id is valid.
    """
    ids = tuple(read_people(message.ids, str, check, left_out))
    return TrackedBodies(stamp_of(message.header), frame_of(message.header.frame_id), ids)
