# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The lifecycle node on ROS 2, in a separate process."""

from __future__ import annotations

import contextlib
import math
import signal
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from robot import NODE, Robot, require_built_package, skeleton_array
from shown_actions import SECOND, references, scene, teach, teach_what_was_unknown
from waiting import wait_until

from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Action, ServiceTimeoutError
from skeleton_dml_ros.ros.messages import interface_class, make
from skeleton_dml_ros.shared_files import shared_file


@pytest.fixture(autouse=True)
def built() -> None:
    require_built_package()


@pytest.fixture
def robot(tmp_path: Path) -> Iterator[Robot]:
    with Robot(tmp_path / "references.db") as robot:
        yield robot


def test_an_unknown_action_is_taught_by_its_clip_and_recognised_from_then_on(robot: Robot) -> None:
    robot.activate()
    teach_what_was_unknown(robot)
    published = robot.heard[interface.REFERENCES]
    wait_until(lambda: len(published[-1].references) == 4)


def test_the_lifecycle_can_be_repeated(robot: Robot) -> None:
    for _ in range(2):
        assert robot.state() == "unconfigured"
        robot.activate()
        assert robot.state() == "active"
        robot.play(scene("wave").frames, 120)
        wait_until(lambda: robot.heard[interface.RECOGNITIONS])
        robot.heard[interface.RECOGNITIONS].clear()
        assert robot.transition("deactivate")
        refused = robot.call(interface.LIST)
        assert not refused.success
        assert "activate" in refused.message
        assert robot.transition("cleanup")


def test_an_impossible_transition_does_not_end_the_node(robot: Robot) -> None:
    assert robot.state() == "unconfigured"
    # rclpy does not respond to such a request.
    with contextlib.suppress(ServiceTimeoutError):
        robot.transition("deactivate", seconds=3.0)
    robot.activate()
    assert robot.state() == "active"


def test_a_failed_configuration_can_be_repeated(tmp_path: Path) -> None:
    model = tmp_path / "model"
    with Robot(tmp_path / "references.db", {"model": str(model)}) as robot:
        assert not robot.transition("configure")
        assert robot.state() == "unconfigured"
        model.symlink_to(shared_file("models/default"))
        robot.activate()
        assert robot.state() == "active"


def test_services_and_diagnostics_of_a_node_that_was_shut_down_say_so(robot: Robot) -> None:
    robot.activate()
    assert robot.transition("shutdown")
    assert robot.call(interface.LIST).message == f"{NODE} was shut down; restart it"
    wanted = "not recognising: restart the node"
    wait_until(lambda: robot.diagnosis("recognition").get("message") == wanted)


def test_parameters_change_at_run_time_and_invalid_values_are_refused(robot: Robot) -> None:
    robot.activate()
    teach(robot, "wave")
    published = robot.heard[interface.REFERENCES]
    assert robot.set_parameter("threshold", 1.0).successful
    wait_until(lambda: published[-1].threshold == 1.0)
    robot.play(scene("wave").frames, 120)
    said = robot.heard[interface.RECOGNITIONS]
    wait_until(lambda: said)
    assert said[0].verdict == said[0].UNKNOWN
    assert said[0].threshold == 1.0
    assert robot.set_parameter("threshold", math.nan).successful
    wait_until(lambda: published[-1].threshold != 1.0)
    for name, value, word in (
        ("threshold", 1000.0, "threshold"),
        ("segmentation.method", "guess", "windows"),
        ("segmentation.stop_speed", 5.0, "stop_speed"),
        ("segmentation.pause", -1.0, "pause"),
        ("model", "other", "read-only"),
    ):
        result = robot.set_parameter(name, value)
        assert not result.successful, name
        assert word in result.reason, result.reason


def test_references_survive_a_killed_node(robot: Robot) -> None:
    robot.activate()
    teach(robot, "wave", "kick")
    before = references(robot)
    robot.stop(signal.SIGKILL)
    robot.start_again()
    robot.activate()
    assert references(robot) == before
    wait_until(lambda: robot.heard[interface.REFERENCES])
    assert robot.heard[interface.REFERENCES][-1].version == before[0]


def test_the_node_stops_cleanly_on_interrupt(robot: Robot) -> None:
    robot.activate()
    teach(robot, "wave")
    assert robot.stop(signal.SIGINT) == 0


def test_invalid_messages_are_refused_and_counted(tmp_path: Path) -> None:
    # Best effort would lose some of the largest messages.
    with Robot(tmp_path / "references.db", {"input.camera.reliable": True}) as robot:
        robot.activate()
        send_wrong_messages(robot)


def send_wrong_messages(robot: Robot) -> None:
    def message(**changes: object) -> object:
        good = skeleton_array(scene("wave").frames[0])
        for name, value in changes.items():
            setattr(good, name, value)
        return good

    def person(person_id: str = "1", positions: object = array("f", [0.1] * 75)) -> object:
        return make("skeleton_dml_ros/msg/Skeleton", person_id=person_id, positions=positions)

    wrong = [
        message(layout="octopus_8"),
        message(skeletons=[person(positions=array("f", [0.0] * 60))]),
        message(skeletons=[person(positions=array("f", [0.0] * 3_000_000))]),
        message(skeletons=[person(person_id="")]),
        message(skeletons=[person(person_id="x" * 100_000)]),
        message(skeletons=[person(person_id="a\nb")]),
        message(skeletons=[person(), person()]),
        message(skeletons=[person(str(number)) for number in range(5000)]),
        make("skeleton_dml_ros/msg/SkeletonArray"),
    ]
    robot.send(wrong, 4)
    strange = [
        message(skeletons=[]),
        message(skeletons=[person(positions=array("f", [math.nan] * 75))]),
        message(skeletons=[person(positions=array("f", [math.inf] * 75))]),
        message(skeletons=[person(positions=array("f", [1e30] * 75))]),
    ]
    robot.send(strange, 4)

    wait_until(lambda: robot.diagnosis("input camera").get("messages refused") == str(len(wrong)))
    # Stamps that run backwards reset the input.
    robot.play(scene("wave", start_ns=2000 * SECOND).frames, 120)
    robot.play(scene("wave", start_ns=500 * SECOND).frames, 120)
    wait_until(lambda: len(robot.heard[interface.RECOGNITIONS]) >= 2)
    assert robot.state() == "active"


def send_goal(robot: Robot, action: Action, feedback: list[Any], **fields: Any) -> Any:
    """Send an action's goal; returns the accepted goal's handle."""
    from rclpy.action import ActionClient

    kind = interface_class(action.type)
    client = ActionClient(robot.client, kind, action.name.replace("~", NODE))
    assert client.wait_for_server(60)
    sending = client.send_goal_async(
        kind.Goal(**fields), feedback_callback=lambda one: feedback.append(one.feedback)
    )
    wait_until(sending.done)
    return sending.result()


def test_an_action_is_taught_by_performing_it(robot: Robot) -> None:
    robot.activate()
    feedback: list[Any] = []
    goal = send_goal(robot, interface.RECORD, feedback, label="bow", countdown=0.5)
    getting = goal.get_result_async()
    wait_until(lambda: feedback)
    robot.play(scene("bow").frames, 60)
    wait_until(getting.done)
    result = getting.result().result
    assert result.success, result.message
    assert result.reference.label == "bow"
    assert {one.phase for one in feedback} == {0, 1, 2}
    assert not robot.heard[interface.UNKNOWN_ACTIONS]


def test_a_calibration_gives_feedback_and_can_be_cancelled(robot: Robot) -> None:
    status = interface_class("action_msgs/msg/GoalStatus")
    robot.activate()
    teach(robot, "wave")
    feedback: list[Any] = []
    goal = send_goal(robot, interface.CALIBRATE, feedback, seconds=600.0, false_accept_rate=0.1)
    getting = goal.get_result_async()
    wait_until(lambda: feedback)
    robot.play(scene("bow").frames, 120)
    wait_until(lambda: feedback[-1].movements == 1)
    assert 500 < feedback[-1].seconds_left < 600
    second = send_goal(robot, interface.RECORD, [], label="bow").get_result_async()
    wait_until(second.done)
    assert "has to wait" in second.result().result.message
    assert second.result().status == status.STATUS_ABORTED
    wait_until(goal.cancel_goal_async().done)
    wait_until(getting.done)
    assert getting.result().status == status.STATUS_CANCELED
    assert getting.result().result.message == "cancelled; the threshold stays as it was"


def test_without_a_simulated_clock_diagnostics_and_actions_say_so(tmp_path: Path) -> None:
    with Robot(tmp_path / "references.db", {"use_sim_time": True}) as robot:
        robot.activate()
        wait_until(lambda: "no time on /clock" in robot.diagnosis("recognition").get("message", ""))
        goal = send_goal(robot, interface.RECORD, [], label="bow", countdown=3.0)
        getting = goal.get_result_async()
        wait_until(getting.done)
        assert "no time on /clock" in getting.result().result.message
