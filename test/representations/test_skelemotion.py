# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from skeleton_dml_ros.representations import RepresentationError
from skeleton_dml_ros.representations.skelemotion import (
    SkeleMotion,
    SkeleMotionMagnitude,
    SkeleMotionOrientation,
)
from skeleton_dml_ros.representations.tssi import DEPTH_FIRST_ORDER

HEAD = 3
ROW = DEPTH_FIRST_ORDER.index(HEAD)


def moving(velocity: tuple[float, float, float], frames: int = 6) -> Tensor:
    """A clip in which the head alone moves, so many metres a frame along each axis."""
    positions = torch.zeros(1, frames, 1, 25, 3)
    instants = torch.arange(float(frames)).view(-1, 1)
    positions[0, :, 0, HEAD] = instants * torch.tensor(velocity)
    return positions


def test_the_magnitude_is_each_joints_displacement_and_zero_in_the_last_frame() -> None:
    image = SkeleMotionMagnitude(size=0)(moving((0.3, 0.0, -0.4)))
    assert image.shape == (1, 3, 49, 6)
    torch.testing.assert_close(image[0, 0, ROW], torch.tensor([0.5] * 5 + [0.0]))
    assert torch.equal(image[0, 0], image[0, 1])
    others = [row for row, joint in enumerate(DEPTH_FIRST_ORDER) if joint != HEAD]
    assert (image[0, :, others] == 0).all()


def test_displacements_are_clamped_at_one_metre() -> None:
    assert SkeleMotionMagnitude(size=0)(moving((3.0, 0.0, 0.0)))[0, 0, ROW, 0] == 1


def test_three_distances_are_the_three_colours() -> None:
    image = SkeleMotionMagnitude(distances=(1, 2, 4), size=0)(moving((0.1, 0.0, 0.0)))[0, :, ROW]
    expected = [[0.1] * 5 + [0.0], [0.2] * 4 + [0.0] * 2, [0.4] * 2 + [0.0] * 4]
    torch.testing.assert_close(image, torch.tensor(expected))


@pytest.mark.parametrize(
    ("velocity", "degrees"),
    [
        # In the planes of x and y, of z and y, and of x and z.
        ((1.0, 1.0, 1.0), (45, 45, 45)),
        ((1.0, -1.0, 0.0), (-45, -90, 0)),
        ((-1.0, 1.0, 1.0), (135, 45, 135)),
        ((1.0, 0.0, 1.0), (0, 0, 45)),
    ],
)
def test_the_orientation_is_three_angles(
    velocity: tuple[float, float, float], degrees: tuple[int, int, int]
) -> None:
    image = SkeleMotionOrientation(size=0)(moving(velocity))
    expected = (torch.tensor(degrees) + 180) / 360
    torch.testing.assert_close(image[0, :, ROW, 0], expected)


def test_a_joint_that_hardly_moves_has_no_direction() -> None:
    slow, fast = moving((0.0039, 0.0, 0.0)), moving((0.0041, 0.0, 0.0))
    for distance in (1, 3):
        representation = SkeleMotionOrientation(distance=distance, size=0)
        assert (representation(slow) == torch.tensor(1.1)).all()
        assert (representation(fast)[0, :, ROW, 0] == 0.5).all()
        assert (representation(fast)[0, :, ROW, -distance:] == torch.tensor(1.1)).all()


def test_the_combined_image_has_magnitude_above_orientation() -> None:
    positions = moving((0.1, 0.2, 0.3))
    image = SkeleMotion(distance=2, size=0)(positions)
    assert image.shape == (1, 3, 98, 6)
    assert torch.equal(image[:, :, :49], SkeleMotionMagnitude((2,), size=0)(positions))
    assert torch.equal(image[:, :, 49:], SkeleMotionOrientation(2, size=0)(positions))


def test_a_clip_shorter_than_the_distance_is_at_rest() -> None:
    assert (SkeleMotionMagnitude((9,), size=0)(moving((0.1, 0.0, 0.0))) == 0).all()


def test_invalid_distances_are_refused() -> None:
    with pytest.raises(RepresentationError, match=r"distances are \[1, 2\]; give one or three"):
        SkeleMotionMagnitude(distances=(1, 2))
    with pytest.raises(RepresentationError, match="distance is 0; give at least 1 frame"):
        SkeleMotion(distance=0)
