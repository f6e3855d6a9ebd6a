# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

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


RECIPE = PaperFigure(
    54.2, "the recipe without augmentation and with an embedding of 128, as stated"
)
BEST = PaperFigure(58.6, "embedding of 512, image rotation of 5 degrees and 200 epochs, as stated")
SL_DML = PaperFigure(
    50.9, "SL-DML; follows from the abstract, by which Skeleton-DML's 54.2 % are 3.3 points more"
)
APSR = PaperFigure(
    45.3, "APSR; follows from the abstract of SL-DML, by which SL-DML's 50.9 % are 5.6 points more"
)
SL_DML_60_CLASSES = PaperFigure(
    49.0,
    "SL-DML with 60 classes; follows from its abstract, by which that is 3.7 points more than APSR",
)
