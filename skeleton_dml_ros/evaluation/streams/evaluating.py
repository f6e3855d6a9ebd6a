# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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
from skeleton_dml_ros.evaluation.streams.idling import Gait
from skeleton_dml_ros.evaluation.streams.matching import detections, match_events
from skeleton_dml_ros.evaluation.streams.trial import StreamTrial, build_trial
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
        trials: how many streams.
        classes: the actions in each of them.
        known: how many of these were taught in each.
        walking: whether people walk about between actions.
        threshold: highest score of a known action.
    """

    figures: tuple[OverlapFigures, ...]
    trials: int
    classes: tuple[str, ...]
    known: int
    walking: bool
    threshold: float

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON knows them."""
        return {
            "trials": self.trials,
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
        trials: number of streams.
        seed: of the first trial; the next ones count on.
        gaits: how people walk about between actions; without, nobody walks.

    Raises:
        SkeletonDmlError: there is no trial.
    """

    known: int = 5
    classes: Sequence[int] | None = None
    clips: int = 2
    trials: int = 3
    seed: int = 0
    gaits: Sequence[Gait] = ()

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise SkeletonDmlError(f"trials is {self.trials}; give at least 1")


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
    for number in range(protocol.trials):
        progress(number, protocol.trials)
        trial = build_trial(
            archive,
            classes,
            protocol.known,
            protocol.clips,
            protocol.seed + number,
            protocol.gaits,
        )
        found = detections(recognise_trial(engine, cohort, threshold, trial, settings, pair_offset))
        for iou, of_trials in zip(OVERLAPS, counted, strict=True):
            of_trials.append(
                match_events(trial.occurrences, found, trial.taught, trial.seconds_seen, iou)
            )
    progress(protocol.trials, protocol.trials)
    return StreamEvaluation(
        figures=tuple(
            OverlapFigures(
                together(of_trials),
                Spread.of([one.f1 for one in of_trials]),
                Spread.of([one.false_alarms_per_hour for one in of_trials]),
            )
            for of_trials in counted
        ),
        trials=protocol.trials,
        classes=tuple(archive.class_names[label] for label in classes),
        known=protocol.known,
        walking=bool(protocol.gaits),
        threshold=threshold,
    )


def recognise_trial(
    engine: Engine,
    cohort: NDArray[np.float32] | None,
    threshold: float,
    trial: StreamTrial,
    settings: RecognitionSettings | None = None,
    pair_offset: float = 0.0,
) -> list[Recognition]:
    """Teach a trial's actions and recognise its stream, as a robot without haste.

    Args:
        engine: embeds.
        cohort: (clips, dimension) against which distances are normalised; None for plain ones.
        threshold: highest score of a known action.
        trial: the stream, and what is taught.
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
        recognizer = Recognizer(engine, library, settings, live=False)
        for demonstration in trial.demonstrations:
            recognizer.enroll_recording(demonstration.sequence, demonstration.label)
        events: list[Recognition] = []
        for frame in trial.frames(INPUT):
            recognizer.push(frame)
            # They are kept for a while only.
            events += [one for one in recognizer.events() if isinstance(one, Recognition)]
        recognizer.finish()
        return events + [one for one in recognizer.events() if isinstance(one, Recognition)]
