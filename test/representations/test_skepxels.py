# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import torch
from torch import Tensor

from skeleton_dml_ros.representations.skepxels import ARRANGEMENTS, FRAMES, Skepxels, arrangements


def numbered(frames: int, bodies: int = 1) -> Tensor:
    """x is the joint's number, y the frame's and z the body's, and 255 the largest of all."""
    positions = torch.zeros(1, frames, bodies, 25, 3)
    positions[..., 0] = torch.arange(25.0)
    positions[..., 1] = torch.arange(float(frames)).view(1, -1, 1, 1)
    positions[..., 2] = torch.arange(float(bodies)).view(1, 1, -1, 1)
    positions[0, -1, -1, 24, 2] = 255
    return positions


def blocks(image: Tensor) -> Tensor:
    """(1, 3, 180, 180) to (36 arrangements, 36 frames, 25 joints, 3) of bytes."""
    squares = (255 * image[0]).round().unfold(1, 5, 5).unfold(2, 5, 5)
    return squares.permute(1, 2, 3, 4, 0).reshape(ARRANGEMENTS, FRAMES, 25, 3)


def test_a_block_holds_each_joint_once_in_its_arrangement() -> None:
    image = Skepxels(size=0)(numbered(FRAMES))
    assert image.shape == (1, 3, 180, 180)
    for row, order in enumerate(arrangements()):
        for column in range(FRAMES):
            assert blocks(image)[row, column, :, 0].tolist() == list(order)


def test_each_column_of_blocks_is_a_frame() -> None:
    frame = blocks(Skepxels(size=0)(numbered(FRAMES)))[:, :, :, 1]
    assert all((frame[:, column] == column).all() for column in range(FRAMES))


def test_arrangements_are_permutations_and_all_differ() -> None:
    assert len(arrangements()) == len(set(arrangements())) == 36
    assert all(sorted(order) == list(range(25)) for order in arrangements())


def test_a_clip_of_any_length_is_sampled_from_its_first_to_its_last_frame() -> None:
    for frames in (2, 20, 71, 200):
        frame = blocks(Skepxels(size=0)(numbered(frames)))[0, :, 0, 1]
        expected = torch.linspace(0, frames - 1, FRAMES)
        torch.testing.assert_close(frame, expected, atol=0.51, rtol=0)


def test_two_bodies_alternate() -> None:
    block = blocks(Skepxels(size=0)(numbered(18, bodies=2)))[0]
    # The joint that holds the highest value has been given another z in the last frame.
    body = block[:, :, 2].median(dim=1).values
    assert body.tolist() == [0, 1] * 18
    assert block[:, 0, 1].tolist() == [frame for frame in range(18) for _ in range(2)]
