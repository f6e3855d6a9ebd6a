# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Embeddings of normalised clips, with a network that is being trained or has just been."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.training.clips import LabelledClips, swap_people

LARGEST_BATCH = 128
"""Clips embedded at once where no gradient is needed."""


@torch.inference_mode()
def embed_clips(
    network: ActionEmbedder,
    representation: Representation,
    clips: LabelledClips,
    both_orders: bool = True,
) -> NDArray[np.float32]:
    """Embeddings of clips, (clips, dimension) unit vectors, on the network's device.

    Clips with a multiple of the model's frames are embedded by every so many of them.

    Args:
        network: comes back in evaluation mode.
        representation: draws the images.
        clips: of any shapes.
        both_orders: embed two people as the mean over both orders of naming them, as the robot
            does; if not, as they are named.
    """
    network.eval()
    device = next(network.parameters()).device
    dimension = network.architecture.embedding_dimension
    embeddings = np.zeros((len(clips), dimension), dtype=np.float32)
    if len(clips) == 0:
        return embeddings

    def embed(positions: Tensor) -> Tensor:
        result: Tensor = network(representation(positions))
        return result

    for places in clips.by_shape(np.arange(len(clips))):
        for begin in range(0, len(places), LARGEST_BATCH):
            chunk = places[begin : begin + LARGEST_BATCH]
            positions = _at_the_models_frames(clips.positions(chunk, device), clips)
            embedded = embed(positions)
            if both_orders and positions.shape[2] == 2:
                swapped = embed(swap_people(positions, clips.preparation))
                embedded = functional.normalize(embedded + swapped, dim=1)
            embeddings[chunk] = embedded.cpu().numpy()
    return embeddings


def _at_the_models_frames(positions: Tensor, clips: LabelledClips) -> Tensor:
    if clips.preparation.frames == 0:
        return positions
    return positions[:, :: positions.shape[1] // clips.preparation.frames]
