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

"""The engine that computes with torch, on a CPU or a CUDA device."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import EmbeddingKey, ReleasedError
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

logger = logging.getLogger(__name__)

LARGEST_BATCH = 64
"""Images that go through the network at once: more gain nothing on a CPU and cost memory."""

RELEASE_SECONDS = 5.0
"""How long releasing waits for the batch in hand.  A device that hangs for longer keeps what the
batch holds."""


class TorchEngine:
    """Embeds clips with a model in float32; safe to use from several threads.

    The model stays as it is: on another device than its own, the engine computes with a copy.  So
    one model serves any number of engines, one after the other or at once.

    Args:
        model: what :func:`skeleton_dml_ros.embedding.model.load_model` gives.
        device: ``cpu``, ``cuda``, ``cuda:1``, ..., or ``auto``: CUDA where there is one.

    Attributes:
        device: where it computes.
        device_name: the same for people, such as ``cpu`` or ``cuda:0 (NVIDIA H100)``.

    Raises:
        SkeletonDmlError: the device does not exist here, or has no room for the model.
    """

    def __init__(self, model: Model, device: str = "auto") -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self.device = _numbered(torch.device(device))
            self.device_name = _name(self.device)
            self._network: ActionEmbedder | None = _network_on(model.network, self.device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise SkeletonDmlError(
                f"device {device!r} cannot be used: {reason}; give cpu, cuda or auto"
            ) from None
        self._preparation = model.card.preparation
        self._representation = model.representation
        self.key = EmbeddingKey(model.digest, "torch", "float32")
        # The recogniser's worker embeds while a service enrols.
        self._lock = threading.Lock()
        self.dimension = model.card.architecture.embedding_dimension

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """Embeddings of the clips, (clips, dimension), unit length, in the order given.

        The embedding of two people is the mean over both orders of naming them, so it does not
        depend on the order.

        Raises:
            SkeletonDmlError: in a clip, too little was seen.
            ReleasedError: the engine was released.
        """
        total = self._embed_as_named(sequences)
        pairs = [row for row, sequence in enumerate(sequences) if sequence.bodies == 2]
        if pairs:
            total[pairs] += self._embed_as_named([_swapped(sequences[row]) for row in pairs])
            total[pairs] /= np.linalg.norm(total[pairs], axis=1, keepdims=True)
        return total

    def device_memory(self) -> int | None:
        """Bytes that this process has allocated on the device; None on the CPU."""
        if self.device.type != "cuda":
            return None
        return int(torch.cuda.memory_allocated(self.device))

    def release(self) -> None:
        """Give the device's memory back; waits for the batch in hand.  Twice is no error."""
        network, self._network = self._network, None
        if network is None:
            return
        del network
        if not self._lock.acquire(timeout=RELEASE_SECONDS):
            logger.warning(
                "%s: a batch did not end within %g s and keeps its memory",
                self.device_name,
                RELEASE_SECONDS,
            )
            return
        try:
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
        finally:
            self._lock.release()

    def _embed_as_named(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """Embeddings with the bodies in the order in which each sequence has them."""
        prepared = [self._preparation(sequence) for sequence in sequences]
        embeddings = np.zeros((len(prepared), self.dimension), dtype=np.float32)
        for shape in sorted({clip.shape for clip in prepared}):
            rows = [row for row, clip in enumerate(prepared) if clip.shape == shape]
            for begin in range(0, len(rows), LARGEST_BATCH):
                batch = rows[begin : begin + LARGEST_BATCH]
                embeddings[batch] = self._embed_batch(np.stack([prepared[row] for row in batch]))
        return embeddings

    @torch.inference_mode()
    def _embed_batch(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """(clips, frames, bodies, 25, 3) to unit vectors."""
        with self._lock:
            network = self._network
            if network is None:
                raise ReleasedError(
                    f"the engine on {self.device_name} was released; make another one of the model"
                )
            images = self._representation(torch.from_numpy(clips).to(self.device))
            embeddings: NDArray[np.float32] = network(images).cpu().numpy()
            # While the lock is held, so that who releases finds nothing of the batch on the device.
            del network, images
        return embeddings


def _numbered(device: torch.device) -> torch.device:
    """The device with its number, where it is the thread's current one that is meant."""
    if str(device) == "cuda":
        return torch.device("cuda", torch.cuda.current_device())
    return device


def _name(device: torch.device) -> str:
    if device.type != "cuda":
        return str(device)
    return f"{device} ({torch.cuda.get_device_name(device)})"


def _network_on(network: ActionEmbedder, device: torch.device) -> ActionEmbedder:
    """The network where it is to compute: itself, or a copy where that is another device.

    A module moves in place, and a device that is full leaves it halfway.
    """
    if any(value.device != device for value in network.state_dict().values()):
        network = copy.deepcopy(network).to(device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _swapped(sequence: SkeletonSequence) -> SkeletonSequence:
    """The same two people, named the other way round."""
    return sequence.replace(
        positions=sequence.positions[:, ::-1],
        observed=sequence.observed[:, ::-1],
        confidence=None if sequence.confidence is None else sequence.confidence[:, ::-1],
    )
