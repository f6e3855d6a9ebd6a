# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Teach an action by doing it in front of the robot: the action ``RecordReference``.

After a countdown the first movement that begins is the demonstration; it ends as every clip does,
where the movement ends.  Where it does not end in time, what was seen until then is taken, trimmed
like everything that is taught.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.live import Decisions, Live
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.reference import Reference, ReferenceKind, validate_label
from skeleton_dml_ros.skeleton.frame import person_name
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

MAX_COUNTDOWN = 60.0
"""Seconds; who needs longer starts later."""

FEEDBACK_INTERVAL = 0.2
"""Seconds between two reports on how far it has come."""


class NothingSeenError(SkeletonDmlError):
    """Nobody moved in the time of the recording, or too little of them was seen."""


class CancelledError(SkeletonDmlError):
    """Whoever asked for the demonstration does not want it any more."""


class Phase(Enum):
    """Where a demonstration stands; the constants of ``RecordReference.action``."""

    COUNTDOWN = 0
    RECORDING = 1
    ENROLLING = 2


@dataclass(frozen=True)
class Progress:
    """How far a demonstration has come.

    Attributes:
        phase: what is going on.
        seconds_left: of this phase at most.
        frames: seen since the recording began.
    """

    phase: Phase
    seconds_left: float
    frames: int


@dataclass(frozen=True)
class Demonstration:
    """What was asked for.

    Attributes:
        label: the action's name.
        kind: an action, or a movement to ignore.
        person: as ``input/person`` or the person alone; empty for whoever moves first.
        countdown: seconds before the recording.
        longest: seconds of the recording at most; 0 for the longest clip.
    """

    label: str
    kind: ReferenceKind
    person: str = ""
    countdown: float = 0.0
    longest: float = 0.0

    def __post_init__(self) -> None:
        validate_label(self.label)
        if not 0 <= self.countdown <= MAX_COUNTDOWN:
            raise SkeletonDmlError(
                f"countdown is {self.countdown:g}; give 0 to {MAX_COUNTDOWN:g} seconds"
            )


class Recorder:
    """Records one demonstration.

    Args:
        live: the recogniser at work.
        asked: what is to be recorded.
        now_ns: the node's clock, nanoseconds.
        feedback: told how far it has come, several times a second.
        cancelled: whether it is not wanted any more.
    """

    def __init__(
        self,
        live: Live,
        asked: Demonstration,
        now_ns: Callable[[], int],
        feedback: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._live = live
        self._asked = asked
        self._now_ns = now_ns
        self._feedback = feedback
        self._cancelled = cancelled
        self._told: tuple[Phase, float] | None = None
        # Windows have no end, so that what was seen until the time is over counts.
        self._by_movement = live.recognizer.settings.segmentation.method == "motion"
        self._moved: set[tuple[str, str]] = set()
        self._began_early = False
        self._longest = asked.longest or live.recognizer.settings.segmentation.max_duration
        kept = live.recognizer.settings.buffer_seconds
        if not 0 < self._longest <= kept:
            raise SkeletonDmlError(
                f"maximum_duration is {asked.longest:g}; give up to {kept:g} seconds, for which "
                "frames are kept (buffer_seconds), or 0"
            )

    def run(self) -> Reference:
        """Count down, watch, enrol.

        Raises:
            SkeletonDmlError: nobody moved, it was cancelled, or it cannot be stored; nothing was.
        """
        with self._live.undisturbed("this demonstration") as decisions:
            self._count_down(decisions)
            began = self._live.recognizer.last_stamps()
            seen_before = self._frames()
            recognition = self._watch(decisions, began, seen_before)
            self._tell(Phase.ENROLLING, 0.0, self._frames() - seen_before, at_once=True)
            if recognition is not None:
                return self._enroll_clip(recognition)
            return self._enroll_span(began)

    def _count_down(self, decisions: Decisions) -> None:
        end_ns = self._now_ns() + nanoseconds(self._asked.countdown)
        while (left := end_ns - self._now_ns()) > 0:
            self._tell(Phase.COUNTDOWN, left / NANOSECONDS_PER_SECOND, 0)
            recognition = self._next(decisions)
            if recognition is not None and self._may_be_meant(recognition):
                self._began_early = True

    def _watch(
        self, decisions: Decisions, began: dict[str, int], seen_before: int
    ) -> Recognition | None:
        """The decision on the first movement after the beginning; None where none has ended."""
        end_ns = self._now_ns() + nanoseconds(self._longest)
        while (left := end_ns - self._now_ns()) > 0:
            self._tell(
                Phase.RECORDING,
                left / NANOSECONDS_PER_SECOND,
                self._frames() - seen_before,
            )
            recognition = self._next(decisions)
            moving = {who for who, moves in self._live.recognizer.moving().items() if moves}
            self._moved = moving if self._by_movement else self._moved | moving
            if recognition is not None and self._is_demonstration(recognition, began):
                return recognition
        for recognition in self._live.last_decisions(decisions):
            if self._is_demonstration(recognition, began):
                return recognition
        return None

    def _next(self, decisions: Decisions) -> Recognition | None:
        if self._cancelled():
            raise CancelledError("cancelled; nothing was stored")
        return self._live.next_decision(decisions)

    def _is_demonstration(self, recognition: Recognition, began: dict[str, int]) -> bool:
        if not self._may_be_meant(recognition):
            return False
        if recognition.start_ns < self._earliest(began.get(recognition.input_name, 0)):
            self._began_early = True
            return False
        return True

    def _may_be_meant(self, recognition: Recognition) -> bool:
        return self._by_movement and self._is_meant(recognition.input_name, recognition.person_ids)

    def _earliest(self, began_ns: int) -> int:
        """A clip begins a moment before its movement."""
        return began_ns - nanoseconds(self._live.recognizer.settings.segmentation.lead)

    def _is_meant(self, input_name: str, person_ids: tuple[str, ...]) -> bool:
        return not self._asked.person or any(
            self._asked.person in (one, person_name(input_name, one)) for one in person_ids
        )

    def _enroll_clip(self, recognition: Recognition) -> Reference:
        recognizer = self._live.recognizer
        if recognition.verdict is Verdict.POORLY_SEEN:
            raise NothingSeenError(
                f"only {recognition.visibility:.0%} of the joints were seen; show it again with the "
                "whole body in view"
            )
        clip = recognizer.clip(recognition.clip_id)
        if self._asked.person:
            # Of two people who moved together, only one was meant.
            for alone in clip.alone:
                if self._is_meant(alone.input_name, alone.person_ids):
                    clip = alone
        return recognizer.enroll_clip(clip.clip_id, self._asked.label, self._asked.kind)

    def _enroll_span(self, began: dict[str, int]) -> Reference:
        """Teach what was seen of a movement that has not ended."""
        recognizer = self._live.recognizer
        meant = [who for who in self._moved if self._is_meant(who[0], (who[1],))]
        if not meant:
            early = "; one began before the countdown was over and does not count"
            raise NothingSeenError(
                f"no movement of {self._asked.person or 'anybody'} was seen within "
                f"{self._longest:g} s{early if self._began_early else ''}; try again"
            )
        if len(meant) > 1:
            names = ", ".join(sorted(person_name(*who) for who in meant))
            raise NothingSeenError(
                f"{len(meant)} people moved within {self._longest:g} s; try again and name one of "
                f"{names}"
            )
        ((input_name, person_id),) = meant
        return recognizer.enroll_span(
            person_name(input_name, person_id),
            self._earliest(began.get(input_name, 0)),
            0,
            self._asked.label,
            self._asked.kind,
        )

    def _frames(self) -> int:
        return sum(one.counts.frames for one in self._live.inputs.values())

    def _tell(self, phase: Phase, left: float, frames: int, at_once: bool = False) -> None:
        if (
            at_once
            or self._told is None
            or self._told[0] is not phase
            or self._told[1] - left >= FEEDBACK_INTERVAL
        ):
            self._told = (phase, left)
            self._feedback(Progress(phase, left, frames))
