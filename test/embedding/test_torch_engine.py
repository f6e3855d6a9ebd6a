# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.embedding import model_engine
from skeleton_dml_ros.embedding.engine import ReleasedError
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.imputation import REST_POSE
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


def test_a_model_without_a_number_of_frames_embeds_clips_of_any_length(
    untrained_model: Path,
) -> None:
    model = load_model(untrained_model)
    card = replace(
        model.card,
        preparation=Preparation(frames=0, steps=()),
        representation={"name": "skeleton_dml_faithful", "size": 32},
    )
    engine = TorchEngine(replace(model, card=card), "cpu")
    clips = [moving(1, frames=31), moving(2, bodies=2), moving(3, frames=40), moving(1, frames=31)]
    embeddings = engine.embed(clips)
    np.testing.assert_allclose(embeddings[0], embeddings[3], atol=1e-6)
    for clip, embedding in zip(clips, embeddings, strict=True):
        np.testing.assert_allclose(engine.embed([clip])[0], embedding, atol=1e-5)


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
    with pytest.raises(SkeletonDmlError, match="joints of a person were seen; at least"):
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


def test_an_engine_that_was_released_says_so_and_the_model_serves_another(
    untrained_model: Path,
) -> None:
    model = load_model(untrained_model)
    first = TorchEngine(model, "cpu")
    before = first.embed([moving(1)])
    first.release()
    first.release()
    with pytest.raises(ReleasedError, match="engine on cpu was released; make another one"):
        first.embed([moving(1)])
    np.testing.assert_array_equal(TorchEngine(model, "cpu").embed([moving(1)]), before)


def test_an_engine_names_its_device_and_counts_its_memory(engine: TorchEngine) -> None:
    assert engine.device_name == "cpu"
    assert engine.device_memory() is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_a_released_cuda_device_gets_its_memory_back(untrained_model: Path) -> None:
    model = load_model(untrained_model)
    weights = 2 * sum(value.nbytes for value in model.weights.values())
    left = []
    for _ in range(3):
        engine = TorchEngine(model, "cuda")
        assert engine.device_name.startswith("cuda:0 (")
        on_cuda = engine.embed([moving(1)])
        in_use = engine.device_memory()
        engine.release()
        left.append(engine.device_memory())
        assert in_use is not None
        assert left[-1] is not None
        assert in_use - left[-1] >= weights
        on_cpu = TorchEngine(model, "cpu").embed([moving(1)])
        np.testing.assert_allclose(on_cuda, on_cpu, atol=1e-2)
    # The libraries' own workspace stays, and does not grow.
    assert left[0] == left[1] == left[2]


def test_releasing_waits_for_the_batch_in_hand_but_not_for_ever(
    untrained_model: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = TorchEngine(load_model(untrained_model), "cpu")
    at_work, go_on = threading.Event(), threading.Event()
    draw = engine._representation

    def hold(clips: torch.Tensor) -> torch.Tensor:
        at_work.set()
        assert go_on.wait(10)
        return draw(clips)

    monkeypatch.setattr(engine, "_representation", hold)
    monkeypatch.setattr(model_engine, "RELEASE_SECONDS", 0.05)
    results: list[np.ndarray] = []
    thread = threading.Thread(target=lambda: results.append(engine.embed([moving(1)])))
    thread.start()
    assert at_work.wait(10)
    engine.release()
    assert "a batch did not end within 0.05 s" in caplog.text
    go_on.set()
    thread.join(10)
    assert len(results) == 1
    assert engine._network is None
    with pytest.raises(ReleasedError):
        engine.embed([moving(1)])


def test_several_threads_share_an_engine(engine: TorchEngine) -> None:
    clips = [moving(seed) for seed in range(6)]
    expected = engine.embed(clips)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda clip: engine.embed([clip])[0], clips))
    np.testing.assert_allclose(found, expected, atol=1e-5)
