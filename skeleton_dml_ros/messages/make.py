# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Make messages of any middleware.

The middleware adapter passes a factory: ``make("geometry_msgs/msg/Point", x=1.0, y=2.0)`` returns a
message of its middleware; the other fields have ROS's defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

Make = Callable[..., Any]
"""``make(type_name, **fields)``: a message of the named type."""


EARLIEST_NS = -(2**31) * NANOSECONDS_PER_SECOND
LATEST_NS = 2**31 * NANOSECONDS_PER_SECOND - 1
"""First and last time of a ``builtin_interfaces/Time``, whose seconds are an int32: 1901 to 2038."""


def time_message(make: Make, stamp_ns: int) -> Any:
    """A ``builtin_interfaces/Time``; times before 1901 and after 2038 become its first and last."""
    stamp_ns = min(max(stamp_ns, EARLIEST_NS), LATEST_NS)
    seconds, nanoseconds = divmod(stamp_ns, NANOSECONDS_PER_SECOND)
    return make("builtin_interfaces/msg/Time", sec=seconds, nanosec=nanoseconds)


def nanoseconds_of(time: Any) -> int:
    """Nanoseconds of a ``builtin_interfaces/Time``."""
    return int(time.sec) * NANOSECONDS_PER_SECOND + int(time.nanosec)


def header(make: Make, stamp_ns: int, frame_id: str) -> Any:
    """A ``std_msgs/Header``."""
    return make("std_msgs/msg/Header", stamp=time_message(make, stamp_ns), frame_id=frame_id)
