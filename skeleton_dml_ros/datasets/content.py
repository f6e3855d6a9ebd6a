# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A recording that comes over the network, as the content of a file.

Whoever sends it may be anybody, so nothing is taken on trust: the content is told by its first
bytes, how large it becomes is known before it is unpacked, and nothing is ever unpickled.
"""

from __future__ import annotations

import io
import math
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from skeleton_dml_ros.datasets.archive import ARRAYS, archive_of, archive_of_bytes, write_archive
from skeleton_dml_ros.datasets.ntu import parse_skeleton_file
from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

LARGEST_CONTENT = 16_000_000
"""Bytes; an hour of one person is less, compressed."""

LARGEST_UNPACKED = 256_000_000
"""Bytes of all arrays of an archive."""

LARGEST_TABLE = 1_000_000
"""Bytes of an array that does not grow with the frames, such as the joints' names."""

MAX_JOINTS = 1000

MAX_FRAMES = 120_000
"""An hour, and seconds of work for who looks for the movement in it."""

NAME = "the recording"
"""What an error calls it."""

_ZIP = b"PK"
_GROWING = ("positions_mm", "timestamps_ns", "confidence")
_PACKED_AS_NUMPY_DOES = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ContentError(SkeletonDmlError):
    """The content is no recording."""


def recording_from_bytes(content: bytes) -> SkeletonSequence:
    """The recording that is the content of a file.

    Args:
        content: of a skeleton archive (``.npz``) that holds exactly one clip, or of an NTU
            ``.skeleton`` file; at most 16 MB, at most 256 MB once unpacked, and at most 120,000
            frames.

    Raises:
        SkeletonDmlError: it is neither, is damaged, or is too large.
    """
    if not content:
        raise ContentError(f"{NAME} is empty; send the content of an archive or a .skeleton file")
    if len(content) > LARGEST_CONTENT:
        raise ContentError(
            f"{NAME} has {len(content) / 1e6:.1f} MB; send at most {LARGEST_CONTENT / 1e6:.0f} MB"
        )
    if content.startswith(_ZIP):
        recording = _only_clip(content)
    elif content[:80].lstrip()[:1].isdigit():
        recording = parse_skeleton_file(content, NAME)
    else:
        raise ContentError(
            f"{NAME} begins with {content[:8]!r}; send the content of a skeleton archive (.npz) or "
            "of an NTU .skeleton file"
        )
    if len(recording) > MAX_FRAMES:
        raise ContentError(f"{NAME} has {len(recording)} frames; send at most {MAX_FRAMES}")
    return recording


def bytes_of_recording(recording: SkeletonSequence, label: str) -> bytes:
    """A recording as the content of a file: what :func:`recording_from_bytes` reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.npz"
        write_archive(path, archive_of([recording], [0], [label], names=[label]))
        return path.read_bytes()


def _only_clip(content: bytes) -> SkeletonSequence:
    """The clip of an archive that holds one."""
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
        # What zipfile and numpy raise on bytes that somebody made up has no end.
        reason = str(error) or type(error).__name__
        raise ContentError(
            one_line(f"{NAME} is damaged and cannot be read: {reason}; send it again")
        ) from None


def _check_directory(content: bytes) -> None:
    """Refuse an archive that is larger than it should be, before any of it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = file.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > LARGEST_UNPACKED:
            raise ContentError(
                f"{NAME} has {unpacked / 1e6:.0f} MB once unpacked; send at most "
                f"{LARGEST_UNPACKED / 1e6:.0f} MB"
            )
        for member in members:
            if member.filename.removesuffix(".npy") in ARRAYS:
                _check_array(file, member)


def _check_array(file: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse an array that claims to be larger than what the archive holds of it."""
    name = member.filename.removesuffix(".npy")
    if member.compress_type not in _PACKED_AS_NUMPY_DOES:
        # Others may unpack to any size in one step.
        raise ContentError(
            f"{NAME} holds {name} compressed in an unusual way; write it with "
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
    # An element of no bytes still takes time.
    claimed = elements * max(dtype.itemsize, 1)
    if (
        claimed > member.file_size
        or (name not in _GROWING and claimed > LARGEST_TABLE)
        or (name == "joint_names" and elements > MAX_JOINTS)
    ):
        raise ContentError(
            f"{NAME} holds {name} of shape {shape}, which cannot be; send a skeleton archive"
        )
