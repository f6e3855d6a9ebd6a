# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What turns clips into unit vectors, whichever library computes it."""

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
    """The engine has given its device's memory back."""


@dataclass(frozen=True)
class EmbeddingKey:
    """Which computation an embedding came from: embeddings of different keys never mix.

    Attributes:
        weights_digest: SHA-256 of the weights and of everything that prepares a clip for them.
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

    Safe to call from several threads: the worker that recognises embeds while a service teaches.
    Where what computes serves one thread at a time, the engine lets them take turns; nobody above
    does it for it.
    """

    @property
    def key(self) -> EmbeddingKey:
        """Which computation this is."""
        ...

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        ...

    def embed(self, sequences: Sequence[SkeletonSequence]) -> NDArray[np.float32]:
        """Embeddings of the clips, (clips, dimension), unit length, in the order given.

        Clips may have any layout and any length; cleaning, mapping to NTU-25, normalising and
        resampling are part of the model.

        Raises:
            SkeletonDmlError: in a clip, nothing was seen that could be embedded.
            ReleasedError: the engine was released.
        """
        ...


def embed_each(
    engine: Engine, sequences: Sequence[SkeletonSequence]
) -> list[NDArray[np.float32] | None]:
    """The embedding of each clip, (dimension,), or None where too little was seen for one.

    Raises:
        ReleasedError: the engine was released, which says nothing about the clips.
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
