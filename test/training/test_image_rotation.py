# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

from __future__ import annotations

import importlib

import pytest
import torch

from skeleton_dml_ros.embedding.torchvision_import import torchvision_models
from skeleton_dml_ros.training.image_rotation import rotate_images, rotated


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


def test_each_image_has_an_angle_of_its_own_up_to_the_largest() -> None:
    ramp = torch.linspace(0, 1, 65).expand(1, 3, 65, 65)
    images = ramp.repeat(200, 1, 1, 1)
    turned = rotate_images(images, 30, torch.Generator().manual_seed(0))
    # Along the middle column of a ramp to the right, values change by the sine of the angle.
    slope = (turned[:, 0, 48, 32] - turned[:, 0, 16, 32]) / (32 / 64)
    assert float(slope.abs().max()) < 0.5 + 0.05
    assert float(slope.max()) > 0.4
    assert float(slope.min()) < -0.4


def test_no_rotation_leaves_images_as_they_are() -> None:
    images = torch.rand(2, 3, 8, 8)
    assert rotate_images(images, 0, torch.Generator()) is images
