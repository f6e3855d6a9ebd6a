# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Classify clips: embed them and compare them with the references."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import Engine, embed_each
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.clips import Clip
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.recognition.non_maximum_suppression import Decision
from skeleton_dml_ros.references.alignment import clip_features
from skeleton_dml_ros.references.snapshot import ReferenceSnapshot

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ClosedClip:
    """A clip that waits for its decision.

    Attributes:
        clip: the clip.
        references: the references at the time when it closed, which it is compared with.
        arrived: wall time, ``time.perf_counter()``, of the frame that closed it.
        withheld: whether it must not be reported as unknown.
    """

    clip: Clip
    references: ReferenceSnapshot
    arrived: float
    withheld: bool = False


def decide(
    engine: Engine, closed: Sequence[ClosedClip], min_visibility: float
) -> list[list[Decision]]:
    """Classify a batch of clips.

    Two people are classified as a pair and each alone; the more confident of the known ones decides.
    If nothing is known, the two count as a pair.

    Args:
        engine: embeds.
        closed: the clips.
        min_visibility: minimum share of joints seen for a clip to be classified.

    Returns:
        For each clip its decision, or two if two people acted each alone.

    Raises:
        ReleasedError: the engine was released.
    """
    clips = [clip for item in closed for clip in (item.clip, *item.clip.alone)]
    classified = [clip.sequence.visibility >= min_visibility for clip in clips]
    vectors = iter(
        embed_each(
            engine, [clip.sequence for clip, good in zip(clips, classified, strict=True) if good]
        )
    )
    embeddings = iter([next(vectors) if good else None for good in classified])
    decisions = []
    for item in closed:
        together = _classify(item, item.clip, next(embeddings))
        alone = [_classify(item, clip, next(embeddings)) for clip in item.clip.alone]
        decisions.append(_choose(together, alone))
    return decisions


def _classify(closed: ClosedClip, clip: Clip, embedding: NDArray[np.float32] | None) -> Decision:
    """The decision on a clip; without an embedding, too little was seen."""
    references = closed.references
    recognition = Recognition(
        clip_id=clip.clip_id,
        input_name=clip.input_name,
        person_ids=clip.person_ids,
        start_ns=clip.sequence.start_ns,
        end_ns=clip.sequence.end_ns,
        decided_ns=clip.decided_ns,
        position=clip.position,
        verdict=Verdict.POORLY_SEEN,
        threshold=references.threshold,
        visibility=clip.sequence.visibility,
        visibility_in_view=clip.sequence.visibility_in_view,
        latency=time.perf_counter() - closed.arrived,
    )
    if embedding is None:
        return Decision(recognition, None, closed.withheld)
    if references.empty:
        nothing = replace(recognition, verdict=Verdict.NO_REFERENCES)
        return Decision(nothing, embedding, closed.withheld)
    try:
        features = [clip_features(clip.sequence)] if references.aligns else None
    except SkeletonDmlError as error:
        logger.info("a clip was not aligned: %s", error)
        return Decision(recognition, None, closed.withheld)
    match = references.match(embedding[None], features, clip.sequence.bodies)[0]
    recognition = replace(
        recognition,
        verdict=Verdict.KNOWN if match.known else Verdict.UNKNOWN,
        label=match.label,
        kind=match.kind if match.known else None,
        reference_id=match.reference_id,
        distance=match.distance,
        score=match.score,
        confidence=match.confidence,
        threshold=match.threshold,
        candidates=match.candidates,
    )
    return Decision(recognition, embedding, closed.withheld)


def _choose(together: Decision, alone: Sequence[Decision]) -> list[Decision]:
    """The decision on two people: together or each alone."""
    if _confidence_if_known(together) >= max(map(_confidence_if_known, alone), default=0.0):
        return [together]
    return list(alone)


def _confidence_if_known(decision: Decision) -> float:
    known = decision.recognition.verdict is Verdict.KNOWN
    return decision.recognition.confidence if known else 0.0
