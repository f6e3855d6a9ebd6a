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

"""The figures that the paper states, as far as they are known here; none was measured here.

R. Memmesheimer, S. Häring, N. Theisen, D. Paulus, "Skeleton-DML: Deep metric learning for
skeleton-based one-shot action recognition", WACV 2022, arXiv 2012.13823.

The paper's tables could not be read where this was written.  What stands here is what its abstract
and that of SL-DML say, or what follows from them; everything else is left out rather than guessed,
and shown as `NOT_AVAILABLE`.
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER = "Skeleton-DML (Memmesheimer et al., WACV 2022)"
NOT_AVAILABLE = "not available here"


@dataclass(frozen=True)
class PaperFigure:
    """An accuracy that the paper states.

    Attributes:
        accuracy: one-shot accuracy on NTU RGB+D 120, percent.
        source: where it is said, or what it follows from.
    """

    accuracy: float
    source: str


RECIPE = PaperFigure(54.2, "stated: the recipe without augmentation, embedding of 128")
BEST = PaperFigure(58.6, "stated: embedding of 512, image rotation of 5 degrees, 200 epochs")
SL_DML = PaperFigure(50.9, "abstract: Skeleton-DML is 3.3 points above it without augmentation")
APSR = PaperFigure(45.3, "abstract of SL-DML: SL-DML is 5.6 points above it")
SL_DML_60_CLASSES = PaperFigure(49.0, "abstract of SL-DML: with 60 % of the classes, APSR plus 3.7")
