# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recordings as everything here works with them: an archive's, in metres."""

from __future__ import annotations

from pathlib import Path

from skeleton_dml_ros.datasets.archive import SkeletonArchive, read_archive
from skeleton_dml_ros.datasets.sbu import in_metres


def read_recordings(path: str | Path) -> SkeletonArchive:
    """The clips of a skeleton archive, those of SBU Kinect Interaction in metres.

    Archives of SBU are about that hold its release's normalised values, as if they were metres;
    :func:`skeleton_dml_ros.datasets.sbu.in_metres` tells how they are known.

    Args:
        path: an ``.npz`` file, or a folder of ``.npy`` files.

    Raises:
        ArchiveError: there is no archive, or it is damaged.
    """
    return in_metres(read_archive(path))
