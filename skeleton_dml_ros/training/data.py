# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From archives to normalised clips under common class names."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import SkeletonArchive
from skeleton_dml_ros.datasets.recordings import read_recordings
from skeleton_dml_ros.datasets.splits import get_split
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.skeleton.resampling import resample
from skeleton_dml_ros.skeleton.sequence import SkeletonError, SkeletonSequence
from skeleton_dml_ros.training.clip_file import as_labelled, kept_in_file, kept_in_memory
from skeleton_dml_ros.training.clips import JOINTS, LabelledClips
from skeleton_dml_ros.training.configuration import DataSource
from skeleton_dml_ros.training.provenance import archive_digest, preparing_code_digest
from skeleton_dml_ros.training.reading import ConfigurationError

OVERSAMPLING = 2
"""Clips have this many times the model's frames, so that a cropped or slowed-down clip still has
recorded frames to sample."""

LARGEST_IN_MEMORY = 2**31
"""Maximum bytes of normalised clips that are kept in memory; more are memory-mapped from a file."""


@dataclass(frozen=True)
class _Selection:
    """An archive and the clips of it that a source uses, (index, class name in training) each."""

    source: DataSource
    archive: SkeletonArchive
    clips: list[tuple[int, str]]

    def rows(self, frames: int) -> int:
        """Maximum number of skeletons in the clips, at ``frames`` frames each or at their own."""
        lengths = self.archive.lengths[[index for index, _ in self.clips]]
        return self.archive.bodies * int((lengths if frames == 0 else 0 * lengths + frames).sum())


def read_clips(
    sources: Sequence[DataSource],
    data_folder: str | Path,
    preparation: Preparation,
    frames: int,
    cache: Path | None = None,
) -> LabelledClips:
    """Read, select and normalise the clips of the sources.

    Args:
        sources: archives and the parts of them that are used.
        data_folder: folder of the archives.
        preparation: the model's.
        frames: number of frames that each clip is resampled to; 0 keeps its own.
        cache: folder that clips are written to once and memory-mapped from, as long as recordings,
            preparation and its code stay the same.  None keeps clips in memory.

    Raises:
        ConfigurationError: a class that a source names is not in its archive, or nothing is left.
        SkeletonDmlError: an archive cannot be read.
    """
    folder = Path(data_folder)
    selections = _select(sources, folder)

    def prepared() -> Iterator[tuple[str, str, NDArray[np.float32] | None]]:
        for selection in selections:
            for index, class_name in selection.clips:
                name = selection.archive.names[index]
                try:
                    recorded = selection.archive.clip(index)
                    if selection.source.people == "mover":
                        recorded = mover(recorded)
                    clip = preparation.normalized(recorded)
                except SkeletonError:
                    yield f"{selection.source.archive}: {name}", class_name, None
                    continue
                yield name, class_name, (resample(clip, frames) if frames else clip).positions

    if cache is None:
        kept = kept_in_memory(prepared())
    else:
        kept = kept_in_file(prepared, cache / _key(selections, folder, preparation, frames))
    if len(kept.names) == 0:
        raise ConfigurationError("the configuration's data leaves no clip to train on")
    return as_labelled(kept, preparation)


def used_classes(sources: Sequence[DataSource], data_folder: str | Path) -> set[tuple[str, str]]:
    """(archive, class there) of each class that the sources use.

    Raises:
        ConfigurationError: as :func:`read_clips`.
    """
    used = set()
    for selection in _select(sources, Path(data_folder)):
        archive = selection.archive
        names = {archive.class_names[archive.labels[index]] for index, _ in selection.clips}
        used |= {(selection.source.archive, name) for name in names}
    return used


def mover(sequence: SkeletonSequence) -> SkeletonSequence:
    """The person whose joints deviate most from their mean positions."""
    positions = sequence.positions
    unseen = np.isnan(positions)
    seen = np.maximum((~unseen).sum(axis=0), 1)
    mean = np.where(unseen, 0, positions).sum(axis=0) / seen
    strays = np.where(unseen, 0, np.square(positions - mean)).sum(axis=0) / seen
    body = [int(strays.mean(axis=(1, 2)).argmax())]
    return sequence.replace(
        positions=positions[:, body],
        observed=sequence.observed[:, body],
        confidence=None if sequence.confidence is None else sequence.confidence[:, body],
    )


def bytes_of_clips(sources: Sequence[DataSource], data_folder: str | Path, frames: int) -> int:
    """Maximum size in bytes of the sources' normalised clips."""
    selections = _select(sources, Path(data_folder))
    row = JOINTS * 3 * np.dtype(np.float32).itemsize
    return row * sum(selection.rows(frames) for selection in selections)


def _select(sources: Sequence[DataSource], data_folder: Path) -> list[_Selection]:
    selections = []
    for source in sources:
        archive = read_recordings(data_folder / source.archive)
        selections.append(_Selection(source, archive, selected_clips(source, archive, data_folder)))
    return selections


def _key(
    selections: Sequence[_Selection], data_folder: Path, preparation: Preparation, frames: int
) -> str:
    """Key of the normalised clips: a digest of everything that they depend on."""
    described = [
        preparing_code_digest(),
        repr((preparation.steps, preparation.maximum_gap, frames)),
        *(archive_digest(data_folder / selection.source.archive) for selection in selections),
        *(
            repr((selection.source.archive, selection.source.people, selection.clips))
            for selection in selections
        ),
    ]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()[:32]


def selected_clips(
    source: DataSource, archive: SkeletonArchive, data_folder: Path
) -> list[tuple[int, str]]:
    """(index, class name in training) of each clip that the source uses.

    Raises:
        ConfigurationError: a class or a person that the source names is not in the archive.
    """
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
