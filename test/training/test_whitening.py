# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.data import read_clips
from skeleton_dml_ros.training.embeddings import features_of_clips
from skeleton_dml_ros.training.loop import train_network
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.whitening import whiten

DIMENSION = 3


@pytest.fixture(params=[1, 2])
def network(request: pytest.FixtureRequest) -> ActionEmbedder:
    torch.manual_seed(0)
    return ActionEmbedder(Architecture(DIMENSION, request.param)).eval()


def test_the_largest_components_follow_each_other_uncorrelated_with_variances_evened_out(
    network: ActionEmbedder, people_configuration: Configuration
) -> None:
    representation = representation_of(people_configuration.representation)
    clips = clips_of(people_configuration)
    features = features_of_clips(network, representation, clips)
    variances = np.sort(np.linalg.eigvalsh(np.cov(features.T, bias=True)))[::-1][:DIMENSION]
    for power, expected in ((0.5, np.sqrt(variances)), (1.0, np.ones(DIMENSION))):
        whiten(network, representation, clips, power, seed=0)
        (last,) = network.last_layers
        with torch.inference_mode():
            raw = features.astype(np.float64) @ last.weight.numpy().T + last.bias.numpy()
        np.testing.assert_allclose(raw.mean(axis=0), 0, atol=1e-2)
        covariance = np.cov(raw.T, bias=True)
        np.testing.assert_allclose(covariance, np.diag(expected), atol=1e-2 * expected[0])


def test_features_of_two_people_do_not_depend_on_who_is_named_first(
    network: ActionEmbedder, people_configuration: Configuration
) -> None:
    representation = representation_of(people_configuration.representation)
    clips = clips_of(people_configuration)
    pairs = clips.select(clips.bodies == 2)
    frames = pairs.preparation.frames
    exchanged = pairs.rows.clone()
    turned = torch.tensor([-1.0, 1.0, -1.0])
    for begin, length in zip(pairs.offsets, pairs.frames, strict=True):
        both = slice(begin, begin + 2 * length)
        exchanged[both] = pairs.rows[both].view(-1, 2, 25, 3).flip(1).reshape(-1, 25, 3) * turned
    assert frames > 0
    assert len(pairs) > 0
    np.testing.assert_allclose(
        features_of_clips(network, representation, pairs),
        features_of_clips(network, representation, dataclasses.replace(pairs, rows=exchanged)),
        atol=1e-5,
    )


def test_a_run_ends_with_the_same_trunk_and_another_last_layer(
    configuration: Configuration, tmp_path: Path
) -> None:
    states = {}
    for power in (0.0, 0.5):
        settings = dataclasses.replace(configuration, whitening=power)
        states[power] = train_network(
            settings, tmp_path / str(power), device="cpu"
        ).network.state_dict()
    changed = {
        name for name in states[0.0] if not torch.equal(states[0.0][name], states[0.5][name])
    }
    assert changed == {"embedder.0.weight", "embedder.0.bias"}
    assert all(value.isfinite().all() for value in states[0.5].values())


def test_what_cannot_be_whitened_is_refused(configuration: Configuration) -> None:
    with pytest.raises(ConfigurationError, match=r"whitening is 1\.5; give between 0 and 1"):
        dataclasses.replace(configuration, whitening=1.5)
    large = Architecture(embedding_dimension=600)
    with pytest.raises(ConfigurationError, match="600, and the trunk's 512 features have no more"):
        dataclasses.replace(configuration, architecture=large)
    dataclasses.replace(configuration, architecture=large, whitening=0)


def clips_of(configuration: Configuration) -> LabelledClips:
    frames = configuration.preparation.frames
    return read_clips(
        configuration.data, configuration.data_folder, configuration.preparation, frames
    )
