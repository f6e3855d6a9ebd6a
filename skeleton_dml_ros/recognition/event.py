# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the recogniser says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from skeleton_dml_ros.references.library import Candidate
from skeleton_dml_ros.references.reference import ReferenceKind


class Verdict(Enum):
    """Known, or why not."""

    KNOWN = "known"
    """The nearest reference is near enough."""
    UNKNOWN = "unknown"
    """It is too far."""
    NO_REFERENCES = "no_references"
    """Nothing has been taught."""
    POORLY_SEEN = "poorly_seen"
    """Too little was seen to judge."""


@dataclass(frozen=True)
class Recognition:
    """The decision on one clip.

    Attributes:
        clip_id: ``input/person/start``, of two people ``input/person+person/start``.
        input_name: which input saw it.
        person_ids: who acted, one or two, in alphabetical order.
        start_ns: begin of the clip, nanoseconds of the message clock.
        end_ns: its end.
        decided_ns: message time of the frame that closed the clip.
        position: (x, y, z) where the people were (their hips, if seen), median over the clip, metres.
        verdict: known, or why not.
        label: of the known action; empty otherwise.
        kind: of the reference that matched; None where the verdict is not known.
        reference_id: of the nearest reference; empty where there is none.
        distance: Euclidean, to the nearest reference; infinite where there is none.
        score: the distance normalised against the cohort; likewise.
        threshold: highest score of a known action.
        candidates: the best one for each label, nearest first.
        visibility: share of joints that were really seen, in [0, 1].
        repetitions: how often the same unknown action was seen before, as far as remembered.
        report: an unknown action that is worth a question.
        latency: seconds from the arrival of the frame that closed the clip to the decision.
    """

    clip_id: str
    input_name: str
    person_ids: tuple[str, ...]
    start_ns: int
    end_ns: int
    decided_ns: int
    position: tuple[float, float, float]
    verdict: Verdict
    label: str = ""
    kind: ReferenceKind | None = None
    reference_id: str = ""
    distance: float = float("inf")
    score: float = float("inf")
    threshold: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    visibility: float = 1.0
    repetitions: int = 0
    report: bool = False
    latency: float = 0.0

    def __str__(self) -> str:
        if self.verdict is Verdict.NO_REFERENCES:
            return "unknown (nothing is enrolled)"
        if self.verdict is Verdict.POORLY_SEEN:
            return f"unknown (only {100 * self.visibility:.0f} % of the joints seen)"
        candidates = ", ".join(f"{one.label} {one.score:.2f}" for one in self.candidates)
        return (
            f"{self.label or 'unknown'} (score {self.score:.2f}, known up to {self.threshold:.2f}; "
            f"candidates: {candidates})"
        )


@dataclass(frozen=True)
class Dropped:
    """A clip that nobody will judge: the worker could not keep up, or the recogniser was closed.

    Attributes:
        clip_id: of the clip; it can still be taught while it is kept.
        reason: one line for people.
    """

    clip_id: str
    reason: str

    def __str__(self) -> str:
        return f"clip {self.clip_id} was dropped: {self.reason}"


@dataclass(frozen=True)
class TimeReset:
    """Time ran backwards at an input; all its people begin anew.

    Attributes:
        input_name: which input.
        before_ns: its latest stamp before.
        after_ns: the stamp that came then.
    """

    input_name: str
    before_ns: int
    after_ns: int

    def __str__(self) -> str:
        return f"time of input {self.input_name} ran backwards"


Event = Recognition | Dropped | TimeReset
