# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Several trials of recognition in a stream, with the recogniser that runs on the robot."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.spread import Spread
from skeleton_dml_ros.evaluation.streams.figures import StreamFigures, together
from skeleton_dml_ros.evaluation.streams.idle_motion import Gait
from skeleton_dml_ros.evaluation.streams.labelled_stream import (
    LabelledStream,
    build_labelled_stream,
)
from skeleton_dml_ros.evaluation.streams.matching import detections, match_events
from skeleton_dml_ros.recognition.event import Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.recognition.settings import RecognitionSettings
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore

OVERLAPS = (0.3, 0.5)
"""Temporal intersections over union at which events are counted: an action found, and one found
with good borders."""

INPUT = "stream"


@dataclass(frozen=True)
class OverlapFigures:
    """Figures at one temporal intersection over union.

    Attributes:
        pooled: of all trials as if they were one stream.
        f1: over the trials.
        false_alarms_per_hour: over the trials.
    """

    pooled: StreamFigures
    f1: Spread
    false_alarms_per_hour: Spread

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON knows them."""
        return {
            **self.pooled.to_dict(),
            "f1_std": self.f1.std,
            "false_alarms_per_hour_std": self.false_alarms_per_hour.std,
        }


@dataclass(frozen=True)
class StreamEvaluation:
    """Result of several trials.

    Attributes:
        figures: one for each of the overlaps, in ascending order.
        labelled_streams: how many streams.
        classes: the actions in each of them.
        known: how many of these were taught in each.
        walking: whether people walk about between actions.
        threshold: highest score of a known action.
    """

    figures: tuple[OverlapFigures, ...]
    labelled_streams: int
    classes: tuple[str, ...]
    known: int
    walking: bool
    threshold: float

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON knows them."""
        return {
            "trials": self.labelled_streams,
            "classes": list(self.classes),
            "known": self.known,
            "walking": self.walking,
            "threshold": self.threshold,
            "figures": [one.to_dict() for one in self.figures],
        }


@dataclass(frozen=True)
class StreamProtocol:
    """What streams are made of.

    Attributes:
        known: how many classes are taught in each trial, the rest are unknown.
        classes: indices of the classes that take part; None for all.
        clips: clips of each class that each person does, as far as there are so many.
        labelled_streams: number of streams.
        seed: of the first trial; the next ones count on.
        gaits: how people walk about between actions; without, nobody walks.

    Raises:
        SkeletonDmlError: there is no trial.
    """

    known: int = 5
    classes: Sequence[int] | None = None
    clips: int = 2
    labelled_streams: int = 3
    seed: int = 0
    gaits: Sequence[Gait] = ()

    def __post_init__(self) -> None:
        if self.labelled_streams < 1:
            raise SkeletonDmlError(f"trials is {self.labelled_streams}; give at least 1")


def evaluate_streams(
    engine: Engine,
    cohort: NDArray[np.float32] | None,
    threshold: float,
    archive: SkeletonArchive,
    protocol: StreamProtocol,
    settings: RecognitionSettings | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    pair_offset: float = 0.0,
) -> StreamEvaluation:
    """Build streams, teach some of their actions by one clip each, recognise, and count.

    Args:
        engine: embeds.
        cohort: (clips, dimension) against which distances are normalised; None for plain ones.
        threshold: highest score of a known action.
        archive: clips of one body, or all of two.
        protocol: what streams are made of.
        settings: of the recogniser; the defaults if left out.
        progress: called with trials done and trials in all.
        pair_offset: added to the scores of what two people do together.

    Raises:
        SkeletonDmlError: no stream can be built of the archive's clips.
    """
    classes = protocol.classes
    if classes is None:
        classes = sorted({int(label) for label in archive.labels})
    counted: list[list[StreamFigures]] = [[] for _ in OVERLAPS]
    for number in range(protocol.labelled_streams):
        progress(number, protocol.labelled_streams)
        labelled = build_labelled_stream(
            archive,
            classes,
            protocol.known,
            protocol.clips,
            protocol.seed + number,
            protocol.gaits,
        )
        found = detections(
            recognise_labelled_stream(engine, cohort, threshold, labelled, settings, pair_offset)
        )
        for iou, of_labelled_streams in zip(OVERLAPS, counted, strict=True):
            of_labelled_streams.append(
                match_events(
                    labelled.occurrences, found, labelled.enrolled, labelled.seconds_seen, iou
                )
            )
    progress(protocol.labelled_streams, protocol.labelled_streams)
    return StreamEvaluation(
        figures=tuple(
            OverlapFigures(
                together(of_labelled_streams),
                Spread.of([one.f1 for one in of_labelled_streams]),
                Spread.of([one.false_alarms_per_hour for one in of_labelled_streams]),
            )
            for of_labelled_streams in counted
        ),
        labelled_streams=protocol.labelled_streams,
        classes=tuple(archive.class_names[label] for label in classes),
        known=protocol.known,
        walking=bool(protocol.gaits),
        threshold=threshold,
    )


def recognise_labelled_stream(
    engine: Engine,
    cohort: NDArray[np.float32] | None,
    threshold: float,
    labelled: LabelledStream,
    settings: RecognitionSettings | None = None,
    pair_offset: float = 0.0,
) -> list[Recognition]:
    """Teach a trial's actions and recognise its stream, as a robot without haste.

    Args:
        engine: embeds.
        cohort: (clips, dimension) against which distances are normalised; None for plain ones.
        threshold: highest score of a known action.
        labelled: the stream, and what is taught.
        settings: of the recogniser; the defaults if left out.
        pair_offset: added to the scores of what two people do together.

    Returns:
        What was recognised, in the order in which it was said.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        ReferenceStore(Path(folder) / "taught.db") as store,
    ):
        library = ReferenceLibrary(store, engine, cohort, threshold, pair_offset=pair_offset)
        recognizer = Recognizer(library, settings, live=False)
        for demonstration in labelled.demonstrations:
            recognizer.enroll(demonstration.sequence, demonstration.label)
        events: list[Recognition] = []
        for frame in labelled.frames(INPUT):
            recognizer.push(frame)
            # They are kept for a while only.
            events += [one for one in recognizer.events() if isinstance(one, Recognition)]
        recognizer.finish()
        return events + [one for one in recognizer.events() if isinstance(one, Recognition)]
