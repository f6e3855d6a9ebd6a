# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, SECOND, WAVE, frames, script
from definitions import make
from numpy.typing import NDArray
from stage import (
    EPOCH,
    OPTICAL,
    Gate,
    Scene,
    Stage,
    StageEngine,
    message_of,
    nobody,
    reading,
)
from waiting import PATIENCE, wait_until

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages.input_format import Source
from skeleton_dml_ros.messages.make import header
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.diagnostic_rules import Level
from skeleton_dml_ros.node.parameters import Value
from skeleton_dml_ros.node.publications import VERDICTS
from skeleton_dml_ros.node.recognition_node import RecognitionNode
from skeleton_dml_ros.node.transforms import Transform
from skeleton_dml_ros.recognition.event import Verdict
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.layouts import get_layout
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

KNOWN, UNKNOWN, NO_REFERENCES, POORLY_SEEN = (
    VERDICTS[verdict]
    for verdict in (Verdict.KNOWN, Verdict.UNKNOWN, Verdict.NO_REFERENCES, Verdict.POORLY_SEEN)
)
WAVING, BOWING, KICKING = (
    script((None, 1), (limb, 1.2), (None, 0.8)) for limb in (WAVE, BOW, KICK)
)
LEAVING = script((None, 1), (WAVE, 0.9))
"""Somebody who is gone before the movement has ended."""


def is_active(scene: Scene) -> bool:
    return scene.node.active


def taught(scene: Scene, label: str = "wave") -> None:
    """Teach the node by what it sees."""
    count = len(scene.stage.said(interface.RECOGNITIONS))
    scene.film(WAVING)
    seen = scene.recognitions(count + 1)[-1]
    assert scene.ask(interface.ENROLL, label=label, clip_id=seen.clip_id).success


def stand_by(scene: Scene, seconds: float) -> None:
    """Let the node's clock go on without frames."""
    for _ in range(round(seconds / 0.05)):
        scene.stage.clock_ns += SECOND // 20
        scene.node.tick()


# The node's states.


def test_the_node_goes_through_its_states_and_through_them_again(
    stage: Stage, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    for turn in (1, 2):
        scene.node.configure(scene.values)
        assert not is_active(scene)
        scene.node.activate()
        assert is_active(scene)
        assert [source.topic for source in stage.listening["camera"]] == ["skeletons"]
        scene.film(WAVING)
        scene.recognitions(turn)
        scene.node.deactivate()
        assert not is_active(scene)
        assert stage.listening == {"camera": ()}
        assert scene.engine.released
        scene.node.cleanup()


def test_the_networks_own_engine_recognises_what_it_was_taught(
    stage: Stage, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    scene.node = RecognitionNode(stage)
    scene.activate()
    taught(scene)
    scene.film(WAVING)
    assert scene.recognitions(2)[1].label == "wave"
    assert scene.diagnostics()["model"].message == "untrained on cpu"
    scene.node.cleanup()


def test_twice_is_no_error_on_the_way_down(scene: Scene) -> None:
    scene.node.deactivate()
    scene.node.deactivate()
    scene.node.cleanup()
    scene.node.cleanup()


def test_a_node_that_is_not_configured_cannot_become_active(stage: Stage) -> None:
    with pytest.raises(SkeletonDmlError, match="not configured; configure it first"):
        RecognitionNode(stage).activate()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"model": "/nowhere"}, "/nowhere is no model folder; give the folder"),
        ({"references": "/proc/none/references.db"}, "folder /proc/none cannot be made"),
        ({"references": ""}, "references is empty; give a file"),
        ({"segmentation.stop_speed": 0.6}, "stop_speed is 0.6; give at most start_speed"),
        ({"raw_seconds": 10.0}, "raw_seconds is 10.0; give at least 18"),
        ({"inputs": ("camera", "camera")}, "inputs names 'camera' twice"),
        ({"inputs": ("my camera",)}, "inputs names 'my camera'; a name has letters"),
        ({"input.camera.joint_frame": "hand"}, r"joint_frame is 'hand'; write \{joint\}"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_the_node_works_once_it_is_mended(
    scene: Scene, changed: dict[str, Value], error: str
) -> None:
    scene.node.cleanup()
    with pytest.raises(SkeletonDmlError, match=error) as refused:
        scene.node.configure(scene.values | changed)
    assert "\n" not in str(refused.value)
    status = scene.diagnostics()["recognition"]
    assert (status.level, status.message) == (Level.WARN, str(refused.value))
    with pytest.raises(SkeletonDmlError, match="not configured"):
        scene.node.activate()
    scene.node.configure(scene.values)
    scene.node.activate()
    assert scene.diagnostics()["recognition"].level == Level.OK
    scene.film(WAVING)
    scene.recognitions(1)


def test_a_store_that_is_none_is_left_as_it_is(scene: Scene, tmp_path: Path) -> None:
    scene.node.cleanup()
    path = tmp_path / "notes.txt"
    path.write_text("buy milk")
    with pytest.raises(SkeletonDmlError, match=r"notes\.txt is no reference store"):
        scene.node.configure(scene.values | {"references": str(path)})
    assert path.read_text() == "buy milk"


def test_a_device_that_is_not_there_keeps_the_node_inactive(
    stage: Stage, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    scene.node = RecognitionNode(stage)
    scene.node.configure(scene.values | {"device": "cuda:99"})
    with pytest.raises(SkeletonDmlError, match="device 'cuda:99' cannot be used"):
        scene.node.activate()
    assert not is_active(scene)
    assert not stage.listening
    status = scene.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message.startswith("device 'cuda:99' cannot be used")
    scene.node.configure(scene.values)
    scene.node.activate()
    assert scene.diagnostics()["recognition"].level == Level.OK
    scene.node.cleanup()


def test_a_device_that_fails_at_the_first_clip_keeps_the_node_inactive(
    stage: Stage, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)

    def fail() -> None:
        raise RuntimeError("CUDA out of memory")

    scene.engine.before = fail
    with pytest.raises(SkeletonDmlError, match="does not run on its device: CUDA out of memory"):
        scene.activate()
    assert not is_active(scene)
    assert scene.engine.released
    scene.engine.before = lambda: None
    scene.activate()
    assert is_active(scene)
    scene.node.cleanup()


def test_a_topic_that_cannot_be_listened_to_keeps_the_node_inactive(
    stage: Stage, tmp_path: Path, untrained_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)

    def refuse(input_name: str, source: Source, reliable: bool) -> None:
        raise SkeletonDmlError("the messages are not installed")

    with monkeypatch.context() as patched:
        patched.setattr(stage, "subscribe", refuse)
        with pytest.raises(SkeletonDmlError, match="not installed"):
            scene.activate()
    assert not is_active(scene)
    assert scene.engine.released
    scene.activate()
    assert is_active(scene)
    scene.node.cleanup()


def test_nothing_is_received_while_the_node_is_not_active(scene: Scene) -> None:
    scene.node.deactivate()
    scene.film(WAVING)
    scene.node.tick()
    scene.node.activate()
    status = scene.diagnostics()
    assert reading(status["input camera"])["messages received"] == "0"
    assert scene.stage.said(interface.RECOGNITIONS) == []


def test_a_node_configured_anew_lets_go_of_the_store_before(scene: Scene, tmp_path: Path) -> None:
    taught(scene)
    scene.activate({"references": str(tmp_path / "new" / "other.db")})
    assert scene.ask(interface.LIST).references.references == []
    assert not (tmp_path / "references.db-wal").exists()


# What is said.


def test_what_is_taught_by_its_clip_is_recognised_from_then_on(scene: Scene) -> None:
    taught(scene)
    scene.film(WAVING)
    scene.film(BOWING)
    first, known, unknown = scene.recognitions(3)
    assert (first.verdict, first.label) == (NO_REFERENCES, "")
    assert (known.verdict, known.label) == (KNOWN, "wave")
    assert (unknown.verdict, unknown.label) == (UNKNOWN, "")
    assert known.person_ids == ["camera/7"]
    assert known.header.frame_id == OPTICAL


def test_only_what_is_worth_a_question_is_an_unknown_action(scene: Scene) -> None:
    taught(scene)
    scene.film(WAVING)
    scene.film(BOWING)
    scene.show(nobody(scene.time_ns, 6))
    scene.film(BOWING)
    scene.show(nobody(scene.time_ns, 6))
    scene.film(KICKING)
    said = scene.recognitions(5)
    assert [one.verdict for one in said] == [NO_REFERENCES, KNOWN, UNKNOWN, UNKNOWN, UNKNOWN]
    asked = [one.clip_id for one in scene.stage.said(interface.UNKNOWN_ACTIONS)]
    # Not the second, which is known, nor the fourth, which was asked about.
    assert asked == [said[0].clip_id, said[2].clip_id, said[4].clip_id]
    assert said[3].repetitions == 1


def test_people_stand_where_the_frame_says(scene: Scene) -> None:
    scene.film(script((None, 1), (WAVE, 1.2), (None, 0.8), x=0.5))
    (seen,) = scene.recognitions(1)
    # 0.5 m to the camera's left and 3 m away, in the axes of an optical frame.
    assert (seen.position.x, seen.position.y, seen.position.z) == pytest.approx(
        (-0.5, 0, 3), abs=0.02
    )


def test_references_are_published_at_activation_and_with_each_change(scene: Scene) -> None:
    (nothing,) = scene.stage.said(interface.REFERENCES)
    assert nothing.references == []
    assert nothing.model.startswith("untrained ")
    assert nothing.threshold == -1
    taught(scene)
    one = scene.stage.said(interface.REFERENCES)[-1]
    assert [reference.label for reference in one.references] == ["wave"]
    assert one.version == nothing.version + 1
    scene.ask(interface.LIST)
    scene.node.report()
    assert len(scene.stage.said(interface.REFERENCES)) == 2
    scene.node.deactivate()
    scene.node.activate()
    assert scene.stage.said(interface.REFERENCES)[-1].version == one.version
    assert len(scene.stage.said(interface.REFERENCES)) == 3


def test_what_another_process_has_taught_is_published_and_recognised(scene: Scene) -> None:
    taught(scene)
    with ReferenceStore(scene.values["references"]) as other:  # type: ignore[arg-type]  # a text
        other.rename(new_label="greet", label="wave")
        version = other.version

    def latest() -> Any:
        scene.node.report()
        return scene.stage.said(interface.REFERENCES)[-1]

    # The worker looks every second.
    wait_until(lambda: latest().version == version)
    assert [reference.label for reference in latest().references] == ["greet"]
    scene.film(WAVING)
    assert scene.recognitions(2)[-1].label == "greet"


# Parameters that change.


def test_a_threshold_counts_at_once_and_is_published(scene: Scene) -> None:
    taught(scene)
    scene.node.change({"threshold": -100.0})
    latest = scene.stage.said(interface.REFERENCES)[-1]
    assert latest.threshold == -100
    scene.film(WAVING)
    strict = scene.recognitions(2)[-1]
    assert (strict.verdict, strict.threshold) == (UNKNOWN, -100)
    scene.node.change({"threshold": math.nan})
    assert scene.stage.said(interface.REFERENCES)[-1].threshold == -1
    scene.film(WAVING)
    assert scene.recognitions(3)[-1].verdict == KNOWN


def test_settings_of_segmentation_count_from_the_next_frame_on(scene: Scene) -> None:
    scene.node.change({"segmentation.start_speed": 9.0})
    scene.film(WAVING)
    scene.node.change({"segmentation.start_speed": 0.5})
    scene.film(BOWING)
    bow, *_ = scene.recognitions(1)
    assert bow.start.sec >= 1003


def test_values_that_contradict_each_other_change_nothing(scene: Scene) -> None:
    with pytest.raises(SkeletonDmlError, match=r"stop_speed is 0\.25; give at most start_speed"):
        scene.node.change({"segmentation.start_speed": 0.2, "threshold": 5.0})
    assert scene.stage.said(interface.REFERENCES)[-1].threshold == -1
    scene.node.change({"segmentation.stop_speed": 0.1})
    scene.node.change({"segmentation.start_speed": 0.2})


def test_a_node_that_is_not_configured_takes_its_values_when_it_is(scene: Scene) -> None:
    scene.node.cleanup()
    # The value that fits this one is known only with all others.
    scene.node.change({"segmentation.start_speed": 0.2})
    scene.activate({"segmentation.start_speed": 0.2, "segmentation.stop_speed": 0.1})
    scene.film(WAVING)
    scene.recognitions(1)


def test_a_change_while_the_node_is_inactive_counts_once_it_is_active(scene: Scene) -> None:
    scene.node.deactivate()
    scene.node.change({"threshold": -7.0})
    scene.node.activate()
    assert scene.stage.said(interface.REFERENCES)[-1].threshold == -7


# Time.


@pytest.mark.parametrize("clock_ns", [EPOCH, 5 * SECOND])
def test_the_clip_of_somebody_who_has_left_is_closed_by_the_nodes_clock(
    scene: Scene, clock_ns: int
) -> None:
    scene.stage.clock_ns = clock_ns
    scene.film(LEAVING)
    scene.node.tick()
    assert scene.stage.said(interface.RECOGNITIONS) == []
    stand_by(scene, 0.8)
    (seen,) = scene.recognitions(1)
    assert 1001 <= seen.end.sec <= 1002


def test_a_clock_that_stands_still_closes_nothing(scene: Scene) -> None:
    scene.film(LEAVING)
    for _ in range(100):
        scene.node.tick()
    assert reading(scene.diagnostics()["recognition"])["people"] == "1"
    stand_by(scene, 0.8)
    scene.recognitions(1)


def test_a_bag_that_is_played_again_is_recognised_again(scene: Scene) -> None:
    taught(scene)
    start_ns = scene.time_ns
    for turn in range(3):
        scene.time_ns = start_ns
        scene.film(script((None, 1), (WAVE, 1.2), (None, 0.8), (BOW, 0.5)))
        scene.recognitions(turn + 2)
    again = scene.recognitions(4)[1:]
    assert [one.label for one in again] == ["wave"] * 3
    assert len({one.clip_id for one in again}) == 1
    counts = reading(scene.diagnostics()["recognition"])
    assert counts["times that time ran backwards"] == "2"


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
    assert "a fault of this package" in scene.diagnostics()["input camera"].message


def test_a_layout_that_is_not_known_here_is_refused_with_its_remedy(scene: Scene) -> None:
    frame = next(frames({"7": WAVING}, scene.time_ns))
    message = message_of(replace(frame, layout=get_layout("ntu_25")))
    message.layout = "somebody_elses"
    scene.node.receive("camera", "skeletons", message)
    refusal = reading(scene.diagnostics()["input camera"])["latest refusal"]
    assert refusal.startswith("no layout is called 'somebody_elses'; there are ")


# What goes on at the same time.


def test_services_answer_and_frames_are_taken_while_a_clip_is_embedded(scene: Scene) -> None:
    taught(scene)
    gate = Gate()
    scene.engine.before = gate
    scene.film(WAVING)
    gate.wait_until_reached()
    scene.film(WAVING)
    assert len(scene.ask(interface.LIST).references.references) == 1
    assert scene.ask(interface.RENAME, label="wave", new_label="greet").success
    status = scene.diagnostics()
    assert reading(status["recognition"])["clips waiting"] == "1 of 32"
    assert reading(status["input camera"])["messages received"] == str(3 * len(WAVING))
    assert len(scene.stage.said(interface.RECOGNITIONS)) == 1
    gate.open()
    # Each is judged by what was there when it closed.
    assert [one.label for one in scene.recognitions(3)[1:]] == ["wave", "wave"]


def test_clips_that_cannot_be_kept_up_with_are_dropped_and_counted(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.node.change({"waiting": 1, "batch": 1})
    gate = Gate()
    scene.engine.before = gate
    scene.film(WAVING)
    gate.wait_until_reached()
    for _ in range(3):
        scene.film(WAVING)
    status = scene.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message.startswith("2 clips dropped: embedding on stage cannot keep up")
    assert reading(status)["clips dropped"] == "2"
    # Of many, the log names one now and then.
    assert sum("was not judged" in record.getMessage() for record in caplog.records) == 1
    assert not scene.diagnostics()["recognition"].message.startswith("2 clips dropped")
    gate.open()
    scene.recognitions(2)


def test_the_node_is_deactivated_in_the_middle_of_an_embedding(scene: Scene) -> None:
    gate = Gate()
    scene.engine.before = gate
    scene.film(WAVING)
    gate.wait_until_reached()
    deactivating = threading.Thread(target=scene.node.deactivate)
    deactivating.start()
    gate.open()
    deactivating.join(PATIENCE)
    assert not deactivating.is_alive()
    scene.engine.before = lambda: None
    scene.node.activate()
    scene.film(WAVING)
    scene.recognitions(1)


# Inputs.


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
    assert reading(status)["instants without a transform"] == str(len(WAVING))


# What is drawn.


def test_markers_come_only_where_somebody_looks_and_at_the_rate_asked_for(scene: Scene) -> None:
    scene.film(WAVING)
    assert scene.stage.said(interface.MARKERS) == []
    scene.stage.watched.add(interface.MARKERS)
    scene.node.change({"publish.marker_rate": 5.0})
    start_ns = scene.time_ns
    scene.film(WAVING)
    drawn = scene.stage.said(interface.MARKERS)
    assert len(drawn) == 15
    assert drawn[0].markers[0].header.frame_id == OPTICAL
    # Played from the start, they go on at once.
    scene.time_ns = start_ns
    scene.film(WAVING)
    assert len(scene.stage.said(interface.MARKERS)) == 30
    scene.node.change({"publish.markers": False})
    scene.film(WAVING)
    assert len(scene.stage.said(interface.MARKERS)) == 30


def captions(scene: Scene) -> list[str]:
    """What stood above heads, without repetitions."""
    texts = [
        marker.text
        for message in scene.stage.said(interface.MARKERS)
        for marker in message.markers
        if marker.ns.endswith("/label")
    ]
    return [text for index, text in enumerate(texts) if index == 0 or text != texts[index - 1]]


def test_markers_say_what_people_do_and_did(scene: Scene) -> None:
    taught(scene)
    scene.film(script((None, 4)))
    scene.stage.watched.add(interface.MARKERS)
    for count, action in enumerate((WAVING, BOWING), start=2):
        scene.film(action)
        scene.recognitions(count)
        scene.film(script((None, 4)))
    shown = captions(scene)
    assert [text for text in shown if text != "camera/7"] == [
        "moving ...",
        "wave 0.00",
        "moving ...",
        "what was that?",
    ]
    assert shown[0] == shown[-1] == "camera/7"


def test_where_nobody_is_an_empty_array_is_drawn(scene: Scene) -> None:
    scene.stage.watched.add(interface.MARKERS)
    scene.show(nobody(scene.time_ns, 0.1))
    assert scene.stage.said(interface.MARKERS)[0].markers == []


def test_the_image_of_a_clip_comes_where_it_is_asked_for(scene: Scene) -> None:
    scene.stage.watched.add(interface.IMAGE)
    scene.film(WAVING)
    scene.recognitions(1)
    scene.node.change({"publish.image": True})
    scene.film(WAVING)
    (image,) = scene.stage.wait_for(interface.IMAGE)
    assert (image.encoding, image.header.frame_id) == ("rgb8", OPTICAL)
    assert image.header.stamp == scene.recognitions(2)[1].header.stamp
    scene.stage.watched.clear()
    scene.film(WAVING)
    scene.film(WAVING)
    scene.recognitions(4)
    assert len(scene.stage.said(interface.IMAGE)) == 1


# Diagnostics.


def test_diagnostics_say_in_each_state_what_the_node_does(
    stage: Stage, tmp_path: Path, untrained_model: Path
) -> None:
    scene = Scene(stage, tmp_path, untrained_model)
    assert scene.diagnostics()["model"].message == "no model: configure the node"
    scene.node.configure(scene.values)
    status = scene.diagnostics()
    assert status["model"].message == "untrained, on no device: activate the node"
    assert status["input camera"].message == "not listening: activate the node"
    scene.node.activate()
    status = scene.diagnostics()
    assert status["model"].message == "untrained on stage"
    assert "nothing taught yet" in status["references"].message
    scene.film(WAVING)
    status = scene.diagnostics()
    assert status["input camera"].level == Level.OK
    assert status["input camera"].message.endswith(" Hz, 1 person")
    assert reading(status["input camera"])["topics"] == "skeletons"
    taught(scene)
    status = scene.diagnostics()
    assert status["references"].message == "1 reference"
    assert reading(status["references"])["file"] == scene.values["references"]
    scene.node.deactivate()
    assert scene.diagnostics()["recognition"].message == "not recognising: activate the node"
    scene.node.cleanup()
    assert scene.diagnostics()["model"].message == "no model: configure the node"


def test_an_input_that_nobody_publishes_is_said_to_be_so(scene: Scene) -> None:
    scene.stage.publishing["skeletons"] = 0
    assert "nobody publishes skeletons yet" in scene.diagnostics()["input camera"].message
    scene.stage.publishing.clear()
    scene.stage.odd_qos["skeletons"] = "reliability"
    status = scene.diagnostics()["input camera"]
    assert status.level == Level.ERROR
    assert "quality of service of a publisher of skeletons does not fit (rel" in status.message
    scene.stage.odd_qos.clear()
    assert "no message yet on skeletons" in scene.diagnostics()["input camera"].message


def test_a_silent_input_is_an_error_and_a_line_in_the_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scene.film(WAVING)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 7)
    with caplog.at_level(logging.WARNING):
        status = scene.diagnostics()["input camera"]
        scene.diagnostics()
    assert status.level == Level.ERROR
    assert status.message.startswith("silent for 7 s: look whether skeletons still comes")
    lines = [one.getMessage() for one in caplog.records if "no message on" in one.getMessage()]
    assert lines == ["input camera: no message on skeletons for 7 s (somebody publishes there)"]


class PickyEngine(StageEngine):
    """Embeds the made-up clip of the warm-up and nothing else."""

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        if any(sequence.start_ns for sequence in sequences):
            raise SkeletonDmlError("too little was seen")
        return super().embed(sequences)


def test_a_reference_that_the_model_cannot_embed_is_said_to_be_so(scene: Scene) -> None:
    taught(scene)
    scene.engine = PickyEngine()
    # As after another model: nothing is kept under this key.
    scene.engine.key = replace(scene.engine.key, weights_digest="other")
    scene.activate()
    status = scene.diagnostics()["references"]
    assert status.level == Level.WARN
    assert status.message.startswith("1 of 1 reference cannot be embedded by this model")
    assert reading(status)["references not matched"] == "1"
    assert [one.label for one in scene.ask(interface.LIST).references.references] == ["wave"]


def test_the_nodes_full_name_stands_in_its_diagnostics_and_hints(
    stage: Stage, tmp_path: Path, untrained_model: Path
) -> None:
    stage.node_name = "/robot1/recognition_node"
    scene = Scene(stage, tmp_path, untrained_model)
    scene.node.configure(scene.values)
    scene.node.report()
    names = {status.name for status in stage.said(interface.DIAGNOSTICS)[-1].status}
    assert "robot1/recognition_node: input camera" in names
    message = scene.ask(interface.LIST).message
    assert message.endswith("ros2 lifecycle set /robot1/recognition_node activate")
    scene.node.cleanup()


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
    stand_by(scene, 2.0)
    assert told == []
    scene.stage.tf.latest_ns = 2**63
    stand_by(scene, 0.1)
    assert min(told) > scene.time_ns - FRAME


def test_tf_is_listened_to_only_while_the_node_is_active_and_needs_it(scene: Scene) -> None:
    said = [scene.stage.tf.listening]
    scene.activate({"fixed_frame": "odom"})
    said.append(scene.stage.tf.listening)
    scene.node.deactivate()
    assert [*said, scene.stage.tf.listening] == [False, True, False]


def test_a_picture_that_cannot_be_drawn_refuses_no_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no pen")

    monkeypatch.setattr(scene.node._appearance, "markers", fail)
    scene.stage.watched.add(interface.MARKERS)
    scene.film(WAVING)
    assert len(scene.recognitions(1)) == 1
    assert reading(scene.diagnostics()["input camera"])["messages refused"] == "0"
    assert [one.exc_info is not None for one in caplog.records if "drawn" in one.message] == [True]


def test_an_input_that_begins_anew_leaves_what_is_drawn_at_the_others(scene: Scene) -> None:
    scene.activate(formats={"camera": "skeleton_array", "door": "skeleton_array"})
    scene.film(WAVING, "camera")
    scene.film(WAVING, "door")
    scene.recognitions(2)
    scene.time_ns = 500 * SECOND
    scene.film(script((None, 0.5)), "camera")
    wait_until(lambda: set(scene.node._appearance._latest) == {("door", "7")})
