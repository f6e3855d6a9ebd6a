# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Architecture settings of the network, without torch."""

from __future__ import annotations

from dataclasses import dataclass

from skeleton_dml_ros.errors import SkeletonDmlError

FULL_WIDTH = 64
"""Channels of ResNet18's first stage."""


@dataclass(frozen=True)
class Architecture:
    """Architecture settings of the network.

    Attributes:
        embedding_dimension: length of an embedding; 128 in most of the paper, 512 in its best result.
        embedder_layers: 1 as in the authors' code, or 2 as in the paper.
        width: channels of the trunk's first stage, 64 in ResNet18; each further stage has twice as
            many.  The cost is proportional to its square.
        views: number of parallel trunks, each with its own embedder; equals the number of views of
            the representation.  The embedding has an equal part from each.
    """

    embedding_dimension: int = 128
    embedder_layers: int = 1
    width: int = FULL_WIDTH
    views: int = 1

    @property
    def trunk_features(self) -> int:
        """Channels of a trunk's last stage."""
        return 8 * self.width

    @property
    def view_dimension(self) -> int:
        """Length of one view's part of the embedding."""
        return self.embedding_dimension // self.views

    def __post_init__(self) -> None:
        if self.width < 1:
            raise SkeletonDmlError(f"width is {self.width}; give at least 1")
        if self.views < 1:
            raise SkeletonDmlError(f"views is {self.views}; give at least 1")
        if self.embedding_dimension % self.views:
            raise SkeletonDmlError(
                f"embedding_dimension is {self.embedding_dimension}, which {self.views} views do "
                "not divide; give a multiple"
            )
        if self.embedding_dimension < 2:
            raise SkeletonDmlError(
                f"embedding_dimension is {self.embedding_dimension}; give at least 2"
            )
        if self.embedder_layers not in (1, 2):
            raise SkeletonDmlError(f"embedder_layers is {self.embedder_layers}; give 1 or 2")
