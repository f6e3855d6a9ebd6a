# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read SBU Kinect Interaction: actions of two people.

8 actions of 21 pairs out of 7 people, seen by a Kinect v1 at 15 frames per second (K. Yun, J. Honorio,
D. Chattopadhyay, T. L. Berg, D. Samaras, "Two-person interaction detection using body-pose features and
multiple instance learning", CVPRW 2012).  A clip is ``s01s02/03/001/skeleton_pos.txt``: pair, action,
repetition.  Each line has the frame's number and, comma-separated, x, y and z of 15 joints of both
people: x to the right and y down as shares of the image, z as a share of some distance.  They are
converted to metres as the release explains.
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
"""Metres in a Kinect's axes are normalised values times the scale plus the offset.  In the release's
words: 1280 - 2560 x, 960 - 1920 y, 10000 z / 7.8125, millimetres."""

PEOPLE = 2
JOINTS = len(SBU_15.joint_names)

_CLIP = re.compile(r"s(\d\d)s(\d\d)/(\d\d)/(\d\d\d)")


class SbuError(SkeletonDmlError):
    """A file does not have SBU's format."""


def read_sbu(path: str | Path) -> SkeletonArchive:
    """All clips in order of their names, in metres.

    Subjects are the pairs, numbered from 0 in order of the names.

    Args:
        path: the folder of ``s01s02`` and so on, or a folder above; or a skeleton archive that holds
            the release's normalised values as if they were metres.

    Raises:
        SbuError: there is no clip, one is damaged, or the archive is in metres already.
    """
    path = Path(path)
    if path.suffix == ".npz" or (path / "positions_mm.npy").exists():
        return from_normalized(read_archive(path))
    files = {}
    for file in path.rglob("skeleton_pos.txt"):
        name = "/".join(file.parts[-4:-1])
        match = _CLIP.fullmatch(name)
        if match is None or not 1 <= int(match[3]) <= len(CLASS_NAMES):
            raise SbuError(f"{file} is not in a clip's folder such as s01s02/03/001; move it there")
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
    """One clip: two bodies, metres, Kinect axes, 15 frames per second.

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
        # Some files end each line with a comma.
        words = line.strip().rstrip(",").split(",")
        try:
            rows.append([float(word) for word in words])
        except ValueError as error:
            raise SbuError(f"{path} is damaged at line {number}: {error}") from error
        if len(words) != 1 + PEOPLE * JOINTS * 3:
            raise SbuError(
                f"{path} is damaged at line {number}: {len(words)} values instead of a frame number "
                f"and {PEOPLE} x {JOINTS} x 3 coordinates"
            )
    if not rows:
        raise SbuError(f"{path} holds no frame")
    values = np.array(rows)[:, 1:].reshape(-1, PEOPLE, JOINTS, 3)
    if not np.isfinite(values).all():
        raise SbuError(f"{path} is damaged: a value is not finite")
    return SkeletonSequence(to_metres(values), np.arange(len(values)) / FRAMES_PER_SECOND, SBU_15)


def to_metres(normalized: NDArray[np.floating]) -> NDArray[np.float64]:
    """The release's values (..., 3) in metres and a Kinect's axes."""
    return np.asarray(normalized * SCALE + OFFSET)


def is_normalized(archive: SkeletonArchive) -> bool:
    """Whether an archive holds the release's values: in metres, people would be upside down."""
    if archive.layout != SBU_15:
        return False
    positions = metres(archive.positions_mm)
    head, torso = SBU_15.index("head"), SBU_15.index("torso")
    return bool(np.nanmedian(positions[:, :, head, 1] - positions[:, :, torso, 1]) < 0)


def from_normalized(archive: SkeletonArchive) -> SkeletonArchive:
    """Convert an archive that holds the release's values as if they were metres.

    Raises:
        SbuError: the archive has another layout, or is in metres already.
    """
    if not is_normalized(archive):
        raise SbuError(
            f"the archive of layout {archive.layout.name} with first clip {archive.names[0]!r} does "
            "not hold SBU's normalised values; use it unchanged"
        )
    return replace(archive, positions_mm=millimetres(to_metres(metres(archive.positions_mm))))


def in_metres(archive: SkeletonArchive) -> SkeletonArchive:
    """Convert an archive of SBU's normalised values to metres; leave any other unchanged."""
    return from_normalized(archive) if is_normalized(archive) else archive
