# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from torch import Tensor

from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.representations import RepresentationError, get_representation
from skeleton_dml_ros.representations.pacing import along_path, path_lengths
from skeleton_dml_ros.representations.skeleton_dml import SkeletonDML
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25

FRAMES = 48
RIGHT_HAND = [NTU_25.index(name) for name in ("elbow_right", "wrist_right", "hand_right")]


def raised_hand(phase: Tensor) -> Tensor:
    """A clip (1, frames, 1, 25, 3) whose right hand is raised by ``phase`` trunk lengths."""
    positions = torch.from_numpy(REST_POSE).float().repeat(len(phase), 1, 1)
    positions[:, RIGHT_HAND, 1] += phase[:, None]
    return positions[None, :, None]


def test_it_makes_no_difference_how_fast_an_action_is_done() -> None:
    time = torch.linspace(0, 1, FRAMES)
    even, hasty = raised_hand(time), raised_hand(time**2)
    waiting = raised_hand((2 * time - 1).clamp(0, 1))
    for other in (hasty, waiting):
        apart = (other - even).abs().max()
        assert (along_path(other) - along_path(even)).abs().max() < 0.3 * apart


def test_the_path_goes_from_nought_to_one_and_never_stands_still() -> None:
    generator = torch.Generator().manual_seed(0)
    for clips in (
        torch.randn((3, FRAMES, 2, 25, 3), generator=generator),
        torch.zeros(2, FRAMES, 1, 25, 3),
    ):
        gone = path_lengths(clips)
        assert gone[:, 0].tolist() == [0.0] * len(clips)
        torch.testing.assert_close(gone[:, -1], torch.ones(len(clips)))
        assert (gone.diff(dim=1) > 0).all()
        paced = along_path(clips)
        assert paced.isfinite().all()
        torch.testing.assert_close(paced[:, [0, -1]], clips[:, [0, -1]])


def test_views_are_the_images_one_below_the_other() -> None:
    clips = torch.randn((2, FRAMES, 2, 25, 3), generator=torch.Generator().manual_seed(0))
    views = get_representation("skeleton_dml_views")
    images = views(clips)
    assert images.shape == (2, 3, 3 * 2 * 32, 48)
    expected = (
        SkeletonDML(32, 48),
        SkeletonDML(32, 48, pacing="path"),
        SkeletonDML(32, 48, streams=("positions", "motion")),
    )
    for image, alone in zip(images.chunk(3, dim=2), expected, strict=True):
        assert torch.equal(image, alone(clips))


def test_what_no_view_can_be_is_refused() -> None:
    with pytest.raises(RepresentationError, match="pacing is 'slow'; give time or path"):
        get_representation("skeleton_dml_views", views=[{"pacing": "slow"}])
    with pytest.raises(RepresentationError, match="views is empty"):
        get_representation("skeleton_dml_views", views=[])
    with pytest.raises(SkeletonDmlError, match="which 3 views do not divide"):
        Architecture(embedding_dimension=128, views=3)


def test_squared_distances_of_the_embedding_are_the_mean_of_the_views() -> None:
    torch.manual_seed(0)
    network = ActionEmbedder(Architecture(embedding_dimension=12, width=8, views=3)).eval()
    images = torch.rand(2, 3, 3 * 32, 48)
    with torch.inference_mode():
        embeddings = network(images)
        parts = network.raw(images).view(2, 3, 4)
    torch.testing.assert_close(parts.norm(dim=2), torch.ones(2, 3))
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(2))
    squares = (parts[0] - parts[1]).square().sum(dim=1)
    torch.testing.assert_close((embeddings[0] - embeddings[1]).square().sum(), squares.mean())


@pytest.mark.parametrize("layers", [1, 2])
def test_each_view_has_its_part_of_the_embedding(layers: int) -> None:
    torch.manual_seed(0)
    network = ActionEmbedder(Architecture(12, layers, width=8, views=3)).eval()
    images = torch.rand(1, 3, 3 * 32, 48)
    changed = images.clone()
    changed[:, :, 32:64] = 0
    with torch.inference_mode():
        before, after = network(images).view(3, 4), network(changed).view(3, 4)
        features = network.features(images)
    assert features.shape == (1, 3 * 64)
    assert [torch.allclose(one, other) for one, other in zip(before, after, strict=True)] == [
        True,
        False,
        True,
    ]


def test_a_whole_trunk_is_resnet18() -> None:
    whole, narrow = (ActionEmbedder(Architecture(width=width)).trunk for width in (64, 32))
    shapes = [
        {name: tuple(value.shape) for name, value in trunk.state_dict().items()}
        for trunk in (whole, narrow)
    ]
    assert shapes[0].keys() == shapes[1].keys()
    assert shapes[1]["layer4.1.conv2.weight"] == (256, 256, 3, 3)
    assert shapes[0]["layer4.1.conv2.weight"] == (512, 512, 3, 3)
    assert sum(one.numel() for one in whole.parameters()) == 11_176_512
