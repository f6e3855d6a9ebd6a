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

"""How this room makes messages, of whichever middleware.

A shell gives a factory: ``make("geometry_msgs/msg/Point", x=1.0, y=2.0, z=0.0)`` is a message of
its middleware, in which the fields that are left out have ROS's defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

Make = Callable[..., Any]
"""``make(type_name, **fields)``: a message of the named type."""


def time_message(make: Make, stamp_ns: int) -> Any:
    """A ``builtin_interfaces/Time``."""
    seconds, nanoseconds = divmod(stamp_ns, NANOSECONDS_PER_SECOND)
    return make("builtin_interfaces/msg/Time", sec=seconds, nanosec=nanoseconds)


def nanoseconds_of(time: Any) -> int:
    """Nanoseconds of a ``builtin_interfaces/Time``."""
    return int(time.sec) * NANOSECONDS_PER_SECOND + int(time.nanosec)


def header(make: Make, stamp_ns: int, frame_id: str) -> Any:
    """A ``std_msgs/Header``."""
    return make("std_msgs/msg/Header", stamp=time_message(make, stamp_ns), frame_id=frame_id)
