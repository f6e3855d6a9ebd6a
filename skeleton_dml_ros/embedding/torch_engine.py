"""The engine that computes with torch, on a CPU or a CUDA device."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import EmbeddingKey
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

LARGEST_BATCH = 64
"""Images that go through the network at once: more gain nothing on a CPU and cost memory."""


class TorchEngine:
    """Embeds clips with a model in float32; safe to use from several threads.

    Args:
        model: what :func:`skeleton_dml_ros.embedding.model.load_model` gives.
        device: ``cpu``, ``cuda``, ``cuda:1``, ..., or ``auto``: CUDA where there is one.

    Raises:
        SkeletonDmlError: the device does not exist here.
    """

    def __init__(self, model: Model, device: str = "auto") -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self.device = torch.device(device)
            self._network = model.network.to(self.device)
            self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
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
        """
        total = self._embed_as_named(sequences)
        pairs = [row for row, sequence in enumerate(sequences) if sequence.bodies == 2]
        if pairs:
            total[pairs] += self._embed_as_named([_swapped(sequences[row]) for row in pairs])
            total[pairs] /= np.linalg.norm(total[pairs], axis=1, keepdims=True)
        return total

    def _embed_as_named(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """Embeddings with the bodies in the order in which each sequence has them."""
        prepared = [self._preparation(sequence) for sequence in sequences]
        embeddings = np.zeros((len(prepared), self.dimension), dtype=np.float32)
        for bodies in sorted({clip.shape[1] for clip in prepared}):
            rows = [row for row, clip in enumerate(prepared) if clip.shape[1] == bodies]
            for begin in range(0, len(rows), LARGEST_BATCH):
                batch = rows[begin : begin + LARGEST_BATCH]
                embeddings[batch] = self._embed_batch(np.stack([prepared[row] for row in batch]))
        return embeddings

    @torch.inference_mode()
    def _embed_batch(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """(clips, frames, bodies, 25, 3) of one number of bodies to unit vectors."""
        with self._lock:
            images = self._representation(torch.from_numpy(clips).to(self.device))
            embeddings: NDArray[np.float32] = self._network(images).cpu().numpy()
        return embeddings


def _swapped(sequence: SkeletonSequence) -> SkeletonSequence:
    """The same two people, named the other way round."""
    return sequence.replace(
        positions=sequence.positions[:, ::-1],
        observed=sequence.observed[:, ::-1],
        confidence=None if sequence.confidence is None else sequence.confidence[:, ::-1],
    )
