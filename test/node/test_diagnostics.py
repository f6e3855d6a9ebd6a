# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from definitions import make

from skeleton_dml_ros.node.diagnostics import (
    INPUT_RULES,
    MODEL_RULES,
    RECOGNITION_RULES,
    REFERENCE_RULES,
    IncompatiblePublisher,
    InputStatus,
    Level,
    NodeStatus,
    Rule,
    classify,
    diagnose,
    rules_table,
)
from skeleton_dml_ros.recognition.status import Status

CAMERA = InputStatus(
    name="camera",
    format="skeleton_array",
    topics=("/skeletons",),
    types=("skeleton_dml_ros/msg/SkeletonArray",),
    received=300,
    rate=29.94,
    age=0.031,
    input_timeout=5.0,
    people=2,
)
BEST_EFFORT = IncompatiblePublisher("/skeletons", "reliability")
RECOGNISING = Status(
    people=2,
    waiting=1,
    counts={"clips": 14, "clips dropped": 3, "decisions: known": 9},
    embedding_seconds=0.0174,
    alive=True,
)
GOOD = NodeStatus(
    active=True,
    inputs=(CAMERA,),
    recognition=RECOGNISING,
    queue_size=32,
    dropped=3,
    device="cuda:0",
    device_memory=512_000_000,
    model="default",
    model_digest="0123456789abcdef" * 4,
    engine_key="0123/torch/float32",
    references=5,
    store="/home/robot/references.db",
    store_version=17,
    threshold=-4.8312,
)
INACTIVE = NodeStatus(active=False, inputs=(replace(CAMERA, subscribed=False, age=None),))


def report(status: NodeStatus) -> dict[str, Any]:
    """The statuses by name."""
    array = diagnose(make, 5_000_000_007, "recognition_node", status)
    return {one.name: one for one in array.status}


def values_of(status: Any) -> dict[str, str]:
    return {pair.key: pair.value for pair in status.values}


def camera(**fields: Any) -> tuple[Level, str, list[str]]:
    return classify(INPUT_RULES, replace(CAMERA, **fields))


def recognition(**fields: Any) -> tuple[Level, str, list[str]]:
    return classify(RECOGNITION_RULES, replace(GOOD, **fields))


def references(**fields: Any) -> tuple[Level, str, list[str]]:
    return classify(REFERENCE_RULES, replace(GOOD, **fields))


def test_there_is_one_status_for_each_input_and_one_for_each_other_part() -> None:
    two = replace(GOOD, inputs=(CAMERA, replace(CAMERA, name="door")))
    assert list(report(two)) == [
        "recognition_node: input camera",
        "recognition_node: input door",
        "recognition_node: recognition",
        "recognition_node: model",
        "recognition_node: references",
    ]


def test_the_array_is_stamped_and_names_the_device() -> None:
    array = diagnose(make, 5_000_000_007, "recognition_node", GOOD)
    assert array._type == "diagnostic_msgs/msg/DiagnosticArray"
    assert (array.header.stamp.sec, array.header.stamp.nanosec) == (5, 7)
    assert {status.hardware_id for status in array.status} == {"cuda:0"}
    assert {type(status.level) for status in array.status} == {int}


def test_a_healthy_node_is_ok() -> None:
    assert {name: (one.level, one.message) for name, one in report(GOOD).items()} == {
        "recognition_node: input camera": (0, "29.9 Hz, 2 people"),
        "recognition_node: recognition": (0, "2 people, 1 clip waiting"),
        "recognition_node: model": (0, "default on cuda:0"),
        "recognition_node: references": (0, "5 references"),
    }


def test_values_have_units_that_people_read() -> None:
    status = report(GOOD)
    assert values_of(status["recognition_node: input camera"]) == {
        "format": "skeleton_array",
        "topics": "/skeletons",
        "topics without a publisher": "none",
        "rate": "29.9 Hz",
        "latest message": "0.03 s ago",
        "people": "2",
        "messages received": "300",
        "messages refused": "0",
        "people left out of messages": "0",
        "frames without a transform": "0",
    }
    assert values_of(status["recognition_node: recognition"]) == {
        "active": "yes",
        "people": "2",
        "clips waiting": "1 of 32",
        "clips dropped since the last report": "0",
        "clips dropped": "3",
        "latest batch embedded in": "17 ms",
        "clips": "14",
        "decisions: known": "9",
    }
    assert values_of(status["recognition_node: model"]) == {
        "model": "default",
        "digest": "0123456789ab",
        "device": "cuda:0",
        "device memory": "512 MB",
        "engine": "0123/torch/float32",
    }
    assert values_of(status["recognition_node: references"]) == {
        "file": "/home/robot/references.db",
        "references": "5",
        "references not matched": "0",
        "version": "17",
        "threshold": "-4.83",
        "calibrated": "no",
    }


def test_unknown_values_are_shown_as_unknown() -> None:
    status = report(replace(GOOD, device_memory=None, inputs=(replace(CAMERA, age=None),)))
    assert values_of(status["recognition_node: model"])["device memory"] == "unknown"
    seen = values_of(status["recognition_node: input camera"])
    assert seen["latest message"] == "none yet"


@pytest.mark.parametrize("step", ["configure", "restart"])
def test_an_inactive_node_is_ok_and_says_what_to_do(step: str) -> None:
    inputs = tuple(replace(one, next_step=step) for one in INACTIVE.inputs)
    status = report(replace(INACTIVE, next_step=step, inputs=inputs))
    assert {name.split(": ")[1]: one.message for name, one in status.items()} == {
        "input camera": f"not subscribed: {step} the node",
        "recognition": f"not recognising: {step} the node",
        "model": f"no model: {step} the node",
        "references": f"not loaded: {step} the node",
    }
    assert {one.level for one in status.values()} == {0}
    assert all("also" not in values_of(one) for one in status.values())
    configured = report(replace(INACTIVE, model="default"))
    assert configured["recognition_node: model"].message == (
        "default, on no device: activate the node"
    )


def test_an_input_without_a_publisher_yet_is_a_warning() -> None:
    level, message, also = camera(age=None, unpublished=("/skeletons",))
    assert level is Level.WARN
    assert message.startswith("/skeletons has no publisher yet: start the camera's node")
    assert "input.camera.*" in message
    assert also == []


def test_topics_without_a_publisher_are_named() -> None:
    two: dict[str, Any] = {"topics": ("/skeletons", "/depth"), "unpublished": ("/depth",)}
    assert camera(age=None, **two)[1].startswith("/depth has no publisher yet")
    gone = camera(age=12.3, **two)[1]
    assert gone.startswith("no message for 12 s: /depth no longer has a publisher")
    seen = replace(CAMERA, **two)
    status = report(replace(GOOD, inputs=(seen,)))["recognition_node: input camera"]
    assert values_of(status)["topics without a publisher"] == "/depth"


def test_an_input_without_messages_yet_is_a_warning() -> None:
    level, message, _ = camera(age=None)
    assert level is Level.WARN
    assert "no message yet on /skeletons" in message
    assert "skeleton_array" in message


def test_a_silent_input_is_an_error() -> None:
    assert camera(age=5.0)[0] is Level.OK
    level, message, _ = camera(age=12.3)
    assert level is Level.ERROR
    assert message.startswith("no message for 12 s: check /skeletons with ros2 topic hz")
    _, gone, _ = camera(age=12.3, unpublished=("/skeletons",))
    assert gone.startswith("no message for 12 s: /skeletons no longer has a publisher")


def test_incompatible_qos_without_messages_is_an_error() -> None:
    for age in (None, 60.0):
        level, message, _ = camera(age=age, incompatible=(BEST_EFFORT,))
        assert level is Level.ERROR
        assert (
            "of /skeletons has incompatible QoS (reliability); set input.camera.reliable to"
            in message
        )


@pytest.mark.parametrize("policy", ["reliability", "durability"])
def test_for_a_latched_topic_the_remedy_is_at_the_publisher(policy: str) -> None:
    _, message, _ = camera(
        age=None, incompatible=(IncompatiblePublisher("/tf_static", policy, latched=True),)
    )
    assert (
        f"/tf_static has incompatible QoS ({policy}); make it publish reliable and transient"
        in message
    )
    assert "input.camera.reliable" not in message


def test_one_incompatible_publisher_beside_others_is_a_warning() -> None:
    level, message, _ = camera(incompatible=(BEST_EFFORT,))
    assert level is Level.WARN
    assert message.startswith("messages of one publisher are missing")


def test_messages_newly_refused_are_a_warning_with_the_reason() -> None:
    assert camera(refused=9, last_refusal="no layout")[0] is Level.OK
    level, message, _ = camera(refused=9, newly_refused=1, last_refusal="no layout\nis there")
    assert (level, message) == (Level.WARN, "1 message refused: no layout is there")


def test_newly_missing_transforms_are_a_warning_with_the_reason() -> None:
    assert camera(without_transform=9, last_transform_error="no odom")[0] is Level.OK
    level, message, _ = camera(newly_without_transform=2, last_transform_error="no odom")
    assert level is Level.WARN
    assert message.startswith("no transform for 2 frames (no odom): publish it, or set")


def test_further_warnings_stand_under_also() -> None:
    odd = replace(
        CAMERA,
        newly_refused=1,
        last_refusal="no layout",
        newly_without_transform=2,
        last_transform_error="no odom",
    )
    status = report(replace(GOOD, inputs=(odd,)))["recognition_node: input camera"]
    assert status.message == "1 message refused: no layout"
    values = values_of(status)
    assert values["also"].startswith("no transform for 2 frames")
    assert values["latest refusal"] == "no layout"
    assert values["latest missing transform"] == "no odom"


def test_a_dead_worker_is_an_error() -> None:
    level, message, _ = recognition(recognition=replace(RECOGNISING, alive=False))
    assert level is Level.ERROR
    assert "deactivate and activate the node" in message


def test_a_configuration_error_is_a_warning_in_any_state() -> None:
    for active in (True, False):
        level, message, _ = recognition(active=active, last_error="the disk is full; make room")
        assert (level, message) == (Level.WARN, "the disk is full; make room")


def test_clips_dropped_since_the_last_report_are_a_warning() -> None:
    assert recognition(dropped=100)[0] is Level.OK
    level, message, _ = recognition(dropped=100, newly_dropped=2)
    assert level is Level.WARN
    assert message.startswith("2 clips dropped: embedding on cuda:0 cannot keep up")


def test_a_backlog_is_a_warning_before_clips_are_dropped() -> None:
    assert recognition(recognition=replace(RECOGNISING, waiting=16))[0] is Level.OK
    level, message, _ = recognition(recognition=replace(RECOGNISING, waiting=17))
    assert level is Level.WARN
    assert message.startswith("17 of 32 places in the clip queue taken")


def test_references_that_cannot_be_matched_are_a_warning() -> None:
    level, message, _ = references(unmatched_references=2)
    assert level is Level.WARN
    assert message.startswith("this model cannot embed 2 of 5 references")


def test_a_node_without_references_is_ok_and_says_how_to_teach() -> None:
    level, message, _ = references(references=0)
    assert level is Level.OK
    assert message == "no references yet: teach an action with the service enroll_reference"


@pytest.mark.parametrize("rules", [INPUT_RULES, RECOGNITION_RULES, MODEL_RULES, REFERENCE_RULES])
def test_the_last_rule_always_holds(rules: Sequence[Rule[Any]]) -> None:
    last = rules[-1]
    assert last.level is Level.OK
    assert last.holds(None)


def test_the_table_for_the_documentation_has_a_row_for_each_rule() -> None:
    head, line, *rows = rules_table().splitlines()
    assert head == "| status | level | when |"
    assert line == "|---|---|---|"
    lists = (INPUT_RULES, RECOGNITION_RULES, MODEL_RULES, REFERENCE_RULES)
    assert len(rows) == sum(len(rules) for rules in lists)
    assert any("none for longer than `input_timeout`" in row for row in rows)
    assert all(row.count("|") == 4 for row in rows)
