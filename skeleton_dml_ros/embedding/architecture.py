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
