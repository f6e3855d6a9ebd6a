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
from stage import Gate, Scene, Show
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
class Take:
    """One demonstration on a show, with all that was told about it."""

    show: Show
    asked: Demonstration

    def __post_init__(self) -> None:
        self.told: list[Progress] = []
        self.directed: Callable[[Progress], object] = lambda progress: None
        self.cancelled: Callable[[], bool] = lambda: False

    def run(self) -> Reference:
        return Recorder(
            self.show.live, self.asked, self.show.now_ns, self._take_feedback, self._is_cancelled
        ).run()

    def phases(self) -> list[Phase]:
        return list(dict.fromkeys(progress.phase for progress in self.told))

    def _take_feedback(self, progress: Progress) -> None:
        self.told.append(progress)
        self.directed(progress)

    def _is_cancelled(self) -> bool:
        return self.cancelled()


def take(show: Show, **asked: Any) -> Take:
    label = asked.pop("label", "it")
    return Take(show, Demonstration(label, ReferenceKind.ACTION, **asked))


def stored(show: Show) -> list[str]:
    return [reference.label for reference in show.live.library.summaries()]


def limb_of(reference: Reference) -> str:
    """The joint that moves farthest in a recording."""
    travelled = np.ptp(reference.sequence.positions[:, 0, :, 1], axis=0)
    return str(NTU_25.joint_names[int(np.argmax(travelled))])


def test_the_phases_are_the_constants_of_the_action() -> None:
    assert {phase.name: phase.value for phase in Phase} == definition(
        f"{ACTION}_Feedback"
    ).constants


def test_the_first_movement_is_taught_where_it_begins_and_ends(show: Show) -> None:
    show.film(ONE_WAVE)
    reference = take(show).run()
    assert (reference.label, reference.kind) == ("it", ReferenceKind.ACTION)
    assert limb_of(reference) == WAVE
    assert 1 < reference.duration < 1.7
    assert reference.source == f"camera/7/{reference.sequence.start_ns}"
    assert stored(show) == ["it"]


def test_what_was_taught_by_doing_it_is_recognised(show: Show) -> None:
    show.film(ONE_WAVE)
    take(show).run()
    show.play()
    show.film(ONE_WAVE)
    (again,) = show.play()
    assert again.label == "it"
    assert again.distance < 0.05


def test_what_is_done_during_the_countdown_is_no_demonstration(show: Show) -> None:
    show.film(script((None, 0.5), (KICK, 1.2), (None, 1), (WAVE, 1.2), (None, 1)))
    one = take(show, countdown=2.5)
    assert limb_of(one.run()) == WAVE
    assert one.phases() == [Phase.COUNTDOWN, Phase.RECORDING, Phase.ENROLLING]


def test_a_movement_that_goes_on_when_the_recording_begins_is_no_demonstration(
    show: Show,
) -> None:
    show.film(script((None, 0.5), (KICK, 1.2), (None, 1), (WAVE, 1.2), (None, 1)))
    # In the middle of the kick.
    assert limb_of(take(show, countdown=1.1).run()) == WAVE


@pytest.mark.parametrize("countdown", [1.1, 2.5])
def test_a_movement_that_began_too_early_is_said_to_have_begun_so(
    show: Show, countdown: float
) -> None:
    show.film(script((None, 0.5), (KICK, 1.2), (None, 4)))
    with pytest.raises(NothingSeenError, match="one started before the end of the countdown"):
        take(show, countdown=countdown, max_duration=2.0).run()
    assert stored(show) == []


def test_feedback_tells_the_time_that_is_left(show: Show) -> None:
    show.film(script((None, 1.5), (WAVE, 1.2), (None, 1)))
    one = take(show, countdown=1.0, max_duration=4.0)
    one.run()
    for phase, longest in ((Phase.COUNTDOWN, 1.0), (Phase.RECORDING, 4.0)):
        left = [progress.seconds_left for progress in one.told if progress.phase is phase]
        assert longest - 0.2 <= left[0] <= longest
        assert left == sorted(left, reverse=True)
        assert min(-np.diff(left)) >= 0.2 - 1e-6
    assert one.told[-1] == Progress(Phase.ENROLLING, 0.0, 0)


@pytest.mark.parametrize("name", ["b", "camera/b"])
def test_only_the_person_named_is_watched(show: Show, name: str) -> None:
    people = {
        "a": script((None, 0.5), (WAVE, 1.2), (None, 2.5), x=-2),
        "b": script((None, 1.2), (KICK, 1.2), (None, 1.8), x=2),
    }
    show.film(people)
    assert limb_of(take(show, person_id=name).run()) == KICK


def test_whoever_moves_first_is_watched_where_nobody_is_named(show: Show) -> None:
    people = {
        "a": script((None, 1.2), (WAVE, 1.2), (None, 1.8), x=-2),
        "b": script((None, 0.5), (KICK, 1.2), (None, 2.5), x=2),
    }
    show.film(people)
    assert limb_of(take(show).run()) == KICK


def test_two_who_act_together_are_taught_together_unless_one_is_named(show: Show) -> None:
    together = {
        "a": script((None, 0.5), (WAVE, 1.2), (None, 1)),
        "b": script((None, 0.5), (KICK, 1.2), (None, 1), x=0.8),
    }
    show.film(together)
    assert take(show).run().sequence.bodies == 2
    show.play()
    show.film(together)
    alone = take(show, person_id="b").run()
    assert alone.sequence.bodies == 1
    assert limb_of(alone) == KICK


def test_of_a_movement_that_never_ends_what_was_seen_until_then_is_taught(show: Show) -> None:
    show.film(ENDLESS)
    reference = take(show, max_duration=3.0).run()
    assert limb_of(reference) == WAVE
    assert 1.8 < reference.duration < 3.1


def test_with_windows_what_was_seen_in_the_time_is_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(active_recognizer, "POLL", 0.001)
    settings = RecognitionSettings(segmentation=Segmentation(method="windows"))
    show = Show(tmp_path, settings)
    show.film(script((None, 0.5), (WAVE, 1.2), (None, 4)))
    reference = take(show, max_duration=4.0).run()
    assert limb_of(reference) == WAVE
    assert 1 < reference.duration < 1.7
    show.close()


def test_what_is_poorly_seen_is_not_taught(show: Show) -> None:
    poses = ONE_WAVE.copy()
    # The legs and the hips, which a table hides.
    poses[:, [0, 1, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22]] = np.nan
    show.film(poses)
    with pytest.raises(SkeletonDmlError, match=r"only 3\d% of the joints were visible; repeat it"):
        take(show).run()
    assert stored(show) == []


def test_where_nobody_moves_nothing_is_taught(show: Show) -> None:
    show.film(script((None, 3)))
    with pytest.raises(SkeletonDmlError, match="no movement of anyone within 2 s"):
        take(show, max_duration=2.0).run()
    with pytest.raises(SkeletonDmlError, match="no movement of ghost within 2 s"):
        take(show, max_duration=2.0, person_id="ghost").run()
    assert stored(show) == []


def test_of_two_who_never_stop_one_has_to_be_named(show: Show) -> None:
    kicking = script((None, 0.5), *[(KICK, 1.2)] * 10, x=2)
    show.film({"a": ENDLESS - np.array([2, 0, 0], dtype=np.float32), "b": kicking})
    with pytest.raises(
        SkeletonDmlError,
        match="2 people moved within 2 s; try again with person_id set to one of camera/a, camera/b",
    ):
        take(show, max_duration=2.0).run()
    assert stored(show) == []
    assert limb_of(take(show, max_duration=2.0, person_id="b").run()) == KICK


def test_a_decision_that_comes_after_the_time_is_waited_for(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    show.engine.before = gate
    show.waits = False
    show.film(ONE_WAVE)
    last_decisions = show.live.last_decisions

    def when_time_is_over(decisions: active_recognizer.Decisions) -> Iterator[Recognition]:
        gate.open()
        return last_decisions(decisions)

    monkeypatch.setattr(show.live, "last_decisions", when_time_is_over)
    reference = take(show, max_duration=3.0).run()
    assert 1 < reference.duration < 1.7


@pytest.mark.parametrize("phase", [Phase.COUNTDOWN, Phase.RECORDING])
def test_it_can_be_cancelled_at_any_time(show: Show, phase: Phase) -> None:
    show.film(ENDLESS)
    one = take(show, countdown=1.0)
    one.cancelled = lambda: bool(one.told) and one.told[-1].phase is phase
    with pytest.raises(SkeletonDmlError, match="cancelled; nothing was stored"):
        one.run()
    assert one.phases()[-1] is phase
    assert stored(show) == []
    # And then the next one is not in its way.
    assert take(show, max_duration=2.0).run().label == "it"


def test_a_second_one_has_to_wait(show: Show) -> None:
    refused: list[str] = []

    def run_another(progress: Progress) -> None:
        if not refused:
            with pytest.raises(active_recognizer.BusyError) as error:
                take(show).run()
            refused.append(str(error.value))

    show.film(ONE_WAVE)
    one = take(show)
    one.directed = run_another
    one.run()
    assert refused == [
        "this recording has to wait: a recording or calibration is already running; try again later"
    ]


def test_who_demonstrates_is_not_asked_what_that_was(show: Show) -> None:
    show.teach("bow", BOW)
    show.film(ONE_WAVE)
    take(show).run()
    show.film(script((None, 0.5), (KICK, 1.2), (None, 1)))
    show.play()
    during, after = show.events[-2:]
    assert (during.report, after.report) == (False, True)  # type: ignore[union-attr]


def test_a_node_that_is_deactivated_meanwhile_stores_nothing(show: Show) -> None:
    show.film(ENDLESS)
    one = take(show)
    one.directed = lambda progress: show.live.close()
    with pytest.raises(active_recognizer.DeactivatedError, match="deactivated; nothing was stored"):
        one.run()
    assert stored(show) == []


@pytest.mark.parametrize(
    ("asked", "error"),
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
def test_what_cannot_be_asked_for_is_refused(show: Show, asked: dict[str, Any], error: str) -> None:
    with pytest.raises(SkeletonDmlError, match=error):
        take(show, **asked).run()


# The action of the node.


class Goal:
    """One goal on a scene: people act as soon as the recording begins."""

    def __init__(self, scene: Scene, poses: Any = ONE_WAVE) -> None:
        self.scene, self.poses = scene, poses
        self.told: list[Any] = []
        self.cancelled = False
        self._begun = False
        self.acted: Callable[[], object] = lambda: None

    def send(self, **fields: Any) -> Any:
        self._begun = False
        goal = make(f"{ACTION}_Goal", **{"label": "it", **fields})
        return self.scene.node.execute(
            interface.RECORD, goal, self._take_feedback, lambda: self.cancelled
        )

    def _take_feedback(self, feedback: Any) -> None:
        self.told.append(feedback)
        if feedback.phase == Phase.COUNTDOWN.value:
            self.scene.stage.clock_ns += 10**9
        elif feedback.phase == Phase.RECORDING.value and not self._begun:
            self._begun = True
            self.scene.film(self.poses)
            self.acted()


@pytest.fixture
def goal(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Goal:
    monkeypatch.setattr(active_recognizer, "POLL", 0.001)
    return Goal(scene)


def test_the_action_teaches_and_says_what(goal: Goal) -> None:
    result = goal.send(countdown=2.0, maximum_duration=8.0)
    assert result.success
    assert result._given == set(definition(f"{ACTION}_Result").fields)
    assert result.message.startswith(f"taught 'it' as {result.reference.reference_id}: 1.")
    assert result.reference.label == "it"
    assert [one.phase for one in goal.told[:2]] == [0, 0]
    assert goal.told[0].seconds_left == 2.0
    assert goal.told[-1].phase == 2
    assert goal.told[-1].frames == len(ONE_WAVE)
    assert all(one._given == set(definition(f"{ACTION}_Feedback").fields) for one in goal.told)
    assert [one.label for one in goal.scene.stage.said(interface.REFERENCES)[-1].references] == [
        "it"
    ]


def test_a_movement_to_ignore_can_be_shown_too(goal: Goal) -> None:
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
def test_a_wrong_goal_gives_a_line(goal: Goal, fields: dict[str, Any], error: str) -> None:
    result = goal.send(**fields)
    assert not result.success
    assert re.match(error, result.message)
    assert goal.told == []


def test_a_goal_is_refused_while_the_node_is_not_active(goal: Goal) -> None:
    goal.scene.node.deactivate()
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
    goal.acted = goal.scene.node.deactivate
    goal.poses = script((None, 0.5))
    result = goal.send()
    assert (result.success, result.message) == (
        False,
        "the node was deactivated; nothing was stored",
    )


def test_unknown_actions_are_not_reported_while_a_goal_is_carried_out(goal: Goal) -> None:
    goal.poses = script((None, 0.5), (WAVE, 1.2), (None, 1))
    assert goal.send().success
    assert len(goal.scene.recognitions(1)) == 1
    assert goal.scene.stage.said(interface.UNKNOWN_ACTIONS) == []


def test_a_fault_gives_a_line_and_goes_into_the_log(
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


def test_frames_are_taken_while_a_goal_waits_in_a_thread_of_its_own(scene: Scene) -> None:
    recording = threading.Event()
    results: list[Any] = []

    def record() -> None:
        goal = make(f"{ACTION}_Goal", label="it")
        results.append(
            scene.node.execute(interface.RECORD, goal, lambda one: recording.set(), lambda: False)
        )

    thread = threading.Thread(target=record)
    thread.start()
    assert recording.wait(PATIENCE)
    scene.stage.clock_ns -= FRAME * len(ONE_WAVE)
    scene.film(ONE_WAVE)
    thread.join(PATIENCE)
    assert results[0].success
