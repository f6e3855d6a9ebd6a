# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Evaluate the robot's recogniser on labelled streams."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.evaluation.streams.figures import StreamFigures, pooled
from skeleton_dml_ros.evaluation.streams.idle_motion import Gait
from skeleton_dml_ros.evaluation.streams.labelled_stream import (
    LabelledStream,
    build_labelled_stream,
)
from skeleton_dml_ros.evaluation.streams.matching import detections, match_events
from skeleton_dml_ros.recognition.event import Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.references.fusion import Decision
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore

OVERLAPS = (0.3, 0.5)
"""Temporal intersections over union at which events count: roughly found, and well segmented."""

INPUT = "stream"


@dataclass(frozen=True)
class OverlapFigures:
    """Figures at one temporal intersection over union.

    Attributes:
        pooled: of all streams as one.
        f1: over the streams.
        false_alarms_per_hour: over the streams.
    """

    pooled: StreamFigures
    f1: Spread
    false_alarms_per_hour: Spread

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            **self.pooled.to_dict(),
            "f1_std": self.f1.std,
            "false_alarms_per_hour_std": self.false_alarms_per_hour.std,
        }


@dataclass(frozen=True)
class StreamEvaluation:
    """Result of several labelled streams.

    Attributes:
        figures: one per overlap, in ascending order.
        streams: number of streams.
        classes: the actions in each stream.
        known: number of actions enrolled in each stream.
        walking: whether people walk about between actions.
        threshold: minimum confidence of a known action.
    """

    figures: tuple[OverlapFigures, ...]
    streams: int
    classes: tuple[str, ...]
    known: int
    walking: bool
    threshold: float

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "streams": self.streams,
            "classes": list(self.classes),
            "known": self.known,
            "walking": self.walking,
            "threshold": self.threshold,
            "figures": [one.to_dict() for one in self.figures],
        }


@dataclass(frozen=True)
class StreamProtocol:
    """How streams are built.

    Attributes:
        known: number of classes enrolled in each stream; the others are unknown.
        classes: indices of the classes that take part; None for all.
        clips: maximum clips of each class that each person performs.
        streams: number of streams.
        seed: of the first stream; the next ones count up.
        gaits: how people walk between actions; without, nobody walks.

    Raises:
        SkeletonDmlError: there is no stream.
    """

    known: int = 5
    classes: Sequence[int] | None = None
    clips: int = 2
    streams: int = 3
    seed: int = 0
    gaits: Sequence[Gait] = ()

    def __post_init__(self) -> None:
        if self.streams < 1:
            raise SkeletonDmlError(f"streams is {self.streams}; give at least 1")


def evaluate_streams(
    engine: Engine,
    decision: Decision,
    threshold: float,
    archive: SkeletonArchive,
    protocol: StreamProtocol,
    settings: RecognitionSettings | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> StreamEvaluation:
    """Build streams, enrol some of their actions by one clip each, recognise, and count.

    Args:
        engine: embeds.
        decision: scores references and gives the confidence.
        threshold: minimum confidence of a known action.
        archive: clips of one body each, or of two each.
        protocol: how streams are built.
        settings: of the recogniser; the defaults if left out.
        progress: called with the number of streams done and of all streams.

    Raises:
        SkeletonDmlError: no stream can be built from the archive's clips.
    """
    classes = protocol.classes
    if classes is None:
        classes = sorted({int(label) for label in archive.labels})
    counted: list[list[StreamFigures]] = [[] for _ in OVERLAPS]
    for number in range(protocol.streams):
        progress(number, protocol.streams)
        labelled = build_labelled_stream(
            archive,
            classes,
            protocol.known,
            protocol.clips,
            protocol.seed + number,
            protocol.gaits,
        )
        found = detections(
            recognise_labelled_stream(engine, decision, threshold, labelled, settings)
        )
        for iou, of_streams in zip(OVERLAPS, counted, strict=True):
            of_streams.append(
                match_events(
                    labelled.occurrences, found, labelled.enrolled, labelled.seconds_seen, iou
                )
            )
    progress(protocol.streams, protocol.streams)
    return StreamEvaluation(
        figures=tuple(
            OverlapFigures(
                pooled(of_streams),
                Spread.of([one.f1 for one in of_streams]),
                Spread.of([one.false_alarms_per_hour for one in of_streams]),
            )
            for of_streams in counted
        ),
        streams=protocol.streams,
        classes=tuple(archive.class_names[label] for label in classes),
        known=protocol.known,
        walking=bool(protocol.gaits),
        threshold=threshold,
    )


def recognise_labelled_stream(
    engine: Engine,
    decision: Decision,
    threshold: float,
    labelled: LabelledStream,
    settings: RecognitionSettings | None = None,
) -> list[Recognition]:
    """Enrol a stream's demonstrations and recognise the stream, without dropping frames.

    Args:
        engine: embeds.
        decision: scores references and gives the confidence.
        threshold: minimum confidence of a known action.
        labelled: the stream and its demonstrations.
        settings: of the recogniser; the defaults if left out.

    Returns:
        Recognitions in the order of their reports.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        ReferenceStore(Path(folder) / "taught.db") as store,
    ):
        library = ReferenceLibrary(store, engine, decision, threshold)
        recognizer = Recognizer(library, settings)
        for demonstration in labelled.demonstrations:
            recognizer.enroll(demonstration.sequence, demonstration.label)
        return list(recognizer.recognize(labelled.frames(INPUT)))
