# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read a recording received over the network, as the content of a file.

The sender is not trusted: the format is detected from the first bytes, sizes are checked before
unpacking, and nothing is unpickled.
"""

from __future__ import annotations

import io
import math
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from skeleton_dml_ros.datasets.archive import ARRAYS, archive_of, archive_of_bytes, write_archive
from skeleton_dml_ros.datasets.ntu import actors_of, parse_skeleton_file
from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MAX_CONTENT = 16_000_000
"""Bytes; more than an hour of one person, compressed."""

MAX_UNPACKED = 256_000_000
"""Bytes of all arrays of an archive."""

MAX_TABLE = 1_000_000
"""Bytes of an array whose size does not depend on the frames, such as the joint names."""

MAX_JOINTS = 1000

MAX_FRAMES = 120_000
"""An hour; segmenting it takes seconds."""

MAX_POINTS = 4_000_000
"""Frames times bodies times joints: 40 minutes of two people with 25 joints at 33 Hz, which take
seconds."""

NAME = "the recording"
"""Name of the recording in errors."""

_ZIP = b"PK"
_GROWING = ("positions_mm", "timestamps_ns", "confidence")
_PACKED_AS_NUMPY_DOES = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ContentError(SkeletonDmlError):
    """The content is not a valid recording."""


def recording_from_bytes(content: bytes) -> SkeletonSequence:
    """The recording in the content of a file.

    Args:
        content: of a skeleton archive (``.npz``) with exactly one clip, or of an NTU ``.skeleton``
            file; at most 16 MB, 256 MB unpacked, and 120,000 frames.

    Raises:
        SkeletonDmlError: it is neither, is damaged, or is too large.
    """
    if not content:
        raise ContentError(f"{NAME} is empty; send the content of an archive or a .skeleton file")
    if len(content) > MAX_CONTENT:
        raise ContentError(
            f"{NAME} has {len(content) / 1e6:.1f} MB; send at most {MAX_CONTENT / 1e6:.0f} MB"
        )
    if content.startswith(_ZIP):
        recording = _only_clip(content)
    elif content[:80].lstrip()[:1].isdigit():
        recording = actors_of(parse_skeleton_file(content, NAME), NAME)
    else:
        raise ContentError(
            f"{NAME} begins with {content[:8]!r}; send the content of a skeleton archive (.npz) or "
            "of an NTU .skeleton file"
        )
    _check_extent(*recording.positions.shape[:3])
    return recording


def _check_extent(frames: int, bodies: int, joints: int) -> None:
    if frames > MAX_FRAMES:
        raise ContentError(f"{NAME} has {frames} frames; send at most {MAX_FRAMES}")
    if frames * bodies * joints > MAX_POINTS:
        raise ContentError(
            f"{NAME} has {bodies} bodies of {joints} joints in {frames} frames; send at most "
            f"{MAX_POINTS} joints in all"
        )


def bytes_of_recording(recording: SkeletonSequence, label: str) -> bytes:
    """A recording as file content for :func:`recording_from_bytes`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.npz"
        write_archive(path, archive_of([recording], [0], [label], names=[label]))
        return path.read_bytes()


def _only_clip(content: bytes) -> SkeletonSequence:
    """The clip of an archive with one clip."""
    try:
        _check_directory(content)
        archive = archive_of_bytes(content, NAME)
        for name in (archive.layout.name, *archive.layout.joint_names):
            if not name.isprintable():
                raise ContentError(f"{NAME} holds the name {name!r}, which cannot be printed")
        if len(archive) != 1:
            raise ContentError(f"{NAME} is an archive of {len(archive)} clips; send one clip")
        return archive.clip(0)
    except SkeletonDmlError as error:
        reason = str(error)
        raise ContentError(
            one_line(reason if reason.startswith(NAME) else f"{NAME}: {reason}")
        ) from None
    except Exception as error:
        # Malicious bytes may raise anything in zipfile and numpy.
        reason = str(error) or type(error).__name__
        raise ContentError(
            one_line(f"{NAME} is damaged and cannot be read: {reason}; send it again")
        ) from None


def _check_directory(content: bytes) -> None:
    """Refuse an archive that is too large, before unpacking it."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = file.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED:
            raise ContentError(
                f"{NAME} has {unpacked / 1e6:.0f} MB once unpacked; send at most "
                f"{MAX_UNPACKED / 1e6:.0f} MB"
            )
        for member in members:
            if member.filename.removesuffix(".npy") in ARRAYS:
                _check_array(file, member)


def _check_array(file: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse an array that claims to be larger than its data in the archive."""
    name = member.filename.removesuffix(".npy")
    if member.compress_type not in _PACKED_AS_NUMPY_DOES:
        # Other methods may unpack any amount in one step.
        raise ContentError(
            f"{NAME} holds {name} with unsupported compression; write it with "
            "numpy.savez_compressed"
        )
    with file.open(member) as array:
        version = np.lib.format.read_magic(array)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(array)
    elements = math.prod(shape)
    # Elements without bytes still take time.
    claimed = elements * max(dtype.itemsize, 1)
    if (
        claimed > member.file_size
        or (name not in _GROWING and claimed > MAX_TABLE)
        or (name == "joint_names" and elements > MAX_JOINTS)
    ):
        raise ContentError(
            f"{NAME} holds {name} of impossible shape {shape}; send a skeleton archive"
        )
    if name == "positions_mm" and len(shape) == 4:
        _check_extent(*shape[:3])
