# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The events of a recogniser."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from skeleton_dml_ros.references.library import Candidate
from skeleton_dml_ros.references.reference import ReferenceKind


class Verdict(Enum):
    """Whether an action is known, and if not, why."""

    KNOWN = "known"
    """The confidence reaches the threshold."""
    UNKNOWN = "unknown"
    """The confidence is below the threshold."""
    NO_REFERENCES = "no_references"
    """There are no references."""
    POORLY_SEEN = "poorly_seen"
    """Too few joints were seen."""


@dataclass(frozen=True)
class Recognition:
    """The decision on one clip.

    Attributes:
        clip_id: ``input/person/start``, of two people ``input/person+person/start``.
        input_name: the camera.
        person_ids: one or two, in alphabetical order.
        start_ns: start of the clip, message time in nanoseconds.
        end_ns: end of the clip.
        decided_ns: stamp of the frame that closed the clip.
        position: (x, y, z) of the people's hips in metres, median over the clip.
        verdict: whether the action is known.
        label: of the known action, or empty.
        kind: of the reference that matched, or None.
        reference_id: of the best reference, or empty.
        distance: Euclidean distance of the embeddings, or infinite.
        score: fused score, lower is more similar; or infinite.
        confidence: calibrated probability that the label of the best reference is right, or 0.
        threshold: minimum confidence of a known action.
        candidates: the best reference of each label, best first.
        visibility: share of joints that were seen, in [0, 1].
        visibility_in_view: the same of the joints in view, without those behind a table.
        repetitions: how often the same unknown action was remembered before.
        report: whether the unknown action is worth asking about.
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
    confidence: float = 0.0
    threshold: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    visibility: float = 1.0
    visibility_in_view: float = 1.0
    repetitions: int = 0
    report: bool = False
    latency: float = 0.0

    def __str__(self) -> str:
        if self.verdict is Verdict.NO_REFERENCES:
            return "unknown (nothing is enrolled)"
        if self.verdict is Verdict.POORLY_SEEN:
            return f"unknown (only {100 * self.visibility:.0f} % of the joints seen)"
        candidates = ", ".join(f"{one.label} {one.confidence:.0%}" for one in self.candidates)
        return (
            f"{self.label or 'unknown'} (confidence {self.confidence:.0%}, known from "
            f"{self.threshold:.0%}; candidates: {candidates or 'none'})"
        )


@dataclass(frozen=True)
class Dropped:
    """A clip that was not classified.

    Attributes:
        clip_id: of the clip, which can still be taught while it is kept.
        reason: in one line.
    """

    clip_id: str
    reason: str

    def __str__(self) -> str:
        return f"clip {self.clip_id} was dropped: {self.reason}"


@dataclass(frozen=True)
class TimeReset:
    """The time of an input ran backwards; its people and their movements were forgotten.

    Attributes:
        input_name: the input.
        before_ns: stamp of its last frame before.
        after_ns: stamp of its first frame after.
    """

    input_name: str
    before_ns: int
    after_ns: int

    def __str__(self) -> str:
        return f"time of input {self.input_name} ran backwards"


Event = Recognition | Dropped | TimeReset
