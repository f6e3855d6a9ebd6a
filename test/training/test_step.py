# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.training.configuration import Augmentation, Configuration
from skeleton_dml_ros.training.distributed import Workers
from skeleton_dml_ros.training.loop import read_data
from skeleton_dml_ros.training.step import TrainingState, draw_images, make_state

CPU = torch.device("cpu")
FAITHFUL = {"name": "skeleton_dml_faithful", "size": 32}


def state_of(configuration: Configuration, workers: Workers) -> TrainingState:
    network = ActionEmbedder(configuration.architecture)
    return make_state(configuration, network, 4, CPU, workers)


def drawn(configuration: Configuration, indices: np.ndarray, workers: Workers) -> Tensor:
    clips, _ = read_data(configuration)
    state = state_of(configuration, workers)
    return draw_images(state, clips, indices, torch.Generator().manual_seed(1))


@pytest.mark.parametrize("mixed", [False, True])
def test_the_shares_of_several_processes_make_up_the_batch_of_one(
    people_configuration: Configuration, mixed: bool
) -> None:
    configuration = people_configuration
    indices = np.array([13, 20, 15, 22, 16, 12])
    if mixed:
        # Images of a fixed size, so that one person and two, and any lengths, share a batch.
        configuration = replace(
            configuration,
            preparation=Preparation(frames=0),
            representation=FAITHFUL,
            augmentation=Augmentation(crop=0, warp=0, image_rotation=5),
        )
        indices = np.array([13, 0, 20, 3, 15, 1])
    whole = drawn(configuration, indices, Workers())
    for count in (2, 3):
        for rank in range(count):
            share = drawn(configuration, indices, Workers(rank, count))
            torch.testing.assert_close(share, whole[rank::count])


def test_pairs_are_named_one_way_or_the_other(people_configuration: Configuration) -> None:
    still = Augmentation(yaw=0, tilt=0, scale=0, bone=0, crop=0, warp=0, noise=0)
    configuration = replace(people_configuration, augmentation=still)
    images = drawn(configuration, np.array([13] * 40), Workers())
    variants, counts = torch.unique(images, dim=0, return_counts=True)
    assert len(variants) == 2
    assert int(counts.min()) > 8


def test_without_variation_an_image_is_that_of_the_clip(
    people_configuration: Configuration,
) -> None:
    configuration = replace(
        people_configuration,
        preparation=Preparation(frames=0, steps=()),
        representation=FAITHFUL,
        augmentation=Augmentation(yaw=0, tilt=0, scale=0, bone=0, crop=0, warp=0, noise=0),
    )
    clips, _ = read_data(configuration)
    state = state_of(configuration, Workers())
    expected = state.representation(clips.positions(np.array([4]), CPU))
    assert torch.equal(drawn(configuration, np.array([4]), Workers()), expected)
