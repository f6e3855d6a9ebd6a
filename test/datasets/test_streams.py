# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import (
    ArchiveError,
    archive_of,
    read_archive,
    write_archive,
)
from skeleton_dml_ros.datasets.ntu import NtuError
from skeleton_dml_ros.datasets.streams import PAUSE, read_stream, stream_of_sequence
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def sequence(frames: int = 4, bodies: int = 1, start_ns: int = 0) -> SkeletonSequence:
    positions = np.random.default_rng(frames).uniform(-3, 3, (frames, bodies, 25, 3)).round(3)
    return SkeletonSequence(positions, np.arange(frames) / 10, NTU_25, start_ns)


def test_an_archive_of_one_clip_is_that_recording(tmp_path: Path) -> None:
    recording = sequence(5, bodies=2, start_ns=10**18)
    write_archive(tmp_path / "live.npz", archive_of([recording], [0], ("anything",)))
    stream = read_stream(tmp_path / "live.npz")
    frames = list(stream)
    assert len(stream) == len(frames) == 5
    assert [frame.stamp_ns for frame in frames] == [10**18 + step * 10**8 for step in range(5)]
    assert all(frame.person_ids == ("0", "1") for frame in frames)
    for frame, expected in zip(frames, recording.positions, strict=True):
        np.testing.assert_allclose(frame.positions, expected, atol=1e-6)
        assert frame.confidences is None
    assert stream.duration == pytest.approx(0.4)


def test_clips_follow_one_another_with_new_people(tmp_path: Path) -> None:
    clips = [sequence(3, start_ns=7), sequence(4, bodies=2), sequence(2)]
    archive = archive_of(clips, [1, 0, 1], ("bow", "wave"), names=["x", "y", "z"])
    write_archive(tmp_path / "set.npz", archive)
    stream = read_stream(tmp_path / "set.npz")
    assert [clip.label for clip in stream.clips] == ["wave", "bow", "wave"]
    frames = list(stream)
    stamps = np.array([frame.stamp_ns for frame in frames])
    assert stamps[0] == 7
    steps = np.diff(stamps) / 1e9
    np.testing.assert_allclose(steps, [0.1, 0.1, PAUSE, 0.1, 0.1, 0.1, PAUSE, 0.1], atol=1e-9)
    people = [frame.person_ids for frame in frames]
    assert people == [("x:0",)] * 3 + [("y:0", "y:1")] * 4 + [("z:0",)] * 2


def test_a_stream_can_be_iterated_again() -> None:
    stream = stream_of_sequence(sequence(), "live")
    assert [frame.stamp_ns for frame in stream] == [frame.stamp_ns for frame in stream]


def test_unseen_bodies_are_not_in_the_frame_but_time_passes() -> None:
    positions = sequence(4, bodies=2).positions.copy()
    positions[1:, 0] = np.nan
    positions[2, 1] = np.nan
    positions[3, 1, :24] = np.nan
    confidence = np.linspace(0, 1, 4 * 2 * 25).reshape(4, 2, 25)
    recording = SkeletonSequence(positions, np.arange(4) / 10, NTU_25, 0, confidence)
    frames = list(stream_of_sequence(recording, "live"))
    assert [frame.person_ids for frame in frames] == [("0", "1"), ("1",), (), ("1",)]
    assert [frame.positions.shape for frame in frames] == [
        (2, 25, 3),
        (1, 25, 3),
        (0, 25, 3),
        (1, 25, 3),
    ]
    assert frames[1].confidences is not None
    np.testing.assert_allclose(frames[1].confidences[0], confidence[1, 1], atol=1e-6)


def test_an_ntu_file_is_a_stream(tmp_path: Path) -> None:
    joint = "0.1 0.2 2.5 0 0 0 0 0 0 0 0 2\n"
    body = "72057594037944738 0 1 0 1 1 0 0 0 2\n25\n" + joint * 25
    path = tmp_path / "S001C001P001R001A001.skeleton"
    path.write_text("3\n1\n" + body + "0\n1\n" + body)
    stream = read_stream(path)
    assert [frame.person_ids for frame in stream] == [("0",), (), ("0",)]
    assert stream.clips[0].name == "S001C001P001R001A001"


def test_invalid_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.skeleton").write_text("nonsense")
    (tmp_path / "x.npz").write_text("nonsense")
    with pytest.raises(NtuError, match=r"is not an NTU \.skeleton file"):
        read_stream(tmp_path / "x.skeleton")
    with pytest.raises(ArchiveError, match="is not a skeleton archive"):
        read_stream(tmp_path / "x.npz")


def test_a_data_set_is_a_stream(shared_data: Path) -> None:
    archive = read_archive(shared_data / "sbu_interaction.npz")
    stream = read_stream(shared_data / "sbu_interaction.npz")
    frames = [frame for _, frame in zip(range(200), stream, strict=False)]
    assert len(stream) == archive.lengths.sum()
    assert all(len(frame.person_ids) == 2 for frame in frames)
    assert all(np.diff([frame.stamp_ns for frame in frames]) > 0)
