# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.training.augmentation import (
    augment,
    hide_legs,
    hide_limb,
    let_travel,
    mirror,
    misplace_joints,
    take_joints_away,
    turn,
    vary_bones,
    vary_time,
)
from skeleton_dml_ros.training.configuration import Augmentation


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def clips(count: int = 8, frames: int = 48) -> Tensor:
    """People at rest whose right hand rises evenly by 1 in a clip."""
    positions = torch.from_numpy(REST_POSE).repeat(count, frames, 1, 1, 1)
    positions[:, :, :, NTU_25.index("hand_right"), 1] += torch.linspace(0, 1, frames).view(1, -1, 1)
    return positions


def bone_lengths(positions: Tensor) -> Tensor:
    bones = [(joint, parent) for joint, parent in enumerate(NTU_25.parents) if parent >= 0]
    first, second = torch.tensor(bones).T
    vectors = positions[..., first, :] - positions[..., second, :]
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=-1)
    return lengths


def test_the_same_seed_gives_the_same_variants() -> None:
    settings = Augmentation(
        hidden_legs=0.5, hidden_limb=0.5, travel=1.0, offset=0.05, wobble=0.05, few_joints=0.5
    )
    first, second = (augment(clips(), 24, settings, generator(7)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, augment(clips(), 24, settings, generator(8)))
    assert first.shape == (8, 24, 1, 25, 3)
    assert bool(torch.isfinite(first).all())


def test_without_variation_clips_are_only_resampled() -> None:
    none = Augmentation(yaw=0, tilt=0, scale=0, bone=0, crop=0, warp=0, noise=0, hidden_legs=0)
    torch.testing.assert_close(augment(clips(), 24, none, generator()), clips(frames=24))


def test_mirroring_twice_changes_nothing_and_once_changes_sides() -> None:
    mirrored = mirror(clips())
    torch.testing.assert_close(mirror(mirrored), clips())
    left, right = NTU_25.index("hand_left"), NTU_25.index("hand_right")
    torch.testing.assert_close(mirrored[..., left, 1], clips()[..., right, 1])
    torch.testing.assert_close(mirrored[..., left, 0], -clips()[..., right, 0])


def test_time_stays_in_order_and_inside_the_clip() -> None:
    varied = vary_time(clips(200), 96, crop=0.3, warp=0.15, generator=generator())
    height = varied[:, :, 0, NTU_25.index("hand_right"), 1] - REST_POSE[11, 1]
    assert bool((height.diff(dim=1) >= -1e-5).all())
    assert float(height.min()) >= -1e-5
    assert float(height.max()) <= 1 + 1e-5
    assert float(height[:, 0].std()) > 0.02


def test_other_proportions_keep_directions_and_symmetry() -> None:
    varied = vary_bones(clips(), 0.1, generator())
    ratio = bone_lengths(varied) / bone_lengths(clips())
    torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio))
    assert float(ratio.std()) > 0.05
    bones = [joint for joint, parent in enumerate(NTU_25.parents) if parent >= 0]
    for left, right in NTU_25.left_right_pairs:
        torch.testing.assert_close(ratio[..., bones.index(left)], ratio[..., bones.index(right)])


@pytest.mark.parametrize("vary", [lambda clip: turn(clip, 40, 20, generator())])
def test_turning_keeps_distances(vary: Callable[[Tensor], Tensor]) -> None:
    turned = vary(clips())
    torch.testing.assert_close(bone_lengths(turned), bone_lengths(clips()))
    assert float((turned - clips()).abs().max()) > 0.1


def test_hidden_legs_hang_from_the_hips_at_rest() -> None:
    positions = clips()
    positions[..., NTU_25.index("knee_left"), 2] -= 1
    torch.testing.assert_close(hide_legs(positions, 1.0, generator()), clips())
    torch.testing.assert_close(hide_legs(positions, 0.0, generator()), positions)


def test_a_hidden_limb_is_at_rest_or_moves_evenly_while_it_is_not_seen() -> None:
    positions = clips(400)
    hand = NTU_25.index("hand_right")
    # A movement that is not even, so that a gap shows.
    positions[:, :, :, hand, 2] = torch.linspace(0, 6, 48).sin().view(1, -1, 1)
    varied = hide_limb(positions, 1.0, generator())
    changed = ((varied - positions)[..., hand, :].abs() > 1e-4).flatten(1).any(dim=1)
    assert 60 < int(changed.sum()) < 140  # the right arm is one of four limbs
    distance = (varied[:, :, 0, hand] - torch.from_numpy(REST_POSE[hand])).abs()
    at_rest = (distance < 1e-4).flatten(1).all(dim=1)
    assert 30 < int(at_rest.sum()) < 70
    bridged = varied[changed & ~at_rest, :, 0, hand, 2].diff(n=2, dim=1).abs() < 1e-5
    assert bool((bridged.sum(dim=1) > 0).float().mean() > 0.8)
    assert torch.equal(hide_limb(positions, 0.0, generator()), positions)


def test_a_third_of_the_people_travel_along_the_floor_all_joints_alike() -> None:
    way = let_travel(clips(600), 1.0, generator()) - clips(600)
    torch.testing.assert_close(way, way[:, :, :, :1].expand_as(way))
    end = way[:, -1, 0, 0]
    travelling = end.abs().amax(dim=1) > 0
    assert 150 < int(travelling.sum()) < 250
    assert float(end[travelling][:, [0, 2]].std()) == pytest.approx(1.0, rel=0.15)
    assert float(way[..., 1].abs().max()) == 0
    torch.testing.assert_close(way[:, 24, 0, 0], end * 24 / 47)


def test_misplaced_joints_stay_misplaced_or_wander_slowly() -> None:
    lasting = misplace_joints(clips(200), 0.1, 0.0, generator()) - clips(200)
    torch.testing.assert_close(lasting, lasting[:, :1].expand_as(lasting))
    assert float(lasting.std()) == pytest.approx(0.1, rel=0.05)
    wandering = misplace_joints(clips(200), 0.0, 0.1, generator()) - clips(200)
    assert 0.06 < float(wandering.std()) < 0.11
    assert float(wandering.diff(dim=1).std()) < 0.04


def test_without_the_joints_that_few_trackers_have_they_follow_from_the_others() -> None:
    positions = clips() + 0.1 * torch.randn(8, 48, 1, 25, 3, generator=generator())
    few = take_joints_away(positions, 1.0, generator())
    for joint in ("head", "spine_shoulder", "elbow_left", "hand_right", "knee_right", "ankle_left"):
        index = NTU_25.index(joint)
        assert torch.equal(few[..., index, :], positions[..., index, :])
    for joint, like in (("thumb_right", "hand_right"), ("foot_left", "ankle_left")):
        assert torch.equal(few[..., NTU_25.index(joint), :], few[..., NTU_25.index(like), :])
    hips = positions[..., [NTU_25.index("hip_left"), NTU_25.index("hip_right")], :].mean(dim=-2)
    torch.testing.assert_close(few[..., NTU_25.index("spine_base"), :], hips)
    assert torch.equal(take_joints_away(positions, 0.0, generator()), positions)
