# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
import torch

from skeleton_dml_ros.representations import RepresentationError
from skeleton_dml_ros.representations.gimme_signals import OPACITY, GimmeSignals

WHITE = [1.0, 1.0, 1.0]


def test_joints_at_rest_are_three_level_lines_on_white() -> None:
    # One joint, red: x at the bottom edge, y in the middle, z at the top edge.
    image = GimmeSignals(size=21)(torch.ones(1, 8, 1, 1, 3))[0]
    pink = [1.0, 1 - OPACITY, 1 - OPACITY]
    torch.testing.assert_close(image[:, 10], torch.tensor(pink)[:, None].expand(3, 21))
    for row in (1, 5, 9, 11, 15, 19):
        assert image[:, row].T.tolist() == [WHITE] * 21
    # Half of the line is beyond the edge.
    half_pink = [1.0, 1 - OPACITY / 2, 1 - OPACITY / 2]
    for row in (0, 20):
        torch.testing.assert_close(image[:, row, 0], torch.tensor(half_pink))


def test_a_signal_runs_from_left_to_right_and_up() -> None:
    positions = torch.zeros(1, 2, 1, 1, 3)
    positions[0, :, 0, 0, 2] = torch.tensor([-2.0, 2.0])  # z climbs by four metres
    image = GimmeSignals(size=64)(positions)[0]
    # z's line rises from the lowest left to the highest right corner.
    inked = image[1] < 1
    assert inked[63, 0]
    assert inked[0, 63]
    assert not inked[0, 0]
    assert not inked[63, 63]


def test_the_place_of_a_clip_does_not_matter() -> None:
    positions = torch.rand(1, 20, 1, 25, 3, generator=torch.Generator().manual_seed(0))
    elsewhere = positions + torch.tensor([1.0, -2.0, 3.0])
    drawing = GimmeSignals(size=64)
    torch.testing.assert_close(drawing(positions), drawing(elsewhere), atol=1e-4, rtol=0)


def test_each_joint_has_its_own_colour() -> None:
    # Joint 0 is red, joint 1 of 3 green, joint 2 blue; each is at rest but for its own bump in y.
    positions = torch.zeros(1, 31, 1, 3, 3)
    for joint in range(3):
        positions[0, 10 * joint + 5, 0, joint, 1] = 8.0
    image = GimmeSignals(size=62)(positions)[0]
    for joint in range(3):
        column = round((10 * joint + 5) * 62 / 30)
        ink = 1 - image[:, 1:12, column - 2 : column + 2].amin(dim=(1, 2))
        others = [colour for colour in range(3) if colour != joint]
        assert ink[joint] < 1e-6
        assert (ink[others] > 0.1).all()


def test_a_single_frame_or_size_zero_is_refused() -> None:
    with pytest.raises(RepresentationError, match="a single frame"):
        GimmeSignals()(torch.zeros(1, 1, 1, 25, 3))
    with pytest.raises(RepresentationError, match="size is 0"):
        GimmeSignals(size=0)
