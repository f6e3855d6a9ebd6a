# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS4HRI's list of tracked bodies, which hri_tf and hri_2d go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skeleton_dml_ros.messages.fields import frame_of, stamp_of
from skeleton_dml_ros.skeleton.frame import check_person_ids

TYPE = "hri_msgs/msg/IdsList"

TOPIC = "/humans/bodies/tracked"


@dataclass(frozen=True)
class TrackedBodies:
    """Who is tracked at a stamp.

    Attributes:
        stamp_ns: of the image in which they are.
        frame_id: of the camera, where the tracker says so.
        ids: of the bodies.
    """

    stamp_ns: int
    frame_id: str
    ids: tuple[str, ...]


def read_tracked_bodies(message: Any) -> TrackedBodies:
    """What an IdsList says.

    Raises:
        MessageError: an id cannot be used.
    """
    ids = tuple(message.ids)
    check_person_ids(ids)
    return TrackedBodies(stamp_of(message.header), frame_of(message.header.frame_id), ids)
