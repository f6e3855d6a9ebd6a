# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A synthetic actor: everyday movements in NTU-25, for tests and for trying things out without data."""

from skeleton_dml_ros.datasets.synthetic_actor.body import Body
from skeleton_dml_ros.datasets.synthetic_actor.performance import (
    Act,
    Idle,
    Performance,
    PerformedAction,
    Person,
    UnknownActionError,
    action_names,
    perform,
    perform_stream,
)
from skeleton_dml_ros.datasets.synthetic_actor.sensor import Sensor, Viewpoint

__all__ = [
    "Act",
    "Body",
    "Idle",
    "Performance",
    "PerformedAction",
    "Person",
    "Sensor",
    "UnknownActionError",
    "Viewpoint",
    "action_names",
    "perform",
    "perform_stream",
]
