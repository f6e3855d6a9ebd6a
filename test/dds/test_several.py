# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Several nodes and clients at once, some of which are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from shown_actions import SECOND, recording, references, teach
from waiting import wait_until
from wire import ENVIRONMENT, NODE, Robot, loopback  # noqa: F401

from skeleton_dml_ros.datasets.synthetic_actor import Act, Idle
from skeleton_dml_ros.dds.endpoints import Participant
from skeleton_dml_ros.evaluation.demonstration import ENROLLED_FIRST
from skeleton_dml_ros.evaluation.demonstration import play as act
from skeleton_dml_ros.node import interface

CALIBRATING = f"""
from skeleton_dml_ros.dds.endpoints import Participant
with Participant("impatient") as participant:
    client = participant.client(
        "{NODE}/calibrate_threshold", "skeleton_dml_ros/action/CalibrateThreshold"
    )
    while True:
        client.call(client.make(seconds=60.0, false_accept_rate=0.1), 120)
"""


def test_three_clients_teach_two_nodes_at_once(tmp_path: Path) -> None:
    nodes = ("left", "right")
    shown = recording("wave")

    def teach_both(number: int) -> list[str]:
        said = []
        with Participant(f"client_{number}") as participant:
            for node in nodes:
                client = participant.client(f"/{node}/enroll_reference", interface.ENROLL.type)
                request = client.make(label=f"{node}_{number}", recording=shown)
                said.append(client.call(request, 60).message)
        return said

    with (
        Robot(tmp_path / "left.db", arguments=("--name", "left")),
        Robot(tmp_path / "right.db", arguments=("--name", "right")) as robot,
    ):
        with ThreadPoolExecutor(3) as pool:
            said = list(pool.map(teach_both, range(3)))
        assert all(one.startswith("taught") for messages in said for one in messages), said
        for node in nodes:
            client = robot.participant.client(f"/{node}/list_references", interface.LIST.type)
            enrolled = client.call(client.make(), 60).references.references
            assert sorted(one.label for one in enrolled) == [f"{node}_{n}" for n in range(3)]


def test_a_client_killed_during_a_call_does_no_harm(tmp_path: Path) -> None:
    with Robot(tmp_path / "references.db") as robot:
        robot.wait_until_active()
        teach(robot, "wave")
        client = subprocess.Popen(
            [sys.executable, "-c", CALIBRATING], env={**os.environ, **ENVIRONMENT}
        )
        try:
            wait_until(robot.calibrates)
        finally:
            client.send_signal(signal.SIGKILL)
            client.wait(20)
        answer = robot.call(interface.LIST)
        assert answer.success
        assert [one.label for one in answer.references.references] == ["wave"]
        assert robot.stop(signal.SIGINT) == 0


def test_a_node_killed_with_waiting_clips_loses_no_reference(tmp_path: Path) -> None:
    many = {
        "segmentation.method": "windows",
        "segmentation.window": 1.0,
        "segmentation.stride": 0.05,
        "buffer_seconds": 20.0,
    }
    script = [step for action in ENROLLED_FIRST for step in (Act(action), Idle(0.3))]
    people = [(f"person_{number}", script) for number in range(6)]
    scene = act(people, np.random.default_rng(0), 1000 * SECOND)
    with Robot(tmp_path / "references.db", many) as robot:
        robot.wait_until_active()
        teach(robot, "wave", "kick")
        before = references(robot)
        robot.play(scene.frames, 90)
        robot.stop(signal.SIGKILL)
        robot.start_again()
        robot.wait_until_active()
        assert references(robot) == before
