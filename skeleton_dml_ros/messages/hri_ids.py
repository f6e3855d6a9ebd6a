# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""ROS4HRI's list of tracked bodies, which hri_tf and hri_2d go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skeleton_dml_ros.messages.skeletons import check_person_ids, frame_of, stamp_of

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
