# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The action ``RecordReference``: countdown, recording, enrolment.

The first movement after the countdown is the demonstration.  If it does not end in time, the part
recorded so far is enrolled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.active_recognizer import ActiveRecognizer, CancelledError, Decisions
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.library import Enrolled
from skeleton_dml_ros.references.reference import ReferenceKind, validate_label
from skeleton_dml_ros.skeleton.frame import person_name
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

MAX_COUNTDOWN = 60.0
"""Longest countdown in seconds."""

FEEDBACK_INTERVAL = 0.2
"""Seconds between two feedback messages."""


class NothingSeenError(SkeletonDmlError):
    """No movement was recorded, or too few joints were visible."""


class Phase(Enum):
    """Phase of a recording; the constants of ``RecordReference.action``."""

    COUNTDOWN = 0
    RECORDING = 1
    ENROLLING = 2


@dataclass(frozen=True)
class Progress:
    """Progress of a recording.

    Attributes:
        phase: present phase.
        seconds_left: maximum remaining time of this phase.
        frames: frames since the recording started.
    """

    phase: Phase
    seconds_left: float
    frames: int


@dataclass(frozen=True)
class Demonstration:
    """The action's goal.

    Attributes:
        label: name of the action.
        kind: action, or movement to ignore.
        person_id: ``input/person`` or ``person``; empty for the first person to move.
        countdown: seconds before the recording.
        max_duration: maximum length of the recording in seconds; 0 for the longest clip.
    """

    label: str
    kind: ReferenceKind
    person_id: str = ""
    countdown: float = 0.0
    max_duration: float = 0.0

    def __post_init__(self) -> None:
        validate_label(self.label)
        if not 0 <= self.countdown <= MAX_COUNTDOWN:
            raise SkeletonDmlError(
                f"countdown is {self.countdown:g}; give 0 to {MAX_COUNTDOWN:g} seconds"
            )


class Recorder:
    """Records one demonstration.

    Args:
        live: the active recogniser.
        goal: what to record.
        now_ns: the node's clock, nanoseconds.
        feedback: called with the progress, several times a second.
        cancelled: whether the client has cancelled.
    """

    def __init__(
        self,
        live: ActiveRecognizer,
        goal: Demonstration,
        now_ns: Callable[[], int],
        feedback: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._live = live
        self._goal = goal
        self._now_ns = now_ns
        self._feedback = feedback
        self._cancelled = cancelled
        self._reported: tuple[Phase, float] | None = None
        # Windows do not end with a movement: the whole recording time counts.
        self._by_movement = live.recognizer.settings.segmentation.method == "motion"
        self._moved: set[tuple[str, str]] = set()
        self._started_early = False
        self._max_duration = goal.max_duration or live.recognizer.settings.segmentation.max_duration
        kept = live.recognizer.settings.buffer_seconds
        if not 0 < self._max_duration <= kept:
            raise SkeletonDmlError(
                f"maximum_duration is {goal.max_duration:g}; give up to {kept:g} seconds "
                "(parameter buffer_seconds), or 0"
            )

    def run(self) -> Enrolled:
        """Count down, record and enrol.

        Raises:
            BusyError: a calibration or another recording is running.
            CancelledError: the client cancelled.
            SkeletonDmlError: nobody moved, or the reference cannot be stored.
        """
        with self._live.exclusive("this recording") as decisions:
            self._count_down(decisions)
            started = self._live.recognizer.last_stamps()
            seen_before = self._frames()
            recognition = self._watch(decisions, started, seen_before)
            self._report(Phase.ENROLLING, 0.0, self._frames() - seen_before, at_once=True)
            if recognition is not None:
                return self._enroll_clip(recognition)
            return self._enroll_span(started)

    def _count_down(self, decisions: Decisions) -> None:
        end_ns = self._now_ns() + nanoseconds(self._goal.countdown)
        while (left := end_ns - self._now_ns()) > 0:
            self._report(Phase.COUNTDOWN, left / NANOSECONDS_PER_SECOND, 0)
            recognition = self._next(decisions)
            if recognition is not None and self._may_match(recognition):
                self._started_early = True

    def _watch(
        self, decisions: Decisions, started: dict[str, int], seen_before: int
    ) -> Recognition | None:
        """The decision on the first movement after the countdown; None if no movement ended."""
        end_ns = self._now_ns() + nanoseconds(self._max_duration)
        while (left := end_ns - self._now_ns()) > 0:
            self._report(
                Phase.RECORDING,
                left / NANOSECONDS_PER_SECOND,
                self._frames() - seen_before,
            )
            recognition = self._next(decisions)
            moving = {who for who, moves in self._live.recognizer.moving().items() if moves}
            self._moved = moving if self._by_movement else self._moved | moving
            if recognition is not None and self._is_demonstration(recognition, started):
                return recognition
        for recognition in self._live.last_decisions(decisions):
            if self._is_demonstration(recognition, started):
                return recognition
        return None

    def _next(self, decisions: Decisions) -> Recognition | None:
        if self._cancelled():
            raise CancelledError("cancelled; nothing was stored")
        return self._live.next_decision(decisions)

    def _is_demonstration(self, recognition: Recognition, started: dict[str, int]) -> bool:
        if not self._may_match(recognition):
            return False
        if recognition.start_ns < self._earliest(started.get(recognition.input_name, 0)):
            self._started_early = True
            return False
        return True

    def _may_match(self, recognition: Recognition) -> bool:
        return self._by_movement and self._matches(recognition.input_name, recognition.person_ids)

    def _earliest(self, started_ns: int) -> int:
        """Earliest start of the clip: it begins ``segmentation.lead`` before its movement."""
        return started_ns - nanoseconds(self._live.recognizer.settings.segmentation.lead)

    def _matches(self, input_name: str, person_ids: tuple[str, ...]) -> bool:
        return not self._goal.person_id or any(
            self._goal.person_id in (one, person_name(input_name, one)) for one in person_ids
        )

    def _enroll_clip(self, recognition: Recognition) -> Enrolled:
        recognizer = self._live.recognizer
        if recognition.verdict is Verdict.POORLY_SEEN:
            raise NothingSeenError(
                f"only {recognition.visibility:.0%} of the joints were visible; repeat it with the whole "
                "body in view"
            )
        clip = recognizer.clip(recognition.clip_id)
        if self._goal.person_id:
            # Of two people who moved together, take the one in the goal.
            for alone in clip.alone:
                if self._matches(alone.input_name, alone.person_ids):
                    clip = alone
        return recognizer.enroll_clip(clip.clip_id, self._goal.label, self._goal.kind)

    def _enroll_span(self, started: dict[str, int]) -> Enrolled:
        """Enrol the recorded part of a movement that has not ended."""
        recognizer = self._live.recognizer
        moved = [who for who in self._moved if self._matches(who[0], (who[1],))]
        if not moved:
            early = "; one started before the end of the countdown and does not count"
            raise NothingSeenError(
                f"no movement of {self._goal.person_id or 'anyone'} within "
                f"{self._max_duration:g} s{early if self._started_early else ''}; try again"
            )
        if len(moved) > 1:
            names = ", ".join(sorted(person_name(*who) for who in moved))
            raise NothingSeenError(
                f"{len(moved)} people moved within {self._max_duration:g} s; try again with person_id set "
                f"to one of {names}"
            )
        ((input_name, person_id),) = moved
        return recognizer.enroll_span(
            person_name(input_name, person_id),
            self._earliest(started.get(input_name, 0)),
            0,
            self._goal.label,
            self._goal.kind,
        )

    def _frames(self) -> int:
        return sum(one.counts.frames for one in self._live.inputs.values())

    def _report(self, phase: Phase, left: float, frames: int, at_once: bool = False) -> None:
        if (
            at_once
            or self._reported is None
            or self._reported[0] is not phase
            or self._reported[1] - left >= FEEDBACK_INTERVAL
        ):
            self._reported = (phase, left)
            self._feedback(Progress(phase, left, frames))
