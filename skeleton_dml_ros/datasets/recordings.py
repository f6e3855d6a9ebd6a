# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read the clips of an archive in metres, whatever its data set."""

from __future__ import annotations

from pathlib import Path

from skeleton_dml_ros.datasets.archive import SkeletonArchive, read_archive
from skeleton_dml_ros.datasets.sbu import in_metres


def read_recordings(path: str | Path) -> SkeletonArchive:
    """The clips of a skeleton archive; those of SBU Kinect Interaction are converted to metres.

    Some archives hold SBU's normalised values as if they were metres;
    :func:`skeleton_dml_ros.datasets.sbu.in_metres` recognises them.

    Args:
        path: an ``.npz`` file, or a folder of ``.npy`` files.

    Raises:
        ArchiveError: there is no archive, or it is damaged.
    """
    return in_metres(read_archive(path))
