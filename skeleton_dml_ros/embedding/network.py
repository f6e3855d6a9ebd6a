# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The embedder: a ResNet18 trunk and a perceptron that end in a unit vector.

Skeleton-DML, section 3.2: the trunk's 512 features go through the embedder, "a two-layer
perceptron", to the embedding.  The authors' code has one linear layer there; both are offered.
The classifier on the embedding serves training alone.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from skeleton_dml_ros.embedding.architecture import TRUNK_FEATURES, Architecture
from skeleton_dml_ros.embedding.model import CARD, WEIGHTS, Model, ModelError
from skeleton_dml_ros.embedding.torchvision_import import torchvision_models


class ActionEmbedder(nn.Module):
    """Images to unit vectors.  The trunk accepts any image size from 32 pixels on.

    Args:
        architecture: the network's shape.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.trunk = torchvision_models().resnet18(weights=None)
        self.trunk.fc = nn.Identity()
        final = nn.Linear(TRUNK_FEATURES, architecture.embedding_dimension)
        self.embedder = (
            nn.Sequential(final)
            if architecture.embedder_layers == 1
            else nn.Sequential(nn.Linear(TRUNK_FEATURES, TRUNK_FEATURES), nn.ReLU(), final)
        )

    def forward(self, images: Tensor) -> Tensor:
        """(batch, 3, height, width) in [0, 1] to (batch, dimension) of unit length."""
        return functional.normalize(self.raw(images), dim=1)

    def raw(self, images: Tensor) -> Tensor:
        """The same before it is brought to unit length, float32, as training needs it."""
        embeddings: Tensor = self.embedder(self.trunk(images))
        return embeddings.to(torch.float32)

    @property
    def last_layer(self) -> nn.Linear:
        """The layer that gives the embedding."""
        return cast(nn.Linear, self.embedder[-1])

    def features(self, images: Tensor) -> Tensor:
        """(batch, 512) what the embedder's last layer makes the embedding of, float32."""
        features: Tensor = self.embedder[:-1](self.trunk(images))
        return features.to(torch.float32)


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
        ModelError: the weights do not fit the architecture that the card states.
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
