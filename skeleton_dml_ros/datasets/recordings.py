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
