# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, WAVE, script
from definitions import definition, make
from fakes import Gate, NodeHarness, RecognizerHarness
from waiting import PATIENCE

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node import active_recognizer, interface
from skeleton_dml_ros.node.record_reference import (
    Demonstration,
    NothingSeenError,
    Phase,
    Progress,
    Recorder,
)
from skeleton_dml_ros.recognition.event import Recognition
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Segmentation
from skeleton_dml_ros.references.reference import Reference, ReferenceKind
from skeleton_dml_ros.skeleton.layouts import NTU_25

ACTION = interface.RECORD.type
ONE_WAVE = script((None, 0.5), (WAVE, 1.2), (None, 1))
ENDLESS = script((None, 0.5), *[(WAVE, 1.2)] * 10)


@dataclass
class RecordingRun:
    """One recording and its progress."""

    recognizer_harness: RecognizerHarness
    goal: Demonstration

    def __post_init__(self) -> None:
        self.progress: list[Progress] = []
        self.on_progress: Callable[[Progress], object] = lambda progress: None
        self.cancelled: Callable[[], bool] = lambda: False

    def run(self) -> Reference:
        return Recorder(
            self.recognizer_harness.live,
            self.goal,
            self.recognizer_harness.now_ns,
            self._take_feedback,
            self._is_cancelled,
        ).run()

    def phases(self) -> list[Phase]:
        return list(dict.fromkeys(progress.phase for progress in self.progress))

    def _take_feedback(self, progress: Progress) -> None:
        self.progress.append(progress)
        self.on_progress(progress)

    def _is_cancelled(self) -> bool:
        return self.cancelled()


def record(recognizer_harness: RecognizerHarness, **goal: Any) -> RecordingRun:
    label = goal.pop("label", "it")
    return RecordingRun(recognizer_harness, Demonstration(label, ReferenceKind.ACTION, **goal))


def stored(recognizer_harness: RecognizerHarness) -> list[str]:
    return [reference.label for reference in recognizer_harness.live.library.summaries()]


def limb_of(reference: Reference) -> str:
    """The joint that moves the most in a recording."""
    travelled = np.ptp(reference.sequence.positions[:, 0, :, 1], axis=0)
    return str(NTU_25.joint_names[int(np.argmax(travelled))])


def test_the_phases_are_the_constants_of_the_action() -> None:
    assert {phase.name: phase.value for phase in Phase} == definition(
        f"{ACTION}_Feedback"
    ).constants


def test_the_first_movement_is_enrolled_from_start_to_end(
    recognizer_harness: RecognizerHarness,
) -> None:
    recognizer_harness.perform(ONE_WAVE)
    reference = record(recognizer_harness).run()
    assert (reference.label, reference.kind) == ("it", ReferenceKind.ACTION)
    assert limb_of(reference) == WAVE
    assert 1 < reference.duration < 1.7
    assert reference.source == f"camera/7/{reference.sequence.start_ns}"
    assert stored(recognizer_harness) == ["it"]


def test_a_recorded_action_is_recognised_afterwards(recognizer_harness: RecognizerHarness) -> None:
    recognizer_harness.perform(ONE_WAVE)
    record(recognizer_harness).run()
    recognizer_harness.play()
    recognizer_harness.perform(ONE_WAVE)
    (again,) = recognizer_harness.play()
    assert again.label == "it"
    assert again.distance < 0.05


def test_movements_during_the_countdown_are_not_enrolled(
    recognizer_harness: RecognizerHarness,
) -> None:
    recognizer_harness.perform(script((None, 0.5), (KICK, 1.2), (None, 1), (WAVE, 1.2), (None, 1)))
    one = record(recognizer_harness, countdown=2.5)
    assert limb_of(one.run()) == WAVE
    assert one.phases() == [Phase.COUNTDOWN, Phase.RECORDING, Phase.ENROLLING]


def test_a_movement_that_started_before_the_recording_is_not_taken(
    recognizer_harness: RecognizerHarness,
) -> None:
    recognizer_harness.perform(script((None, 0.5), (KICK, 1.2), (None, 1), (WAVE, 1.2), (None, 1)))
    # The countdown ends during the kick.
    assert limb_of(record(recognizer_harness, countdown=1.1).run()) == WAVE


@pytest.mark.parametrize("countdown", [1.1, 2.5])
def test_a_movement_that_started_too_early_is_reported(
    recognizer_harness: RecognizerHarness, countdown: float
) -> None:
    recognizer_harness.perform(script((None, 0.5), (KICK, 1.2), (None, 4)))
    with pytest.raises(NothingSeenError, match="one started before the end of the countdown"):
        record(recognizer_harness, countdown=countdown, max_duration=2.0).run()
    assert stored(recognizer_harness) == []


def test_feedback_contains_the_remaining_time(recognizer_harness: RecognizerHarness) -> None:
    recognizer_harness.perform(script((None, 1.5), (WAVE, 1.2), (None, 1)))
    one = record(recognizer_harness, countdown=1.0, max_duration=4.0)
    one.run()
    for phase, longest in ((Phase.COUNTDOWN, 1.0), (Phase.RECORDING, 4.0)):
        left = [progress.seconds_left for progress in one.progress if progress.phase is phase]
        assert longest - 0.2 <= left[0] <= longest
        assert left == sorted(left, reverse=True)
        assert min(-np.diff(left)) >= 0.2 - 1e-6
    assert one.progress[-1] == Progress(Phase.ENROLLING, 0.0, 0)


@pytest.mark.parametrize("name", ["b", "camera/b"])
def test_only_the_person_in_the_goal_is_recorded(
    recognizer_harness: RecognizerHarness, name: str
) -> None:
    people = {
        "a": script((None, 0.5), (WAVE, 1.2), (None, 2.5), x=-2),
        "b": script((None, 1.2), (KICK, 1.2), (None, 1.8), x=2),
    }
    recognizer_harness.perform(people)
    assert limb_of(record(recognizer_harness, person_id=name).run()) == KICK


def test_without_person_id_the_first_person_to_move_is_recorded(
    recognizer_harness: RecognizerHarness,
) -> None:
    people = {
        "a": script((None, 1.2), (WAVE, 1.2), (None, 1.8), x=-2),
        "b": script((None, 0.5), (KICK, 1.2), (None, 2.5), x=2),
    }
    recognizer_harness.perform(people)
    assert limb_of(record(recognizer_harness).run()) == KICK


def test_two_people_acting_together_are_enrolled_together_unless_one_is_named(
    recognizer_harness: RecognizerHarness,
) -> None:
    together = {
        "a": script((None, 0.5), (WAVE, 1.2), (None, 1)),
        "b": script((None, 0.5), (KICK, 1.2), (None, 1), x=0.8),
    }
    recognizer_harness.perform(together)
    assert record(recognizer_harness).run().sequence.bodies == 2
    recognizer_harness.play()
    recognizer_harness.perform(together)
    alone = record(recognizer_harness, person_id="b").run()
    assert alone.sequence.bodies == 1
    assert limb_of(alone) == KICK


def test_an_endless_movement_is_enrolled_up_to_the_maximum_duration(
    recognizer_harness: RecognizerHarness,
) -> None:
    recognizer_harness.perform(ENDLESS)
    reference = record(recognizer_harness, max_duration=3.0).run()
    assert limb_of(reference) == WAVE
    assert 1.8 < reference.duration < 3.1


def test_with_windows_the_whole_recording_time_is_enrolled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(active_recognizer, "POLL", 0.001)
    settings = RecognitionSettings(segmentation=Segmentation(method="windows"))
    recognizer_harness = RecognizerHarness(tmp_path, settings)
    recognizer_harness.perform(script((None, 0.5), (WAVE, 1.2), (None, 4)))
    reference = record(recognizer_harness, max_duration=4.0).run()
    assert limb_of(reference) == WAVE
    assert 1 < reference.duration < 1.7
    recognizer_harness.close()


def test_a_poorly_visible_demonstration_is_refused(recognizer_harness: RecognizerHarness) -> None:
    poses = ONE_WAVE.copy()
    # Legs and hips hidden, as by a table.
    poses[:, [0, 1, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22]] = np.nan
    recognizer_harness.perform(poses)
    with pytest.raises(SkeletonDmlError, match=r"only 3\d% of the joints were visible; repeat it"):
        record(recognizer_harness).run()
    assert stored(recognizer_harness) == []


def test_without_a_movement_nothing_is_enrolled(recognizer_harness: RecognizerHarness) -> None:
    recognizer_harness.perform(script((None, 3)))
    with pytest.raises(SkeletonDmlError, match="no movement of anyone within 2 s"):
        record(recognizer_harness, max_duration=2.0).run()
    with pytest.raises(SkeletonDmlError, match="no movement of ghost within 2 s"):
        record(recognizer_harness, max_duration=2.0, person_id="ghost").run()
    assert stored(recognizer_harness) == []


def test_if_two_people_keep_moving_person_id_is_required(
    recognizer_harness: RecognizerHarness,
) -> None:
    kicking = script((None, 0.5), *[(KICK, 1.2)] * 10, x=2)
    recognizer_harness.perform({"a": ENDLESS - np.array([2, 0, 0], dtype=np.float32), "b": kicking})
    with pytest.raises(
        SkeletonDmlError,
        match="2 people moved within 2 s; try again with person_id set to one of camera/a, camera/b",
    ):
        record(recognizer_harness, max_duration=2.0).run()
    assert stored(recognizer_harness) == []
    assert limb_of(record(recognizer_harness, max_duration=2.0, person_id="b").run()) == KICK


def test_a_decision_after_the_recording_time_is_awaited(
    recognizer_harness: RecognizerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    recognizer_harness.engine.before = gate
    recognizer_harness.waits = False
    recognizer_harness.perform(ONE_WAVE)
    last_decisions = recognizer_harness.live.last_decisions

    def when_time_is_over(decisions: active_recognizer.Decisions) -> Iterator[Recognition]:
        gate.open()
        return last_decisions(decisions)

    monkeypatch.setattr(recognizer_harness.live, "last_decisions", when_time_is_over)
    reference = record(recognizer_harness, max_duration=3.0).run()
    assert 1 < reference.duration < 1.7


@pytest.mark.parametrize("phase", [Phase.COUNTDOWN, Phase.RECORDING])
def test_a_recording_can_be_cancelled_in_any_phase(
    recognizer_harness: RecognizerHarness, phase: Phase
) -> None:
    recognizer_harness.perform(ENDLESS)
    one = record(recognizer_harness, countdown=1.0)
    one.cancelled = lambda: bool(one.progress) and one.progress[-1].phase is phase
    with pytest.raises(SkeletonDmlError, match="cancelled; nothing was stored"):
        one.run()
    assert one.phases()[-1] is phase
    assert stored(recognizer_harness) == []
    # The next recording is not blocked.
    assert record(recognizer_harness, max_duration=2.0).run().label == "it"


def test_a_second_recording_is_refused_as_busy(recognizer_harness: RecognizerHarness) -> None:
    refused: list[str] = []

    def run_another(progress: Progress) -> None:
        if not refused:
            with pytest.raises(active_recognizer.BusyError) as error:
                record(recognizer_harness).run()
            refused.append(str(error.value))

    recognizer_harness.perform(ONE_WAVE)
    one = record(recognizer_harness)
    one.on_progress = run_another
    one.run()
    assert refused == [
        "this recording has to wait: a recording or calibration is already running; try again later"
    ]


def test_demonstrations_are_not_reported_as_unknown(recognizer_harness: RecognizerHarness) -> None:
    recognizer_harness.teach("bow", BOW)
    recognizer_harness.perform(ONE_WAVE)
    record(recognizer_harness).run()
    recognizer_harness.perform(script((None, 0.5), (KICK, 1.2), (None, 1)))
    recognizer_harness.play()
    during, after = recognizer_harness.events[-2:]
    assert (during.report, after.report) == (False, True)  # type: ignore[union-attr]


def test_deactivation_during_recording_stores_nothing(
    recognizer_harness: RecognizerHarness,
) -> None:
    recognizer_harness.perform(ENDLESS)
    one = record(recognizer_harness)
    one.on_progress = lambda progress: recognizer_harness.live.close()
    with pytest.raises(active_recognizer.DeactivatedError, match="deactivated; nothing was stored"):
        one.run()
    assert stored(recognizer_harness) == []


@pytest.mark.parametrize(
    ("goal", "error"),
    [
        ({"label": " "}, "label ' ' is empty"),
        ({"countdown": -1.0}, "countdown is -1; give 0 to 60 seconds"),
        ({"countdown": math.nan}, "countdown is nan; give 0 to 60 seconds"),
        (
            {"max_duration": 31.0},
            r"maximum_duration is 31; give up to 30 seconds \(parameter buffer_seconds\)",
        ),
        ({"max_duration": -1.0}, "maximum_duration is -1; give up to 30 seconds"),
        ({"max_duration": math.nan}, "maximum_duration is nan; give up to 30 seconds"),
        ({"max_duration": math.inf}, "maximum_duration is inf; give up to 30 seconds"),
    ],
)
def test_an_invalid_goal_is_refused(
    recognizer_harness: RecognizerHarness, goal: dict[str, Any], error: str
) -> None:
    with pytest.raises(SkeletonDmlError, match=error):
        record(recognizer_harness, **goal).run()


# The action of the node.


class Goal:
    """One goal of the action; people move as soon as the recording starts."""

    def __init__(self, node_harness: NodeHarness, poses: Any = ONE_WAVE) -> None:
        self.node_harness, self.poses = node_harness, poses
        self.progress: list[Any] = []
        self.cancelled = False
        self._begun = False
        self.acted: Callable[[], object] = lambda: None

    def send(self, **fields: Any) -> Any:
        self._begun = False
        goal = make(f"{ACTION}_Goal", **{"label": "it", **fields})
        return self.node_harness.node.execute(
            interface.RECORD, goal, self._take_feedback, lambda: self.cancelled
        )

    def _take_feedback(self, feedback: Any) -> None:
        self.progress.append(feedback)
        if feedback.phase == Phase.COUNTDOWN.value:
            self.node_harness.adapter.clock_ns += 10**9
        elif feedback.phase == Phase.RECORDING.value and not self._begun:
            self._begun = True
            self.node_harness.perform(self.poses)
            self.acted()


@pytest.fixture
def goal(node_harness: NodeHarness, monkeypatch: pytest.MonkeyPatch) -> Goal:
    monkeypatch.setattr(active_recognizer, "POLL", 0.001)
    return Goal(node_harness)


def test_the_action_enrols_and_reports_the_reference(goal: Goal) -> None:
    result = goal.send(countdown=2.0, maximum_duration=8.0)
    assert result.success
    assert result._given == set(definition(f"{ACTION}_Result").fields)
    assert result.message.startswith(f"taught 'it' as {result.reference.reference_id}: 1.")
    assert result.reference.label == "it"
    assert [one.phase for one in goal.progress[:2]] == [0, 0]
    assert goal.progress[0].seconds_left == 2.0
    assert goal.progress[-1].phase == 2
    assert goal.progress[-1].frames == len(ONE_WAVE)
    assert all(one._given == set(definition(f"{ACTION}_Feedback").fields) for one in goal.progress)
    assert [
        one.label
        for one in goal.node_harness.adapter.published(interface.REFERENCES)[-1].references
    ] == ["it"]


def test_a_movement_to_ignore_can_be_recorded(goal: Goal) -> None:
    assert goal.send(kind=1).reference.kind == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"label": ""}, "label '' is empty; give the action's name"),
        ({"kind": 2}, r"kind is 2; give 0 \(ACTION\) or 1 \(IGNORE\)"),
        ({"countdown": 61.0}, "countdown is 61; give 0 to 60 seconds"),
        ({"maximum_duration": 31.0}, "maximum_duration is 31; give up to 30 seconds"),
    ],
)
def test_an_invalid_goal_is_refused_in_one_line(
    goal: Goal, fields: dict[str, Any], error: str
) -> None:
    result = goal.send(**fields)
    assert not result.success
    assert re.match(error, result.message)
    assert goal.progress == []


def test_a_goal_is_refused_while_the_node_is_inactive(goal: Goal) -> None:
    goal.node_harness.node.deactivate()
    result = goal.send()
    assert (result.success, result.message) == (
        False,
        "/recognition_node is not active; activate it: ros2 lifecycle set /recognition_node activate",
    )


def test_a_goal_is_cancelled(goal: Goal) -> None:
    goal.poses = script((None, 0.5))
    goal.acted = lambda: setattr(goal, "cancelled", True)
    result = goal.send()
    assert (result.success, result.message) == (False, "cancelled; nothing was stored")


def test_a_goal_ends_when_the_node_is_deactivated(goal: Goal) -> None:
    goal.acted = goal.node_harness.node.deactivate
    goal.poses = script((None, 0.5))
    result = goal.send()
    assert (result.success, result.message) == (
        False,
        "the node was deactivated; nothing was stored",
    )


def test_unknown_actions_are_not_reported_during_a_recording(goal: Goal) -> None:
    goal.poses = script((None, 0.5), (WAVE, 1.2), (None, 1))
    assert goal.send().success
    assert len(goal.node_harness.recognitions(1)) == 1
    assert goal.node_harness.adapter.published(interface.UNKNOWN_ACTIONS) == []


def test_an_internal_error_is_reported_in_one_line_and_logged(
    goal: Goal, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("the goal is gone")

    goal.acted = fail
    result = goal.send()
    assert not result.success
    assert "internal error, see the node's log: RuntimeError" in result.message
    assert any(record.exc_info for record in caplog.records)
    goal.acted = lambda: None
    assert goal.send().success


def test_frames_are_taken_while_a_goal_is_running_in_another_thread(
    node_harness: NodeHarness,
) -> None:
    recording = threading.Event()
    results: list[Any] = []

    def record() -> None:
        goal = make(f"{ACTION}_Goal", label="it")
        results.append(
            node_harness.node.execute(
                interface.RECORD, goal, lambda one: recording.set(), lambda: False
            )
        )

    thread = threading.Thread(target=record)
    thread.start()
    assert recording.wait(PATIENCE)
    node_harness.adapter.clock_ns -= FRAME * len(ONE_WAVE)
    node_harness.perform(ONE_WAVE)
    thread.join(PATIENCE)
    assert results[0].success
