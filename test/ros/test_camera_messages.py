# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Each input format on ROS 2, with the messages that its driver publishes.

What is taught comes from a recording, and is then done by another person before the driver's
camera: axes, sides or joints that are read wrongly would make another movement of it.
"""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drivers import DRIVERS, LATCHED, Joints
from robot import Robot, require_built_package
from shown_actions import teach
from waiting import wait_until

from skeleton_dml_ros.datasets.synthetic_actor import (
    Act,
    Idle,
    Person,
    Sensor,
    Viewpoint,
    perform_stream,
)
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.ros.messages import MissingMessagesError
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

START = 1000 * NANOSECONDS_PER_SECOND
"""Stamp of the first frame."""

PLAY_RATE = 75.0
"""Playback rate in Hz of frames recorded at 30 Hz: only message time matters."""

TAUGHT, NEVER_TAUGHT = "wave", "kick"


class Driver:
    """A driver that publishes its camera's view with stamps at 30 Hz.

    Args:
        robot: that listens.
        input_format: by which the robot understands what is published.
    """

    def __init__(self, robot: Robot, input_format: str) -> None:
        self._robot = robot
        self._messages = DRIVERS[input_format]
        self._publishers: dict[str, Any] = {}
        if input_format in LATCHED:
            for topic, message in LATCHED[input_format]():
                self._publish(topic, message, latched=True)

    def play(self, frames: Joints) -> None:
        """Publish (frames, 25, 3) once the node has subscribed to all topics.

        Until then the actor stands still; some topics are only listened to once another has
        told of them.
        """
        before = count(-3000)

        def is_heard() -> bool:
            self._publish_frame(next(before), frames[0])
            return all(one.get_subscription_count() > 0 for one in self._publishers.values())

        wait_until(is_heard)
        due = time.monotonic()
        for number, joints in enumerate(frames):
            time.sleep(max(0.0, due - time.monotonic()))
            self._publish_frame(number, joints)
            # Keep late messages late: a burst would overflow the queue.
            due = max(due + 1 / PLAY_RATE, time.monotonic())

    def _publish_frame(self, number: int, joints: Joints) -> None:
        for topic, message in self._messages(START + number * NANOSECONDS_PER_SECOND // 30, joints):
            self._publish(topic, message)

    def _publish(self, topic: str, message: Any, latched: bool = False) -> None:
        from rclpy.qos import DurabilityPolicy, QoSProfile

        if topic not in self._publishers:
            durability = DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE
            self._publishers[topic] = self._robot.client.create_publisher(
                type(message), topic, QoSProfile(depth=100, durability=durability)
            )
        self._publishers[topic].publish(message)


def acted(*actions: str) -> Joints:
    """(frames, 25, 3) of a person who performs the actions with pauses."""
    script: list[Act | Idle] = [Idle(1.0)]
    for action in actions:
        script += [Act(action), Idle(1.5)]
    generator = np.random.default_rng(2)
    person = Person.sample(generator, left_handed=False)
    # No joint is lost; drivers mark lost joints in different ways.
    sensor = Sensor(stamp_jitter=0.0, lost_per_second=0.0)
    viewpoint = Viewpoint(yaw=0.3, distance=3.0)
    return perform_stream(script, person, generator, viewpoint, sensor).sequence.positions[:, 0]


@pytest.mark.parametrize("input_format", DRIVERS)
def test_drivers_messages_are_recognised_and_untaught_actions_are_unknown(
    input_format: str, tmp_path: Path
) -> None:
    require_built_package()
    frames = acted(TAUGHT, NEVER_TAUGHT)
    try:
        list(DRIVERS[input_format](START, frames[0]))
    except MissingMessagesError as error:
        pytest.skip(str(error))
    with Robot(tmp_path / "references.db", {"input.camera.format": input_format}) as robot:
        for transition in ("configure", "activate"):
            assert robot.transition(transition), transition
        teach(robot, TAUGHT)
        Driver(robot, input_format).play(frames)
        said = robot.heard[interface.RECOGNITIONS]
        wait_until(lambda: len(said) >= 2)
        assert [(one.verdict, one.label) for one in said] == [
            (said[0].KNOWN, TAUGHT),
            (said[0].UNKNOWN, ""),
        ]
        # Clips in the driver's layout can be taught too.
        enrolled = robot.call(interface.ENROLL, label=NEVER_TAUGHT, clip_id=said[1].clip_id)
        assert enrolled.success, enrolled.message
