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

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import (
    SkeletonArchive,
    archive_of,
    read_archive,
    write_archive,
)
from skeleton_dml_ros.datasets.streams import read_stream, stream_of_sequence
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.stream import (
    FRAME_RATE,
    HOLD_SECONDS,
    SHORTEST_RETURN,
    Detection,
    Occurrence,
    StreamTrial,
    build_stream,
    build_trial,
    detections,
    match_events,
    temporal_iou,
)
from skeleton_dml_ros.recognition.event import Dropped, Recognition, Verdict
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.skeleton.completion import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

SECOND = 1_000_000_000
NINE = (0, 3, 6, 9, 12, 15, 18, 21, 24)
TAUGHT = ("wave", "bow")


def done(label: str, start: float, end: float, person: str = "0") -> Occurrence:
    return Occurrence(label, round(start * SECOND), round(end * SECOND), person)


def said(label: str, start: float, end: float, person: str = "0") -> Detection:
    end_ns = round(end * SECOND)
    return Detection(label, round(start * SECOND), end_ns, person, end_ns + SECOND // 2)


def clip(label: int, place: float, frames: int = 40) -> SkeletonSequence:
    """A person at rest who stands at ``place``, steps to the left and raises a hand."""
    time = np.linspace(0, 1, frames)
    positions = np.repeat(REST_POSE[None, None] * 0.5, frames, axis=0) + np.array([place, 0, 3])
    positions[..., 0] += 0.3 * time[:, None, None]
    positions[:, 0, NTU_25.index("hand_right"), 1] += (label + 1) * 0.1 * np.sin(np.pi * time)
    return SkeletonSequence(positions, np.arange(frames) / 30, NTU_25)


def small_archive(persons: int = 3, clips: int = 2) -> SkeletonArchive:
    content = [
        (label, person, clip(label, place=0.2 * person + 0.05 * trial))
        for person in range(persons)
        for label in range(4)
        for trial in range(clips)
    ]
    return archive_of(
        [sequence for _, _, sequence in content],
        [label for label, _, _ in content],
        ("wave", "bow", "kick", "clap"),
        subjects=[person for _, person, _ in content],
    )


@pytest.fixture(scope="module")
def real_trial(shared_data: Path) -> StreamTrial:
    return build_trial(read_archive(shared_data / "utd_mhad.npz"), NINE, taught=5, seed=0)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [((0, 2), (0, 2), 1), ((0, 2), (1, 3), 1 / 3), ((0, 1), (1, 2), 0), ((0, 1), (5, 6), 0)],
)
def test_overlap_is_intersection_over_union(
    first: tuple[float, float], second: tuple[float, float], expected: float
) -> None:
    assert temporal_iou(done("wave", *first), said("wave", *second)) == pytest.approx(expected)


def test_a_right_report_counts_once_however_often_it_is_repeated() -> None:
    figures = match_events(
        [done("wave", 10, 12)], [said("wave", 10, 12.5), said("wave", 10, 11.5)], TAUGHT, 60
    )
    assert (figures.taught, figures.recognised) == (1, 1)
    assert figures.recognised_percent == 100
    assert (figures.precision, figures.recall) == (0.5, 1.0)
    assert figures.f1 == pytest.approx(2 / 3)


def test_a_report_with_too_little_overlap_is_none() -> None:
    figures = match_events([done("wave", 10, 12)], [said("wave", 11.5, 15)], TAUGHT, 60)
    assert (figures.recognised, figures.mislabelled, figures.false_alarms) == (0, 0, 0)
    assert figures.precision == 0
    nearer = match_events([done("wave", 10, 12)], [said("wave", 11.5, 15)], TAUGHT, 60, iou=0.1)
    assert nearer.recognised == 1


def test_one_report_cannot_count_for_two_actions() -> None:
    occurrences = [done("wave", 10, 12), done("wave", 12, 14)]
    figures = match_events(occurrences, [said("wave", 10, 14)], TAUGHT, 60)
    assert (figures.taught, figures.recognised) == (2, 1)


def test_a_report_about_another_person_is_a_false_alarm() -> None:
    figures = match_events(
        [done("wave", 10, 12, person="0")], [said("wave", 10, 12, person="1")], TAUGHT, 60
    )
    assert (figures.recognised, figures.false_alarms) == (0, 1)


def test_an_untaught_action_is_accepted_by_any_report_that_overlaps_it_most() -> None:
    occurrences = [done("kick", 10, 12), done("kick", 20, 22), done("wave", 30, 32)]
    reports = [said("wave", 11.9, 16), said("bow", 10, 11), said("", 20, 22), said("wave", 30, 32)]
    figures = match_events(occurrences, reports, TAUGHT, 60)
    assert (figures.untaught, figures.accepted) == (2, 1)
    assert figures.accepted_percent == 50
    assert figures.recognised == 1


def test_a_wrong_label_is_told_from_a_miss_and_from_a_false_alarm() -> None:
    occurrences = [done("wave", 10, 12), done("bow", 20, 22)]
    figures = match_events(
        occurrences, [said("bow", 10, 12), said("wave", 50, 51)], TAUGHT, 3600 + 4
    )
    assert (figures.recognised, figures.mislabelled, figures.false_alarms) == (0, 1, 1)
    assert figures.idle_hours == pytest.approx(1)
    assert figures.false_alarms_per_hour == pytest.approx(1)


def test_the_delay_counts_from_the_end_of_the_action_to_the_report() -> None:
    occurrences = [done("wave", 10, 12), done("bow", 20, 22)]
    reports = [said("wave", 10, 12.1), said("bow", 20, 21.9)]
    assert match_events(occurrences, reports, TAUGHT, 60).delay == pytest.approx(0.5)
    assert match_events(occurrences, [], TAUGHT, 60).delay is None


def test_a_stream_in_which_nothing_is_done_or_said_has_figures() -> None:
    figures = match_events([], [], TAUGHT, 0)
    assert figures.to_dict()["recognised_percent"] == 0
    assert figures.to_dict()["false_alarms_per_hour"] == 0
    assert match_events([], [said("wave", 1, 2)], TAUGHT, 60).false_alarms == 1


@pytest.mark.parametrize("iou", [0.0, -0.1, 1.5])
def test_an_overlap_out_of_range_is_refused(iou: float) -> None:
    with pytest.raises(SkeletonDmlError, match=f"iou is {iou}"):
        match_events([], [], TAUGHT, 60, iou)


def test_events_become_detections_of_each_person_and_ignored_movements_have_no_label() -> None:
    def event(**fields: Any) -> Recognition:
        return Recognition(
            clip_id="camera/a/1",
            input="camera",
            start_ns=1,
            end_ns=2,
            decided_ns=3,
            position=(0, 0, 0),
            **fields,
        )

    found = detections(
        [
            event(
                person_ids=("a", "b"),
                verdict=Verdict.KNOWN,
                label="hug",
                kind=ReferenceKind.ACTION,
            ),
            event(
                person_ids=("a",), verdict=Verdict.KNOWN, label="scratch", kind=ReferenceKind.IGNORE
            ),
            event(person_ids=("a",), verdict=Verdict.UNKNOWN),
            Dropped("camera/a/1", "too slow"),
        ]
    )
    assert found == [
        Detection("hug", 1, 2, "a", 3),
        Detection("hug", 1, 2, "b", 3),
        Detection("", 1, 2, "a", 3),
        Detection("", 1, 2, "a", 3),
    ]


def test_the_clips_are_in_the_stream_where_the_occurrences_say() -> None:
    archive = small_archive()
    sequence, occurrences = build_stream(archive, [5, 0, 11], np.random.default_rng(0))
    assert [occurrence.label for occurrence in occurrences] == ["kick", "wave", "bow"]
    hand, hip = NTU_25.index("hand_right"), NTU_25.index("spine_base")
    for index, occurrence in zip((5, 0, 11), occurrences, strict=True):
        part = sequence.between(occurrence.start_ns, occurrence.end_ns).positions[:, 0]
        original = archive.clip(index).positions[:, 0]
        np.testing.assert_allclose(
            part[:, hand] - part[:, hip], original[:, hand] - original[:, hip], atol=2e-3
        )


def test_each_clip_begins_where_the_first_one_did() -> None:
    sequence, occurrences = build_stream(small_archive(), [0, 9, 17], np.random.default_rng(0))
    hips = [
        sequence.between(occurrence.start_ns, occurrence.end_ns).positions[0, 0, 0, [0, 2]]
        for occurrence in occurrences
    ]
    np.testing.assert_allclose(hips, [hips[0]] * 3, atol=2e-3)


def test_nobody_jumps_and_everybody_rests_before_between_and_after(
    real_trial: StreamTrial, shared_data: Path
) -> None:
    archive = read_archive(shared_data / "utd_mhad.npz")
    clips = [archive.clip(int(index)) for index in np.flatnonzero(np.isin(archive.labels, NINE))]
    fastest = max(np.abs(np.diff(clip.positions, axis=0)).max() for clip in clips)
    steps = np.abs(np.diff(real_trial.sequence.positions, axis=0))
    assert np.nanmax(steps) <= fastest + 0.002
    shortest = 2 * HOLD_SECONDS[0] + SHORTEST_RETURN
    for before, after in zip(real_trial.occurrences, real_trial.occurrences[1:], strict=False):
        assert (after.start_ns - before.end_ns) / SECOND > shortest - 0.1


def test_idling_looks_like_the_sensor_at_rest() -> None:
    still = archive_of(
        [SkeletonSequence(np.repeat(REST_POSE[None, None], 2, 0), np.arange(2) / 30, NTU_25)],
        [0],
        ("stand",),
    )
    generator = np.random.default_rng(0)
    streams = [build_stream(still, [0] * 10, generator)[0].positions for _ in range(5)]
    steps = np.concatenate([np.diff(positions, axis=0) for positions in streams])
    assert 0.0012 < steps.std() < 0.0021


def test_the_same_seed_gives_the_same_stream_and_another_one_another() -> None:
    first, same, other = (
        build_trial(small_archive(), range(4), taught=2, seed=seed) for seed in (1, 1, 2)
    )
    assert first.occurrences == same.occurrences
    np.testing.assert_array_equal(first.sequence.positions, same.sequence.positions)
    assert first.occurrences != other.occurrences


def test_the_file_of_a_stream_is_the_same_stream(tmp_path: Path) -> None:
    trial = build_trial(small_archive(), range(4), taught=2)
    write_archive(tmp_path / "stream.npz", trial.archive())
    assert read_archive(tmp_path / "stream.npz").timestamps_ns is not None
    built = list(stream_of_sequence(trial.sequence, "stream"))
    read = list(read_stream(tmp_path / "stream.npz"))
    assert len(built) == len(read) == len(trial.sequence)
    for first, second in zip(built, read, strict=True):
        assert (first.stamp_ns, first.person_ids) == (second.stamp_ns, second.person_ids)
        np.testing.assert_array_equal(first.positions, second.positions)


def test_a_trial_teaches_some_of_the_classes_by_clips_that_are_not_in_it() -> None:
    archive = small_archive(persons=3, clips=2)
    trial = build_trial(archive, (0, 1, 2, 3), taught=3, clips=2)
    assert len(trial.demonstrations) == len(set(trial.taught)) == 3
    count = dict.fromkeys(archive.class_names, 0)
    for occurrence in trial.occurrences:
        count[occurrence.label] += 1
    assert count == {name: 5 if name in trial.taught else 6 for name in archive.class_names}
    for lesson in trial.demonstrations:
        assert archive.class_names[archive.labels[archive.index(lesson.name)]] == lesson.label


def test_people_come_one_after_the_other() -> None:
    trial = build_trial(small_archive(), range(4), taught=2)
    present = np.asarray(np.isfinite(trial.sequence.positions[..., 0]).all(axis=2))
    assert present.shape[1] == 3
    assert present.sum(axis=1).max() == 1
    assert trial.seconds_seen == pytest.approx(present.sum() / FRAME_RATE)
    stamps = trial.sequence.start_ns + np.rint(trial.sequence.timestamps * SECOND)
    for occurrence in trial.occurrences:
        inside = (stamps >= occurrence.start_ns) & (stamps <= occurrence.end_ns)
        assert present[inside, int(occurrence.person)].all()


def test_real_clips_make_a_stream_of_all_classes_and_people(real_trial: StreamTrial) -> None:
    assert real_trial.sequence.bodies == 8
    assert len(real_trial.taught) == 5
    assert len(real_trial.occurrences) == 8 * 9 * 2
    assert len({occurrence.label for occurrence in real_trial.occurrences}) == 9


@pytest.mark.parametrize(
    ("classes", "taught", "message"),
    [
        ([0, 1], 3, "3 of the classes"),
        ([0, 1], 0, "0 of the classes"),
        ([0, 0], 1, "give different classes"),
        ([0, 7], 1, "class 7 has 0 clips"),
    ],
)
def test_a_trial_that_cannot_be_is_refused(classes: list[int], taught: int, message: str) -> None:
    with pytest.raises(SkeletonDmlError, match=message):
        build_trial(small_archive(), classes, taught)


def test_clips_of_two_people_make_no_stream() -> None:
    pair = SkeletonSequence(np.ones((3, 2, 25, 3)), np.arange(3) / 30, NTU_25)
    with pytest.raises(SkeletonDmlError, match="of one body each"):
        build_stream(archive_of([pair], [0], ("hug",)), [0], np.random.default_rng(0))
    with pytest.raises(SkeletonDmlError, match="at least one clip"):
        build_stream(small_archive(), [], np.random.default_rng(0))
