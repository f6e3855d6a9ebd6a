# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Run the node in a separate process on a private network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE, paced, wait_until

pytest.importorskip("cyclonedds", reason="the extra dds is not installed")
pytest.importorskip("rosbags", reason="the extra dds is not installed")

from skeleton_dml_ros.dds.endpoints import Participant
from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.messages.skeleton_array import (
    CAMERA_FRAME,
    TYPE,
    as_camera_sees,
    skeleton_array_message,
)
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Service, Topic
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

NODE = f"/{interface.NODE_NAME}"

DOMAIN = 1 + os.getpid() % 100
"""Keeps simultaneous test runs on one machine apart."""

LOOPBACK = """\
<CycloneDDS><Domain Id="any">
  <General>
    <Interfaces><NetworkInterface name="lo"/></Interfaces>
    <AllowMulticast>false</AllowMulticast>
  </General>
  <Discovery>
    <ParticipantIndex>auto</ParticipantIndex>
    <MaxAutoParticipantIndex>60</MaxAutoParticipantIndex>
    <Peers><Peer Address="localhost"/></Peers>
  </Discovery>
</Domain></CycloneDDS>"""

ENVIRONMENT = {
    "CYCLONEDDS_URI": LOOPBACK,
    "ROS_DOMAIN_ID": str(DOMAIN),
    "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
}
"""Environment of all processes of a test."""


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process and its child processes communicate on loopback."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


class Robot:
    """Starts ``skeleton-dml node``, calls its services and subscribes to its topics.

    Args:
        store: references file.
        parameters: further parameters of the node.
        arguments: further arguments of the command.

    Attributes:
        participant: participant of the test.
        heard: received messages by topic.
        skeletons: publisher of the input's topic.
        process: process of the node.
    """

    def __init__(
        self,
        store: Path,
        parameters: Mapping[str, Any] | None = None,
        arguments: Iterable[str] = (),
    ) -> None:
        given = {"references": str(store), "fixed_frame": "", **(parameters or {})}
        self._file = store.with_suffix(".yaml")
        # JSON is a subset of YAML.
        self._file.write_text(json.dumps({"/**": {"ros__parameters": given}}))
        self._arguments = tuple(arguments)
        self.heard: dict[Topic, list[Any]] = {topic: [] for topic in interface.TOPICS}
        self.participant = Participant("beside")
        for topic in interface.TOPICS:
            self.participant.subscription(
                topic.name.replace("~", NODE),
                topic.type,
                self.heard[topic].append,
                latched=topic.latched,
                depth=1000,
                reliable=True,
            )
        self.skeletons = self.participant.publisher("/skeletons", TYPE, depth=1000)
        self._clients = {
            service: self.participant.client(service.name.replace("~", NODE), service.type)
            for service in (*interface.SERVICES, *interface.ACTIONS)
        }
        self._wait_until_no_node_is_discovered()
        self.process = self._start()

    def __enter__(self) -> Robot:
        return self

    def __exit__(self, *_: object) -> None:
        self.participant.close()
        self.stop()

    def wait_until_active(self) -> None:
        """Wait until the node is subscribed and its services are available."""
        wait_until(self.skeletons.subscribers)
        assert self._clients[interface.LIST].wait(PATIENCE)

    def call(self, service: Service, **fields: Any) -> Any:
        """Call a service of the node."""
        client = self._clients[service]
        return client.call(client.make(**fields), PATIENCE)

    def play(self, frames: Iterable[SkeletonFrame], rate: float) -> None:
        """Publish frames in optical axes at a rate in Hz."""
        for frame in paced(frames, rate):
            seen = as_camera_sees(frame, CAMERA_FRAME)
            self.skeletons.publish(skeleton_array_message(seen, make))

    def calibrates(self) -> bool:
        """Whether a calibration is running: then another one is refused."""
        answer = self.call(interface.CALIBRATE, seconds=0.1, false_accept_rate=0.1)
        return "has to wait" in answer.message

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop the node; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(20)

    def start_again(self) -> None:
        """Restart a stopped node."""
        self._wait_until_no_node_is_discovered()
        for heard in self.heard.values():
            heard.clear()
        self.process = self._start()

    def _wait_until_no_node_is_discovered(self) -> None:
        """Wait until no stopped node, not even an earlier test's, is discovered any more.

        A killed node remains discovered until its lease expires.
        """
        wait_until(lambda: not self.skeletons.subscribers())

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "skeleton_dml_ros.cli", "node"),
                *("--params", str(self._file), *self._arguments),
            ],
            env={**os.environ, **ENVIRONMENT},
        )
