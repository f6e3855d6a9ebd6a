# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find a training run's validation clips from its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.datasets.recordings import read_recordings
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.mapping import to_ntu25
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.data import mover, selected_clips
from skeleton_dml_ros.training.reading import read_fields


def validation_clips(
    record: Mapping[str, Any], data_folder: str | Path | None = None
) -> tuple[SkeletonArchive, str] | None:
    """The clips of a run's validation classes, under their names in training.

    Args:
        record: content of the run's ``run.yaml``.
        data_folder: folder of the archives; None for the one of the training.

    Returns:
        The clips and the archives' names; None if the record names no validation data. Clips with
        different joint layouts are mapped to NTU-25.

    Raises:
        SkeletonDmlError: an archive is missing or has changed.
    """
    if "configuration" not in record:
        return None
    configuration = read_fields(Configuration, record["configuration"], "run.yaml")
    folder = Path(configuration.data_folder if data_folder is None else data_folder)
    parts: list[SkeletonArchive] = []
    class_names: list[str] = []
    for source in configuration.validation:
        try:
            archive = read_recordings(folder / source.archive)
        except SkeletonDmlError as error:
            raise SkeletonDmlError(
                f"the run's validation data cannot be read: {error}; give --data-folder, or other "
                "recordings with --data"
            ) from None
        clips = selected_clips(source, archive, folder)
        if clips:
            chosen = archive.select([index for index, _ in clips])
            parts.append(_of_movers(chosen) if source.people == "mover" else chosen)
            class_names += [name for _, name in clips]
    if not parts:
        return None
    known = tuple(sorted(set(class_names)))
    labels = np.array([known.index(name) for name in class_names])
    return replace(_joined(parts), labels=labels, class_names=known), ", ".join(
        dict.fromkeys(source.archive for source in configuration.validation)
    )


def _of_movers(archive: SkeletonArchive) -> SkeletonArchive:
    """The same clips, reduced to the person who moves more."""
    return archive_of(
        [mover(archive.clip(index)) for index in range(len(archive))],
        archive.labels,
        archive.class_names,
        archive.subjects,
        archive.names,
    )


def _joined(parts: list[SkeletonArchive]) -> SkeletonArchive:
    """The clips of all parts in one archive."""
    if len(parts) == 1:
        return parts[0]
    clips = [part.clip(index) for part in parts for index in range(len(part))]
    if len({part.layout for part in parts}) > 1:
        clips = [to_ntu25(clip) for clip in clips]
    return archive_of(
        clips,
        np.zeros(len(clips), dtype=int),
        ("",),
        np.concatenate([part.subjects for part in parts]),
        [name for part in parts for name in part.names],
    )
