# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
from typing import Any

import pytest
from acting import BOW, SECOND, WAVE, script
from stage import BOWING, EPOCH, KICKING, OPTICAL, WAVING, Gate, Scene, nobody, reading
from waiting import PATIENCE, wait_until

from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.conversions import VERDICTS
from skeleton_dml_ros.node.diagnostics import Level
from skeleton_dml_ros.recognition.event import Verdict
from skeleton_dml_ros.references.store import ReferenceStore

KNOWN, UNKNOWN, NO_REFERENCES = (
    VERDICTS[verdict] for verdict in (Verdict.KNOWN, Verdict.UNKNOWN, Verdict.NO_REFERENCES)
)
LEAVING = script((None, 1), (WAVE, 0.9))
"""Somebody who is gone before the movement has ended."""


# What is said.


def test_what_is_taught_by_its_clip_is_recognised_from_then_on(scene: Scene) -> None:
    scene.teach()
    scene.film(WAVING)
    scene.film(BOWING)
    first, known, unknown = scene.recognitions(3)
    assert (first.verdict, first.label) == (NO_REFERENCES, "")
    assert (known.verdict, known.label) == (KNOWN, "wave")
    assert (unknown.verdict, unknown.label) == (UNKNOWN, "")
    assert known.person_ids == ["camera/7"]
    assert known.header.frame_id == OPTICAL


def test_only_what_is_worth_a_question_is_an_unknown_action(scene: Scene) -> None:
    scene.teach()
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
    scene.teach()
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
    scene.teach()
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


def test_the_unknown_action_that_was_reported_last_is_taught_by_its_label_alone(
    scene: Scene,
) -> None:
    assert not scene.ask(interface.ENROLL, label="wave").success
    scene.film(WAVING)
    (asked,) = scene.stage.wait_for(interface.UNKNOWN_ACTIONS)
    answer = scene.ask(interface.ENROLL, label="wave")
    assert answer.success, answer.message
    assert f"from {asked.clip_id}, " in answer.message
    assert answer.reference.source == asked.clip_id
    scene.film(WAVING)
    assert scene.recognitions(2)[-1].label == "wave"
    scene.activate()
    assert "no unknown action has been reported" in scene.ask(interface.ENROLL, label="x").message


# Time.


@pytest.mark.parametrize("clock_ns", [EPOCH, 5 * SECOND])
def test_the_clip_of_somebody_who_has_left_is_closed_by_the_nodes_clock(
    scene: Scene, clock_ns: int
) -> None:
    scene.stage.clock_ns = clock_ns
    scene.film(LEAVING)
    scene.node.tick()
    assert scene.stage.said(interface.RECOGNITIONS) == []
    scene.stand_by(0.8)
    (seen,) = scene.recognitions(1)
    assert 1001 <= seen.end.sec <= 1002


def test_a_clock_that_stands_still_closes_nothing(scene: Scene) -> None:
    scene.film(LEAVING)
    for _ in range(100):
        scene.node.tick()
    assert reading(scene.diagnostics()["recognition"])["people"] == "1"
    scene.stand_by(0.8)
    scene.recognitions(1)


def test_a_bag_that_is_played_again_is_recognised_again(scene: Scene) -> None:
    scene.teach()
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


# What goes on at the same time.


def test_services_answer_and_frames_are_taken_while_a_clip_is_embedded(scene: Scene) -> None:
    scene.teach()
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
    scene.node.change({"queue_size": 1, "batch_size": 1})
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
    assert sum("was dropped" in record.getMessage() for record in caplog.records) == 1
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
