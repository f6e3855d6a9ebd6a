# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The embedder's last layer, made anew when training is over.

Training draws apart the classes that it knows: some directions of what the trunk finds in a clip,
its features, grow long because they tell these apart.  Actions that come later differ in others too.
A projection on the features' principal components whose variances are evened out weighs directions
more alike (Jégou and Chum, *Negative evidences and co-occurences in image retrieval: the benefit of
PCA and whitening*, ECCV 2012).  Of a clip with features f, mean m and components v_i with variances
s_i over training clips, the embedding becomes, before it is brought to unit length,

    v_i . (f - m) / s_i^(power / 2)        for the components with the largest variances.

A power of 1 whitens wholly; a half serves actions that were not trained on best
(``docs/accuracy.md``).  All of it is one linear layer, so the robot computes what it did before.
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
"""Training clips that mean and components are taken of, as many of each class as possible."""

SMALLEST_VARIANCE = 1e-5
"""Share of the largest variance below which none is taken for smaller: of few clips, the last
components have none."""


def whiten(
    network: ActionEmbedder,
    representation: Representation,
    clips: LabelledClips,
    power: float,
    seed: int,
) -> None:
    """Make the last layer a projection on principal components whose variances are evened out.

    Args:
        network: trained; its last layer, or that of each view, is replaced, and it comes back in evaluation mode.
        representation: draws the images.
        clips: that the network was trained on.
        power: how much the variances are evened out, between 0 and 1.
        seed: decides which clips of large classes are used.
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
    """Weight and bias of the projection on principal components with evened out variances.

    Args:
        features: (clips, features).
        dimension: components that are kept.
        power: how much the variances are evened out, between 0 and 1.

    Returns:
        (dimension, features) and (dimension,).
    """
    mean = features.mean(axis=0)
    variances, components = np.linalg.eigh(np.cov(features.T, bias=True))
    largest = np.argsort(variances)[::-1][:dimension]
    kept = np.maximum(variances[largest], SMALLEST_VARIANCE * variances.max())
    weight = components[:, largest].T / kept[:, None] ** (power / 2)
    # A component may point either way; this one is the same whatever the library.
    weight *= np.sign(weight[np.arange(len(weight)), np.abs(weight).argmax(axis=1)])[:, None]
    return weight, -weight @ mean
