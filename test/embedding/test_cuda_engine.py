# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What half precision computes, without graphs on the CPU, and with them where there is a GPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.embedding import cuda_engine
from skeleton_dml_ros.embedding.cuda_engine import BATCHES, CudaEngine, padded_size
from skeleton_dml_ros.embedding.dummy_clip import dummy_clip
from skeleton_dml_ros.embedding.engine import ReleasedError
from skeleton_dml_ros.embedding.model import Model, load_model
from skeleton_dml_ros.embedding.model_engine import LARGEST_BATCH
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")


@pytest.fixture
def model(untrained_model: Path) -> Model:
    return load_model(untrained_model)


def clips(count: int) -> list[SkeletonSequence]:
    """As many, all different; every third of two people."""
    made = []
    clip = dummy_clip()
    for number in range(count):
        positions = clip.positions + 0.1 * np.sin(np.arange(25) + number)[:, None]
        if number % 3 == 2:
            positions = np.concatenate([positions, positions + np.array([1.0, 0, 0.2])], axis=1)
        made.append(SkeletonSequence(positions, clip.timestamps, clip.layout))
    return made


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=needs_gpu)])
def test_half_precision_computes_what_float32_does(model: Model, device: str) -> None:
    exact, half = TorchEngine(model, device), CudaEngine(model, device)
    assert (half.key.engine, half.key.precision) == ("torch", "float16")
    given = clips(5)
    embeddings = half.embed(given)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(embeddings, exact.embed(given), atol=2e-2)
    half.release()
    with pytest.raises(ReleasedError):
        half.embed(given)


def test_batches_are_filled_up_to_the_next_size() -> None:
    assert [padded_size(clips) for clips in (1, 2, 3, 5, 33)] == [1, 2, 4, 8, 64]
    assert BATCHES[-1] == LARGEST_BATCH


@needs_gpu
def test_graphs_compute_what_is_computed_without_them(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = CudaEngine(model)
    assert len(recorded._graphs) == 2 * len(BATCHES)
    monkeypatch.setattr(cuda_engine, "BATCHES", (1,))
    plain = CudaEngine(model)
    plain._graphs.clear()
    for count in (1, 3, 20, 100, 1):
        given = clips(count)
        np.testing.assert_allclose(recorded.embed(given), plain.embed(given), atol=5e-3)


@needs_gpu
def test_images_that_show_bones_and_motion_are_recorded_as_well(model: Model) -> None:
    image = {**model.card.representation, "streams": ["positions", "bones", "motion"]}
    engine = CudaEngine(replace(model, card=replace(model.card, representation=image)))
    assert len(engine._graphs) == 2 * len(BATCHES)


@needs_gpu
def test_what_cannot_be_recorded_is_computed_without_graphs(
    model: Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(cuda_engine, "_Graph", refuse)
    engine = CudaEngine(model)
    assert "CUDA graphs cannot be recorded, so a clip takes longer: no room" in caplog.text
    assert engine.embed(clips(2)).shape == (2, engine.dimension)
