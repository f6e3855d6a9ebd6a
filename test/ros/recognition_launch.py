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

"""``recognition.launch.py`` brings the node to work, and it ends cleanly."""

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
from lifecycle_msgs.srv import GetState

DOMAIN = 100 + os.getpid() % 100
SECONDS = 60.0


def generate_test_description() -> LaunchDescription:
    """The node as a user would launch it, in a namespace."""
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
    def test_the_node_becomes_active(self) -> None:
        context = rclpy.context.Context()
        rclpy.init(context=context, domain_id=DOMAIN)
        node = rclpy.create_node("client", context=context)
        executor = rclpy.executors.SingleThreadedExecutor(context=context)
        executor.add_node(node)
        client = node.create_client(GetState, "/robot/recognition_node/get_state")
        assert client.wait_for_service(SECONDS)
        state, end = "", time.monotonic() + SECONDS
        while state != "active" and time.monotonic() < end:
            future = client.call_async(GetState.Request())
            executor.spin_until_future_complete(future, 5.0)
            state = future.result().current_state.label if future.done() else ""
            time.sleep(0.2)
        rclpy.shutdown(context=context)
        assert state == "active"


@launch_testing.post_shutdown_test()
class TestEnd(unittest.TestCase):
    def test_it_ends_without_an_error(self, proc_info: Any) -> None:
        launch_testing.asserts.assertExitCodes(proc_info)
