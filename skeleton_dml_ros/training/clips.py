# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Normalised clips with their classes: the data set of the training loop.

All frames of all clips are in one array, in memory, on the device, or memory-mapped; a clip is a
slice of it.  Clips may therefore have one or two people and any number of frames, and a mirror image
takes no memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.training.augmentation import mirror

JOINTS = len(NTU_25.joint_names)

PER_CLIP = ("offsets", "frames", "bodies", "labels", "names", "mirrored", "backwards")
"""Fields of :class:`LabelledClips` that hold one value a clip."""


@dataclass(frozen=True, eq=False)
class LabelledClips:
    """Normalised clips of one or two people.

    Attributes:
        rows: (rows, 25, 3) float32, the clips' skeletons, ordered by clip, frame and body.
        offsets: (clips,) row at which each clip begins.
        frames: (clips,) frames of each clip.
        bodies: (clips,) people in each clip, 1 or 2.
        labels: (clips,) index into ``class_names``.
        names: (clips,) each clip's name in its archive.
        mirrored: (clips,) whether the clip is the mirror image of what the rows hold.
        backwards: (clips,) whether the clip is played backwards.
        class_names: name of each class.
        preparation: how the clips were prepared; if it states a number of frames, the clips may
            have a multiple of it.
        left_out: names of clips with too few visible joints.
    """

    rows: Tensor
    offsets: NDArray[np.int64]
    frames: NDArray[np.int64]
    bodies: NDArray[np.int64]
    labels: NDArray[np.int64]
    names: NDArray[np.str_]
    mirrored: NDArray[np.bool_]
    backwards: NDArray[np.bool_]
    class_names: tuple[str, ...]
    preparation: Preparation
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, indices: NDArray[Any]) -> LabelledClips:
        """The clips at these indices or of this mask, in order; the classes stay the same."""
        return replace(self, **{name: getattr(self, name)[indices] for name in PER_CLIP})

    def on(self, device: torch.device) -> LabelledClips:
        """The clips with their rows on the device, if they fit in half of its free memory.

        Otherwise the rows stay where they are, and each batch is copied to the device.
        """
        if device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(device)
            if self.rows.nbytes > free // 2:
                return self
        return replace(self, rows=self.rows.to(device))

    def positions(self, indices: NDArray[np.integer], device: torch.device) -> Tensor:
        """The clips at these indices, all of one shape, (batch, frames, bodies, 25, 3)."""
        frames, bodies = int(self.frames[indices[0]]), int(self.bodies[indices[0]])
        begin = torch.from_numpy(self.offsets[indices]).to(self.rows.device)
        span = torch.arange(frames * bodies, device=self.rows.device)
        gathered = self.rows[begin[:, None] + span].to(device)
        gathered = gathered.view(len(indices), frames, bodies, JOINTS, 3)
        for flags, change in ((self.backwards, play_backwards), (self.mirrored, mirror)):
            changed = flags[indices]
            if changed.any():
                where = torch.from_numpy(changed).to(device).view(-1, 1, 1, 1, 1)
                gathered = torch.where(where, change(gathered), gathered)
        return gathered

    def by_shape(self, indices: NDArray[np.integer]) -> Iterator[NDArray[np.intp]]:
        """Positions in ``indices`` of the clips of each shape, so that each group can be one batch."""
        shapes = np.stack([self.frames[indices], self.bodies[indices]], axis=1)
        _, group = np.unique(shapes, axis=0, return_inverse=True)
        for number in range(int(group.max()) + 1):
            yield np.flatnonzero(group.reshape(-1) == number)


def play_backwards(positions: Tensor) -> Tensor:
    """Clips (batch, frames, ...) played backwards."""
    return positions.flip(1)


def swap_people(positions: Tensor, preparation: Preparation) -> Tensor:
    """Swap the order of two people, as the preparation would normalise them.

    Normalisation rotates a pair so that the first person stands at the smaller x, so swapping them
    also rotates the pair by half a turn about the vertical.

    Args:
        positions: (batch, frames, 2, 25, 3), normalised.
        preparation: how they were prepared.
    """
    swapped = positions.flip(2)
    if "facing" not in preparation.steps:
        return swapped
    return swapped * positions.new_tensor([-1.0, 1.0, -1.0])
