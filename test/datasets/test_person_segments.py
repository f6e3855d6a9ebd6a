# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import ArchiveError
from skeleton_dml_ros.datasets.person_segments import (
    UNLABELLED,
    archive_of_segments,
    person_segments,
)
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import COCO_17
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

START = 1_700_000_000 * NANOSECONDS_PER_SECOND


def frame(
    seconds: float, *people: str, confidences: NDArray[np.float32] | None = None
) -> SkeletonFrame:
    positions = np.full((len(people), 17, 3), seconds, dtype=np.float32)
    stamp_ns = START + round(seconds * NANOSECONDS_PER_SECOND)
    return SkeletonFrame(stamp_ns, people, positions, COCO_17, confidences)


def cut(*frames: SkeletonFrame) -> list[tuple[str, list[float]]]:
    """Who was there at which seconds."""
    return [
        (made.person_id, [(stamp - START) / NANOSECONDS_PER_SECOND for stamp in made.stamps])
        for made in person_segments(frames, gap=0.5)
    ]


def test_each_person_is_a_clip_until_a_gap() -> None:
    frames = [
        frame(0, "a"), frame(0.5, "a", "b"), frame(1), frame(1.25, "b"), frame(1.5, "a"),
    ]  # fmt: skip
    assert cut(*frames) == [("a", [0, 0.5]), ("b", [0.5]), ("b", [1.25]), ("a", [1.5])]


def test_late_and_repeated_frames_are_skipped_and_a_jump_back_starts_anew() -> None:
    times = (1, 1.25, 1.25, 1, 1.5, 0.5, 0.75)
    assert cut(*(frame(time, "a") for time in times)) == [("a", [1, 1.25, 1.5]), ("a", [0.5, 0.75])]


def test_the_archive_keeps_stamps_names_and_people() -> None:
    made = person_segments(
        [frame(0, "a"), frame(1 / 3, "a", "7"), frame(2, "7"), frame(2.25, "7")], 0.5
    )
    archive = archive_of_segments(made, COCO_17)
    third = START + 333_333_333
    assert archive.names == (f"a/{START}", f"7/{third}", f"7/{START + 2_000_000_000}")
    assert archive.subjects.tolist() == [0, 1, 1]
    assert (archive.class_names, archive.labels.tolist()) == ((UNLABELLED,), [0, 0, 0])
    assert archive.timestamps_ns is not None
    assert archive.timestamps_ns[:2].tolist() == [START, third]
    assert archive.confidence is None
    np.testing.assert_allclose(archive.clip(0).positions[1], 1 / 3, atol=5e-4)


def test_confidences_are_sanitized_and_default_to_one() -> None:
    odd = np.linspace(-1, 2, 17, dtype=np.float32)[None].copy()
    odd[0, 0] = np.nan
    (made,) = person_segments([frame(0, "a", confidences=odd), frame(0.25, "a")], 0.5)
    confidence = made.sequence(COCO_17).confidence
    assert confidence is not None
    np.testing.assert_array_equal(confidence[0, 0], np.clip(np.nan_to_num(odd[0]), 0, 1))
    assert (confidence[1] == 1).all()


def test_a_recording_without_people_is_refused() -> None:
    with pytest.raises(ArchiveError, match="nobody is in the recording"):
        archive_of_segments(person_segments([frame(0), frame(1)], 0.5), COCO_17)


def test_repeated_segments_of_a_looped_bag_get_numbered_names() -> None:
    made = person_segments([frame(time, "a") for time in (0, 0.25, 2, 0, 0.25)], 0.5)
    assert archive_of_segments(made, COCO_17).names == (
        f"a/{START}",
        f"a/{START + 2_000_000_000}",
        f"a/{START}/2",
    )
