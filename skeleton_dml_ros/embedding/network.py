# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The embedder: a ResNet18 trunk and a perceptron, from an image to a unit vector.

With several views, each view has its own trunk and perceptron, and the embedding is the concatenation
of their unit vectors: squared distances are the means of those of the views.

Skeleton-DML, section 3.2: "a two-layer perceptron" maps the trunk's 512 features to the embedding.
The authors' code has one linear layer; both are available.  The classifier on the embedding is used
in training only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.model import CARD, WEIGHTS, Model, ModelError
from skeleton_dml_ros.embedding.trunk import SideBySide, make_trunk
from skeleton_dml_ros.errors import SkeletonDmlError


class ActionEmbedder(nn.Module):
    """Maps images to unit vectors.  The trunk accepts any image size from 32 pixels.

    Args:
        architecture: settings of the network.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        trunks = [make_trunk(architecture.width) for _ in range(architecture.views)]
        embedders = [_embedder(architecture) for _ in range(architecture.views)]
        several = architecture.views > 1
        self.trunk = SideBySide(trunks, dim=2) if several else trunks[0]
        self.embedder = SideBySide([*embedders], dim=1, unit=True) if several else embedders[0]

    def forward(self, images: Tensor) -> Tensor:
        """(batch, 3, height, width) in [0, 1] to (batch, dimension) of unit length."""
        return functional.normalize(self.raw(images), dim=1)

    def raw(self, images: Tensor) -> Tensor:
        """The embedding before normalisation to unit length, float32, for training.

        With several views, each one's part has unit length.
        """
        embeddings: Tensor = self.embedder(self.trunk(images))
        return embeddings.to(torch.float32)

    @property
    def last_layers(self) -> list[nn.Linear]:
        """The last layer, or that of each view."""
        return [cast(nn.Linear, embedder[-1]) for embedder in self._each_embedder()]

    def features(self, images: Tensor) -> Tensor:
        """Input of the last layers, float32, (batch, views * trunk's features)."""
        given = self.trunk(images).chunk(self.architecture.views, dim=1)
        features = [
            embedder[:-1](one) for embedder, one in zip(self._each_embedder(), given, strict=True)
        ]
        return torch.cat(features, dim=1).to(torch.float32)

    def _each_embedder(self) -> list[nn.Sequential]:
        return [cast(nn.Sequential, one) for one in _views_of(self.embedder)]


def _embedder(architecture: Architecture) -> nn.Sequential:
    features = architecture.trunk_features
    final = nn.Linear(features, architecture.view_dimension)
    if architecture.embedder_layers == 1:
        return nn.Sequential(final)
    return nn.Sequential(nn.Linear(features, features), nn.ReLU(), final)


def side_by_side(networks: Sequence[ActionEmbedder]) -> ActionEmbedder:
    """One network with the trunks and embedders of several, in their order.

    Raises:
        SkeletonDmlError: they differ in width, layers, or dimension of a view's part.
    """
    alike = [
        replace(
            network.architecture, views=1, embedding_dimension=network.architecture.view_dimension
        )
        for network in networks
    ]
    if len(set(alike)) > 1:
        raise SkeletonDmlError(
            f"networks of {alike[0]} and {alike[1]} a view cannot stand side by side; train them "
            "with the same architecture"
        )
    views = sum(network.architecture.views for network in networks)
    dimension = views * alike[0].embedding_dimension
    joined = ActionEmbedder(replace(alike[0], views=views, embedding_dimension=dimension))
    for part in ("trunk", "embedder"):
        modules = [one for network in networks for one in _views_of(getattr(network, part))]
        for target, source in zip(_views_of(getattr(joined, part)), modules, strict=True):
            target.load_state_dict(source.state_dict())
    return joined


def _views_of(part: nn.Module) -> list[nn.Module]:
    return list(part.views) if isinstance(part, SideBySide) else [part]


class Classifier(nn.Module):
    """A linear classifier on the embedding, for the cross-entropy part of the training loss."""

    def __init__(self, embedding_dimension: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(embedding_dimension, classes)

    def forward(self, embeddings: Tensor) -> Tensor:
        """(batch, dimension) to logits (batch, classes)."""
        logits: Tensor = self.linear(embeddings)
        return logits


def network_of(model: Model) -> ActionEmbedder:
    """The network with the model's weights, in evaluation mode, float32, on the CPU.

    Raises:
        ModelError: the weights do not fit the card's architecture.
    """
    network = ActionEmbedder(model.card.architecture)
    state = {name: torch.from_numpy(_full(value)) for name, value in model.weights.items()}
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        first = str(error).splitlines()[-1].strip()
        raise ModelError(
            f"{model.folder / WEIGHTS} does not fit the architecture in {CARD}: {first}"
        ) from None
    return network.eval()


def _full(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32) if np.issubdtype(array.dtype, np.floating) else array
