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

"""The training set in memory: normalised clips of all archives, under common class names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skeleton_dml_ros.datasets.archive import SkeletonArchive, read_archive
from skeleton_dml_ros.datasets.splits import get_split
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.resampling import resample
from skeleton_dml_ros.skeleton.sequence import SkeletonError
from skeleton_dml_ros.training.augmentation import mirror
from skeleton_dml_ros.training.configuration import DataSource, Mirroring
from skeleton_dml_ros.training.reading import ConfigurationError

OVERSAMPLING = 2
"""Clips are kept at this many times the model's frames, so that a cut or slowed-down clip still
has real frames to sample."""


@dataclass(frozen=True)
class LabelledClips:
    """Normalised one-person clips.

    Attributes:
        positions: (clips, frames, 1, 25, 3) float32.
        labels: (clips,) index into ``class_names``.
        class_names: one a class.
        left_out: names of clips in which too little was seen.
    """

    positions: Tensor
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)


def read_clips(
    sources: Sequence[DataSource], data_folder: str | Path, preparation: Preparation, frames: int
) -> LabelledClips:
    """Read, select and normalise the clips of the sources.

    Args:
        sources: archives and what of them is used.
        data_folder: where they are.
        preparation: the model's.
        frames: frames to which each clip is resampled.

    Raises:
        ConfigurationError: a class that a source names is not in its archive, or nothing is left.
        SkeletonDmlError: an archive is not one.
    """
    positions: list[NDArray[np.float32]] = []
    names: list[str] = []
    left_out: list[str] = []
    for source in sources:
        archive = read_archive(Path(data_folder) / source.archive)
        for index, name in _selected(source, archive, Path(data_folder)):
            try:
                clip = preparation.normalized(archive.clip(index))
            except SkeletonError:
                left_out.append(f"{source.archive}: {archive.names[index]}")
                continue
            positions.append(resample(clip, frames).positions)
            names.append(name)
    if not positions:
        raise ConfigurationError("the configuration's data leaves no clip to train on")
    class_names = tuple(sorted(set(names)))
    labels = np.array([class_names.index(name) for name in names], dtype=np.int64)
    return LabelledClips(
        torch.from_numpy(np.stack(positions)), labels, class_names, tuple(left_out)
    )


def _selected(
    source: DataSource, archive: SkeletonArchive, data_folder: Path
) -> list[tuple[int, str]]:
    """(index, class name in training) of each clip that the source uses."""
    known = list(archive.class_names)
    part: tuple[str, ...] = ()
    if source.split:
        split = source.split
        if split.endswith((".yaml", ".yml")):
            split = str(data_folder / split)
        part = get_split(split, known).part(source.part)
    for name in (*part, *source.leave_out, *source.only, *source.same_as):
        if name not in known:
            raise ConfigurationError(
                f"{source.archive} has no class {name!r}; it has {', '.join(known)}"
            )
    used = set(source.only or known) - set(source.leave_out)
    if source.split:
        used &= set(part)
    people = {int(number) for number in archive.subjects}
    for number in (*source.subjects, *source.leave_out_subjects):
        if number not in people:
            raise ConfigurationError(
                f"{source.archive} has no subject {number}; it has "
                f"{', '.join(str(one) for one in sorted(people))}"
            )
    people = set(source.subjects or people) - set(source.leave_out_subjects)
    chosen = [
        index
        for index, label in enumerate(archive.labels)
        if known[label] in used and int(archive.subjects[index]) in people
    ]
    if source.clips_a_class:
        chosen = _first_by_name(archive, chosen, source.clips_a_class)
    names = [known[archive.labels[index]] for index in chosen]
    return [
        (index, source.same_as.get(name, name)) for index, name in zip(chosen, names, strict=True)
    ]


def _first_by_name(archive: SkeletonArchive, chosen: Sequence[int], clips: int) -> list[int]:
    """The first ``clips`` of each class by name, in the archive's order."""
    kept: list[int] = []
    taken: Counter[int] = Counter()
    for index in sorted(chosen, key=lambda index: archive.names[index]):
        label = int(archive.labels[index])
        taken[label] += 1
        if taken[label] <= clips:
            kept.append(index)
    return sorted(kept)


def with_mirrored(clips: LabelledClips, mirroring: Mirroring) -> LabelledClips:
    """The clips and their mirror images, each image under the class that it shows.

    Raises:
        ConfigurationError: the mirroring names a class that is in no set.
    """
    if not mirroring.enabled:
        return clips
    for name in (*mirroring.symmetric, *mirroring.either_side):
        if name not in clips.class_names:
            raise ConfigurationError(
                f"mirroring names class {name!r}, which is not trained on; remove it there"
            )
    class_names = list(clips.class_names)
    image_of = []
    for label, name in enumerate(clips.class_names):
        if name in mirroring.symmetric:
            image_of.append(label)
        else:
            image_of.append(len(class_names))
            class_names.append(f"{name} (mirrored)")

    either_side = np.array([name in mirroring.either_side for name in clips.class_names])
    turned = torch.from_numpy(either_side[clips.labels]) & left_moves_more(clips.positions)
    positions = torch.where(turned.view(-1, 1, 1, 1, 1), mirror(clips.positions), clips.positions)
    return LabelledClips(
        torch.cat([positions, mirror(positions)]),
        np.concatenate([clips.labels, np.array(image_of)[clips.labels]]),
        tuple(class_names),
        clips.left_out,
    )


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
