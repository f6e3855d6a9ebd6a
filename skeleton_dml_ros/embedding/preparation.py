# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prepare a sequence of any layout and length for its image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.cleaning import MAXIMUM_GAP, clean
from skeleton_dml_ros.skeleton.imputation import impute
from skeleton_dml_ros.skeleton.mapping import to_ntu25
from skeleton_dml_ros.skeleton.normalization import STEPS, normalize
from skeleton_dml_ros.skeleton.resampling import resample
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MAX_BODIES = 2
"""People in a clip: the paper's image and its data have one or two."""


@dataclass(frozen=True)
class Preparation:
    """Preparation before the image, with its settings; part of a model.

    Attributes:
        frames: frames after resampling; 0 keeps each clip's own, as in the paper, which needs a
            representation with a fixed image size.
        steps: normalisation steps, see :mod:`skeleton_dml_ros.skeleton.normalization`.
        maximum_gap: maximum time in seconds over which an unseen joint is interpolated.
    """

    frames: int = 96
    steps: tuple[str, ...] = tuple(STEPS)
    maximum_gap: float = MAXIMUM_GAP

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        if self.frames < 2 and self.frames != 0:
            raise SkeletonDmlError(
                f"preparation.frames is {self.frames}; give at least 2, or 0 for a clip's own"
            )
        unknown = [step for step in self.steps if step not in STEPS]
        if unknown:
            raise SkeletonDmlError(
                f"preparation.steps names {unknown[0]!r}; there are {', '.join(STEPS)}"
            )

    def __call__(self, sequence: SkeletonSequence) -> NDArray[np.float32]:
        """The normalised sequence, (frames, bodies, 25, 3), every joint finite.

        Raises:
            SkeletonError: too few joints were seen to estimate position and size.
            SkeletonDmlError: there are more than two people.
        """
        normalized = self.normalized(sequence)
        return (resample(normalized, self.frames) if self.frames else normalized).positions

    def normalized(self, sequence: SkeletonSequence) -> SkeletonSequence:
        """The normalised sequence before resampling, every joint finite.

        Raises:
            SkeletonDmlError: as when called.
        """
        if sequence.bodies > MAX_BODIES:
            raise SkeletonDmlError(
                f"a clip has {sequence.bodies} bodies; give at most {MAX_BODIES}, those that act; "
                "enroll --body chooses one"
            )
        whole = impute(clean(to_ntu25(sequence), self.maximum_gap))
        return normalize(whole, self.steps)
