# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node ``demo_actor``: publishes skeletons of synthetic people in place of a camera.

First it teaches three actions, one demonstration each, through the service.  Then groups of three people
come and go; each performs taught and other actions and idles in between.  The log states what they do,
for comparison with the recognitions.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import rclpy
from rclpy.client import Client
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from tf2_ros import StaticTransformBroadcaster

from skeleton_dml_ros.datasets.content import bytes_of_recording
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.demonstration import (
    ENROLLED_FIRST,
    ENROLLED_LATER,
    Scene,
    demonstrate,
    first_scene,
    second_scene,
)
from skeleton_dml_ros.messages.skeleton_array import (
    CAMERA_FRAME,
    TOPIC,
    TYPE,
    as_camera_sees,
    skeleton_array_message,
)
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Service
from skeleton_dml_ros.ros.messages import interface_class, make
from skeleton_dml_ros.ros.service_call import ask
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

FIXED_FRAME = "odom"

CAMERA_HEIGHT = 1.2
"""Height of the camera in metres."""

LOOKING_FORWARD = (-0.5, 0.5, -0.5, 0.5)
"""Quaternion of optical axes in a frame whose x axis points forward."""

BETWEEN_SCENES = 3.0
"""Seconds between two scenes, without people."""

MAX_SLEEP = 0.1
"""Seconds between two checks for shutdown."""


class DemoActor(Node):
    """Teaches, then plays scenes."""

    def __init__(self) -> None:
        super().__init__("demo_actor")
        self.declare_parameter("seed", 0)
        self.declare_parameter("recogniser", interface.NODE_NAME)
        self._skeletons = self.create_publisher(
            interface_class(TYPE), TOPIC, qos_profile_sensor_data
        )
        self._enroll = self._client_of(interface.ENROLL)
        self._list = self._client_of(interface.LIST)
        self._broadcaster = StaticTransformBroadcaster(self)
        self._broadcaster.sendTransform(self._camera())
        self._generator = np.random.default_rng(int(self.get_parameter("seed").value))

    def _client_of(self, service: Service) -> Client:
        """A client for a service of the recogniser."""
        name = service.name.replace("~", str(self.get_parameter("recogniser").value), 1)
        return self.create_client(interface_class(service.type), name)

    def teach(self) -> None:
        """Teach the actions that the recogniser does not know yet, once it is active."""
        enrolled = self._enrolled()
        for shown in demonstrate(ENROLLED_FIRST, self._generator):
            if shown.label in enrolled:
                continue
            request = make(
                f"{interface.ENROLL.type}_Request",
                label=shown.label,
                recording=bytes_of_recording(shown.recording, shown.label),
            )
            response = ask(self._enroll, request)
            self.get_logger().info(response.message)

    def play(self) -> None:
        """Play scenes in real time until shutdown."""
        for scene_of in itertools.cycle((first_scene, second_scene)):
            if not self._play(scene_of(self._generator, 0)):
                return
            self.get_logger().info("everyone has left")
            if not self._wait(time.monotonic() + BETWEEN_SCENES):
                return

    def _camera(self) -> object:
        """Transform of the camera."""
        x, y, z, w = LOOKING_FORWARD
        return make(
            "geometry_msgs/msg/TransformStamped",
            header=make(
                "std_msgs/msg/Header", stamp=self.get_clock().now().to_msg(), frame_id=FIXED_FRAME
            ),
            child_frame_id=CAMERA_FRAME,
            transform=make(
                "geometry_msgs/msg/Transform",
                translation=make("geometry_msgs/msg/Vector3", z=CAMERA_HEIGHT),
                rotation=make("geometry_msgs/msg/Quaternion", x=x, y=y, z=z, w=w),
            ),
        )

    def _enrolled(self) -> set[str]:
        """The labels of the recogniser's references; waits until it is active."""
        waited = 0
        while True:
            response = ask(self._list, make(f"{interface.LIST.type}_Request"))
            if response.success:
                return {reference.label for reference in response.references.references}
            waited += 1
            if waited % 10 == 0:
                self.get_logger().info(f"waiting: {response.message}")
            time.sleep(0.5)

    def _play(self, scene: Scene) -> bool:
        """Play a scene; returns whether it was played to its end."""
        self.get_logger().info(
            f"{', '.join(scene.people)} enter; taught so far: {', '.join(ENROLLED_FIRST)}; teach an "
            "unknown action right after it was reported: ros2 service call "
            f'{self.resolve_service_name(self._enroll.srv_name)} {interface.ENROLL.type} "{{label: {ENROLLED_LATER}}}"'
        )
        begin_ns = self.get_clock().now().nanoseconds
        started = time.monotonic()
        coming = list(scene.occurrences)
        for frame in scene.frames:
            passed = (frame.stamp_ns - scene.start_ns) / NANOSECONDS_PER_SECOND
            if not self._wait(started + passed):
                return False
            while coming and coming[0].start_ns <= frame.stamp_ns:
                self.get_logger().info(f"{coming[0].person}: {coming.pop(0).label}")
            self._skeletons.publish(_message(frame, begin_ns + frame.stamp_ns - scene.start_ns))
        return True

    def _wait(self, until: float) -> bool:
        """Sleep until a time of ``time.monotonic()``; returns False on shutdown."""
        while self.context.ok():
            left = until - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, MAX_SLEEP))
        return False


def _message(frame: SkeletonFrame, stamp_ns: int) -> object:
    """A frame as a camera would send it."""
    return skeleton_array_message(as_camera_sees(frame).derived(stamp_ns=stamp_ns), make)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the node until shutdown; returns the exit status."""
    rclpy.init(args=None if arguments is None else list(arguments))
    node = DemoActor()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    spinning = threading.Thread(target=_spin, args=(executor,), daemon=True)
    spinning.start()
    status = 0
    try:
        node.teach()
        node.play()
    except SkeletonDmlError as error:
        if rclpy.ok():
            node.get_logger().error(str(error))
            status = 1
    except KeyboardInterrupt:
        pass
    finally:
        rclpy.try_shutdown()
        spinning.join(1.0)
    return status


def _spin(executor: SingleThreadedExecutor) -> None:
    with suppress(KeyboardInterrupt, ExternalShutdownException):
        executor.spin()
