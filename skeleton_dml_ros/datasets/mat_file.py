# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read one numeric array from a MATLAB file of version 5, the default of MATLAB since 1996.

scipy's reader crashes the process on some damaged files.  Format: "MAT-File Format", MathWorks.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError

MAX_BYTES = 64_000_000
"""Maximum size of a compressed array once it is unpacked: 100 times a clip of UTD-MHAD."""

HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
"""numpy's types of MATLAB's data types."""

NUMERIC_CLASSES = range(6, 16)
"""Classes of arrays of numbers: double, single and integers."""

COMPLEX = 0x0800


class MatFileError(SkeletonDmlError):
    """A file is not a MATLAB file of version 5, or is damaged."""


def read_mat_array(content: bytes, name: str) -> NDArray[np.generic] | None:
    """The real numeric array of a name; None if the file holds none.

    Args:
        content: of the file.
        name: of the variable.

    Raises:
        MatFileError: the content is not a MATLAB file of version 5, or is damaged.
    """
    if len(content) < HEADER_BYTES or content[126:128] not in (b"IM", b"MI"):
        raise MatFileError("it has no header of MATLAB version 5")
    order = "<" if content[126:128] == b"IM" else ">"
    for kind, data in _elements(content[HEADER_BYTES:], order):
        if kind == COMPRESSED:
            kind, data = next(_elements(_unpacked(data), order), (0, b""))
        if kind == MATRIX:
            array = _array(data, order, name)
            if array is not None:
                return array
    return None


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and content of the elements one after the other.

    Raises:
        MatFileError: one ends after the data.
    """
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from(f"{order}II", data, at)
        begin, room = at + 8, len(data) - at - 8
        if kind >> 16:
            # Up to four bytes stand in the tag itself.
            kind, size, begin, room = kind & 0xFFFF, kind >> 16, at + 4, 4
        if size > room:
            raise MatFileError("it is truncated")
        # Compressed elements alone are not padded to eight bytes.
        at = begin + size if kind == COMPRESSED else begin + size + -(begin + size) % 8
        yield kind, data[begin : begin + size]


def _unpacked(data: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise MatFileError(f"it cannot be unpacked: {error}") from None
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise MatFileError(f"it is truncated, or unpacks to more than {MAX_BYTES / 1e6:.0f} MB")
    return unpacked


def _array(data: bytes, order: str, name: str) -> NDArray[np.generic] | None:
    """The array in a matrix element, if it has this name and holds real numbers."""
    parts = _elements(data, order)
    (_, flags), (_, shape), (_, called) = (next(parts, (0, b"")) for _ in range(3))
    if called.decode(errors="replace") != name or len(flags) < 4:
        return None
    (flag,) = struct.unpack_from(f"{order}I", flags)
    if flag & 0xFF not in NUMERIC_CLASSES or flag & COMPLEX:
        return None
    kind, numbers = next(parts, (0, b""))
    dimensions = np.frombuffer(shape[: len(shape) // 4 * 4], f"{order}i4").tolist()
    if kind not in NUMBERS or min(dimensions, default=-1) < 0:
        raise MatFileError(f"{name} is damaged")
    dtype = np.dtype(order + NUMBERS[kind])
    count = 1
    for dimension in dimensions:
        count *= dimension
    if count * dtype.itemsize != len(numbers):
        raise MatFileError(f"{name} has {len(numbers)} bytes, but its shape is {dimensions}")
    # Numbers are stored in the smallest type that holds them all, whatever the array's class.
    values = np.frombuffer(numbers, dtype).astype(np.float64)
    return values.reshape(dimensions, order="F")
