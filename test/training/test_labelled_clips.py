# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.network import network_of
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.normalization import STEPS
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence
from skeleton_dml_ros.training.clips import LabelledClips, swap_people
from skeleton_dml_ros.training.configuration import DataSource
from skeleton_dml_ros.training.data import read_clips
from skeleton_dml_ros.training.embeddings import embed_clips

CPU = torch.device("cpu")


def pair() -> SkeletonSequence:
    """The first lifts a hand; the second stands to the left and farther away."""
    positions = np.repeat(REST_POSE[None, None], 20, axis=0).repeat(2, axis=1) * 0.5
    positions[:, 1] += [0.9, 0, 0.4]
    positions[:, 0, NTU_25.index("hand_right"), 1] += np.linspace(0, 0.5, 20)
    return SkeletonSequence(positions + np.array([0, 0, 3]), np.arange(20) / 30, NTU_25)


def swapped(sequence: SkeletonSequence) -> SkeletonSequence:
    """The same people, named the other way round."""
    return SkeletonSequence(sequence.positions[:, ::-1], sequence.timestamps, sequence.layout)


def read(folder: Path, preparation: Preparation, frames: int) -> LabelledClips:
    return read_clips([DataSource("people.npz")], folder, preparation, frames)


@pytest.mark.parametrize("frames", [24, 0])
def test_each_clip_is_what_the_preparation_gives(people_folder: Path, frames: int) -> None:
    preparation = Preparation(frames=frames)
    clips = read(people_folder, preparation, frames)
    archive = read_archive(people_folder / "people.npz")
    assert clips.bodies.tolist() == [1] * 12 + [2] * 12
    for index in (3, 20):
        expected = preparation(archive.clip(index))
        found = clips.positions(np.array([index]), CPU)[0]
        assert clips.names[index] == archive.names[index]
        np.testing.assert_array_equal(found.numpy(), expected)


def test_groups_of_one_shape_make_up_any_choice(people_folder: Path) -> None:
    clips = read(people_folder, Preparation(frames=0), 0)
    indices = np.array([20, 1, 14, 3, 20])
    groups = list(clips.by_shape(indices))
    assert sorted(np.concatenate(groups).tolist()) == [0, 1, 2, 3, 4]
    for places in groups:
        shape = clips.positions(indices[places], CPU).shape
        assert shape[0] == len(places)


def test_a_selection_keeps_what_belongs_to_its_clips(people_folder: Path) -> None:
    clips = read(people_folder, Preparation(frames=12), 12)
    some = clips.select(np.array([20, 2]))
    assert len(some) == 2
    assert some.names.tolist() == [clips.names[20], clips.names[2]]
    assert torch.equal(some.positions(np.array([0]), CPU), clips.positions(np.array([20]), CPU))


@pytest.mark.parametrize("steps", [tuple(STEPS), ("origin", "scale"), ()])
def test_changing_names_is_what_preparation_makes_of_a_pair_named_the_other_way(
    steps: tuple[str, ...],
) -> None:
    preparation = Preparation(frames=12, steps=steps)
    as_named = torch.tensor(preparation(pair()))[None]
    other_way = torch.tensor(preparation(swapped(pair())))[None]
    torch.testing.assert_close(swap_people(as_named, preparation), other_way, atol=1e-5, rtol=0)


def test_clips_are_embedded_as_the_engine_embeds_them(
    people_folder: Path, untrained_model: Path
) -> None:
    model = load_model(untrained_model)
    archive = read_archive(people_folder / "people.npz")
    preparation = model.card.preparation
    clips = read(people_folder, preparation, preparation.frames)
    engine = TorchEngine(model, "cpu")
    chosen = [0, 7, 13, 23]
    expected = engine.embed([archive.clip(index) for index in chosen])
    some = clips.select(np.array(chosen))
    embedded = embed_clips(network_of(model), model.representation, some)
    np.testing.assert_allclose(embedded, expected, atol=1e-5)
    as_named = embed_clips(network_of(model), model.representation, some, both_orders=False)
    np.testing.assert_allclose(as_named[:2], expected[:2], atol=1e-5)
    assert float(np.abs(as_named[2:] - expected[2:]).max()) > 1e-4


def test_clips_of_a_multiple_of_the_models_frames_are_thinned(
    people_folder: Path, untrained_model: Path
) -> None:
    model = load_model(untrained_model)
    frames = model.card.preparation.frames
    twice = read(people_folder, model.card.preparation, 2 * frames).select(np.array([0, 1]))
    thinned = replace(
        twice,
        rows=torch.cat([twice.positions(np.array([n]), CPU)[0, ::2, 0] for n in (0, 1)]),
        offsets=np.array([0, frames]),
        frames=np.array([frames, frames]),
    )
    np.testing.assert_array_equal(
        embed_clips(network_of(model), model.representation, twice),
        embed_clips(network_of(model), model.representation, thinned),
    )
