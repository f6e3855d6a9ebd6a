# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Trained models that teach another what several of them agree on.

Of one recipe, each seed is good at other actions.  Several networks together are better than each,
and cost a robot as many times as much; a single one that learns to find the same clips alike as
they do on average costs no more than before (Park, Kim, Lu and Cho, *Relational knowledge
distillation*, CVPR 2019; Tung and Mori, *Similarity-preserving knowledge distillation*, ICCV 2019).
"""

from __future__ import annotations

import torch
from torch import Tensor

from skeleton_dml_ros.embedding.model import load_model, representation_of
from skeleton_dml_ros.embedding.network import network_of
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.reading import ConfigurationError


class Teachers:
    """Models whose similarities of clips a network learns to give.

    Args:
        configuration: of the network that learns; it names their folders.
        device: that they compute on.

    Raises:
        ModelError: a folder holds no model.
        ConfigurationError: a model prepares clips or draws images in another way.
    """

    def __init__(self, configuration: Configuration, device: torch.device) -> None:
        self._networks = []
        image = representation_of(configuration.representation)
        for folder in configuration.teachers:
            model = load_model(folder)
            if (model.card.preparation, model.representation) != (configuration.preparation, image):
                raise ConfigurationError(
                    f"teacher {folder} prepares clips or draws images in another way; give "
                    "models of the same preparation and representation"
                )
            network = network_of(model).requires_grad_(False)
            self._networks.append(
                network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            )

    @torch.no_grad()
    def embed(self, images: Tensor) -> Tensor:
        """What they say together: their embeddings side by side, of unit length.

        The similarity of two of these is the mean over the teachers' similarities.

        Args:
            images: (batch, 3, height, width).

        Returns:
            (batch, sum of the dimensions) float32.
        """
        embeddings = torch.cat([network(images) for network in self._networks], dim=1)
        together: Tensor = embeddings.to(torch.float32) / len(self._networks) ** 0.5
        return together
