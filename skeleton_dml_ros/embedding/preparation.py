# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a sequence of any layout and length to the array that a representation draws."""

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
    """The steps before the image, with their settings; part of a model.

    Attributes:
        frames: frames after resampling; 0 leaves each clip its own, as the paper does, which
            takes a representation whose image has a fixed size.
        steps: normalisation steps, see :mod:`skeleton_dml_ros.skeleton.normalization`.
        maximum_gap: seconds of an unseen joint that cleaning interpolates.
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
            SkeletonError: too little of the person was seen to tell where and how large they are.
            SkeletonDmlError: more than two people act.
        """
        normalized = self.normalized(sequence)
        return (resample(normalized, self.frames) if self.frames else normalized).positions

    def normalized(self, sequence: SkeletonSequence) -> SkeletonSequence:
        """The same before resampling: at the frames of the source, every joint finite.

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
