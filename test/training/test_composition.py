# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.composition import (
    KINDS,
    compose,
    follow,
    graft_arms,
    graft_left_arm,
    graft_legs,
    reverse,
)
from skeleton_dml_ros.training.configuration import Configuration, Sampling
from skeleton_dml_ros.training.distributed import Workers
from skeleton_dml_ros.training.loop import composable_kinds, image_kinds, read_data
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.sampling import epoch_plan
from skeleton_dml_ros.training.step import (
    compute_gradients,
    draw_images,
    labels_of_batch,
    make_state,
)

FRAMES = 24
HIPS = NTU_25.index("spine_base")
CPU = torch.device("cpu")


def clips(seed: int, count: int = 2) -> Tensor:
    """Clips (count, FRAMES, 1, 25, 3) whose joints walk at random."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn((count, FRAMES, 1, 25, 3), generator=generator).cumsum(dim=1)


def joints(*names: str) -> list[int]:
    return [NTU_25.index(name) for name in names]


def bones(positions: Tensor) -> Tensor:
    """Each joint seen from its parent; of the root, itself."""
    parents = [max(parent, 0) for parent in NTU_25.parents]
    return positions - positions[..., parents, :]


def test_a_grafted_arm_keeps_its_own_movement_and_all_else_that_of_the_first() -> None:
    first, second = clips(0), clips(1)
    composed = graft_left_arm(first, second)
    arm = joints("elbow_left", "wrist_left", "hand_left", "hand_tip_left", "thumb_left")
    rest = [joint for joint in range(25) if joint not in arm]
    torch.testing.assert_close(bones(composed)[..., arm, :], bones(second)[..., arm, :])
    assert torch.equal(composed[..., rest, :], first[..., rest, :])


def test_both_arms_may_be_grafted() -> None:
    first, second = clips(0), clips(1)
    composed = graft_arms(first, second)
    hands = joints("hand_left", "hand_right")
    torch.testing.assert_close(bones(composed)[..., hands, :], bones(second)[..., hands, :])
    head = joints("head")
    assert torch.equal(composed[..., head, :], first[..., head, :])


def test_grafted_legs_carry_the_body_of_the_first() -> None:
    first, second = clips(0), clips(1)
    composed = graft_legs(first, second)
    feet, upper = joints("foot_left", "foot_right", "spine_base"), joints("head", "hand_left")
    assert torch.equal(composed[..., feet, :], second[..., feet, :])
    torch.testing.assert_close(
        composed[..., upper, :] - composed[..., [HIPS], :],
        first[..., upper, :] - first[..., [HIPS], :],
    )


def test_one_action_follows_the_other_from_where_it_ended() -> None:
    first, second = clips(0), clips(1)
    composed = follow(first, second)
    assert composed.shape == first.shape
    torch.testing.assert_close(composed[:, 0], first[:, 0])
    torch.testing.assert_close(bones(composed)[:, -1, :, 1:], bones(second)[:, -1, :, 1:])
    way = (second[:, -1] - second[:, 0])[..., HIPS, :]
    gone = (composed[:, -1] - first[:, -1])[..., HIPS, :]
    torch.testing.assert_close(gone[..., [0, 2]], way[..., [0, 2]])
    torch.testing.assert_close(composed[:, -1, ..., 1], second[:, -1, ..., 1])


def test_an_action_backwards_begins_where_it_began() -> None:
    first = clips(0)
    composed = reverse(first, clips(1))
    torch.testing.assert_close(composed[:, 0, 0, HIPS], first[:, 0, 0, HIPS])
    torch.testing.assert_close(bones(composed).flip(1)[..., 1:, :], bones(first)[..., 1:, :])


@pytest.mark.parametrize("kind", KINDS)
def test_each_clip_of_a_composed_class_comes_from_clips_of_its_own(kind: str) -> None:
    first, second = clips(0, 3), clips(1, 3)
    together = KINDS[kind](first, second)
    assert together.shape == first.shape
    one_by_one = [KINDS[kind](first[[row]], second[[row]]) for row in range(3)]
    torch.testing.assert_close(together, torch.cat(one_by_one))


def test_classes_are_composed_in_ways_that_the_generator_draws() -> None:
    sources = clips(0, 2 * 3 * 4)
    drawn: dict[int, torch.Tensor] = {}
    for seed in (1, 1, 2):
        composed = compose(sources, 3, torch.Generator().manual_seed(seed))
        assert composed.shape == (12, FRAMES, 1, 25, 3)
        assert torch.equal(drawn.setdefault(seed, composed), composed)
    assert not torch.equal(drawn[1], drawn[2])


def composing(configuration: Configuration) -> tuple[Configuration, LabelledClips]:
    """Batches of one recorded class and one composed of two others, two clips each."""
    settings = replace(configuration, sampling=Sampling(classes=2, clips=2, composed=0.5))
    return settings, read_data(settings)[0]


def test_a_batch_ends_with_composed_classes_that_only_the_metric_loss_sees(
    configuration: Configuration,
) -> None:
    settings, read = composing(configuration)
    network = ActionEmbedder(settings.architecture)
    workers = Workers()
    state = make_state(settings, network, len(read.class_names), CPU, workers)
    kinds = image_kinds(read, state.representation)
    plan = epoch_plan(
        read.labels,
        kinds,
        settings.sampling,
        np.random.default_rng(0),
        len(read),
        composable_kinds(read, kinds, settings.sampling),
    )
    assert len(plan) == len(read) // 4
    for indices in plan:
        assert len(indices) == 6
        assert len(np.unique(read.labels[indices])) == 3
        labels = labels_of_batch(read, indices, settings.sampling)
        assert labels[:2].tolist() == read.labels[indices[:2]].tolist()
        assert labels[2:].tolist() == 2 * [len(read.class_names)]
    generator = torch.Generator().manual_seed(0)
    assert len(draw_images(state, read, plan[0], generator)) == 4
    parts = compute_gradients(state, read, plan[0], generator)
    assert all(part.isfinite() for part in parts.values())
    assert all(one.grad is not None for one in network.parameters())


def test_pairs_are_not_composed(people_configuration: Configuration) -> None:
    read, _ = read_data(people_configuration)
    sampling = Sampling(classes=2, clips=2, composed=0.5)
    pairs = np.flatnonzero(read.bodies == 2)[:4]
    assert labels_of_batch(read, pairs, sampling).tolist() == read.labels[pairs].tolist()


def test_too_few_classes_to_compose_others_of_are_refused(configuration: Configuration) -> None:
    read, _ = read_data(configuration)
    kinds = np.zeros(len(read), np.int64)
    with pytest.raises(ConfigurationError, match=r"takes 24 classes of one person, and there are"):
        composable_kinds(read, kinds, Sampling(composed=0.5))


def test_a_share_of_composed_classes_is_checked(configuration: Configuration) -> None:
    with pytest.raises(ConfigurationError, match=r"sampling.composed is 1\.0"):
        Sampling(composed=1.0)
    with pytest.raises(ConfigurationError, match=r"0 where preparation\.frames is 0"):
        replace(
            configuration,
            sampling=Sampling(composed=0.5),
            preparation=replace(configuration.preparation, frames=0),
        )
