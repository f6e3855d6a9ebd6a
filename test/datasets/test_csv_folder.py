# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.csv_folder import CsvError, read_csv_clip, read_csv_folder
from skeleton_dml_ros.skeleton.axes import Axes
from skeleton_dml_ros.skeleton.layouts import NTU_25

HEADER = "time,head_x,head_y,head_z,LeftHand_x,LeftHand_y,LeftHand_z"
ROWS = "0.0,1,2,3,0.1,0.2,0.3\n0.1,1.5,2.5,3.5,,,\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_folders_named_after_classes_become_an_archive(tmp_path: Path) -> None:
    for name in ("wave/monday", "wave/friday", "bow/monday"):
        write(tmp_path, f"{name}.csv", f"{HEADER}\n{ROWS}")
    archive = read_csv_folder(tmp_path)
    assert archive.names == ("bow/monday", "wave/friday", "wave/monday")
    assert (archive.class_names, archive.labels.tolist()) == (("bow", "wave"), [0, 1, 1])
    assert archive.layout.joint_names == ("head", "hand_left")
    assert archive.fps == 10
    clip = archive.clip(0)
    np.testing.assert_allclose(clip.timestamps, [0, 0.1])
    expected = np.array([[[[1, 2, 3], [0.1, 0.2, 0.3]]], [[[1.5, 2.5, 3.5], [np.nan] * 3]]])
    np.testing.assert_allclose(clip.positions, expected, rtol=1e-6)


def test_a_list_of_labels_replaces_folders(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "unused.csv"):
        write(tmp_path, name, f"{HEADER}\n{ROWS}")
    write(tmp_path, "labels.csv", "file,label,subject\nb.csv,wave,7\na.csv,bow,\n")
    archive = read_csv_folder(tmp_path)
    assert archive.names == ("a", "b")
    assert [archive.class_names[label] for label in archive.labels] == ["bow", "wave"]
    assert archive.subjects.tolist() == [0, 7]


def test_rows_with_the_same_time_are_people_of_one_frame(tmp_path: Path) -> None:
    text = "person,head_z,head_y,head_x,time\nann,3,2,1,5.0\nbob,6,5,4,5.0\n\nbob, 9,8,7 ,5.5\n"
    clip = read_csv_clip(write(tmp_path, "a.csv", "\ufeff" + text))
    np.testing.assert_allclose(clip.timestamps, [0, 0.5])
    nobody = [np.nan] * 3
    np.testing.assert_array_equal(
        clip.positions[:, :, 0], [[[1, 2, 3], [4, 5, 6]], [nobody, [7, 8, 9]]]
    )


def test_columns_of_a_known_layout_are_recognised(tmp_path: Path) -> None:
    columns = [f"{joint}_{axis}" for joint in NTU_25.joint_names for axis in "xyz"]
    text = ",".join(["time", *columns]) + "\n" + ",".join(["0"] * 76) + "\n"
    assert read_csv_clip(write(tmp_path, "a.csv", text)).layout == NTU_25


def test_other_axes_are_converted(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", f"{HEADER}\n{ROWS}")
    clip = read_csv_clip(path, Axes.ROS_BODY)
    np.testing.assert_array_equal(clip.positions[0, 0, 0], [2, 3, 1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.csv is empty; its first row must name the columns"),
        (HEADER, "has only a header; add at least one frame"),
        ("head_x,head_y,head_z\n1,2,3", "has no column 'time', in seconds; it has head_x"),
        ("time\n1", "has no joint; add columns such as head_x"),
        ("time,head_x,head_y\n0,1,2", "has no column 'head_z'; a joint has x, y and z"),
        ("time,head_x,head_y,head_z,speed\n0,1,2,3,4", "has a column 'speed'; only time, person and"),
        ("time,head_x,head_y,head_z,time\n0,1,2,3,4", "has 2 columns 'time'; rename one"),
        ("time,l_hand_x,l_hand_y,l_hand_z,LeftHand_x,LeftHand_y,LeftHand_z\n0,1,2,3,1,2,3", "'hand_left' occurs 2 times"),
        (f"{HEADER}\n0,1,2\n", "line 2: 3 cells for 7 columns"),
        (f"{HEADER}\n0,1,2,high,1,2,3\n", "line 2: head_z is 'high'; give a number"),
        (f"{HEADER}\n0,1,2,inf,1,2,3\n", "line 2: head_z is 'inf'; give a number"),
        (f"{HEADER}\n,1,2,3,1,2,3\n", "line 2: time is missing"),
        (f"{HEADER}\n0,1,2,3,1,,3\n", "line 2: LeftHand has only some of x, y and z; give all"),
        (f"{HEADER}\n0,1,2,2300,1,2,3\n", "line 2: head_z is 2300; give metres, up to 30"),
        (f"{HEADER}\n1,1,2,3,1,2,3\n0,1,2,3,1,2,3\n", "line 3: time decreases from 1.0 to 0.0"),
        (f"{HEADER}\n1,1,2,3,1,2,3\n1,1,2,3,1,2,3\n", "line 3: a second row of 1.0 s for ''; name people"),
    ],
)  # fmt: skip
def test_an_invalid_clip_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, "a.csv", text)
    with pytest.raises(CsvError, match=message) as caught:
        read_csv_clip(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,label\na.csv,bow", "has no column 'file'; it has name, label"),
        ("file,label\na.csv,\n", "line 2: 'a.csv' has no label"),
        ("file,label\nb.csv,bow\n", "line 2: there is no file .*b.csv"),
        ("file,label\na.csv,bow\na.csv,bow\n", "line 3: 'a.csv' is listed twice"),
        ("file,label,subject\na.csv,bow,ann\n", "line 2: subject is 'ann'; give a number"),
    ],
)
def test_invalid_labels_are_refused(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "a.csv", f"{HEADER}\n{ROWS}")
    write(tmp_path, "labels.csv", text)
    with pytest.raises(CsvError, match=message):
        read_csv_folder(tmp_path)


def test_a_folder_without_clips_or_with_different_joints_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CsvError, match="there is no folder"):
        read_csv_folder(tmp_path / "nowhere")
    with pytest.raises(CsvError, match=r"holds no clip; .* as wave/monday.csv, or list them in"):
        read_csv_folder(tmp_path)
    write(tmp_path, "bow/a.csv", f"{HEADER}\n{ROWS}")
    write(tmp_path, "bow/b.csv", "time,head_x,head_y,head_z\n0,1,2,3\n")
    with pytest.raises(CsvError, match=r"b.csv has other joints than .*a\.csv"):
        read_csv_folder(tmp_path)
    (tmp_path / "bow" / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CsvError, match="is not a CSV file in UTF-8"):
        read_csv_folder(tmp_path)
