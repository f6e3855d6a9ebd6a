# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml node`` in a separate process."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from shown_actions import references, scene, teach, teach_what_was_unknown
from waiting import PATIENCE, wait_until
from wire import Robot, loopback

from skeleton_dml_ros.dds.types import make
from skeleton_dml_ros.evaluation.demonstration import ENROLLED_LATER
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import ServiceTimeoutError

__all__ = ["loopback"]


@pytest.fixture
def robot(tmp_path: Path) -> Iterator[Robot]:
    with Robot(tmp_path / "references.db") as robot:
        robot.wait_until_active()
        yield robot


def test_an_unknown_action_is_taught_by_its_clip_and_survives_a_restart(robot: Robot) -> None:
    teach_what_was_unknown(robot)

    assert robot.call(interface.REMOVE, label="kick").success
    refused = robot.call(interface.REMOVE, label="kick")
    assert not refused.success
    assert "kick" in refused.message
    before = references(robot)
    version, enrolled = before
    assert {one.label for one in enrolled} == {"wave", "jumping_jack", ENROLLED_LATER}

    assert robot.stop(signal.SIGTERM) == 0
    robot.start_again()
    robot.wait_until_active()
    assert references(robot) == before
    wait_until(lambda: robot.heard[interface.REFERENCES])
    assert robot.heard[interface.REFERENCES][-1].version == version


def test_the_node_stops_during_a_running_call(robot: Robot) -> None:
    teach(robot, "wave")

    def calibrate() -> Any:
        # The check in calibrates() may run at the same time; then this call is refused as busy.
        while True:
            answer = robot.call(interface.CALIBRATE, seconds=40.0, false_accept_rate=0.1)
            if "has to wait" not in answer.message:
                return answer

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(calibrate)
        wait_until(robot.calibrates)
        assert robot.stop(signal.SIGINT) == 0
        answer = asking.result(30.0)
    assert not answer.success
    assert "deactivated" in answer.message


def test_references_survive_a_killed_node(robot: Robot) -> None:
    teach(robot, "wave", "kick")
    before = references(robot)
    robot.stop(signal.SIGKILL)
    # A killed node remains discovered until its lease expires.
    with pytest.raises(ServiceTimeoutError, match="disappeared without a response"):
        robot.call(interface.LIST)
    robot.start_again()
    robot.wait_until_active()
    assert references(robot) == before


def test_skeletons_go_through_tf_into_the_fixed_frame(tmp_path: Path) -> None:
    with Robot(tmp_path / "references.db", {"fixed_frame": "odom"}) as robot:
        static = robot.participant.publisher(
            "/tf_static", "tf2_msgs/msg/TFMessage", latched=True, depth=100
        )
        stamped = make(
            "geometry_msgs/msg/TransformStamped",
            header=make("std_msgs/msg/Header", frame_id="odom"),
            child_frame_id="camera_optical_frame",
            transform=make(
                "geometry_msgs/msg/Transform",
                translation=make("geometry_msgs/msg/Vector3", x=100.0, z=1.2),
                rotation=make("geometry_msgs/msg/Quaternion", x=-0.5, y=0.5, z=-0.5, w=0.5),
            ),
        )
        static.publish(make("tf2_msgs/msg/TFMessage", transforms=[stamped]))
        robot.wait_until_active()
        wait_until(static.subscribers)
        robot.play(scene("wave").frames, 120)
        said = robot.heard[interface.RECOGNITIONS]
        wait_until(lambda: said)
        assert said[0].header.frame_id == "odom"
        assert said[0].position.x > 100.0


def test_diagnostics_report_refused_messages(robot: Robot) -> None:
    heard = robot.heard[interface.DIAGNOSTICS]

    def refused() -> bool:
        # With best effort, messages sent before discovery are lost, so repeat.
        robot.skeletons.publish(make("skeleton_dml_ros/msg/SkeletonArray", layout="octopus_8"))
        return any("refused" in status.message for one in heard for status in one.status)

    wait_until(refused)


def test_name_and_namespace_can_be_chosen(tmp_path: Path) -> None:
    arguments = ("--name", "eyes", "--namespace", "robot1", "--set", "device=cpu")
    with Robot(tmp_path / "references.db", arguments=arguments) as robot:
        client = robot.participant.client("/robot1/eyes/list_references", interface.LIST.type)
        assert client.wait(PATIENCE)
        assert client.call(client.make(), 20).success


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--set", "model=/nowhere"), "/nowhere"),
        (("--set", "input_timeout=long"), "input_timeout is 'long'; give a number"),
        (("--name", "a b"), "'a b' is not a valid name"),
        (("--set", "input.camera.format=zed"), "zed_msgs/msg/ObjectsStamped"),
    ],
)
def test_a_users_error_is_reported_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Robot(tmp_path / "references.db", arguments=arguments) as robot:
        assert robot.process.wait(PATIENCE) == 2
    (*_, last) = capfd.readouterr().err.strip().splitlines()
    assert last.startswith("skeleton-dml: ")
    assert line in last
