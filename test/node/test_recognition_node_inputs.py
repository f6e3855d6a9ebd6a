# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from acting import FRAME, frames, script
from definitions import make
from fakes import BOWING, OPTICAL, WAVING, NodeHarness, message_of, reading

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.messages.make import header
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.node.transforms import Transform
from skeleton_dml_ros.skeleton.layouts import get_layout

# What is listened to.


def ids(node_harness: NodeHarness, *bodies: str) -> Any:
    stamped = header(make, node_harness.time_ns, OPTICAL)
    return make("hri_msgs/msg/IdsList", header=stamped, ids=list(bodies))


def test_topics_of_people_are_subscribed_and_unsubscribed_as_they_come_and_go(
    node_harness: NodeHarness,
) -> None:
    node_harness.activate(formats={"camera": "hri_2d"})
    topics = [source.topic for source in node_harness.adapter.listening["camera"]]
    assert topics[0] == "/humans/bodies/tracked"
    node_harness.node.receive("camera", "ids", ids(node_harness, "abc"))
    assert [source.topic for source in node_harness.adapter.listening["camera"]] == [
        *topics,
        "/humans/bodies/abc/skeleton2d",
    ]
    node_harness.time_ns += FRAME
    node_harness.node.receive("camera", "ids", ids(node_harness))
    assert [source.topic for source in node_harness.adapter.listening["camera"]] == topics


def test_missing_message_packages_of_a_new_topic_are_reported(
    node_harness: NodeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    node_harness.activate(formats={"camera": "hri_2d"})

    def refuse(input_name: str, source: Source, reliable: bool) -> None:
        raise SkeletonDmlError("the messages hri_msgs/msg/Skeleton2D are not installed")

    with monkeypatch.context() as patched:
        patched.setattr(node_harness.adapter, "subscribe", refuse)
        node_harness.node.receive("camera", "ids", ids(node_harness, "abc"))
    assert (
        "are not installed" in reading(node_harness.diagnostics()["input camera"])["latest refusal"]
    )
    node_harness.time_ns += FRAME
    node_harness.node.receive("camera", "ids", ids(node_harness, "abc"))
    assert len(node_harness.adapter.listening["camera"]) == 4


def test_the_parameter_reliable_sets_the_qos(node_harness: NodeHarness) -> None:
    assert node_harness.adapter.reliable == {"camera": False}
    node_harness.activate(formats={"camera": "skeleton_array", "door": "azure_kinect"})
    node_harness.activate({"input.door.reliable": True, "input.door.topic": "/door/bodies"})
    assert node_harness.adapter.reliable == {"camera": False, "door": True}
    assert node_harness.adapter.listening["door"][0].topic == "/door/bodies"


# Where people are.


def test_people_of_two_inputs_are_kept_apart(node_harness: NodeHarness) -> None:
    node_harness.activate(formats={"camera": "skeleton_array", "door": "skeleton_array"})
    start_ns = node_harness.time_ns
    node_harness.perform(WAVING)
    node_harness.time_ns = start_ns
    node_harness.perform(BOWING, camera="door")
    first, second = node_harness.recognitions(2)
    assert (first.person_ids, first.input) == (["camera/7"], "camera")
    assert (second.person_ids, second.input) == (["door/7"], "door")
    assert set(node_harness.diagnostics()) >= {"input camera", "input door"}


def test_people_are_recognised_in_the_fixed_frame(node_harness: NodeHarness) -> None:
    node_harness.activate({"fixed_frame": "/odom"})
    # The camera is one metre above the ground and faces along x.
    optical_to_body = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], dtype=np.float64)
    mount = Transform(optical_to_body, np.array([0.0, 0.0, 1.0]))
    node_harness.adapter.tf.known["odom", OPTICAL] = lambda stamp_ns: mount
    node_harness.perform(WAVING)
    (seen,) = node_harness.recognitions(1)
    assert seen.header.frame_id == "odom"
    assert (seen.position.x, seen.position.y, seen.position.z) == pytest.approx((3, 0, 1), abs=0.02)


def test_positions_and_markers_keep_the_coordinates_of_a_far_map(
    node_harness: NodeHarness,
) -> None:
    node_harness.activate({"fixed_frame": "map"})
    optical_to_body = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], dtype=np.float64)
    mount = Transform(optical_to_body, np.array([448_251.25, 5_411_932.5, 1.0]))
    node_harness.adapter.tf.known["map", OPTICAL] = lambda stamp_ns: mount
    node_harness.adapter.subscribed_topics.add(interface.MARKERS)
    node_harness.perform(WAVING)
    (seen,) = node_harness.recognitions(1)
    place = (seen.position.x, seen.position.y, seen.position.z)
    np.testing.assert_allclose(place, (448_254.25, 5_411_932.5, 1), rtol=0, atol=0.02)
    for marker in node_harness.adapter.published(interface.MARKERS)[-1].markers:
        at = marker.pose.position
        points = [*marker.points] or [SimpleNamespace(x=0.0, y=0.0)]
        drawn = np.mean([(at.x + point.x, at.y + point.y) for point in points], axis=0)
        np.testing.assert_allclose(drawn, place[:2], rtol=0, atol=0.3)


def test_frames_without_a_transform_are_dropped_and_reported(
    node_harness: NodeHarness,
) -> None:
    node_harness.activate({"fixed_frame": "odom", "transform_wait": 0.0})
    node_harness.perform(WAVING)
    status = node_harness.diagnostics()["input camera"]
    assert status.level == Level.WARN
    assert "no transform for" in status.message
    assert "publish it, or set fixed_frame to ''" in status.message
    assert reading(status)["frames without a transform"] == str(len(WAVING))


def test_time_does_not_advance_past_waiting_frames(
    node_harness: NodeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    node_harness.activate({"fixed_frame": "odom", "transform_wait": 5.0})
    level = Transform(np.eye(3), np.zeros(3))
    node_harness.adapter.tf.known["odom", OPTICAL] = lambda stamp_ns: level
    node_harness.perform(script((None, 0.5)))
    live = node_harness.node._live
    assert live is not None
    told: list[int] = []
    monkeypatch.setattr(live.recognizer, "advance", lambda stamp_ns, name: told.append(stamp_ns))
    node_harness.adapter.tf.latest_ns = node_harness.time_ns - 1
    node_harness.perform(script((None, 0.1)))
    node_harness.advance(2.0)
    assert told == []
    node_harness.adapter.tf.latest_ns = 2**63
    node_harness.advance(0.1)
    assert min(told) > node_harness.time_ns - FRAME


def test_tf_is_subscribed_only_while_active_with_a_fixed_frame(
    node_harness: NodeHarness,
) -> None:
    said = [node_harness.adapter.tf.listening]
    node_harness.activate({"fixed_frame": "odom"})
    said.append(node_harness.adapter.tf.listening)
    node_harness.node.deactivate()
    assert [*said, node_harness.adapter.tf.listening] == [False, True, False]


# What goes wrong on the way in.


def test_an_invalid_message_is_counted_and_the_stream_continues(
    node_harness: NodeHarness, caplog: pytest.LogCaptureFixture
) -> None:
    odd = message_of(next(frames({"7": WAVING}, node_harness.time_ns)))
    odd.skeletons = None
    for message in (odd, None, SimpleNamespace(layout="none"), odd):
        node_harness.node.receive("camera", "skeletons", message)
    node_harness.perform(WAVING)
    node_harness.recognitions(1)
    status = node_harness.diagnostics()["input camera"]
    assert reading(status)["messages refused"] == "4"
    assert status.level == Level.WARN
    assert "\n" not in status.message
    # Logged once with its traceback, although it occurs 30 times per second.
    assert len([one for one in caplog.records if one.exc_info]) == 1


def test_a_refused_frame_does_not_affect_others(
    node_harness: NodeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = node_harness.node._live
    assert live is not None
    push, seen = live.recognizer.push, []

    def choosy(frame: Any) -> None:
        seen.append(frame)
        if len(seen) == 3:
            raise RuntimeError("odd")
        push(frame)

    monkeypatch.setattr(live.recognizer, "push", choosy)
    node_harness.perform(WAVING)
    node_harness.recognitions(1)
    assert "internal error" in node_harness.diagnostics()["input camera"].message


def test_an_unknown_layout_is_refused_with_the_remedy(
    node_harness: NodeHarness,
) -> None:
    frame = next(frames({"7": WAVING}, node_harness.time_ns))
    message = message_of(replace(frame, layout=get_layout("ntu_25")))
    message.layout = "somebody_elses"
    node_harness.node.receive("camera", "skeletons", message)
    refusal = reading(node_harness.diagnostics()["input camera"])["latest refusal"]
    assert refusal.startswith("there is no layout 'somebody_elses'; choose one of ")
