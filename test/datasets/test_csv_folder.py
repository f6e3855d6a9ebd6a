# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
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
        (f"{HEADER}\n0,1,2,2300,1,2,3\n", "line 2: the joints of a person extend over 2.3e.03 m; give metres"),
        (f"{HEADER}\n1,1,2,3,1,2,3\n0,1,2,3,1,2,3\n", "line 3: time decreases from 1.0 to 0.0"),
        (f"{HEADER}\n1,1,2,3,1,2,3\n1,1,2,3,1,2,3\n", "line 3: a second row of 1.0 s for ''; give the fractions of seconds, or name people in"),
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
        (f"file,label,subject\na.csv,bow,{'9' * 20}\n", "line 2: subject is 9{20}; give a number up to"),
        (f"file,label,subject\na.csv,bow,{'9' * 5000}\n", "line 2: subject is 9{20}; give a number up"),
        ("file,label,subject\na.csv,bow,32768\n", "line 2: subject is 32768; give a number up to 32767"),
    ],
)  # fmt: skip
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


def walk(scale: float, step: float, far: float = 0.0, frames: int = 30) -> str:
    """A person of 25 joints and 1.7 m, in other units: file content."""
    columns = [f"{joint}_{axis}" for joint in NTU_25.joint_names for axis in "xyz"]
    lines = [",".join(["time", *columns])]
    heights = np.linspace(0, 1.7, 25)
    for frame in range(frames):
        joints = np.stack([np.zeros(25), heights, np.full(25, 2 + 0.01 * frame)], axis=1) + far
        lines.append(
            ",".join(repr(float(value)) for value in [frame * step, *(scale * joints).flat])
        )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("scale", "step", "message"),
    [
        (1, 33, "line 3: time is in seconds, but frames are 33 s apart; if these are milliseconds"),
        (1, 1, "frames are 1 s apart; if these are frame numbers, divide them by the frames per"),
        (1, 33_333, "if these are microseconds, divide them by 1,000,000"),
        (1, 33_333_333, "if these are nanoseconds"),
        (1, 2, "actions need 5 frames a second or more"),
        (1, 0.00003, "frames are 3e-05 s apart"),
        (1000, 0.03, "line 2: the joints of a person extend over 1.7e.03 m; .*divide millimetres"),
        (100, 0.03, "line 2: the joints of a person extend over 170 m; give metres .divide centimetres"),
        (0.001, 0.03, "line 2: the joints of a person extend over 0.0017 m; .*multiply them by 1000"),
    ],
)  # fmt: skip
def test_other_units_are_refused(tmp_path: Path, scale: float, step: float, message: str) -> None:
    with pytest.raises(CsvError, match=message):
        read_csv_clip(write(tmp_path, "a.csv", walk(scale, step)))


def test_coordinates_far_from_the_origin_keep_their_precision(tmp_path: Path) -> None:
    near = read_csv_clip(write(tmp_path, "near.csv", walk(1, 0.03)))
    far = read_csv_clip(write(tmp_path, "far.csv", walk(1, 0.03, far=5_000_000)))
    np.testing.assert_allclose(
        np.diff(far.positions, axis=0), np.diff(near.positions, axis=0), atol=1e-6
    )
    assert np.abs(far.positions).max() < 2


def test_one_joint_far_from_the_others_is_named_with_its_line(tmp_path: Path) -> None:
    lines = walk(1, 0.03).splitlines()
    cells = lines[7].split(",")
    cells[3] = "2300"
    lines[7] = ",".join(cells)
    name = f"{NTU_25.joint_names[0]}_z"
    with pytest.raises(CsvError, match=f"line 8: {name} is 2300, far from the others; give metres"):
        read_csv_clip(write(tmp_path, "a.csv", "\n".join(lines)))


def test_rows_of_ever_new_people_are_refused_before_they_take_memory(tmp_path: Path) -> None:
    rows = "".join(f"{0.03 * row},p{row},1,2,3\n" for row in range(8000))
    path = write(tmp_path, "a.csv", "time,person,head_x,head_y,head_z\n" + rows)
    with pytest.raises(
        CsvError, match=r"line 202: 'p200' is person 201 .*give a person the same name"
    ):
        read_csv_clip(path)


def test_hidden_files_are_ignored_and_misplaced_ones_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("wave/a.csv", "wave/b.CSV", "wave/s1/c.csv", "d.csv"):
        write(tmp_path, name, f"{HEADER}\n{ROWS}")
    for name in (
        ".ipynb_checkpoints/a-checkpoint.csv",
        "wave/.ipynb_checkpoints/a.csv",
        "wave/._a.csv",
    ):
        write(tmp_path, name, "\0")
    archive = read_csv_folder(tmp_path)
    assert (archive.names, archive.class_names) == (("wave/a", "wave/b"), ("wave",))
    (record,) = caplog.records
    assert "left out 2 files that are neither LABEL/CLIP.csv" in record.getMessage()
    assert "'d.csv', 'wave/s1/c.csv'" in record.getMessage()
    caplog.clear()
    write(tmp_path, "labels.csv", "file,label\nwave/s1/c.csv,bow\nd.csv,wave\n")
    assert read_csv_folder(tmp_path).names == ("d", "wave/s1/c")
    assert "'wave/a.csv', 'wave/b.CSV'" in caplog.text


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_named(tmp_path: Path, separator: str) -> None:
    text = f"{HEADER}\n{ROWS}".replace(",", separator)
    with pytest.raises(CsvError, match="line 1: cells are separated by semicolons or tabs"):
        read_csv_clip(write(tmp_path, "a.csv", text))


def test_an_archive_of_40000_classes_can_be_read_again(tmp_path: Path) -> None:
    clip = read_csv_clip(write(tmp_path, "a.csv", f"{HEADER}\n{ROWS}"))
    names = [f"class {number}" for number in range(40_000)]
    write_archive(tmp_path / "a.npz", archive_of([clip, clip], [0, 39_999], names))
    assert read_archive(tmp_path / "a.npz").labels.tolist() == [0, 39_999]
