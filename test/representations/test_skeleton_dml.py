# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from skeleton_dml_ros.representations import RepresentationError, get_representation
from skeleton_dml_ros.representations.skeleton_dml import (
    FaithfulSkeletonDML,
    SkeletonDML,
    pixels,
)
from skeleton_dml_ros.skeleton.layouts import NTU_25


def by_hand(positions: np.ndarray) -> np.ndarray:
    """The faithful image of one clip before resizing, from the method's sentences, value by value.

    positions: (frames, bodies, joints, 3); returns (rows, columns, 3) of bytes.
    """
    frames, bodies, joints, _ = positions.shape
    lowest, highest = positions.min(), positions.max()
    rows = []
    for body in range(bodies):
        for joint in range(joints):
            values = []
            for axis in range(3):
                for frame in range(frames):
                    values.append(positions[frame, body, joint, axis])
            row = []
            for begin in range(0, len(values), 3):
                red, green, blue = values[begin : begin + 3]
                row.append([red, green, blue])
            rows.append(row)
    scaled = 255 * (np.array(rows, dtype=np.float32) - lowest) / (highest - lowest)
    return np.asarray(np.round(scaled), dtype=np.uint8)


def clip(frames: int, bodies: int, joints: int = 25) -> np.ndarray:
    generator = np.random.default_rng(frames + bodies)
    return generator.normal(size=(frames, bodies, joints, 3)).astype(np.float32)


@pytest.mark.parametrize("bodies", [1, 2])
@pytest.mark.parametrize("frames", [30, 67, 68])
def test_the_faithful_image_equals_the_one_computed_by_hand(frames: int, bodies: int) -> None:
    positions = clip(frames, bodies)
    image = FaithfulSkeletonDML(size=0)(torch.from_numpy(positions)[None])
    assert image.shape == (1, 3, 25 * bodies, frames)
    expected = by_hand(positions).transpose(2, 0, 1).astype(np.float32) / 255
    np.testing.assert_array_equal(image[0].numpy(), expected)


@pytest.mark.parametrize("bodies", [1, 2])
@pytest.mark.parametrize(("frames", "largest_difference"), [(30, 0), (67, 0), (700, 1)])
def test_the_faithful_image_is_resized_as_pil_does(
    frames: int, bodies: int, largest_difference: int
) -> None:
    positions = clip(frames, bodies)
    image = FaithfulSkeletonDML()(torch.from_numpy(positions)[None])[0].numpy() * 255
    resized = Image.fromarray(by_hand(positions)).resize((256, 256), Image.Resampling.BILINEAR)
    difference = np.abs(image.round() - np.asarray(resized, np.float32).transpose(2, 0, 1))
    assert difference.max() <= largest_difference
    assert (difference > 0).mean() < 0.002


def test_an_image_depends_only_on_its_own_clip() -> None:
    batch = torch.from_numpy(np.stack([clip(30, 1), 5 * clip(30, 1) + 2]))
    faithful = FaithfulSkeletonDML()
    assert torch.equal(faithful(batch)[1:], faithful(batch[1:]))


def test_columns_are_blocks_of_x_y_and_z_and_colours_are_consecutive_frames() -> None:
    positions = torch.zeros(1, 6, 1, 2, 3)
    positions[0, :, 0, 1] = torch.tensor([[10.0 + f, 20 + f, 30 + f] for f in range(6)])
    image = pixels(positions)
    assert image[0, :, 1].T.tolist() == [
        [10, 11, 12], [13, 14, 15], [20, 21, 22], [23, 24, 25], [30, 31, 32], [33, 34, 35],
    ]  # fmt: skip
    assert (image[0, :, 0] == 0).all()


def test_pixels_at_block_borders_mix_axes_unless_frames_are_divisible_by_three() -> None:
    positions = torch.zeros(1, 4, 1, 1, 3)
    positions[0, :, 0, 0] = torch.tensor([[10.0 + f, 20 + f, 30 + f] for f in range(4)])
    assert pixels(positions)[0, :, 0].T.tolist() == [
        [10, 11, 12], [13, 20, 21], [22, 23, 30], [31, 32, 33],
    ]  # fmt: skip


def test_an_unseen_joint_or_a_motionless_point_has_no_faithful_image() -> None:
    positions = torch.from_numpy(clip(30, 1))[None]
    positions[0, 3, 0, 7] = torch.nan
    with pytest.raises(RepresentationError, match="a joint was not seen"):
        FaithfulSkeletonDML()(positions)
    with pytest.raises(RepresentationError, match="all coordinates of a clip are equal"):
        FaithfulSkeletonDML()(torch.ones(1, 30, 1, 25, 3))


def test_the_projects_image_has_floats_of_a_fixed_range() -> None:
    image = SkeletonDML(height=25, width=6, reach=2.0)(
        torch.full((1, 6, 1, 25, 3), 1.0) * torch.tensor([-1.0, 0.0, 9.0])
    )
    assert image.shape == (1, 3, 25, 6)
    np.testing.assert_allclose(image[0, 0, 0].numpy(), [0.25, 0.25, 0.5, 0.5, 1.0, 1.0])


def test_each_body_has_separate_rows_in_the_projects_image() -> None:
    positions = torch.from_numpy(clip(96, 2))[None]
    variant = SkeletonDML(height=64, width=96)
    both = variant(positions)
    assert both.shape == (1, 3, 128, 96)
    # Interpolation mixes a row or two at the border of the bodies.
    torch.testing.assert_close(both[:, :, :62], variant(positions[:, :, :1])[:, :, :62])
    torch.testing.assert_close(both[:, :, 66:], variant(positions[:, :, 1:])[:, :, 2:])


def test_the_projects_image_refuses_frames_not_divisible_by_three() -> None:
    with pytest.raises(RepresentationError, match="95 frames; give a multiple of three"):
        SkeletonDML()(torch.zeros(1, 95, 1, 25, 3))


def test_a_wrong_shape_is_named() -> None:
    with pytest.raises(RepresentationError, match=r"positions have shape \(30, 25, 3\)"):
        FaithfulSkeletonDML()(torch.zeros(30, 25, 3))


def test_representations_are_found_by_name() -> None:
    assert get_representation("skeleton_dml", height=32) == SkeletonDML(height=32)
    with pytest.raises(RepresentationError, match="there is no representation 'tsi'"):
        get_representation("tsi")
    with pytest.raises(RepresentationError, match=r"skeleton_dml: .*colour"):
        get_representation("skeleton_dml", colour=1)


def test_arms_are_seen_from_their_shoulders_and_bones_move_where_both_ends_do_not() -> None:
    still = torch.from_numpy(clip(1, 1))[None].expand(1, 12, 1, 25, 3)
    way = torch.linspace(0, 2, 12).view(1, 12, 1, 1, 1)
    image = SkeletonDML(height=10, width=12, streams=("arms",))
    torch.testing.assert_close(image(still), image(still + way))
    turned = still.clone()
    turned[..., NTU_25.index("wrist_left"), :] += 0.1
    rows = (image(turned) != image(still)).any(dim=(0, 1, 3))
    assert rows.tolist() == [False, True] + 8 * [False]
    moving = SkeletonDML(height=25, width=12, streams=("bone_motion",))(still + way)
    # The root has no parent, and moves.
    torch.testing.assert_close(moving[:, :, 1:], torch.full_like(moving[:, :, 1:], 0.5))
    assert (moving[:, :, 0] > 0.5).all()
