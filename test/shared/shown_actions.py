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

"""What people do in tests of a node in a process of its own, whichever carries its messages."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from skeleton_dml_ros.datasets.content import bytes_of_recording
from skeleton_dml_ros.datasets.synthetic_actor import Act, Idle
from skeleton_dml_ros.evaluation.demonstration import Scene, demonstrate, play
from skeleton_dml_ros.node import interface

SECOND = 1_000_000_000
"""Nanoseconds."""


class Asked(Protocol):
    """A node whose services answer."""

    def call(self, service: interface.Service, **fields: Any) -> Any:
        """The response of a service."""
        ...


def scene(*actions: str, start_ns: int = 1000 * SECOND) -> Scene:
    """Ada does the actions, one after the other."""
    script: list[Act | Idle] = [Idle(1.0)]
    for action in actions:
        script += [Act(action), Idle(1.5)]
    return play([("Ada", script)], np.random.default_rng(3), start_ns)


def recording(label: str) -> bytes:
    """A demonstration of an action as the content of an archive."""
    (shown,) = demonstrate([label], np.random.default_rng(1))
    return bytes_of_recording(shown.recording, label)


def teach(robot: Asked, *labels: str) -> None:
    """Teach a node actions, each by one recording."""
    for label in labels:
        answer = robot.call(interface.ENROLL, label=label, recording=recording(label))
        assert answer.success, answer.message
