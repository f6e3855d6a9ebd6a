# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``recognition.launch.py`` activates the node, and the node stops cleanly."""

from __future__ import annotations

import os
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

import launch_testing
import launch_testing.actions
import launch_testing.asserts
import rclpy
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription, SetEnvironmentVariable
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState

DOMAIN = 100 + os.getpid() % 100
NODE = "/robot/recognition_node"
SECONDS = 60.0


def generate_test_description() -> LaunchDescription:
    """The launched node, in a namespace."""
    store = Path(tempfile.mkdtemp()) / "references.db"
    launch_file = PathJoinSubstitution(
        [FindPackageShare("skeleton_dml_ros"), "launch", "recognition.launch.py"]
    )
    return LaunchDescription(
        [
            SetEnvironmentVariable("ROS_DOMAIN_ID", str(DOMAIN)),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(launch_file),
                launch_arguments={
                    "references": str(store),
                    "fixed_frame": "none",
                    "namespace": "robot",
                }.items(),
            ),
            launch_testing.actions.ReadyToTest(),
        ]
    )


class TestRecognition(unittest.TestCase):
    def setUp(self) -> None:
        self.context = rclpy.context.Context()
        rclpy.init(context=self.context, domain_id=DOMAIN)
        self.node = rclpy.create_node("client", context=self.context)
        self.executor = rclpy.executors.SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.get = self.node.create_client(GetState, f"{NODE}/get_state")
        self.change = self.node.create_client(ChangeState, f"{NODE}/change_state")

    def tearDown(self) -> None:
        rclpy.shutdown(context=self.context)

    def test_the_node_is_activated_once_and_then_left_to_its_user(self) -> None:
        self.wait_for("active")
        for transition, state in (
            (Transition.TRANSITION_DEACTIVATE, "inactive"),
            (Transition.TRANSITION_CLEANUP, "unconfigured"),
            (Transition.TRANSITION_CONFIGURE, "inactive"),
        ):
            request = ChangeState.Request(transition=Transition(id=transition))
            assert self.ask(self.change, request).success
            assert self.ask(self.get, GetState.Request()).current_state.label == state
        time.sleep(1.0)
        assert self.ask(self.get, GetState.Request()).current_state.label == "inactive"

    def wait_for(self, state: str) -> None:
        end = time.monotonic() + SECONDS
        while self.ask(self.get, GetState.Request()).current_state.label != state:
            assert time.monotonic() < end, f"not {state}"
            time.sleep(0.2)

    def ask(self, client: Any, request: Any) -> Any:
        assert client.wait_for_service(SECONDS)
        future = client.call_async(request)
        self.executor.spin_until_future_complete(future, SECONDS)
        return future.result()


@launch_testing.post_shutdown_test()
class TestEnd(unittest.TestCase):
    def test_it_ends_without_an_error(self, proc_info: Any) -> None:
        launch_testing.asserts.assertExitCodes(proc_info)
