# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS4HRI's list of tracked bodies, for hri_tf and hri_2d."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skeleton_dml_ros.messages.fields import frame_of, stamp_of
from skeleton_dml_ros.skeleton.frame import check_person_ids

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


def read_tracked_bodies(message: Any) -> TrackedBodies:
    """The bodies in an IdsList.

    Raises:
        SkeletonError: an id is not valid.
    """
    ids = tuple(message.ids)
    check_person_ids(ids)
    return TrackedBodies(stamp_of(message.header), frame_of(message.header.frame_id), ids)
