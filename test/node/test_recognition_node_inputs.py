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
from stage import BOWING, OPTICAL, WAVING, Scene, message_of, reading

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.messages.make import header
from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.node.transforms import Transform
from skeleton_dml_ros.skeleton.layouts import get_layout

# What is listened to.


def ids(scene: Scene, *bodies: str) -> Any:
    stamped = header(make, scene.time_ns, OPTICAL)
    return make("hri_msgs/msg/IdsList", header=stamped, ids=list(bodies))


def test_topics_of_people_who_come_and_go_are_listened_to_and_given_up(scene: Scene) -> None:
    scene.activate(formats={"camera": "hri_2d"})
    topics = [source.topic for source in scene.stage.listening["camera"]]
    assert topics[0] == "/humans/bodies/tracked"
    scene.node.receive("camera", "ids", ids(scene, "abc"))
    assert [source.topic for source in scene.stage.listening["camera"]] == [
        *topics,
        "/humans/bodies/abc/skeleton2d",
    ]
    scene.time_ns += FRAME
    scene.node.receive("camera", "ids", ids(scene))
    assert [source.topic for source in scene.stage.listening["camera"]] == topics


def test_messages_of_a_new_topic_that_are_not_installed_are_said_to_be_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.activate(formats={"camera": "hri_2d"})

    def refuse(input_name: str, source: Source, reliable: bool) -> None:
        raise SkeletonDmlError("the messages hri_msgs/msg/Skeleton2D are not installed")

    with monkeypatch.context() as patched:
        patched.setattr(scene.stage, "subscribe", refuse)
        scene.node.receive("camera", "ids", ids(scene, "abc"))
    assert "are not installed" in reading(scene.diagnostics()["input camera"])["latest refusal"]
    scene.time_ns += FRAME
    scene.node.receive("camera", "ids", ids(scene, "abc"))
    assert len(scene.stage.listening["camera"]) == 4


def test_every_message_is_asked_for_where_the_parameter_says_so(scene: Scene) -> None:
    assert scene.stage.reliable == {"camera": False}
    scene.activate(formats={"camera": "skeleton_array", "door": "azure_kinect"})
    scene.activate({"input.door.reliable": True, "input.door.topic": "/door/bodies"})
    assert scene.stage.reliable == {"camera": False, "door": True}
    assert scene.stage.listening["door"][0].topic == "/door/bodies"


# Where people are.


def test_people_of_two_inputs_are_never_taken_for_one_another(scene: Scene) -> None:
    scene.activate(formats={"camera": "skeleton_array", "door": "skeleton_array"})
    start_ns = scene.time_ns
    scene.film(WAVING)
    scene.time_ns = start_ns
    scene.film(BOWING, camera="door")
    first, second = scene.recognitions(2)
    assert (first.person_ids, first.input) == (["camera/7"], "camera")
    assert (second.person_ids, second.input) == (["door/7"], "door")
    assert set(scene.diagnostics()) >= {"input camera", "input door"}


def test_people_are_recognised_in_the_fixed_frame(scene: Scene) -> None:
    scene.activate({"fixed_frame": "/odom"})
    # The camera stands a metre above the ground and looks along x.
    optical_to_body = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], dtype=np.float64)
    mount = Transform(optical_to_body, np.array([0.0, 0.0, 1.0]))
    scene.stage.tf.known["odom", OPTICAL] = lambda stamp_ns: mount
    scene.film(WAVING)
    (seen,) = scene.recognitions(1)
    assert seen.header.frame_id == "odom"
    assert (seen.position.x, seen.position.y, seen.position.z) == pytest.approx((3, 0, 1), abs=0.02)


def test_skeletons_without_a_transform_are_left_out_and_said_to_be_so(scene: Scene) -> None:
    scene.activate({"fixed_frame": "odom", "transform_wait": 0.0})
    scene.film(WAVING)
    status = scene.diagnostics()["input camera"]
    assert status.level == Level.WARN
    assert "no transform for" in status.message
    assert "publish it, or set fixed_frame to ''" in status.message
    assert reading(status)["frames without a transform"] == str(len(WAVING))


def test_time_does_not_pass_an_input_whose_skeletons_wait_for_their_transform(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.activate({"fixed_frame": "odom", "transform_wait": 5.0})
    level = Transform(np.eye(3), np.zeros(3))
    scene.stage.tf.known["odom", OPTICAL] = lambda stamp_ns: level
    scene.film(script((None, 0.5)))
    live = scene.node._live
    assert live is not None
    told: list[int] = []
    monkeypatch.setattr(live.recognizer, "advance", lambda stamp_ns, name: told.append(stamp_ns))
    scene.stage.tf.latest_ns = scene.time_ns - 1
    scene.film(script((None, 0.1)))
    scene.stand_by(2.0)
    assert told == []
    scene.stage.tf.latest_ns = 2**63
    scene.stand_by(0.1)
    assert min(told) > scene.time_ns - FRAME


def test_tf_is_listened_to_only_while_the_node_is_active_and_needs_it(scene: Scene) -> None:
    said = [scene.stage.tf.listening]
    scene.activate({"fixed_frame": "odom"})
    said.append(scene.stage.tf.listening)
    scene.node.deactivate()
    assert [*said, scene.stage.tf.listening] == [False, True, False]


# What goes wrong on the way in.


def test_an_odd_message_is_counted_and_the_stream_goes_on(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    odd = message_of(next(frames({"7": WAVING}, scene.time_ns)))
    odd.skeletons = None
    for message in (odd, None, SimpleNamespace(layout="none"), odd):
        scene.node.receive("camera", "skeletons", message)
    scene.film(WAVING)
    scene.recognitions(1)
    status = scene.diagnostics()["input camera"]
    assert reading(status)["messages refused"] == "4"
    assert status.level == Level.WARN
    assert "\n" not in status.message
    # Said once, with its origin, whatever comes thirty times a second.
    assert len([one for one in caplog.records if one.exc_info]) == 1


def test_a_frame_that_the_recogniser_does_not_take_costs_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = scene.node._live
    assert live is not None
    push, seen = live.recognizer.push, []

    def choosy(frame: Any) -> None:
        seen.append(frame)
        if len(seen) == 3:
            raise RuntimeError("odd")
        push(frame)

    monkeypatch.setattr(live.recognizer, "push", choosy)
    scene.film(WAVING)
    scene.recognitions(1)
    assert "internal error" in scene.diagnostics()["input camera"].message


def test_a_layout_that_is_not_known_here_is_refused_with_its_remedy(scene: Scene) -> None:
    frame = next(frames({"7": WAVING}, scene.time_ns))
    message = message_of(replace(frame, layout=get_layout("ntu_25")))
    message.layout = "somebody_elses"
    scene.node.receive("camera", "skeletons", message)
    refusal = reading(scene.diagnostics()["input camera"])["latest refusal"]
    assert refusal.startswith("there is no layout 'somebody_elses'; choose one of ")
