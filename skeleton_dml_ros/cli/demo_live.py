# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The robot of the demonstration as what it is on a robot: a node in a process of its own.

The people are a process of their own too, and this process is the client that teaches and hears.
All three meet on a domain that nobody else uses, and are heard by nobody beyond this machine.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from skeleton_dml_ros.cli.demo_robot import BETWEEN_SCENES_NS
from skeleton_dml_ros.cli.loading import join
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.sequence import nanoseconds

if TYPE_CHECKING:
    from skeleton_dml_ros.evaluation.demonstration import Scene
    from skeleton_dml_ros.recognition.event import Recognition
    from skeleton_dml_ros.skeleton.frame import SkeletonFrame
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FASTEST = 8.0
"""How fast time passes at most: what a node cannot keep up with, it drops."""

STARTING = 60.0
"""Seconds in which the node is ready on a slow machine."""

SETTLED = 2.5
"""Seconds without a recognition after which no more will come: diagnostics come each second."""

DOMAINS = range(50, 101)
"""Domains of which a free one is taken: ports of higher ones are used by the system as well."""

FIRST_PORT, PORTS = 7410, 250
"""DDS: where the first participant of domain 0 is found, and how many ports a domain has."""


class RobotBeside:
    """A node in a process of its own, asked and heard over DDS.

    Args:
        seed: of the demonstration, which the people's process has to know.
        model: its folder, or ``default``.
    """

    def __init__(self, seed: int, model: str) -> None:
        self._seed = seed
        self._scenes = 0
        self._said: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._latest_ns = 0
        self._latest_at = time.monotonic()
        self._waiting = ""
        self.threshold = 0.0
        self._open = ExitStack()
        try:
            self._start(model)
        except BaseException:
            self._open.close()
            raise

    def _start(self, model: str) -> None:
        self._open.enter_context(closed_when_ended())
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self._open.enter_context(network_of_its_own())
        participant = self._open.enter_context(join("demo"))

        from skeleton_dml_ros.dds.running_node import RunningNode
        from skeleton_dml_ros.messages.skeleton_array import TOPIC, TYPE
        from skeleton_dml_ros.node import interface

        parameters = folder / "parameters.yaml"
        parameters.write_text(yaml.safe_dump(_parameters(folder, model)), encoding="utf-8")
        self._log = folder / "node.log"
        self._node_process = self._process(
            "skeleton_dml_ros.cli", "node", "--params", str(parameters)
        )
        self._running = RunningNode(participant)
        self._running.hear(interface.RECOGNITIONS, self._said.put)
        self._running.hear_reports(self._note_waiting)
        self._topic = self._running.full_name(TOPIC)
        participant.subscription(self._topic, TYPE, self._said.put, depth=1000, reliable=True)
        self._wait_until_active()

    def next_ns(self) -> int:
        """See :class:`Robot`: the node's clock goes on from the latest stamp by itself."""
        if not self._latest_ns:
            return time.time_ns()
        passed = time.monotonic() - self._latest_at
        return self._latest_ns + nanoseconds(passed) + BETWEEN_SCENES_NS

    def teach(self, recording: SkeletonSequence, label: str) -> None:
        """See :class:`Robot`."""
        from skeleton_dml_ros.datasets.content import bytes_of_recording
        from skeleton_dml_ros.node import interface

        content = bytes_of_recording(recording, label)
        self._running.ask(interface.ENROLL, label=label, recording=content)

    def enroll_clip_of(self, clip_id: str, label: str) -> None:
        """See :class:`Robot`."""
        from skeleton_dml_ros.node import interface

        self._running.ask(interface.ENROLL, label=label, clip_id=clip_id)

    def watch(self, scene: Scene, speed: float) -> Iterator[SkeletonFrame | Recognition]:
        """See :class:`Robot`."""
        from skeleton_dml_ros.node.conversions import read_frame, read_recognition

        people = self._process(
            "skeleton_dml_ros.cli.demo_people",
            *map(str, (self._seed, self._scenes, scene.start_ns, speed, self._topic)),
        )
        self._scenes += 1
        quiet_since = time.monotonic()
        while people.poll() is None or self._waiting or time.monotonic() - quiet_since < SETTLED:
            self._check_processes(people)
            try:
                said = self._said.get(timeout=0.1)
            except queue.Empty:
                continue
            if hasattr(said, "verdict"):
                quiet_since = time.monotonic()
                yield read_recognition(said, self._latest_ns)
                continue
            frame = read_frame(said, scene.frames[0].input_name)
            quiet_since = self._latest_at = time.monotonic()
            self._latest_ns = frame.stamp_ns
            if frame.stamp_ns <= scene.end_ns:
                yield frame

    def close(self) -> None:
        """See :class:`Robot`: the processes end."""
        self._open.close()

    def _process(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A process of this package's, which ends with the demonstration."""
        log = self._open.enter_context(self._log.open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self._open.callback(_end, process)
        return process

    def _wait_until_active(self) -> None:
        """Return when the node answers, and take over its threshold.

        Raises:
            SkeletonDmlError: it has ended, or takes too long.
        """
        from skeleton_dml_ros.node import interface
        from skeleton_dml_ros.node.interface import ServiceRefusedError, ServiceTimeoutError

        until = time.monotonic() + STARTING
        while True:
            try:
                answer = self._running.ask(interface.LIST, timeout=2.0)
            except (ServiceTimeoutError, ServiceRefusedError) as error:
                if self._node_process.poll() is not None or time.monotonic() > until:
                    raise SkeletonDmlError(
                        f"the node did not start: {self._complaint() or error}"
                    ) from None
                time.sleep(0.2)
            else:
                self.threshold = float(answer.references.threshold)
                return

    def _check_processes(self, people: subprocess.Popen[bytes]) -> None:
        for name, process in (("node", self._node_process), ("people", people)):
            if process.poll():
                raise SkeletonDmlError(f"the {name} ended early: {self._complaint()}")

    def _complaint(self) -> str:
        """The last line that a process has written."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def _note_waiting(self, _: int, statuses: Mapping[str, Any]) -> None:
        """Remember whether clips still wait for their decision."""
        for pair in statuses["recognition"].values:
            if pair.key == "clips waiting":
                self._waiting = "" if pair.value.startswith("0 ") else pair.value


def _parameters(folder: Path, model: str) -> dict[str, Any]:
    """A node that listens to every message of one camera which stands still and level."""
    values: dict[str, Any] = {
        "references": str(folder / "taught.db"),
        "fixed_frame": "",
        "inputs": ["camera"],
        "input": {"camera": {"format": "skeleton_array", "reliable": True}},
    }
    if model != "default":
        values["model"] = str(Path(model).absolute())
    return {"/**": {"ros__parameters": values}}


@contextmanager
def network_of_its_own() -> Iterator[None]:
    """While the block runs, this process and those that it starts meet on a free domain."""
    mine = {
        "ROS_DOMAIN_ID": str(_free_domain()),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "ROS_STATIC_PEERS": "",
        "ROS_LOCALHOST_ONLY": "",
        "CYCLONEDDS_URI": "",
    }
    before = {name: os.environ.get(name) for name in mine}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def closed_when_ended() -> Iterator[None]:
    """While the block runs, who ends this process from outside lets it close what it has opened."""
    before = {number: signal.signal(number, _exit) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _: object) -> None:
    """Leave as after any fault, and with the status that a shell gives such an end."""
    raise SystemExit(128 + number)


def _free_domain() -> int:
    """A domain whose first participant's port nobody has.

    Two processes that look at the same time begin at different ones.

    Raises:
        SkeletonDmlError: all are taken.
    """
    for step in range(len(DOMAINS)):
        domain = DOMAINS[(os.getpid() + step) % len(DOMAINS)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            try:
                taken.bind(("", FIRST_PORT + PORTS * domain))
            except OSError:
                continue
            return domain
    raise SkeletonDmlError("all domains of this machine are in use; end other nodes first")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, by force if it does not listen."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
