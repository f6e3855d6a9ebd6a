from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.completion import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


@pytest.fixture(scope="module")
def engine(untrained_model: Path) -> TorchEngine:
    return TorchEngine(load_model(untrained_model), "cpu")


def moving(seed: int, frames: int = 40, bodies: int = 1) -> SkeletonSequence:
    """People who stand beside each other and move their joints at random, smoothly."""
    generator = np.random.default_rng(seed)
    wave = np.sin(np.linspace(0, 3, frames))[:, None, None, None]
    motion = wave * generator.normal(scale=0.2, size=(1, bodies, 25, 3))
    beside = np.arange(bodies)[:, None, None] * np.array([1.0, 0.0, 0.3])
    positions = 0.5 * REST_POSE + beside + [0, 0, 3] + motion
    return SkeletonSequence(positions, np.arange(frames) / 30, NTU_25)


def swapped(sequence: SkeletonSequence) -> SkeletonSequence:
    return SkeletonSequence(sequence.positions[:, ::-1], sequence.timestamps, NTU_25)


def test_embeddings_are_unit_vectors_in_the_order_given(engine: TorchEngine) -> None:
    clips = [moving(1), moving(2, bodies=2), moving(3, frames=90)]
    embeddings = engine.embed(clips)
    assert embeddings.shape == (3, engine.dimension)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(engine.embed(clips[::-1]), embeddings[::-1], atol=1e-5)


def test_a_clip_has_the_same_embedding_alone_and_among_others(engine: TorchEngine) -> None:
    clips = [moving(seed) for seed in range(5)]
    np.testing.assert_allclose(engine.embed(clips)[3:4], engine.embed(clips[3:4]), atol=1e-5)


def test_no_clips_give_no_embeddings(engine: TorchEngine) -> None:
    assert engine.embed([]).shape == (0, engine.dimension)


def test_place_size_and_facing_do_not_matter(engine: TorchEngine) -> None:
    clip = moving(1)
    turn = np.array([[0.6, 0, 0.8], [0, 1, 0], [-0.8, 0, 0.6]])
    elsewhere = SkeletonSequence(
        1.2 * clip.positions @ turn.T + [1, 0.3, 2], clip.timestamps, NTU_25
    )
    np.testing.assert_allclose(engine.embed([elsewhere]), engine.embed([clip]), atol=1e-3)


def test_the_order_of_two_people_does_not_matter(engine: TorchEngine) -> None:
    pair = moving(4, bodies=2)
    np.testing.assert_allclose(engine.embed([swapped(pair)]), engine.embed([pair]), atol=1e-5)


def test_two_people_are_not_one(engine: TorchEngine) -> None:
    pair = moving(4, bodies=2)
    alone = SkeletonSequence(pair.positions[:, :1], pair.timestamps, NTU_25)
    assert np.linalg.norm(engine.embed([pair]) - engine.embed([alone])) > 1e-3


def test_one_frame_is_embedded_as_a_held_pose(engine: TorchEngine) -> None:
    held = SkeletonSequence(
        np.repeat(moving(1).positions[:1], 30, axis=0), np.arange(30) / 30, NTU_25
    )
    np.testing.assert_allclose(
        engine.embed([moving(1, frames=40).frames(0, 1)]), engine.embed([held]), atol=1e-5
    )


def test_a_clip_in_which_nothing_was_seen_is_refused(engine: TorchEngine) -> None:
    nobody = SkeletonSequence(np.full((9, 1, 25, 3), np.nan), np.arange(9) / 30, NTU_25)
    with pytest.raises(SkeletonDmlError, match="too little of the person was seen"):
        engine.embed([moving(1), nobody])


def test_more_than_two_people_are_refused(engine: TorchEngine) -> None:
    with pytest.raises(SkeletonDmlError, match="3 bodies"):
        engine.embed([moving(1, bodies=3)])


def test_a_device_that_does_not_exist_is_named(untrained_model: Path) -> None:
    for device in ("abacus", "cuda:77"):
        with pytest.raises(SkeletonDmlError, match=f"device '{device}' cannot be used"):
            TorchEngine(load_model(untrained_model), device)


def test_the_key_names_weights_library_and_precision(engine: TorchEngine) -> None:
    digest, library, precision = str(engine.key).split("/")
    assert (len(digest), library, precision) == (64, "torch", "float32")
