# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Replace the embedder's last layer by a whitened projection after training.

Training stretches those directions of the feature space that separate the training classes.  New
actions differ in other directions too.  A projection on the features' principal components with
equalised variances weighs all directions more evenly (Jégou and Chum, *Negative evidences and
co-occurences in image retrieval: the benefit of PCA and whitening*, ECCV 2012).  For a clip with
features f, and mean m and components v_i with variances s_i over the training clips, the embedding
before normalisation to unit length is

    v_i . (f - m) / s_i^(power / 2)        for the components with the largest variances.

A power of 1 whitens completely; a power of one half is best for actions that were not trained on
(``docs/accuracy.md``).  The result is one linear layer, so the cost on the robot stays the same.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.embeddings import features_of_clips
from skeleton_dml_ros.training.sampling import balanced

MAX_CLIPS = 1000
"""Maximum number of training clips for mean and components, balanced over the classes."""

SMALLEST_VARIANCE = 1e-5
"""Lower bound of variances, as a share of the largest one: with few clips the last components have
no variance."""


def whiten(
    network: ActionEmbedder,
    representation: Representation,
    clips: LabelledClips,
    power: float,
    seed: int,
) -> None:
    """Replace the last layer by a projection on principal components with equalised variances.

    Args:
        network: trained; the last layer of each view is replaced, and the network is left in
            evaluation mode.
        representation: draws the images.
        clips: that the network was trained on.
        power: of the whitening, between 0 and 1.
        seed: for the choice of clips of large classes.
    """
    chosen = balanced(clips.labels, MAX_CLIPS, np.random.default_rng(seed))
    features = features_of_clips(network, representation, clips.select(chosen)).astype(np.float64)
    last_layers = network.last_layers
    for last, seen in zip(last_layers, np.split(features, len(last_layers), axis=1), strict=True):
        weight, bias = whitening_layer(seen, network.architecture.view_dimension, power)
        with torch.no_grad():
            last.weight.copy_(torch.from_numpy(weight))
            last.bias.copy_(torch.from_numpy(bias))


def whitening_layer(
    features: NDArray[np.float64], dimension: int, power: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and bias of the projection on principal components with equalised variances.

    Args:
        features: (clips, features).
        dimension: number of components kept.
        power: of the whitening, between 0 and 1.

    Returns:
        (dimension, features) and (dimension,).
    """
    mean = features.mean(axis=0)
    variances, components = np.linalg.eigh(np.cov(features.T, bias=True))
    largest = np.argsort(variances)[::-1][:dimension]
    kept = np.maximum(variances[largest], SMALLEST_VARIANCE * variances.max())
    weight = components[:, largest].T / kept[:, None] ** (power / 2)
    # The sign of a component is arbitrary; fix it, so that libraries agree.
    weight *= np.sign(weight[np.arange(len(weight)), np.abs(weight).argmax(axis=1)])[:, None]
    return weight, -weight @ mean
