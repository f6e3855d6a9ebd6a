# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from acted import pairs_archive, small_archive, walking

from skeleton_dml_ros.datasets.archive import read_archive, write_archive
from skeleton_dml_ros.datasets.streams import read_stream
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.streams.idle_motion import (
    FRAME_RATE,
    HOLD_SECONDS,
    MIN_RETURN_SECONDS,
    gait_of,
)
from skeleton_dml_ros.evaluation.streams.labelled_stream import (
    LabelledStream,
    build_labelled_stream,
)

SECOND = 1_000_000_000
NINE = (0, 3, 6, 9, 12, 15, 18, 21, 24)


@pytest.fixture(scope="module")
def real_trial(shared_data: Path) -> LabelledStream:
    return build_labelled_stream(
        read_archive(shared_data / "utd_mhad.npz"), NINE, enrolled=5, seed=0
    )


def test_the_same_seed_gives_the_same_stream_and_another_one_another() -> None:
    first, same, other = (
        build_labelled_stream(small_archive(), range(4), enrolled=2, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first.occurrences == same.occurrences
    np.testing.assert_array_equal(first.sequence.positions, same.sequence.positions)
    assert first.occurrences != other.occurrences


def test_a_streams_file_equals_the_stream(tmp_path: Path) -> None:
    labelled = build_labelled_stream(small_archive(), range(4), enrolled=2)
    write_archive(tmp_path / "stream.npz", labelled.archive())
    assert read_archive(tmp_path / "stream.npz").timestamps_ns is not None
    built = list(labelled.frames("camera"))
    read = [frame for frame in read_stream(tmp_path / "stream.npz") if frame.person_ids]
    assert len(built) == len(read)
    for first, second in zip(built, read, strict=True):
        assert (first.stamp_ns, first.person_ids) == (second.stamp_ns, second.person_ids)
        np.testing.assert_array_equal(first.positions, second.positions)


def test_a_stream_enrols_some_classes_by_clips_outside_it() -> None:
    archive = small_archive(persons=3, clips=2)
    labelled = build_labelled_stream(archive, (0, 1, 2, 3), enrolled=3, clips=2)
    assert len(labelled.demonstrations) == len(set(labelled.enrolled)) == 3
    count = dict.fromkeys(archive.class_names, 0)
    for occurrence in labelled.occurrences:
        count[occurrence.label] += 1
    assert count == {name: 5 if name in labelled.enrolled else 6 for name in archive.class_names}
    for lesson in labelled.demonstrations:
        assert archive.class_names[archive.labels[archive.index(lesson.name)]] == lesson.label


def test_people_appear_one_after_another() -> None:
    labelled = build_labelled_stream(small_archive(), range(4), enrolled=2)
    present = np.asarray(np.isfinite(labelled.sequence.positions[..., 0]).all(axis=2))
    assert present.shape[1] == 3
    assert present.sum(axis=1).max() == 1
    assert labelled.seconds_seen == pytest.approx(present.sum() / FRAME_RATE)
    stamps = labelled.sequence.start_ns + np.rint(labelled.sequence.timestamps * SECOND)
    for occurrence in labelled.occurrences:
        inside = (stamps >= occurrence.start_ns) & (stamps <= occurrence.end_ns)
        assert present[inside, int(occurrence.person)].all()


def test_real_clips_make_a_stream_of_all_classes_and_people(real_trial: LabelledStream) -> None:
    assert real_trial.sequence.bodies == 8
    assert len(real_trial.enrolled) == 5
    assert len(real_trial.occurrences) == 8 * 9 * 2
    assert len({occurrence.label for occurrence in real_trial.occurrences}) == 9


@pytest.mark.parametrize(
    ("classes", "enrolled", "message"),
    [
        ([0, 1], 3, "3 of the classes"),
        ([0, 1], 0, "0 of the classes"),
        ([0, 0], 1, "give different classes"),
        ([0, 7], 1, "class 7 has 0 clips"),
    ],
)
def test_an_impossible_stream_is_refused(classes: list[int], enrolled: int, message: str) -> None:
    with pytest.raises(SkeletonDmlError, match=message):
        build_labelled_stream(small_archive(), classes, enrolled)


def test_pairs_appear_one_after_another() -> None:
    labelled = build_labelled_stream(
        pairs_archive(), range(4), enrolled=2, gaits=[gait_of(walking())]
    )
    assert [recording.people for recording in labelled.recordings] == [("0", "1"), ("2", "3")]
    assert {occurrence.person for occurrence in labelled.occurrences} == {"0", "1", "2", "3"}
    assert all(lesson.sequence.bodies == 2 for lesson in labelled.demonstrations)
    there = [frame.person_ids for frame in labelled.frames("camera")]
    assert set(there) == {("0", "1"), ("2", "3")}
    assert labelled.sequence.bodies == 4


def test_nobody_jumps_and_everybody_rests_before_between_and_after(
    real_trial: LabelledStream, shared_data: Path
) -> None:
    archive = read_archive(shared_data / "utd_mhad.npz")
    clips = [archive.clip(int(index)) for index in np.flatnonzero(np.isin(archive.labels, NINE))]
    fastest = max(np.abs(np.diff(clip.positions, axis=0)).max() for clip in clips)
    steps = np.abs(np.diff(real_trial.sequence.positions, axis=0))
    assert np.nanmax(steps) <= fastest + 0.002
    shortest = 2 * HOLD_SECONDS[0] + MIN_RETURN_SECONDS
    for before, after in zip(real_trial.occurrences, real_trial.occurrences[1:], strict=False):
        assert (after.start_ns - before.end_ns) / SECOND > shortest - 0.1
