# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Normalised clips with their classes, as the loop draws batches from them.

All frames of all clips stand in one array, in memory, on the device, or mapped from a file that
need not fit in memory; a clip is a stretch of it.  So clips may have one or two people, and frames
of their own number, and a mirror image costs no memory.
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
        rows: (rows, 25, 3) float32, the clips' skeletons: frame by frame, in a frame body by body.
        offsets: (clips,) row at which each clip begins.
        frames: (clips,) frames of each clip.
        bodies: (clips,) people in each clip, 1 or 2.
        labels: (clips,) index into ``class_names``.
        names: (clips,) each clip's name in its archive.
        mirrored: (clips,) whether the clip is the mirror image of what the rows hold.
        backwards: (clips,) whether it is that played backwards.
        class_names: one a class.
        preparation: how the clips were prepared; where it states frames, the clips may have a
            multiple of them.
        left_out: names of clips in which too little was seen.
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
        """The clips at these indices, or of this mask, in their order; the classes stay."""
        return replace(self, **{name: getattr(self, name)[indices] for name in PER_CLIP})

    def on(self, device: torch.device) -> LabelledClips:
        """The clips with their rows on the device, if they fit in half of its free memory.

        If not, rows stay where they are, and each batch is brought to the device by itself.
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
        """Places in ``indices`` of the clips of each shape, so that each group makes a batch."""
        shapes = np.stack([self.frames[indices], self.bodies[indices]], axis=1)
        _, group = np.unique(shapes, axis=0, return_inverse=True)
        for number in range(int(group.max()) + 1):
            yield np.flatnonzero(group.reshape(-1) == number)


def play_backwards(positions: Tensor) -> Tensor:
    """Clips (batch, frames, ...) with their last frame first."""
    return positions.flip(1)


def swap_people(positions: Tensor, preparation: Preparation) -> Tensor:
    """The same two people, named the other way round, as the preparation would give them.

    Facing turns a pair so that the first stands at the smaller x; with the names changed, that is
    half a turn about the vertical.

    Args:
        positions: (batch, frames, 2, 25, 3), normalised.
        preparation: how they were prepared.
    """
    swapped = positions.flip(2)
    if "facing" not in preparation.steps:
        return swapped
    return swapped * positions.new_tensor([-1.0, 1.0, -1.0])
