# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Segmentation of streams of UTD-MHAD clips and of Kinder-Gator's recordings.

The defaults of the segmentation were chosen on these sets, without the nine classes of UTD-MHAD
(0, 3, 6, ...) on which the whole is evaluated; they do not occur here either.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive, read_archive
from skeleton_dml_ros.evaluation.streams.labelled_stream import (
    LabelledStream,
    build_labelled_stream,
)
from skeleton_dml_ros.evaluation.streams.matching import Detection, temporal_iou
from skeleton_dml_ros.recognition.clips import Clip
from skeleton_dml_ros.recognition.event import TimeReset
from skeleton_dml_ros.recognition.segmentation import trim
from skeleton_dml_ros.recognition.settings import RecognitionSettings, Segmentation
from skeleton_dml_ros.recognition.status import Counters
from skeleton_dml_ros.recognition.stream_segmenter import StreamSegmenter
from skeleton_dml_ros.skeleton.frame import SkeletonFrame

CLASSES = (1, 2, 5, 10, 13, 19, 23, 26)
"""Swipe, wave, arms crossed, triangle, baseball, catch, sit to stand, squat."""

SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def labelled(shared_data: Path) -> LabelledStream:
    archive = read_archive(shared_data / "utd_mhad.npz")
    few = archive.select(np.flatnonzero(np.isin(archive.subjects, (1, 4, 7))))
    return build_labelled_stream(few, CLASSES, enrolled=1, clips=1, seed=1)


def clips(labelled: LabelledStream, positions: NDArray[np.float32]) -> list[Detection]:
    """The clips of a stream with the default settings."""
    sequence = labelled.sequence
    stamps = sequence.start_ns + np.round(sequence.timestamps * SECOND).astype(np.int64)
    segmenter = StreamSegmenter(RecognitionSettings(), Counters())
    people = [str(body) for body in range(sequence.bodies)]
    found: list[Clip | TimeReset] = []
    for stamp, frame in zip(stamps.tolist(), positions, strict=True):
        found += segmenter.push(
            SkeletonFrame(stamp, people, frame, sequence.layout, input_name="k")
        )
    return [
        Detection("", clip.sequence.start_ns, clip.sequence.end_ns, clip.person_ids[0])
        for clip in [*found, *segmenter.finish()]
        if isinstance(clip, Clip)
    ]


def overlaps(labelled: LabelledStream, found: list[Detection]) -> NDArray[np.float64]:
    """(occurrences, clips) temporal IoU of actions and clips, per person."""
    return np.array(
        [
            [temporal_iou(done, clip) * (done.person == clip.person) for clip in found]
            for done in labelled.occurrences
        ]
    )


def fault(name: str, positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The stream of a worse sensor."""
    generator = np.random.default_rng(0)
    positions = positions.copy()
    joints = positions.shape[:3]
    if name == "trembling by 8 mm":
        positions += generator.normal(scale=0.008, size=positions.shape).astype(np.float32)
    elif name == "jumping joints":
        jumps = generator.random(joints) < 0.005
        positions[jumps] += generator.normal(scale=0.4, size=(int(jumps.sum()), 3))
    elif name == "lost joints":
        positions[generator.random(joints) < 0.2] = np.nan
    return positions


@pytest.mark.parametrize(
    "sensor", ["as recorded", "trembling by 8 mm", "jumping joints", "lost joints"]
)
def test_each_action_in_a_stream_gives_one_clip(labelled: LabelledStream, sensor: str) -> None:
    found = clips(labelled, fault(sensor, labelled.sequence.positions))
    overlap = overlaps(labelled, found)
    assert (overlap.max(axis=1) > 0.5).mean() >= 0.95
    assert overlap.max(axis=1).mean() >= 0.85
    assert ((overlap > 0.25).sum(axis=1) <= 1).all()
    assert len(found) <= 1.2 * len(labelled.occurrences)


def test_half_the_frames_give_nearly_the_same_clips(labelled: LabelledStream) -> None:
    whole = overlaps(labelled, clips(labelled, labelled.sequence.positions)).max(axis=1)
    half = labelled.sequence.positions.copy()
    half[1::2] = np.nan
    assert overlaps(labelled, clips(labelled, half)).max(axis=1).mean() >= whole.mean() - 0.03


def holds(archive: SkeletonArchive) -> list[int]:
    """Recordings of postures that are taken, held and left again, of four children."""
    names = [name for name in archive.class_names if name.startswith("Make-the-letter")]
    wanted = np.isin(archive.labels, [archive.class_names.index(name) for name in names])
    return [
        int(i)
        for i in np.flatnonzero(wanted & np.isin(archive.subjects, np.unique(archive.subjects)[:4]))
    ]


def test_a_held_posture_is_not_separated_from_its_movements(shared_data: Path) -> None:
    archive = read_archive(shared_data / "kinder_gator.npz")
    recordings = [archive.clip(index) for index in holds(archive)]
    assert len(recordings) > 20
    patient = np.mean([trim(one, Segmentation()).duration / one.duration for one in recordings])
    hasty = Segmentation(hold=Segmentation().pause)
    impatient = np.mean([trim(one, hasty).duration / one.duration for one in recordings])
    assert patient > impatient + 0.05


def test_a_recording_of_one_action_is_trimmed_to_most_of_it(shared_data: Path) -> None:
    archive = read_archive(shared_data / "utd_mhad.npz")
    chosen = np.flatnonzero(np.isin(archive.labels, CLASSES) & (archive.subjects == 2))
    kept = [
        trim(archive.clip(int(index)), Segmentation()).duration / archive.clip(int(index)).duration
        for index in chosen
    ]
    assert np.mean(kept) > 0.85
    assert min(kept) > 0.5
