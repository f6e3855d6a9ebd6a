# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from definitions import make
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.embedding.model import Model, load_model
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.node.image import MIN_HEIGHT, clip_image, enlarged, stretched
from skeleton_dml_ros.recognition.clips import Clip
from skeleton_dml_ros.shared_files import shared_file
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def clip_of(sequence: SkeletonSequence) -> Clip:
    people = tuple(str(person) for person in range(sequence.bodies))
    return Clip("camera", people, sequence, sequence.end_ns, (0.0, 0.0, 0.0))


def waving(bodies: int = 1) -> SkeletonSequence:
    positions = np.tile(0.5 * REST_POSE + [0, 0, 3], (40, bodies, 1, 1))
    positions[..., 0] += np.arange(bodies)[:, None]
    positions[:, :, NTU_25.index("hand_right"), 1] += 0.5 * np.sin(np.linspace(0, 6, 40))[:, None]
    return SkeletonSequence(positions, np.arange(40) / 30, NTU_25)


def pixels_of(image: Any) -> NDArray[np.uint8]:
    flat = np.frombuffer(image.data, dtype=np.uint8)
    return flat.reshape(image.height, image.step)[:, : 3 * image.width].reshape(
        image.height, image.width, 3
    )


@pytest.fixture(scope="module")
def model(untrained_model: Path) -> Model:
    """Its image is 32 rows by 48 columns."""
    return load_model(untrained_model)


@pytest.fixture(scope="module")
def engine(model: Model) -> TorchEngine:
    return TorchEngine(model, "cpu")


def test_the_image_message_is_complete(engine: TorchEngine) -> None:
    image = clip_image(make, 5_000_000_007, "odom", engine, clip_of(waving()))
    assert image._type == "sensor_msgs/msg/Image"
    assert (image.header.stamp.sec, image.header.stamp.nanosec) == (5, 7)
    assert image.header.frame_id == "odom"
    assert (image.encoding, image.is_bigendian) == ("rgb8", 0)
    assert (image.height, image.width, image.step) == (256, 384, 3 * 384)
    assert isinstance(image.data, bytes)
    assert len(image.data) == image.height * image.step


def test_each_pixel_is_enlarged_to_a_square(model: Model, engine: TorchEngine) -> None:
    clip = clip_of(waving())
    shown = pixels_of(clip_image(make, 0, "", engine, clip))
    positions = torch.tensor(model.card.preparation(clip.sequence)[None])
    network = model.representation(positions)[0].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(shown[::8, ::8], stretched(network))
    squares = shown.reshape(32, 8, 48, 8, 3)
    assert (squares == squares[:, :1, :, :1]).all()


def test_the_full_range_of_brightness_is_used(engine: TorchEngine) -> None:
    shown = pixels_of(clip_image(make, 0, "", engine, clip_of(waving())))
    assert (shown.min(), shown.max()) == (0, 255)


def test_two_people_are_stacked_in_the_image(engine: TorchEngine) -> None:
    image = clip_image(make, 0, "", engine, clip_of(waving(bodies=2)))
    assert (image.height, image.width) == (256, 48 * 4)


def test_a_clip_with_too_few_visible_joints_has_no_image(engine: TorchEngine) -> None:
    unseen = np.full((20, 1, 25, 3), np.nan)
    sequence = SkeletonSequence(unseen, np.arange(20) / 30, NTU_25)
    assert clip_image(make, 0, "", engine, clip_of(sequence)) is None


@pytest.mark.parametrize(("height", "factor"), [(64, 4), (100, 3), (128, 2), (256, 1), (300, 1)])
def test_images_are_enlarged_by_an_integer_factor_to_a_minimum_height(
    height: int, factor: int
) -> None:
    large = enlarged(np.zeros((height, 10, 3), dtype=np.uint8))
    assert large.shape == (factor * height, factor * 10, 3)
    assert len(large) >= MIN_HEIGHT


def test_a_constant_image_is_unchanged() -> None:
    grey = stretched(np.full((2, 2, 3), 0.5, dtype=np.float32))
    assert (grey == 128).all()


def test_the_shipped_model_makes_images_of_real_clips(shared_data: Path) -> None:
    shipped = TorchEngine(load_model(shared_file("models/default")), "cpu")
    clip = clip_of(read_archive(shared_data / "utd_mhad.npz").clip(0))
    image = clip_image(make, 0, "", shipped, clip)
    # Six views of 32x48, one below the other, enlarged twice.
    assert (image.height, image.width) == (384, 96)
    # A moving hand differs between consecutive frames, so its rows are coloured rather than grey.
    assert np.ptp(pixels_of(image).astype(int), axis=2).max() > 20
