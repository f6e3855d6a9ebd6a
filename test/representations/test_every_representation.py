# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What holds for each representation of the paper's comparison."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from skeleton_dml_ros.representations import (
    REPRESENTATIONS,
    RepresentationError,
    get_representation,
)

OWN = ("skeleton_dml", "skeleton_dml_views")
FAITHFUL = [name for name in REPRESENTATIONS if name not in OWN]
ALONG_THE_TREE = ["tssi", "skepxels", *(name for name in FAITHFUL if "skelemotion" in name)]
DIRECTIONS = ["skelemotion", "skelemotion_orientation"]


def clips(number: int, frames: int = 40, bodies: int = 1, joints: int = 25) -> Tensor:
    generator = np.random.default_rng(frames + bodies)
    walk = generator.normal(scale=0.05, size=(number, frames, bodies, joints, 3)).cumsum(axis=1)
    return torch.from_numpy(walk.astype(np.float32))


@pytest.mark.parametrize("bodies", [1, 2])
@pytest.mark.parametrize("name", FAITHFUL)
def test_an_image_is_a_square_of_the_requested_size(name: str, bodies: int) -> None:
    image = get_representation(name, size=64)(clips(2, bodies=bodies))
    assert image.shape == (2, 3, 64, 64)
    assert image.dtype == torch.float32
    assert image.min() >= 0
    assert image.max() <= (1.1 + 1e-6 if name in DIRECTIONS else 1)
    assert image.std() > 0


@pytest.mark.parametrize("name", FAITHFUL)
def test_an_image_depends_only_on_its_own_clip(name: str) -> None:
    batch = torch.cat([clips(1), 3 * clips(1).flip(1) + 2])
    representation = get_representation(name, size=64)
    torch.testing.assert_close(representation(batch)[1:], representation(batch[1:]))


@pytest.mark.parametrize("name", FAITHFUL)
def test_a_clip_with_an_unseen_joint_is_refused(name: str) -> None:
    positions = clips(2)
    positions[1, 3, 0, 7] = torch.nan
    with pytest.raises(RepresentationError, match="a joint was not seen"):
        get_representation(name)(positions)


@pytest.mark.parametrize("name", FAITHFUL)
def test_a_wrong_shape_is_refused(name: str) -> None:
    with pytest.raises(RepresentationError, match=r"positions have shape \(40, 25, 3\)"):
        get_representation(name)(torch.zeros(40, 25, 3))


@pytest.mark.parametrize("name", ALONG_THE_TREE)
def test_another_layout_than_ntu_25_is_refused(name: str) -> None:
    with pytest.raises(RepresentationError, match="25 joints of ntu_25, but the clip has 20"):
        get_representation(name)(clips(1, joints=20))


@pytest.mark.parametrize("name", ["skeleton_dml_faithful", "sl_dml", "tssi", "skepxels"])
def test_a_clip_with_equal_coordinates_is_refused(name: str) -> None:
    with pytest.raises(RepresentationError, match="all coordinates of a clip are equal"):
        get_representation(name)(torch.ones(1, 40, 1, 25, 3))


@pytest.mark.parametrize("name", FAITHFUL)
def test_the_second_body_counts(name: str) -> None:
    pair = clips(1, bodies=2)
    other = pair.clone()
    other[:, :, 1] = pair[:, :, 1].flip(1)
    representation = get_representation(name, size=64)
    assert not torch.equal(representation(pair), representation(other))
