# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network's shape, for those who need not compute with it."""

from __future__ import annotations

from dataclasses import dataclass

from skeleton_dml_ros.errors import SkeletonDmlError

TRUNK_FEATURES = 512
"""What ResNet18's last stage gives after pooling."""


@dataclass(frozen=True)
class Architecture:
    """The network's shape.

    Attributes:
        embedding_dimension: length of an embedding; 128 in most of the paper, 512 in its best.
        embedder_layers: 1 as in the authors' code, or 2 as in the paper.
    """

    embedding_dimension: int = 128
    embedder_layers: int = 1

    def __post_init__(self) -> None:
        if self.embedding_dimension < 2:
            raise SkeletonDmlError(
                f"embedding_dimension is {self.embedding_dimension}; give at least 2"
            )
        if self.embedder_layers not in (1, 2):
            raise SkeletonDmlError(f"embedder_layers is {self.embedder_layers}; give 1 or 2")
