# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import (
    ArchiveError,
    SkeletonArchive,
    archive_of,
    millimetres,
    read_archive,
    write_archive,
    write_joined,
)
from skeleton_dml_ros.skeleton.layouts import KINECT_V1_20, NTU_25, layout_from_joint_names
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

SETS = ("irds", "kinder_gator", "msr_action3d", "sbu_interaction", "utd_mhad")


def sequence(frames: int = 5, bodies: int = 1, seed: int = 0, **fields: Any) -> SkeletonSequence:
    positions = np.random.default_rng(seed).uniform(-3, 3, (frames, bodies, 25, 3))
    fields.setdefault("timestamps", np.arange(frames) / 30)
    return SkeletonSequence(positions=np.round(positions, 3), layout=NTU_25, **fields)


@pytest.fixture
def arrays() -> dict[str, Any]:
    """The arrays of an archive of three clips, to be spoilt."""
    return {
        "format_version": np.array(1, dtype=np.int32),
        "layout": np.array("kinect_v1_20"),
        "positions_mm": np.arange(9 * 20 * 3, dtype=np.int16).reshape(9, 1, 20, 3),
        "lengths": np.array([2, 3, 4], dtype=np.int32),
        "label": np.array([0, 1, 0], dtype=np.int16),
        "subject": np.array([4, 5, 6], dtype=np.int16),
        "name": np.array(["a", "b", "c"]),
        "class_names": np.array(["wave", "bow"]),
        "joint_names": np.array(KINECT_V1_20.joint_names),
        "fps": np.array(15, dtype=np.float32),
    }


def save(folder: Path, arrays: dict[str, Any]) -> Path:
    path = folder / "set.npz"
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("name", SETS)
def test_a_data_set_reads_back_to_the_millimetre(shared_data: Path, name: str) -> None:
    archive = read_archive(shared_data / f"{name}.npz")
    raw = dict(np.load(shared_data / f"{name}.npz"))
    last = archive.clip(-1)
    frames = raw["positions_mm"][-raw["lengths"][-1] :]
    assert len(archive) == len(raw["lengths"])
    assert archive.layout.joint_names == tuple(raw["joint_names"])
    assert archive.class_names == tuple(raw["class_names"])
    assert archive.names == tuple(raw["name"])
    np.testing.assert_array_equal(np.rint(last.positions * 1000), frames)
    assert last.duration == pytest.approx((len(frames) - 1) / raw["fps"])
    assert (last.confidence is None) == ("confidence" not in raw)


@pytest.mark.parametrize("name", ["set.npz", "set"])
def test_written_files_are_read_back(tmp_path: Path, name: str) -> None:
    first = sequence(4, bodies=2, timestamps=np.array([0, 0.03, 0.07, 0.2]), start_ns=10**18 + 7)
    positions = first.positions.copy()
    positions[1, 0, 3] = np.nan
    confidence = np.full(positions.shape[:3], 0.5, dtype=np.float32)
    first = first.replace(positions=positions, confidence=confidence)
    second = sequence(6, bodies=1, seed=1, start_ns=10**18)
    archive = archive_of(
        [first, second], [1, 0], ("bow", "wave"), subjects=[3, 4], names=["x", "y"]
    )
    write_archive(tmp_path / name, archive)
    again = read_archive(tmp_path / name)
    assert (again.names, again.class_names, again.layout) == (("x", "y"), ("bow", "wave"), NTU_25)
    assert (again.labels.tolist(), again.subjects.tolist()) == ([1, 0], [3, 4])
    for index, clip in enumerate((first, second)):
        np.testing.assert_allclose(again.clip(index).positions, clip.positions, atol=1e-6)
        np.testing.assert_allclose(again.clip(index).timestamps, clip.timestamps, atol=1e-9)
        assert again.clip(index).start_ns == clip.start_ns
    np.testing.assert_array_equal(again.clip(0).confidence, confidence)
    np.testing.assert_array_equal(again.clip(1).confidence, np.ones((6, 1, 25)))


def test_folders_are_memory_mapped_and_files_are_read(tmp_path: Path) -> None:
    archive = archive_of([sequence()], [0], ("bow",))
    write_archive(tmp_path / "set", archive)
    write_archive(tmp_path / "set.npz", archive)
    assert isinstance(read_archive(tmp_path / "set").positions_mm, np.memmap)
    assert not isinstance(read_archive(tmp_path / "set.npz").positions_mm, np.memmap)


def test_stamps_of_the_nominal_rate_are_not_stored() -> None:
    assert archive_of([sequence()], [0], ("bow",)).timestamps_ns is None
    assert archive_of([sequence()], [0], ("bow",)).fps == 30
    assert archive_of([sequence(start_ns=1)], [0], ("bow",)).timestamps_ns is not None


def test_a_clip_has_only_the_bodies_that_were_seen_in_it() -> None:
    archive = archive_of([sequence(bodies=2), sequence(bodies=1)], [0, 0], ("bow",))
    assert archive.positions_mm.shape[1] == 2
    assert [archive.clip(index).bodies for index in (0, 1)] == [2, 1]
    assert [archive.people(index) for index in (0, 1)] == [2, 1]


def test_a_clip_without_people_has_one_body() -> None:
    nobody = sequence().replace(positions=np.full((5, 1, 25, 3), np.nan))
    clip = archive_of([nobody], [0], ("bow",)).clip(0)
    assert clip.bodies == archive_of([nobody], [0], ("bow",)).people(0) == 1
    assert clip.visibility == 0


def test_all_zero_joints_stay_zero(shared_data: Path) -> None:
    archive = read_archive(shared_data / "msr_action3d.npz")
    assert (archive.clip(archive.index("a13_s09_e02")).positions == 0).all()


def test_selected_clips_keep_their_content() -> None:
    clips = [sequence(3 + seed, seed=seed, start_ns=seed) for seed in range(4)]
    archive = archive_of(clips, [0, 1, 1, 0], ("bow", "wave"), subjects=[1, 2, 3, 4])
    chosen = archive.select([2, 0])
    assert (chosen.names, chosen.labels.tolist()) == (("clip_0002", "clip_0000"), [1, 0])
    np.testing.assert_allclose(chosen.clip(0).positions, clips[2].positions, atol=1e-6)
    np.testing.assert_allclose(chosen.clip(1).positions, clips[0].positions, atol=1e-6)
    assert chosen.clip(0).start_ns == 2


def test_an_unknown_layout_is_taken_from_the_joint_names(
    tmp_path: Path, arrays: dict[str, Any]
) -> None:
    arrays["layout"] = np.array("our_suit")
    arrays["joint_names"] = np.array([f"Marker{joint}" for joint in range(20)])
    archive = read_archive(save(tmp_path, arrays))
    assert archive.layout == layout_from_joint_names(arrays["joint_names"], "our_suit")
    write_archive(tmp_path / "again.npz", archive)
    assert read_archive(tmp_path / "again.npz").layout == archive.layout


def test_other_arrays_are_ignored(tmp_path: Path, arrays: dict[str, Any]) -> None:
    arrays["official"] = np.array([{"any": "object"}], dtype=object)
    assert len(read_archive(save(tmp_path, arrays))) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": np.array(2)}, "has archive format 2"),
        ({"lengths": None}, "not a complete skeleton archive: lengths is missing"),
        ({"positions_mm": None}, "positions_mm is missing"),
        ({"lengths": np.array([2, 3, 5])}, "lengths add up to 10 frames, but .* has 9"),
        ({"lengths": np.array([0, 5, 4])}, "clip 'a' has 0 frames"),
        ({"lengths": np.array([2.0, 3, 4])}, "lengths holds values of type float64"),
        ({"label": np.array([0, 1, 2])}, "label 2 of clip 'c' is out of range; give 0 to 1"),
        ({"label": np.array([-1, 1, 0])}, "label -1 of clip 'a' is out of range"),
        ({"label": np.array([0, 1])}, r"labels has shape \(2,\); give one for each of 3 clips"),
        ({"name": np.array(["a", "b"])}, "names has shape"),
        ({"subject": np.array([1, 2, 70000])}, "subject 70000 is too large"),
        ({"fps": np.array(0.0)}, "fps is 0.0"),
        ({"fps": np.array([15.0, 15.0])}, "fps has shape"),
        ({"layout": np.array("ntu_25")}, "joint count 20 does not fit layout ntu_25"),
        ({"layout": np.array("utd_mhad_20")}, "'hip_center', but 'head' in layout utd_mhad_20"),
        ({"positions_mm": np.zeros((9, 20, 3), np.int16)}, "positions_mm has shape"),
        ({"positions_mm": np.zeros((9, 1, 20, 3), np.int32)}, "of type int32"),
        ({"timestamps_ns": np.array([0, 1, 5, 6, 6, 9, 10, 11, 12])}, "'b' do not increase at frame 2"),
        ({"timestamps_ns": np.arange(8)}, "timestamps_ns has shape"),
        ({"confidence": np.ones((9, 1, 19), np.float16)}, "confidence has shape"),
        ({"name": np.array([{}, {}, {}], dtype=object)}, "name holds pickled objects"),
    ],
)  # fmt: skip
def test_inconsistent_arrays_are_refused_in_one_line(
    tmp_path: Path, arrays: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    spoilt = {name: array for name, array in {**arrays, **change}.items() if array is not None}
    with pytest.raises(ArchiveError, match=message) as caught:
        read_archive(save(tmp_path, spoilt))
    assert "set.npz" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_stamps_may_restart_with_each_clip(tmp_path: Path, arrays: dict[str, Any]) -> None:
    arrays["timestamps_ns"] = np.array([5, 6, 1, 2, 3, 0, 1, 2, 3])
    archive = read_archive(save(tmp_path, arrays))
    assert [archive.clip(index).start_ns for index in range(3)] == [5, 1, 0]


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04"])
def test_a_file_that_is_not_an_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "set.npz"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"set\.npz is not a skeleton archive"):
        read_archive(path)


def test_an_npz_file_with_other_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="is not a skeleton archive: it has no positions_mm"):
        read_archive(save(tmp_path, {"weights": np.zeros(3)}))


def test_a_missing_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="there is no archive at"):
        read_archive(tmp_path / "nowhere.npz")
    with pytest.raises(ArchiveError, match="is not a skeleton archive"):
        read_archive(tmp_path)


def test_a_truncated_archive_is_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    path = save(tmp_path, arrays)
    content = path.read_bytes()
    for length in (10, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:length])
        with pytest.raises(ArchiveError, match="truncated"):
            read_archive(path)


def test_an_archive_with_altered_bytes_is_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    path = save(tmp_path, arrays)
    with zipfile.ZipFile(path) as content:
        offset = content.getinfo("positions_mm.npy").header_offset + 300
    altered = bytearray(path.read_bytes())
    altered[offset] ^= 255
    path.write_bytes(altered)
    with pytest.raises(ArchiveError, match="is damaged"):
        read_archive(path)


def test_a_folder_with_a_truncated_array_is_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    assert len(read_archive(tmp_path)) == 3
    for name in ("positions_mm", "lengths"):
        file = tmp_path / f"{name}.npy"
        content = file.read_bytes()
        file.write_bytes(content[:-2])
        with pytest.raises(ArchiveError, match=name):
            read_archive(tmp_path)
        file.write_bytes(content)


def test_a_joint_too_far_for_an_archive_is_refused() -> None:
    np.testing.assert_array_equal(
        millimetres(np.array([[32.767, -32.767, np.nan]])), [[32767, -32767, -32768]]
    )
    with pytest.raises(ArchiveError, match="a joint is 412"):
        millimetres(np.array([[412.0, 0, 2]]))


def test_clips_of_different_layouts_are_refused() -> None:
    other = SkeletonSequence(np.zeros((1, 1, 20, 3)), np.zeros(1), KINECT_V1_20)
    with pytest.raises(ArchiveError, match="ntu_25 and kinect_v1_20"):
        archive_of([sequence(), other], [0, 0], ("bow",))


def test_an_empty_archive_is_refused() -> None:
    with pytest.raises(ArchiveError, match="no sequence is given"):
        archive_of([], [], ("bow",))


def test_a_missing_clip_is_refused() -> None:
    archive = archive_of([sequence(), sequence()], [0, 0], ("bow",), names=["same", "same"])
    for wrong in (2, -3):
        with pytest.raises(ArchiveError, match=f"there is no clip {wrong}; the archive has 0 to 1"):
            archive.clip(wrong)
    with pytest.raises(ArchiveError, match="there is no clip -1"):
        archive.select([-1])
    with pytest.raises(ArchiveError, match="no clip 'other'"):
        archive.index("other")
    with pytest.raises(ArchiveError, match="2 clips are named 'same'"):
        archive.index("same")


def test_a_failed_write_leaves_only_the_old_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "set.npz"
    write_archive(path, archive_of([sequence()], [0], ("old",)))

    def disk_is_full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_is_full)
    with pytest.raises(ArchiveError, match="cannot be written: No space left on device"):
        write_archive(path, archive_of([sequence()], [0], ("new",)))
    assert read_archive(path).class_names == ("old",)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["set.npz", "set"])
def test_joined_parts_equal_the_archive_of_all_clips(tmp_path: Path, name: str) -> None:
    clips = [sequence(3 + seed, bodies=1 + seed % 2, seed=seed) for seed in range(4)]
    clips = [clip.replace(confidence=np.ones(clip.positions.shape[:3]) / 2) for clip in clips]
    labels, classes, names = [0, 1, 1, 0], ("bow", "wave"), ["a", "b", "c", "dd"]
    parts = [
        archive_of(clips[place], labels[place], classes, names=names[place], fps=30)
        for place in (slice(0, 1), slice(1, 3), slice(3, 4))
    ]
    write_joined(tmp_path / name, lambda: parts)
    whole = archive_of(clips, labels, classes, names=names, fps=30)
    write_archive(tmp_path / f"whole-{name}", whole)
    first, second = (read_archive(tmp_path / one) for one in (name, f"whole-{name}"))
    assert (first.names, first.labels.tolist()) == (second.names, second.labels.tolist())
    np.testing.assert_array_equal(first.positions_mm, second.positions_mm)
    np.testing.assert_array_equal(first.confidence, second.confidence)
    if name.endswith(".npz"):
        assert (tmp_path / name).read_bytes() == (tmp_path / f"whole-{name}").read_bytes()


def test_parts_that_do_not_match_are_refused(tmp_path: Path) -> None:
    parts = [archive_of([sequence()], [0], (name,)) for name in ("bow", "wave")]
    with pytest.raises(ArchiveError, match="clip 'clip_0000' does not match the first part"):
        write_joined(tmp_path / "set", lambda: parts)
    with pytest.raises(ArchiveError, match="no part is given"):
        write_joined(tmp_path / "set", list)


def test_the_same_archive_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        write_archive(tmp_path / name, archive_of([sequence()], [0], ("bow",)))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_folder_with_content_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "thesis.txt").write_text("ten years of work")
    with pytest.raises(ArchiveError, match="exists already"):
        write_archive(tmp_path / "set", archive_of([sequence()], [0], ("bow",)))
    assert (tmp_path / "set" / "thesis.txt").exists()


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"ends in \.zip"):
        write_archive(tmp_path / "set.zip", archive_of([sequence()], [0], ("bow",)))


def test_an_archive_can_be_made_from_its_arrays(arrays: dict[str, Any]) -> None:
    archive = SkeletonArchive(
        positions_mm=arrays["positions_mm"],
        lengths=arrays["lengths"],
        labels=arrays["label"],
        subjects=arrays["subject"],
        names=arrays["name"],
        class_names=arrays["class_names"],
        layout=KINECT_V1_20,
        fps=15,
    )
    np.testing.assert_allclose(archive.clip(1).timestamps, [0, 1 / 15, 2 / 15])
