# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets import ntu
from skeleton_dml_ros.datasets.ntu import (
    NtuError,
    SampleName,
    parse_sample_name,
    read_actors,
    read_skeleton_file,
)
from skeleton_dml_ros.skeleton.layouts import NTU_25

ALICE, BOB = 72057594037944738, 72057594037944739
"""Ids as the sensor gives them: as floats, these two would be the same."""

Body = tuple[int, np.ndarray, Sequence[int]]


def body(number: int, place: float, states: Sequence[int] = (2,) * 25) -> Body:
    joints = np.random.default_rng(int(place * 1000)).normal((0, 0, place), 1, size=(25, 3))
    return number, joints.round(7), states


def text(frames: Sequence[Sequence[Body]], newline: str = "\n") -> str:
    lines = [str(len(frames))]
    for bodies in frames:
        lines.append(str(len(bodies)))
        for number, joints, states in bodies:
            lines += [f"{number} 0 1 0 1 1 0 0.0214 -0.1339 2", "25"]
            lines += [
                f"{x} {y} {z} 277.4 191.7 1036.2 519.6 -0.21 0.03 0.97 -0.07 {state}"
                for (x, y, z), state in zip(joints, states, strict=True)
            ]
    return newline.join(lines) + newline


def write(folder: Path, content: str) -> Path:
    path = folder / "S001C001P001R001A001.skeleton"
    path.write_bytes(content.encode())
    return path


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_reads_with_either_end_of_line(tmp_path: Path, newline: str) -> None:
    frames = [[body(ALICE, 2 + frame)] for frame in range(4)]
    sequence = read_skeleton_file(write(tmp_path, text(frames, newline)))
    assert sequence.layout == NTU_25
    assert (len(sequence), sequence.bodies) == (4, 1)
    np.testing.assert_allclose(sequence.timestamps, np.arange(4) / 30)
    for frame in range(4):
        np.testing.assert_array_equal(
            sequence.positions[frame, 0], frames[frame][0][1].astype(np.float32)
        )
    assert sequence.confidence is not None
    assert (sequence.confidence == 1).all()


def test_bodies_are_identified_by_their_ids_in_any_order(tmp_path: Path) -> None:
    frames = [
        [body(ALICE, 2)],
        [body(BOB, 4), body(ALICE, 3)],
        [],
        [body(BOB, 5)],
    ]
    sequence = read_skeleton_file(write(tmp_path, text(frames)))
    assert sequence.bodies == 2
    there = np.isfinite(sequence.positions).all(axis=(2, 3))
    np.testing.assert_array_equal(
        there, [[True, False], [True, True], [False, False], [False, True]]
    )
    np.testing.assert_array_equal(sequence.positions[1, 0], frames[1][1][1].astype(np.float32))
    np.testing.assert_array_equal(sequence.positions[3, 1], frames[3][0][1].astype(np.float32))


def test_tracking_states_become_confidence_and_observed(tmp_path: Path) -> None:
    states = [2] * 23 + [1, 0]
    sequence = read_skeleton_file(write(tmp_path, text([[body(ALICE, 2, states)]])))
    assert sequence.confidence is not None
    np.testing.assert_array_equal(sequence.confidence[0, 0], [1] * 23 + [0.5, 0])
    np.testing.assert_array_equal(sequence.observed[0, 0], [True] * 23 + [False] * 2)
    assert np.isfinite(sequence.positions[0, 0, 23]).all()
    assert np.isnan(sequence.positions[0, 0, 24]).all()


def test_a_joint_that_is_not_finite_is_not_seen(tmp_path: Path) -> None:
    broken = body(ALICE, 2)
    broken[1][5] = [np.nan, 0, 2]
    broken[1][6] = [0, -np.inf, 2]
    sequence = read_skeleton_file(write(tmp_path, text([[broken]])))
    assert np.flatnonzero(~sequence.observed[0, 0]).tolist() == [5, 6]


def test_a_file_truncated_at_any_line_is_refused(tmp_path: Path) -> None:
    whole = text([[body(ALICE, 2), body(BOB, 3)], [], [body(ALICE, 2)]])
    lines = whole.splitlines()
    for length in range(len(lines)):
        with pytest.raises(NtuError, match="is truncated"):
            read_skeleton_file(write(tmp_path, "\n".join(lines[:length])))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\n25\n", "\n24\n", "has 24 joints, not 25"),
        ("\n25\n", "\ntwenty-five\n", "the number of joints .* is 'twenty-five'"),
        (" 277.4", "", "does not have 12 values"),
        ("0.97 -0.07 2", "0.97 -0.07 7", "tracking state other than"),
        ("0.97 -0.07 2", "0.97 -0.07 x", "a value that is not a number"),
        ("2\n72057594037944738", "2\nnobody", "begins with 'nobody"),
        ("72057594037944739 0", "72057594037944738 0", "holds body 72057594037944738 more than once"),
        ("1\n2\n", "1\n-2\n", "the number of bodies .* is '-2'"),
        ("1\n2\n", "1\n" + "2" * 5000 + "\n", "the number of bodies .* is '2222"),
        ("2\n7205", "2\n" + "7" * 5000, "begins with '7777"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_with_the_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    whole = text([[body(ALICE, 2), body(BOB, 3)]])
    assert old in whole
    with pytest.raises(NtuError, match=message) as caught:
        read_skeleton_file(write(tmp_path, whole.replace(old, new, 1)))
    assert "S001C001P001R001A001.skeleton" in str(caught.value)


def test_other_files_are_refused(tmp_path: Path) -> None:
    for content in ("hello", "\x00\x01\x02", "PK\x03\x04"):
        with pytest.raises(NtuError, match=r"is not an NTU \.skeleton file"):
            read_skeleton_file(write(tmp_path, content))
    with pytest.raises(NtuError, match="cannot be read: No such file"):
        read_skeleton_file(tmp_path / "none.skeleton")


def test_more_frames_than_announced_are_refused(tmp_path: Path) -> None:
    whole = text([[body(ALICE, 2)]])
    assert len(read_skeleton_file(write(tmp_path, whole + "\r\n\n"))) == 1
    with pytest.raises(NtuError, match="continues after its last frame, at line 30"):
        read_skeleton_file(write(tmp_path, whole + "1\n"))


def test_a_file_with_too_many_bodies_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ntu, "MAX_FRAMES_OF_BODIES", 11)
    frames = [[body(number, 2)] for number in range(3)]
    assert read_skeleton_file(write(tmp_path, text(frames))).bodies == 3
    with pytest.raises(
        NtuError, match=r"names 4 bodies in 4 frames, .*; split it into shorter ones"
    ):
        read_skeleton_file(write(tmp_path, text([*frames, [body(3, 2)]])))


@pytest.mark.parametrize(
    ("content", "message"), [("0\n", "holds no frame"), ("2\n0\n0\n", "no body in any of its 2")]
)
def test_a_file_without_bodies_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(NtuError, match=message):
        read_skeleton_file(write(tmp_path, content))


def test_a_name_is_parsed_and_formatted() -> None:
    name = parse_sample_name("folder/S018C003P008R001A061.skeleton")
    assert name == SampleName(setup=18, camera=3, performer=8, replication=1, action=61)
    assert str(name) == "S018C003P008R001A061"


@pytest.mark.parametrize("name", ["", "S018C003P008R001", "S18C3P8R1A61", "S018C003P008R001A061x"])
def test_an_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(NtuError, match="is not the name of an NTU sample"):
        parse_sample_name(name)


def test_the_names_of_the_ntu_120_protocol_are_parsed(shared_data: Path) -> None:
    with gzip.open(shared_data / "ntu120" / "sample_names.txt.gz", "rt") as file:
        names = file.read().split()[::10]
    samples = [parse_sample_name(name) for name in names]
    assert [str(sample) for sample in samples] == names
    assert {sample.action for sample in samples} == set(range(1, 121))


def moving(number: int, place: float, frame: int) -> Body:
    """Somebody who moves so slowly that their steps are in one place."""
    joints = body(number, place)[1] * [0.3, 1, 1] + [0.05 * frame, 0, 0]
    return number, joints.round(7), [2] * 25


@pytest.mark.parametrize(("action", "bodies"), [(1, 1), (49, 1), (50, 2), (60, 2), (106, 2)])
def test_only_mutual_actions_keep_two_people(tmp_path: Path, action: int, bodies: int) -> None:
    frames = [[moving(ALICE, 2, frame), moving(BOB, 4, 2 * frame)] for frame in range(20)]
    path = tmp_path / f"S001C001P001R001A{action:03}.skeleton"
    path.write_text(text(frames))
    sequence = read_actors(path)
    assert sequence.bodies == bodies
    np.testing.assert_array_equal(sequence.positions[3, 0, 0], np.float32(frames[3][1][1][0]))
    other = tmp_path / "mine.skeleton"
    other.write_text(text(frames))
    assert read_actors(other).bodies == 2


def test_a_body_is_chosen_by_its_number_after_ids_are_joined(tmp_path: Path) -> None:
    frames = [[moving(ALICE if frame < 15 else 5, 2, frame)] for frame in range(30)]
    frames = [[*bodies, moving(BOB, 4, 0)] for bodies in frames]
    path = write(tmp_path, text(frames))
    assert read_skeleton_file(path).bodies == 3
    for number, column in ((0, 0), (1, 1)):
        chosen = read_actors(path, body=number)
        assert chosen.bodies == 1
        expected = np.array([bodies[column][1] for bodies in frames], dtype=np.float32)
        np.testing.assert_array_equal(chosen.positions[:, 0], expected)
    with pytest.raises(NtuError, match="has no body 2; it has 2, counted from 0"):
        read_actors(path, body=2)
