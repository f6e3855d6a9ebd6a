# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml demo --live``: node and people as separate processes; this one is the client.

They use a free DDS domain and do not communicate beyond this machine.  The people's process is

    python -m skeleton_dml_ros.cli.demo_live SEED SCENE BEGIN_NS RATE TOPIC

It plays one scene of the seed, as a camera would publish it.
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from skeleton_dml_ros.cli.demo import BETWEEN_SCENES_NS
from skeleton_dml_ros.cli.options import join
from skeleton_dml_ros.cli.play import WAIT, Player, camera_view
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.skeleton_array import CAMERA_FRAME
from skeleton_dml_ros.skeleton.sequence import nanoseconds

if TYPE_CHECKING:
    from skeleton_dml_ros.evaluation.demonstration import Scene
    from skeleton_dml_ros.recognition.event import Recognition
    from skeleton_dml_ros.skeleton.frame import SkeletonFrame
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MAX_SPEED = 8.0
"""Maximum playback rate: a node drops frames that it cannot keep up with."""

START_TIMEOUT = 60.0
"""Seconds to wait for the node to start."""

SETTLED = 2.5
"""Seconds without a message after which a scene is over; diagnostics are published every second."""

DOMAINS = range(50, 101)
"""Domains to choose from; the ports of higher ones overlap with ephemeral ports."""

FIRST_PORT, PORTS = 7410, 250
"""DDS: port of the first participant of domain 0, and number of ports per domain."""

SUBSCRIBERS = 2
"""Subscribers that the people wait for: the node and the client."""


class NodeRobot:
    """A node in a separate process; see :class:`skeleton_dml_ros.cli.demo.Robot`.

    Args:
        seed: of the demonstration.
        model: model folder, or ``default``.
    """

    def __init__(self, seed: int, model: str) -> None:
        self._seed = seed
        self._scenes = 0
        self._arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
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
        self._open.enter_context(exit_on_termination())
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self._open.enter_context(private_domain())
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
        self._running.hear(interface.RECOGNITIONS, self._arrived.put)
        self._running.hear_reports(self._note_waiting)
        self._topic = self._running.full_name(TOPIC)
        participant.subscription(self._topic, TYPE, self._arrived.put, depth=1000, reliable=True)
        self._wait_until_active()

    def next_ns(self) -> int:
        """The node's clock continues from the latest stamp."""
        if not self._latest_ns:
            return time.time_ns()
        passed = time.monotonic() - self._latest_at
        return self._latest_ns + nanoseconds(passed) + BETWEEN_SCENES_NS

    def teach(self, recording: SkeletonSequence, label: str) -> None:
        from skeleton_dml_ros.datasets.content import bytes_of_recording
        from skeleton_dml_ros.node import interface

        content = bytes_of_recording(recording, label)
        self._running.ask(interface.ENROLL, label=label, recording=content)

    def enroll_clip_of(self, clip_id: str, label: str) -> None:
        from skeleton_dml_ros.node import interface

        self._running.ask(interface.ENROLL, label=label, clip_id=clip_id)

    def watch(self, scene: Scene, speed: float) -> Iterator[SkeletonFrame | Recognition]:
        from skeleton_dml_ros.node.conversions import read_frame, read_recognition

        people = self._process(
            "skeleton_dml_ros.cli.demo_live",
            *map(str, (self._seed, self._scenes, scene.start_ns, speed, self._topic)),
        )
        self._scenes += 1
        quiet_since = time.monotonic()
        while people.poll() is None or self._waiting or time.monotonic() - quiet_since < SETTLED:
            self._check_processes(people)
            try:
                message = self._arrived.get(timeout=0.1)
            except queue.Empty:
                continue
            if hasattr(message, "verdict"):
                quiet_since = time.monotonic()
                yield read_recognition(message, self._latest_ns)
                continue
            frame = read_frame(message, scene.frames[0].input_name)
            quiet_since = self._latest_at = time.monotonic()
            self._latest_ns = frame.stamp_ns
            if frame.stamp_ns <= scene.end_ns:
                yield frame

    def close(self) -> None:
        self._open.close()

    def _process(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a module in a process that ends with the demonstration."""
        log = self._open.enter_context(self._log.open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        self._open.callback(_end, process)
        return process

    def _wait_until_active(self) -> None:
        """Wait for the node, and read its threshold.

        Raises:
            SkeletonDmlError: the node exited, or did not start in time.
        """
        from skeleton_dml_ros.node import interface
        from skeleton_dml_ros.node.interface import ServiceRefusedError, ServiceTimeoutError

        until = time.monotonic() + START_TIMEOUT
        while True:
            try:
                response = self._running.ask(interface.LIST, timeout=2.0)
            except (ServiceTimeoutError, ServiceRefusedError) as error:
                if self._node_process.poll() is not None or time.monotonic() > until:
                    raise SkeletonDmlError(
                        f"the node did not start: {self._last_log_line() or error}"
                    ) from None
                time.sleep(0.2)
            else:
                self.threshold = float(response.references.threshold)
                return

    def _check_processes(self, people: subprocess.Popen[bytes]) -> None:
        for name, process in (("node", self._node_process), ("people", people)):
            if process.poll():
                raise SkeletonDmlError(f"the {name} process ended early: {self._last_log_line()}")

    def _last_log_line(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def _note_waiting(self, _: int, statuses: Mapping[str, Any]) -> None:
        """Remember whether clips wait for a decision."""
        for pair in statuses["recognition"].values:
            if pair.key == "clips waiting":
                self._waiting = "" if pair.value.startswith("0 ") else pair.value


def _parameters(folder: Path, model: str) -> dict[str, Any]:
    """Parameters of a node with one reliable input and without TF."""
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
def private_domain() -> Iterator[None]:
    """Use a free DDS domain of this machine in this process and its children while the block runs."""
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
def exit_on_termination() -> Iterator[None]:
    """Exit through ``finally`` blocks on SIGTERM and SIGHUP while the block runs."""
    before = {number: signal.signal(number, _exit) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _: object) -> None:
    """Exit with a shell's status for the signal."""
    raise SystemExit(128 + number)


def _free_domain() -> int:
    """A domain whose first participant's port is free.

    The search starts at a domain that depends on the process id, so that two processes differ.

    Raises:
        SkeletonDmlError: all domains are in use.
    """
    for step in range(len(DOMAINS)):
        domain = DOMAINS[(os.getpid() + step) % len(DOMAINS)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            try:
                taken.bind(("", FIRST_PORT + PORTS * domain))
            except OSError:
                continue
            return domain
    raise SkeletonDmlError("all DDS domains of this machine are in use; stop other nodes first")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Terminate a process, or kill it after 5 s."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def scenes(seed: int, begin_ns: int) -> Iterator[Scene]:
    """The scenes of a seed, each beginning at this stamp."""
    import numpy as np

    from skeleton_dml_ros.evaluation import demonstration as plan

    generator = np.random.default_rng(seed)
    # The demonstrations consume random numbers before the scenes do.
    plan.demonstrate(plan.ENROLLED_FIRST, generator)
    yield plan.first_scene(generator, begin_ns)
    yield plan.second_scene(generator, begin_ns)


def play_people(arguments: Sequence[str]) -> None:
    """Play one scene, once the node and the client have subscribed."""
    seed, number, begin_ns, rate, topic = arguments
    scene = list(scenes(int(seed), int(begin_ns)))[int(number)]
    with join("demo_people") as participant:
        player = Player(participant, topic)
        subscribers = player.subscribers(WAIT, SUBSCRIBERS)
        if subscribers < SUBSCRIBERS:
            raise SystemExit(f"{topic} has {subscribers} of {SUBSCRIBERS} subscribers")
        layout = scene.frames[0].layout
        player.play(camera_view(scene.frames, layout, CAMERA_FRAME), float(rate), scene.start_ns)


if __name__ == "__main__":
    play_people(sys.argv[1:])
