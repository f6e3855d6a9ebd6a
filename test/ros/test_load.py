# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many people for a long time: all frames arrive while the worker is always busy."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from robot import Robot, require_built_package, skeleton_array
from shown_actions import SECOND
from waiting import wait_until

from skeleton_dml_ros.datasets.synthetic_actor import Act, Idle, action_names
from skeleton_dml_ros.evaluation.demonstration import play as act
from skeleton_dml_ros.node import interface

PEOPLE = 10
RATE = 30
MINUTES = float(os.environ.get("LOAD_MINUTES", "5"))

WINDOWS = {
    "segmentation.method": "windows",
    "segmentation.window": 1.0,
    "segmentation.stride": 0.05,
    "buffer_seconds": 20.0,
}
"""200 clips per second keep the worker busy."""


def busy_people(seconds: float) -> list[object]:
    """Messages in which all people perform one action after another."""
    generator = np.random.default_rng(0)
    names = action_names()
    scripts = []
    for person in range(PEOPLE):
        script: list[Act | Idle] = []
        for index in generator.permutation(len(names)):
            script += [Act(names[index]), Idle(0.3)]
        scripts.append((f"person_{person}", script))
    scene = act(scripts, generator, 1000 * SECOND)
    count = round(seconds * RATE)
    messages = []
    for number in range(count):
        message = skeleton_array(scene.frames[number % min(len(scene.frames), 1000)])
        stamp_ns = 1000 * SECOND + number * SECOND // RATE
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, SECOND)
        messages.append(message)
    return messages


def cpu_seconds(process: int) -> float:
    """CPU time of a process in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["windows", "motion"])
def test_all_frames_of_ten_people_arrive(method: str, tmp_path: Path) -> None:
    require_built_package()
    messages = busy_people(MINUTES * 60)
    with Robot(tmp_path / "references.db", WINDOWS if method == "windows" else {}) as robot:
        robot.activate()
        wait_until(lambda: robot.diagnosis("input camera"))
        begin, before = time.monotonic(), cpu_seconds(robot.process.pid)
        robot.send(messages, RATE)
        passed = time.monotonic() - begin
        used = cpu_seconds(robot.process.pid) - before

        # After two reports, all messages have arrived.
        reports = len(robot.heard[interface.DIAGNOSTICS])
        wait_until(lambda: len(robot.heard[interface.DIAGNOSTICS]) >= reports + 3)
        received = int(robot.diagnosis("input camera")["messages received"])
        recognition = robot.diagnosis("recognition")
        latencies = [one.latency for one in robot.heard[interface.RECOGNITIONS]]
        print(
            f"\n{method}: {len(messages)} frames of {PEOPLE} people in {passed:.0f} s, {received} received; "
            f"{used / passed:.2f} cores; {len(latencies)} decisions, latency p50 "
            f"{np.percentile(latencies, 50) * 1e3:.0f} ms, p99 "
            f"{np.percentile(latencies, 99) * 1e3:.0f} ms; {recognition}"
        )
        assert received == len(messages)
        assert robot.state() == "active"
