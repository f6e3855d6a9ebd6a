# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Add mirror images to the training clips, each with the class that it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Mirroring
from skeleton_dml_ros.training.reading import ConfigurationError

CHUNK = 256
"""Clips per batch."""


def with_mirrored(clips: LabelledClips, mirroring: Mirroring) -> LabelledClips:
    """The clips and their mirror images in space and time, each with the class that it shows.

    Raises:
        ConfigurationError: the mirroring names a class that no set has.
    """
    for name in (*mirroring.symmetric, *mirroring.either_side, *mirroring.backwards):
        if name not in clips.class_names:
            raise ConfigurationError(
                f"mirroring names class {name!r}, which is not trained on; remove it there"
            )
    if not mirroring.enabled:
        return clips
    recorded = np.array(clips.class_names)[clips.labels]
    mirrored = clips.mirrored.copy()
    candidates = np.flatnonzero(np.isin(recorded, mirroring.either_side))
    mirrored[candidates] ^= _left_moves_more_in(clips, candidates)

    # Each clip, then those played backwards, then the mirror images of all of these.
    reversible = np.flatnonzero(np.isin(recorded, mirroring.backwards))
    once = np.concatenate([np.arange(len(clips)), reversible])
    backwards = np.arange(len(once)) >= len(clips)
    names = np.where(backwards, np.char.add(recorded[once], " (backwards)"), recorded[once])
    images = np.where(np.isin(names, mirroring.symmetric), names, np.char.add(names, " (mirrored)"))
    class_names, labels = np.unique(np.concatenate([names, images]), return_inverse=True)
    twice = np.concatenate([once, once])
    return replace(
        clips.select(twice),
        labels=labels.reshape(-1).astype(np.int64),
        mirrored=mirrored[twice] ^ (np.arange(len(twice)) >= len(once)),
        backwards=clips.backwards[twice] ^ np.tile(backwards, 2),
        class_names=tuple(str(name) for name in class_names),
    )


def _left_moves_more_in(clips: LabelledClips, indices: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(indices,) whether the left hand and foot move more in the clip."""
    moves = np.zeros(len(indices), dtype=bool)
    for begin in range(0, len(indices), CHUNK):
        chunk = indices[begin : begin + CHUNK]
        for places in clips.by_shape(chunk):
            positions = clips.positions(chunk[places], torch.device("cpu"))
            moves[begin + places] = left_moves_more(positions).numpy()
    return moves


def left_moves_more(positions: Tensor) -> Tensor:
    """Whether the left hand and foot cover more space than the right ones.

    Args:
        positions: (clips, frames, bodies, 25, 3).

    Returns:
        (clips,) bool.
    """
    reach = {}
    for side in ("left", "right"):
        joints = [NTU_25.index(f"hand_{side}"), NTU_25.index(f"ankle_{side}")]
        relative = positions[:, :, :, joints] - positions[:, :, :, [NTU_25.index("spine_base")]]
        reach[side] = (relative.amax(dim=1) - relative.amin(dim=1)).sum(dim=(1, 2, 3))
    return reach["left"] > reach["right"]
