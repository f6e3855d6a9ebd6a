# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from itertools import pairwise

import torch

from skeleton_dml_ros.representations.sl_dml import SLDML
from skeleton_dml_ros.representations.tssi import DEPTH_FIRST_ORDER, TSSI
from skeleton_dml_ros.skeleton.layouts import NTU_25


def test_a_pixel_of_sl_dml_is_a_joint_in_a_frame_with_its_axes_as_colours() -> None:
    # Two frames of two joints; the lowest value is 0 and the highest 255, so bytes are as written.
    positions = torch.tensor([[[0, 10, 20], [30, 40, 50]], [[60, 70, 80], [90, 100, 255.0]]])
    image = 255 * SLDML(size=0)(positions[None, :, None])
    assert image.shape == (1, 3, 2, 2)
    assert image[0].permute(1, 2, 0).round().tolist() == [
        [[0, 10, 20], [60, 70, 80]],  # joint 0 in frames 0 and 1
        [[30, 40, 50], [90, 100, 255]],
    ]


def test_one_range_holds_for_the_whole_image_of_sl_dml() -> None:
    positions = torch.zeros(1, 2, 1, 25, 3)
    positions[..., 0] = 1.0  # x, for all joints
    positions[0, 1, 0, 3, 1] = 4.0  # y of one joint
    image = SLDML(size=0)(positions)
    assert (image[0, 0] == 64 / 255).all()
    assert image[0, 1, 3].tolist() == [0.0, 1.0]
    assert (image[0, 2] == 0).all()


def test_the_second_body_is_below_the_first() -> None:
    positions = torch.rand(1, 5, 2, 25, 3, generator=torch.Generator().manual_seed(0))
    image = SLDML(size=0)(positions)
    assert image.shape == (1, 3, 50, 5)
    swapped = SLDML(size=0)(positions.flip(2))
    assert torch.equal(image, torch.cat([swapped[:, :, 25:], swapped[:, :, :25]], dim=2))


def test_rows_of_tssi_are_those_of_sl_dml_along_the_tree() -> None:
    positions = torch.rand(1, 7, 1, 25, 3, generator=torch.Generator().manual_seed(0))
    rows = SLDML(size=0)(positions)[0]
    image = TSSI(size=0)(positions)[0]
    assert image.shape == (3, 49, 7)
    assert torch.equal(image, rows[:, list(DEPTH_FIRST_ORDER)])


def test_the_walk_visits_every_joint_and_moves_only_to_neighbours() -> None:
    assert set(DEPTH_FIRST_ORDER) == set(range(25))
    bones = {frozenset(pair) for pair in enumerate(NTU_25.parents) if -1 not in pair}
    strides = {
        tuple(sorted((NTU_25.joint_names[one], NTU_25.joint_names[other])))
        for one, other in pairwise(DEPTH_FIRST_ORDER)
        if frozenset((one, other)) not in bones
    }
    assert strides == {("hand_tip_left", "thumb_left"), ("hand_tip_right", "thumb_right")}
    assert DEPTH_FIRST_ORDER[0] == DEPTH_FIRST_ORDER[-1] == NTU_25.index("spine_mid")
