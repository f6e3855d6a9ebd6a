# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.datasets.mat_file import MAX_BYTES, MatFileError, read_mat_array


def written(compressed: bool = True, **arrays: Any) -> bytes:
    savemat = pytest.importorskip("scipy.io").savemat
    buffer = io.BytesIO()
    savemat(buffer, arrays, do_compression=compressed)
    return buffer.getvalue()


def compressed(element: bytes) -> bytes:
    """A file with one compressed element."""
    data = zlib.compress(element)
    return b" " * 124 + b"\x00\x01IM" + struct.pack("<II", 15, len(data)) + data


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "u1"])
def test_an_array_is_read_as_it_was_written(packed: bool, dtype: str) -> None:
    array = (100 * np.random.default_rng(0).random((20, 3, 7))).astype(dtype)
    content = written(packed, other=np.eye(2), a=array, text="abc")
    found = read_mat_array(content, "a")
    assert found is not None
    np.testing.assert_array_equal(found, array)
    assert read_mat_array(content, "text") is None
    assert read_mat_array(content, "missing") is None


def test_an_empty_array_keeps_its_shape() -> None:
    found = read_mat_array(written(a=np.zeros((20, 3, 0))), "a")
    assert found is not None
    assert found.shape == (20, 3, 0)


def test_a_truncated_or_altered_file_is_refused_or_read() -> None:
    content = written(a=np.random.default_rng(0).random((20, 3, 5)))
    for end in (0, 100, 127, 137, 200, len(content) - 1):
        with pytest.raises(MatFileError):
            read_mat_array(content[:end], "a")
    generator = np.random.default_rng(1)
    plain = written(False, a=np.random.default_rng(0).random((20, 3, 5)))
    for _ in range(2000):
        damaged = bytearray(plain)
        damaged[generator.integers(126, 220)] = generator.integers(256)
        with suppress(MatFileError):
            read_mat_array(bytes(damaged), "a")


def test_an_element_that_unpacks_to_gigabytes_is_refused() -> None:
    with pytest.raises(MatFileError, match="unpacks to more than 64 MB"):
        read_mat_array(compressed(bytes(MAX_BYTES + 1)), "a")
    parts = struct.pack("<IIII", 6, 8, 6, 0) + struct.pack("<IIiii4x", 5, 12, 2**30, 2**30, 8)
    parts += struct.pack("<HH4s", 1, 1, b"a") + struct.pack("<II", 9, 0)
    with pytest.raises(MatFileError, match="but its shape is"):
        read_mat_array(compressed(struct.pack("<II", 14, len(parts)) + parts), "a")
