# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Distillation: train one network on the mean similarities of several trained ones.

Networks trained with different seeds err on different actions, and an ensemble is better than each
of them but costs a robot several times as much.  A single network that learns the ensemble's mean
similarities costs no more than before (Park, Kim, Lu and Cho, *Relational knowledge distillation*,
CVPR 2019; Tung and Mori, *Similarity-preserving knowledge distillation*, ICCV 2019).
"""

from __future__ import annotations

import torch
from torch import Tensor

from skeleton_dml_ros.embedding.model import load_model, representation_of
from skeleton_dml_ros.embedding.network import network_of
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.reading import ConfigurationError


class Teachers:
    """Trained models whose similarities between clips are distilled.

    Args:
        configuration: of the student; it names the teachers' folders.
        device: for the teachers.

    Raises:
        ModelError: a folder has no model.
        ConfigurationError: a model has another preparation or representation.
    """

    def __init__(self, configuration: Configuration, device: torch.device) -> None:
        self._networks = []
        image = representation_of(configuration.representation)
        for folder in configuration.teachers:
            model = load_model(folder)
            if (model.card.preparation, model.representation) != (configuration.preparation, image):
                raise ConfigurationError(
                    f"teacher {folder} has another preparation or representation than the "
                    "configuration; give one with the same"
                )
            network = network_of(model).requires_grad_(False)
            self._networks.append(
                network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            )

    @torch.no_grad()
    def embed(self, images: Tensor) -> Tensor:
        """The teachers' embeddings, concatenated and normalised to unit length.

        The similarity of two of these is the mean of the teachers' similarities.

        Args:
            images: (batch, 3, height, width).

        Returns:
            (batch, sum of the dimensions) float32.
        """
        embeddings = torch.cat([network(images) for network in self._networks], dim=1)
        together: Tensor = embeddings.to(torch.float32) / len(self._networks) ** 0.5
        return together
