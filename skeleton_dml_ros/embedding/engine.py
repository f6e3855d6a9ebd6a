# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Interface of the engines, which embed clips as unit vectors."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

logger = logging.getLogger(__name__)


class ReleasedError(SkeletonDmlError):
    """The engine was released."""


@dataclass(frozen=True)
class EmbeddingKey:
    """Identifies how an embedding was computed; embeddings of different keys are never compared.

    Attributes:
        weights_digest: SHA-256 of the weights and of everything that prepares a clip.
        engine: the library that computes, such as ``torch``.
        precision: ``float32``, ``float16``, ...
    """

    weights_digest: str
    engine: str
    precision: str

    def __str__(self) -> str:
        return f"{self.weights_digest}/{self.engine}/{self.precision}"


class Engine(Protocol):
    """Embeds clips.

    Thread-safe: the recognition worker embeds while a service enrols.  An engine whose library serves
    only one thread at a time does the locking itself.
    """

    @property
    def key(self) -> EmbeddingKey:
        """Key of the embeddings."""
        ...

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        ...

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """Embeddings of the clips, (clips, dimension), of unit length, in the order given.

        Clips may have any layout and any length; cleaning, mapping to NTU-25, normalising and
        resampling are part of the model.

        Raises:
            SkeletonDmlError: a clip has too few visible joints.
            ReleasedError: the engine was released.
        """
        ...


def embed_each(
    engine: Engine, sequences: Sequence[SkeletonSequence]
) -> list[NDArray[np.float32] | None]:
    """The embedding of each clip, (dimension,), or None if too few joints were visible.

    Raises:
        ReleasedError: the engine was released.
    """
    if not sequences:
        return []
    try:
        return list(engine.embed(sequences))
    except ReleasedError:
        raise
    except SkeletonDmlError as error:
        if len(sequences) == 1:
            logger.info("a clip was not embedded: %s", error)
            return [None]
        return [vector for one in sequences for vector in embed_each(engine, [one])]
