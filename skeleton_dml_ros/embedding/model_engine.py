# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Base class of the engines."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import EmbeddingKey, ReleasedError
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

logger = logging.getLogger(__name__)

LARGEST_BATCH = 64
"""Batch size of the network; larger ones are no faster on a CPU and take more memory."""

RELEASE_SECONDS = 5.0
"""Seconds that releasing waits for the current batch.  A device that hangs for longer keeps the
batch's memory."""


class ModelEngine(ABC):
    """Embeds clips with a model; thread-safe.

    The model is not changed, so several engines may use it.

    Args:
        model: from :func:`skeleton_dml_ros.embedding.model.load_model`.
        name: of the engine, in the keys of embeddings.
        precision: ``float32``, ``float16``, ...
        device_name: device, for people, such as ``cpu`` or ``cuda:0 (NVIDIA H100)``.

    Attributes:
        key: identifies how the embeddings are computed.
        dimension: length of an embedding.
        device_name: device, for people.
    """

    def __init__(self, model: Model, name: str, precision: str, device_name: str) -> None:
        self.key = EmbeddingKey(model.digest, name, precision)
        self.dimension = model.card.architecture.embedding_dimension
        self.device_name = device_name
        self._preparation = model.card.preparation
        # The recogniser's worker embeds while a service enrols.
        self._lock = threading.Lock()
        self._released = False

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """Embeddings of the clips, (clips, dimension), of unit length, in the order given.

        The embedding of two people is the mean over both orders, so it does not depend on the
        order.

        Raises:
            SkeletonDmlError: a clip has too few visible joints or more than two people.
            ReleasedError: the engine was released.
        """
        embeddings = self._embed_as_named(sequences)
        pairs = [row for row, sequence in enumerate(sequences) if sequence.bodies == 2]
        if pairs:
            both = embeddings[pairs]
            both += self._embed_as_named([_swapped(sequences[row]) for row in pairs])
            embeddings[pairs] = both / np.linalg.norm(both, axis=1, keepdims=True)
        return embeddings

    def embed_prepared(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings of prepared clips.

        Args:
            clips: (clips, frames, bodies, 25, 3), at most one batch.

        Returns:
            (clips, dimension) unit vectors; of pairs in the given order.

        Raises:
            ReleasedError: the engine was released.
        """
        with self._lock:
            self._check_not_released()
            try:
                return self._compute(clips)
            finally:
                # The thread that released meanwhile may have stopped waiting.
                if self._released:
                    self._free()

    def image(self, sequence: SkeletonSequence) -> NDArray[np.float32]:
        """Image of a clip, (3, height, width) in [0, 1].

        Raises:
            SkeletonDmlError: the clip has too few visible joints or more than two people.
            ReleasedError: the engine was released.
        """
        clips = np.stack([self._preparation(sequence)])
        with self._lock:
            self._check_not_released()
            image: NDArray[np.float32] = self._draw(clips)[0]
        return image

    def device_memory(self) -> int | None:
        """Bytes that this process has allocated on the device, or None if unknown."""
        return None

    def release(self) -> None:
        """Release the device's memory after the current batch; may be called again."""
        if self._released:
            return
        self._released = True
        if not self._lock.acquire(timeout=RELEASE_SECONDS):
            logger.warning(
                "%s: a batch did not end within %g s and keeps its memory until it does",
                self.device_name,
                RELEASE_SECONDS,
            )
            return
        try:
            self._free()
        finally:
            self._lock.release()

    @abstractmethod
    def _compute(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """(clips, frames, bodies, 25, 3) to unit vectors (clips, dimension); one at a time."""

    @abstractmethod
    def _draw(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """(clips, frames, bodies, 25, 3) to (clips, 3, height, width); one at a time."""

    @abstractmethod
    def _free(self) -> None:
        """Free everything that uses memory on the device; called at the end, possibly more than once."""

    def _embed_as_named(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """Embeddings with the bodies in the order of each sequence."""
        prepared = [self._preparation(sequence) for sequence in sequences]
        embeddings = np.zeros((len(prepared), self.dimension), dtype=np.float32)
        for shape in sorted({clip.shape for clip in prepared}):
            rows = [row for row, clip in enumerate(prepared) if clip.shape == shape]
            for begin in range(0, len(rows), LARGEST_BATCH):
                batch = rows[begin : begin + LARGEST_BATCH]
                embeddings[batch] = self.embed_prepared(np.stack([prepared[row] for row in batch]))
        return embeddings

    def _check_not_released(self) -> None:
        if self._released:
            raise ReleasedError(
                f"the engine on {self.device_name} was released; make another one of the model"
            )


def _swapped(sequence: SkeletonSequence) -> SkeletonSequence:
    """The same two people in the other order."""
    return sequence.replace(
        positions=sequence.positions[:, ::-1],
        observed=sequence.observed[:, ::-1],
        confidence=None if sequence.confidence is None else sequence.confidence[:, ::-1],
    )
