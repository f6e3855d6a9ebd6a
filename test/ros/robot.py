# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Run the node in a separate process on a private domain."""

# ruff: noqa: E402

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE, paced, wait_until

rclpy = pytest.importorskip("rclpy", reason="the node runs on ROS 2; source a distribution")

from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from skeleton_dml_ros.messages.skeleton_array import (
    CAMERA_FRAME,
    as_camera_sees,
    skeleton_array_message,
)
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Service, Topic
from skeleton_dml_ros.ros.messages import MissingMessagesError, interface_class, make
from skeleton_dml_ros.ros.service_call import ask
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

NODE = f"/{interface.NODE_NAME}"

TRANSITIONS = {"configure": 1, "cleanup": 2, "activate": 3, "deactivate": 4, "shutdown": 7}
"""Constants of lifecycle_msgs/msg/Transition; shutdown is that of an active node."""

DOMAIN = 100 + os.getpid() % 100
"""Keeps simultaneous test runs on one machine apart."""


def require_built_package() -> None:
    """Skip unless the package was built and sourced, which provides its messages."""
    try:
        interface_class("skeleton_dml_ros/msg/SkeletonArray")
    except MissingMessagesError:
        pytest.skip("the messages are not built; colcon build, and source install/setup.bash")


class Robot:
    """Starts the node, calls its services and subscribes to its topics.

    Args:
        store: references file.
        parameters: further parameters of the node.
    """

    def __init__(self, store: Path, parameters: Mapping[str, Any] | None = None) -> None:
        self.published = 0
        self.heard: dict[Topic, list[Any]] = {topic: [] for topic in interface.TOPICS}
        self._parameters = {"references": str(store), "fixed_frame": "", **(parameters or {})}
        self._file = store.with_suffix(".yaml")
        self._environment = {
            **os.environ,
            "ROS_DOMAIN_ID": str(DOMAIN),
            "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        }
        self.process = self._start()
        self.context = Context()
        rclpy.init(context=self.context, domain_id=DOMAIN)
        self.client = Node("client", context=self.context)
        executor = SingleThreadedExecutor(context=self.context)
        executor.add_node(self.client)
        self._thread = threading.Thread(target=_spin, args=(executor,), daemon=True)
        self._thread.start()
        for topic in interface.TOPICS:
            self.client.create_subscription(
                interface_class(topic.type),
                topic.name.replace("~", NODE),
                self.heard[topic].append,
                QoSProfile(
                    depth=1000,
                    reliability=ReliabilityPolicy.RELIABLE,
                    durability=DurabilityPolicy.TRANSIENT_LOCAL
                    if topic.latched
                    else DurabilityPolicy.VOLATILE,
                ),
            )
        self.skeletons = self.client.create_publisher(
            interface_class("skeleton_dml_ros/msg/SkeletonArray"), "/skeletons", 1000
        )
        self._clients: dict[str, Any] = {}

    def __enter__(self) -> Robot:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        rclpy.shutdown(context=self.context)
        self._thread.join(5.0)

    def send(self, messages: Iterable[object], rate: float) -> None:
        """Publish messages at a rate in Hz."""
        for message in paced(messages, rate):
            self.skeletons.publish(message)

    def play(self, frames: Iterable[SkeletonFrame], rate: float) -> None:
        """Publish frames in optical axes at a rate in Hz."""
        self.send(map(skeleton_array, frames), rate)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop the node; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(20)

    def start_again(self) -> None:
        """Restart a stopped node."""
        # A killed node remains discovered until its lease expires.
        wait_until(lambda: interface.NODE_NAME not in self.client.get_node_names())
        for heard in self.heard.values():
            heard.clear()
        self.process = self._start()

    def activate(self) -> None:
        """Configure and activate the node."""
        for transition in ("configure", "activate"):
            assert self.transition(transition), transition
        wait_until(lambda: self.skeletons.get_subscription_count() > 0)

    def transition(self, name: str, seconds: float = PATIENCE) -> bool:
        """Request a lifecycle transition; returns whether it succeeded."""
        request = make("lifecycle_msgs/srv/ChangeState_Request")
        request.transition.id = TRANSITIONS[name]
        change = "lifecycle_msgs/srv/ChangeState"
        return bool(self._ask(change, "change_state", request, seconds).success)

    def state(self) -> str:
        """The lifecycle state."""
        request = make("lifecycle_msgs/srv/GetState_Request")
        answer = self._ask("lifecycle_msgs/srv/GetState", "get_state", request)
        return str(answer.current_state.label)

    def call(self, service: Service, **fields: Any) -> Any:
        """Call a service of the node."""
        request = make(f"{service.type}_Request", **fields)
        return self._ask(service.type, service.name.removeprefix("~/"), request)

    def set_parameter(self, name: str, value: Any) -> Any:
        """Set a parameter; returns the result with ``successful`` and ``reason``."""
        parameter = rclpy.parameter.Parameter(name, value=value).to_parameter_msg()
        request = make("rcl_interfaces/srv/SetParameters_Request", parameters=[parameter])
        answer = self._ask("rcl_interfaces/srv/SetParameters", "set_parameters", request)
        return answer.results[0]

    def diagnosis(self, of: str) -> dict[str, str]:
        """The values of the latest status whose name ends with this; empty before the first."""
        for latest in reversed(self.heard[interface.DIAGNOSTICS]):
            for status in latest.status:
                if status.name.endswith(of):
                    return {"message": status.message} | {
                        one.key: one.value for one in status.values
                    }
        return {}

    def _ask(self, type_name: str, name: str, request: Any, seconds: float = PATIENCE) -> Any:
        if name not in self._clients:
            self._clients[name] = self.client.create_client(
                interface_class(type_name), f"{NODE}/{name}"
            )
        return ask(self._clients[name], request, seconds)

    def _start(self) -> subprocess.Popen[bytes]:
        lines = [f"  {name}: {_yaml(value)}" for name, value in self._parameters.items()]
        self._file.write_text("\n".join(["/**:", " ros__parameters:", *lines, ""]))
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from skeleton_dml_ros.ros.recognition_node import main;"
                "sys.exit(main(sys.argv))",
                *("--ros-args", "--params-file", str(self._file)),
            ],
            env=self._environment,
        )


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if not isinstance(value, (list, tuple)) else str(list(value))


def _spin(executor: SingleThreadedExecutor) -> None:
    try:
        executor.spin()
    except ExternalShutdownException:
        return


def skeleton_array(frame: SkeletonFrame) -> Any:
    """A frame as a message in optical axes."""
    return skeleton_array_message(as_camera_sees(frame, CAMERA_FRAME), make)
