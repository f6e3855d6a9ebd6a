# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of the stick figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.cli.stick_figure import stick_figure
from skeleton_dml_ros.datasets.synthetic_actor import Person, Sensor, perform
from skeleton_dml_ros.skeleton.layouts import NTU_25

BLANK = "\u2800"


def standing() -> NDArray[np.float32]:
    clip = perform("point", Person.average(), np.random.default_rng(0), sensor=Sensor.perfect())
    return np.array(clip.positions[0, 0])


def drawn(joints: NDArray[np.float32], columns: int = 20, rows: int = 10) -> list[str]:
    hips = joints[NTU_25.index("spine_base")]
    centre = (float(np.nan_to_num(hips[0])), float(np.nan_to_num(hips[1])))
    return stick_figure(joints, NTU_25, centre, 2.4, columns, rows).splitlines()


def test_the_drawing_has_the_requested_size() -> None:
    for columns, rows in ((20, 10), (7, 3)):
        lines = drawn(standing(), columns, rows)
        assert [len(line) for line in lines] == [columns] * rows
        assert all(0x2800 <= ord(letter) <= 0x28FF for line in lines for letter in line)


def test_a_standing_person_fills_the_middle_and_leaves_the_sides_blank() -> None:
    lines = drawn(standing())
    assert all(line[:5].strip(BLANK) == line[-5:].strip(BLANK) == "" for line in lines)
    assert sum(line.strip(BLANK) != "" for line in lines) >= 7


def test_the_right_hand_is_on_the_left_of_the_picture() -> None:
    joints = standing()
    joints[NTU_25.index("hand_right")] += np.array([0.7, 0.6, 0.0], dtype=np.float32)
    lines = drawn(joints)
    assert any(line[:6].strip(BLANK) for line in lines)
    assert not any(line[-6:].strip(BLANK) for line in lines)


def test_unseen_joints_are_not_drawn() -> None:
    joints = standing()
    joints[NTU_25.index("knee_left")] = np.nan
    assert drawn(joints) != drawn(standing())
    assert set("".join(drawn(np.full_like(joints, np.nan)))) == {BLANK}


def test_a_person_outside_the_view_is_not_drawn() -> None:
    joints = standing() + np.array([50.0, 0.0, 0.0], dtype=np.float32)
    lines = stick_figure(joints, NTU_25, (0.0, 0.0), 2.4, 10, 5).splitlines()
    assert set("".join(lines)) == {BLANK}
