# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Embed normalised clips with a network during or after training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.training.clips import LabelledClips, swap_people

LARGEST_BATCH = 128
"""Clips per batch when no gradient is needed."""


@torch.inference_mode()
def embed_clips(
    network: ActionEmbedder,
    representation: Representation,
    clips: LabelledClips,
    both_orders: bool = True,
) -> NDArray[np.float32]:
    """Embeddings of clips, (clips, dimension) unit vectors, on the network's device.

    Clips with a multiple of the model's frames are subsampled.

    Args:
        network: left in evaluation mode.
        representation: draws the images.
        clips: of any shapes.
        both_orders: embed two people as the mean over both orders, as the robot does; otherwise in
            the given order.
    """
    network.eval()
    embeddings = np.zeros((len(clips), network.architecture.embedding_dimension), np.float32)
    for chunk, orders in _images(network, representation, clips, both_orders):
        embedded = torch.stack([network(images) for images in orders]).sum(dim=0)
        embeddings[chunk] = functional.normalize(embedded, dim=1).cpu().numpy()
    return embeddings


@torch.inference_mode()
def features_of_clips(
    network: ActionEmbedder, representation: Representation, clips: LabelledClips
) -> NDArray[np.float32]:
    """Features of clips, the input of the network's last layers, (clips, views * 512 in ResNet18).

    For two people, the mean over both orders.

    Args:
        network: left in evaluation mode.
        representation: draws the images.
        clips: of any shapes.
    """
    network.eval()
    architecture = network.architecture
    width = architecture.views * architecture.trunk_features
    features = np.zeros((len(clips), width), np.float32)
    for chunk, orders in _images(network, representation, clips, both_orders=True):
        found = torch.stack([network.features(images) for images in orders]).mean(dim=0)
        features[chunk] = found.cpu().numpy()
    return features


def _images(
    network: ActionEmbedder, representation: Representation, clips: LabelledClips, both_orders: bool
) -> Iterator[tuple[NDArray[np.intp], list[Tensor]]]:
    """Yield positions of clips of one shape, and their images; for two people in one order or both."""
    device = next(network.parameters()).device
    if len(clips) == 0:
        return
    for places in clips.by_shape(np.arange(len(clips))):
        for begin in range(0, len(places), LARGEST_BATCH):
            chunk = places[begin : begin + LARGEST_BATCH]
            positions = _at_the_models_frames(clips.positions(chunk, device), clips)
            orders = [positions]
            if both_orders and positions.shape[2] == 2:
                orders.append(swap_people(positions, clips.preparation))
            yield chunk, [representation(one) for one in orders]


def _at_the_models_frames(positions: Tensor, clips: LabelledClips) -> Tensor:
    if clips.preparation.frames == 0:
        return positions
    return positions[:, :: positions.shape[1] // clips.preparation.frames]
