# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Figures that the paper states; none was measured here.

R. Memmesheimer, S. Häring, N. Theisen, D. Paulus, "Skeleton-DML: Deep metric learning for
skeleton-based one-shot action recognition", WACV 2022, arXiv 2012.13823.

Only what follows from the abstracts of this paper and of SL-DML is listed; other figures are shown
as `NOT_AVAILABLE`.
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
        source: where it is stated, or what it follows from.
    """

    accuracy: float
    source: str


RECIPE = PaperFigure(
    54.2, "the recipe without augmentation and with an embedding of 128, as stated"
)
BEST = PaperFigure(58.6, "embedding of 512, image rotation of 5 degrees and 200 epochs, as stated")
SL_DML = PaperFigure(
    50.9, "SL-DML; the abstract says that Skeleton-DML's 54.2 % are 3.3 points more"
)
APSR = PaperFigure(
    45.3, "APSR; the abstract of SL-DML says that SL-DML's 50.9 % are 5.6 points more"
)
SL_DML_60_CLASSES = PaperFigure(
    49.0,
    "SL-DML with 60 classes; its abstract says that this is 3.7 points more than APSR",
)
