# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import importlib

import pytest
import torch

from skeleton_dml_ros.embedding.torchvision_import import torchvision_models
from skeleton_dml_ros.training.image_rotation import random_angles, rotated


@pytest.mark.parametrize("shape", [(64, 96), (50, 50)])
def test_images_are_rotated_as_torchvision_rotates_them(shape: tuple[int, int]) -> None:
    # Only after this can the rest of torchvision be imported beside any torch.
    torchvision_models()
    transforms = importlib.import_module("torchvision.transforms.functional")
    images = torch.rand(2, 3, *shape, generator=torch.Generator().manual_seed(0))
    angles = [5.0, -37.0]
    for image, turned, angle in zip(
        images, rotated(images, torch.tensor(angles)), angles, strict=True
    ):
        assert torch.equal(turned, transforms.rotate(image, angle))


def test_angles_spread_evenly_up_to_the_largest() -> None:
    generator = torch.Generator().manual_seed(0)
    angles = random_angles(10000, 5, generator, torch.device("cpu"))
    shares = torch.histc(angles, bins=5, min=-5, max=5) / len(angles)
    torch.testing.assert_close(shares, torch.full((5,), 0.2), atol=0.02, rtol=0)
