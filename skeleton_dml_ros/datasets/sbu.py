# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SBU Kinect Interaction: two people who do something with each other.

8 actions of 21 pairs out of 7 people, seen by a Kinect v1 at 15 frames a second (K. Yun, J. Honorio,
D. Chattopadhyay, T. L. Berg, D. Samaras, "Two-person interaction detection using body-pose features
and multiple instance learning", CVPRW 2012).  A clip is ``s01s02/03/001/skeleton_pos.txt``: pair,
action, repetition.  Each line has the frame's number and, comma-separated, x, y and z of 15 joints
of the first person and of the second: x to the right and y down as shares of the image, z as a share
of some distance.  The release says how these numbers become millimetres, which is done here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.datasets.archive import (
    SkeletonArchive,
    archive_of,
    metres,
    millimetres,
    read_archive,
)
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import SBU_15
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

FRAMES_PER_SECOND = 15.0

CLASS_NAMES = (
    "approach",
    "depart",
    "kick",
    "push",
    "shake_hands",
    "hug",
    "exchange_object",
    "punch",
)
"""Actions 01 to 08."""

SCALE = np.array([-2.56, -1.92, 1.28])
OFFSET = np.array([1.28, 0.96, 0.0])
"""Normalised values times the scale plus the offset are metres in the axes of a Kinect.  In the
release's words: 1280 - 2560 x, 960 - 1920 y, 10000 z / 7.8125, millimetres."""

PEOPLE = 2
JOINTS = len(SBU_15.joint_names)

_CLIP = re.compile(r"s(\d\d)s(\d\d)/(\d\d)/(\d\d\d)")


class SbuError(SkeletonDmlError):
    """A file is not one of SBU's."""


def read_sbu(path: str | Path) -> SkeletonArchive:
    """All clips in the order of their names, in metres.

    The subject is the number of the pair, counted from 0 in the order of the names.

    Args:
        path: the folder in which ``s01s02`` and so on lie, or a folder above; or a skeleton archive
            that holds the release's normalised values as if they were metres.

    Raises:
        SbuError: there is no clip, one is damaged, or the archive is not such a one.
    """
    path = Path(path)
    if path.suffix == ".npz" or (path / "positions_mm.npy").exists():
        return from_normalized(read_archive(path))
    files = {}
    for file in path.rglob("skeleton_pos.txt"):
        name = "/".join(file.parts[-4:-1])
        match = _CLIP.fullmatch(name)
        if match is None or not 1 <= int(match[3]) <= len(CLASS_NAMES):
            raise SbuError(f"{file} does not lie where a clip of SBU lies, as in s01s02/03/001")
        files[name] = file
    if not files:
        raise SbuError(f"{path} holds no skeleton_pos.txt; give the folder of s01s02, s01s03, ...")
    names = sorted(files)
    pairs = sorted({name[: len("s01s02")] for name in names})
    return archive_of(
        [read_clip(files[name]) for name in names],
        [int(name.split("/")[1]) - 1 for name in names],
        CLASS_NAMES,
        subjects=[pairs.index(name[: len("s01s02")]) for name in names],
        names=names,
        fps=FRAMES_PER_SECOND,
    )


def read_clip(path: str | Path) -> SkeletonSequence:
    """One clip: two bodies, metres, Kinect axes, 15 frames a second.

    Raises:
        SbuError: the file is damaged.
    """
    try:
        lines = Path(path).read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SbuError(f"{path} cannot be read: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        # Some files have a comma at the end of each line.
        words = line.strip().rstrip(",").split(",")
        try:
            rows.append([float(word) for word in words])
        except ValueError as error:
            raise SbuError(f"{path} is damaged at line {number}: {error}") from error
        if len(words) != 1 + PEOPLE * JOINTS * 3:
            raise SbuError(
                f"{path} is damaged at line {number}: it has {len(words)} values, not a frame's "
                f"number and {PEOPLE} x {JOINTS} x 3 coordinates"
            )
    if not rows:
        raise SbuError(f"{path} holds no frame")
    values = np.array(rows)[:, 1:].reshape(-1, PEOPLE, JOINTS, 3)
    if not np.isfinite(values).all():
        raise SbuError(f"{path} is damaged: it holds a value that is not finite")
    return SkeletonSequence(to_metres(values), np.arange(len(values)) / FRAMES_PER_SECOND, SBU_15)


def to_metres(normalized: NDArray[np.floating]) -> NDArray[np.float64]:
    """The release's values (..., 3) as metres in the axes of a Kinect."""
    return np.asarray(normalized * SCALE + OFFSET)


def is_normalized(archive: SkeletonArchive) -> bool:
    """Whether an archive holds the release's values: people would stand on their heads."""
    if archive.layout != SBU_15:
        return False
    positions = metres(archive.positions_mm)
    head, torso = SBU_15.index("head"), SBU_15.index("torso")
    return bool(np.nanmedian(positions[:, :, head, 1] - positions[:, :, torso, 1]) < 0)


def from_normalized(archive: SkeletonArchive) -> SkeletonArchive:
    """The archive in metres of one that holds the release's values as if they were metres.

    Raises:
        SbuError: the archive is of another layout, or in metres already.
    """
    if not is_normalized(archive):
        raise SbuError(
            f"the archive of layout {archive.layout.name}, whose first clip is "
            f"{archive.names[0]!r}, does not hold SBU's normalised values; use it as it is"
        )
    return replace(archive, positions_mm=millimetres(to_metres(metres(archive.positions_mm))))


def in_metres(archive: SkeletonArchive) -> SkeletonArchive:
    """Any archive: SBU's normalised values become metres, and all else stays as it is.

    For whoever reads archives without knowing of which set they are.
    """
    return from_normalized(archive) if is_normalized(archive) else archive
