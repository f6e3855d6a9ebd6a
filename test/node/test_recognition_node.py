# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
from typing import Any

import pytest
from acting import BOW, SECOND, WAVE, script
from fakes import BOWING, EPOCH, KICKING, OPTICAL, WAVING, Gate, NodeHarness, nobody, reading
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
"""A person who disappears during a movement."""


# What is said.


def test_a_taught_clip_is_recognised_afterwards(node_harness: NodeHarness) -> None:
    node_harness.teach()
    node_harness.perform(WAVING)
    node_harness.perform(BOWING)
    first, known, unknown = node_harness.recognitions(3)
    assert (first.verdict, first.label) == (NO_REFERENCES, "")
    assert (known.verdict, known.label) == (KNOWN, "wave")
    assert (unknown.verdict, unknown.label) == (UNKNOWN, "")
    assert known.person_ids == ["camera/7"]
    assert known.header.frame_id == OPTICAL


def test_only_reported_unknown_actions_are_published_as_such(node_harness: NodeHarness) -> None:
    node_harness.teach()
    node_harness.perform(WAVING)
    node_harness.perform(BOWING)
    node_harness.send(nobody(node_harness.time_ns, 6))
    node_harness.perform(BOWING)
    node_harness.send(nobody(node_harness.time_ns, 6))
    node_harness.perform(KICKING)
    said = node_harness.recognitions(5)
    assert [one.verdict for one in said] == [NO_REFERENCES, KNOWN, UNKNOWN, UNKNOWN, UNKNOWN]
    asked = [one.clip_id for one in node_harness.adapter.published(interface.UNKNOWN_ACTIONS)]
    # The second is known, and the fourth was reported before.
    assert asked == [said[0].clip_id, said[2].clip_id, said[4].clip_id]
    assert said[3].repetitions == 1


def test_people_are_drawn_in_the_frames_coordinates(node_harness: NodeHarness) -> None:
    node_harness.perform(script((None, 1), (WAVE, 1.2), (None, 0.8), x=0.5))
    (seen,) = node_harness.recognitions(1)
    # 0.5 m to the camera's left and 3 m away, in the axes of an optical frame.
    assert (seen.position.x, seen.position.y, seen.position.z) == pytest.approx(
        (-0.5, 0, 3), abs=0.02
    )


def test_references_are_published_at_activation_and_with_each_change(
    node_harness: NodeHarness,
) -> None:
    (nothing,) = node_harness.adapter.published(interface.REFERENCES)
    assert nothing.references == []
    assert nothing.model.startswith("untrained ")
    assert nothing.threshold == 0.5
    node_harness.teach()
    one = node_harness.adapter.published(interface.REFERENCES)[-1]
    assert [reference.label for reference in one.references] == ["wave"]
    assert one.version == nothing.version + 1
    node_harness.ask(interface.LIST)
    node_harness.node.report()
    assert len(node_harness.adapter.published(interface.REFERENCES)) == 2
    node_harness.node.deactivate()
    node_harness.node.activate()
    assert node_harness.adapter.published(interface.REFERENCES)[-1].version == one.version
    assert len(node_harness.adapter.published(interface.REFERENCES)) == 3


def test_references_changed_by_another_process_are_published_and_used(
    node_harness: NodeHarness,
) -> None:
    node_harness.teach()
    with ReferenceStore(node_harness.values["references"]) as other:  # type: ignore[arg-type]  # a text
        other.rename(new_label="greet", label="wave")
        version = other.version

    def latest() -> Any:
        node_harness.node.report()
        return node_harness.adapter.published(interface.REFERENCES)[-1]

    # The worker checks the store every second.
    wait_until(lambda: latest().version == version)
    assert [reference.label for reference in latest().references] == ["greet"]
    node_harness.perform(WAVING)
    assert node_harness.recognitions(2)[-1].label == "greet"


def test_the_unknown_action_that_was_reported_last_is_taught_by_its_label_alone(
    node_harness: NodeHarness,
) -> None:
    assert not node_harness.ask(interface.ENROLL, label="wave").success
    node_harness.perform(WAVING)
    (asked,) = node_harness.adapter.wait_for(interface.UNKNOWN_ACTIONS)
    answer = node_harness.ask(interface.ENROLL, label="wave")
    assert answer.success, answer.message
    assert f"from {asked.clip_id}, " in answer.message
    assert answer.reference.source == asked.clip_id
    node_harness.perform(WAVING)
    assert node_harness.recognitions(2)[-1].label == "wave"
    node_harness.activate()
    assert (
        "no unknown action has been reported"
        in node_harness.ask(interface.ENROLL, label="x").message
    )


# Time.


@pytest.mark.parametrize("clock_ns", [EPOCH, 5 * SECOND])
def test_the_nodes_clock_closes_the_clip_of_a_person_who_has_left(
    node_harness: NodeHarness, clock_ns: int
) -> None:
    node_harness.adapter.clock_ns = clock_ns
    node_harness.perform(LEAVING)
    node_harness.node.tick()
    assert node_harness.adapter.published(interface.RECOGNITIONS) == []
    node_harness.advance(0.8)
    (seen,) = node_harness.recognitions(1)
    assert 1001 <= seen.end.sec <= 1002


def test_a_paused_clock_closes_no_clip(node_harness: NodeHarness) -> None:
    node_harness.perform(LEAVING)
    for _ in range(100):
        node_harness.node.tick()
    assert reading(node_harness.diagnostics()["recognition"])["people"] == "1"
    node_harness.advance(0.8)
    node_harness.recognitions(1)


def test_a_looped_bag_is_recognised_in_every_loop(node_harness: NodeHarness) -> None:
    node_harness.teach()
    start_ns = node_harness.time_ns
    for turn in range(3):
        node_harness.time_ns = start_ns
        node_harness.perform(script((None, 1), (WAVE, 1.2), (None, 0.8), (BOW, 0.5)))
        node_harness.recognitions(turn + 2)
    again = node_harness.recognitions(4)[1:]
    assert [one.label for one in again] == ["wave"] * 3
    assert len({one.clip_id for one in again}) == 1
    counts = reading(node_harness.diagnostics()["recognition"])
    assert counts["times that time ran backwards"] == "2"


# Concurrency.


def test_services_and_frames_are_handled_during_embedding(
    node_harness: NodeHarness,
) -> None:
    node_harness.teach()
    gate = Gate()
    node_harness.engine.before = gate
    node_harness.perform(WAVING)
    gate.wait_until_reached()
    node_harness.perform(WAVING)
    assert len(node_harness.ask(interface.LIST).references.references) == 1
    assert node_harness.ask(interface.RENAME, label="wave", new_label="greet").success
    status = node_harness.diagnostics()
    assert reading(status["recognition"])["clips waiting"] == "1 of 32"
    assert reading(status["input camera"])["messages received"] == str(3 * len(WAVING))
    assert len(node_harness.adapter.published(interface.RECOGNITIONS)) == 1
    gate.open()
    # Each clip is compared with the references at the time it closed.
    assert [one.label for one in node_harness.recognitions(3)[1:]] == ["wave", "wave"]


def test_clips_beyond_the_queue_are_dropped_and_counted(
    node_harness: NodeHarness, caplog: pytest.LogCaptureFixture
) -> None:
    node_harness.node.change({"queue_size": 1, "batch_size": 1})
    gate = Gate()
    node_harness.engine.before = gate
    node_harness.perform(WAVING)
    gate.wait_until_reached()
    for _ in range(3):
        node_harness.perform(WAVING)
    status = node_harness.diagnostics()["recognition"]
    assert status.level == Level.WARN
    assert status.message.startswith("2 clips dropped: embedding on cpu cannot keep up")
    assert reading(status)["clips dropped"] == "2"
    # The log is throttled.
    assert sum("was dropped" in record.getMessage() for record in caplog.records) == 1
    assert not node_harness.diagnostics()["recognition"].message.startswith("2 clips dropped")
    gate.open()
    node_harness.recognitions(2)


def test_the_node_can_be_deactivated_during_embedding(node_harness: NodeHarness) -> None:
    gate = Gate()
    node_harness.engine.before = gate
    node_harness.perform(WAVING)
    gate.wait_until_reached()
    deactivating = threading.Thread(target=node_harness.node.deactivate)
    deactivating.start()
    gate.open()
    deactivating.join(PATIENCE)
    assert not deactivating.is_alive()
    node_harness.engine.before = lambda: None
    node_harness.node.activate()
    node_harness.perform(WAVING)
    node_harness.recognitions(1)
