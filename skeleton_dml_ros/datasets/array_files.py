# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Named arrays in a file, ``.npz``, or in a folder of ``.npy`` files that can be read mapped.

What is written appears whole or not at all, and the same arrays give the same bytes.  An array that
does not fit in memory is written piece by piece.
"""

from __future__ import annotations

import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError


class ArchiveError(SkeletonDmlError):
    """A file is no skeleton archive, or recordings do not fit into one."""


@dataclass(frozen=True)
class Pieces:
    """An array that is never whole in memory.

    Attributes:
        shape: of the array.
        dtype: of the array.
        pieces: its rows, some at a time, in their order.
    """

    shape: tuple[int, ...]
    dtype: DTypeLike
    pieces: Callable[[], Iterable[NDArray[Any]]]


def read_file(
    path: str | Path, file: Path | IO[bytes], names: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Those of the named arrays that an ``.npz`` file has, in memory.

    Args:
        path: what an error calls it.
        file: where it is, or its content.
        names: of arrays; others are left alone.

    Raises:
        ArchiveError: it is no such file, or damaged.
    """
    try:
        if not zipfile.is_zipfile(file):
            raise ArchiveError(
                f"{path} is not a skeleton archive, or it is cut off: it is no .npz file"
            )
        arrays: dict[str, NDArray[Any]] = {}
        with np.load(file, allow_pickle=False) as content:
            for name in names:
                if name in content.files:
                    with _reading(path, name):
                        arrays[name] = np.asarray(content[name])
        return arrays
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"{path} is damaged and cannot be read: {error}") from error
    except MemoryError as error:
        raise ArchiveError(
            f"{path} does not fit in memory; unpack it into a folder of .npy files"
        ) from error
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error


def read_folder(
    path: Path, names: Collection[str], memory_mapped: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Those of the named arrays that a folder has.

    Args:
        path: of the folder.
        names: of arrays; others are left alone.
        memory_mapped: which of them are mapped, and not read into memory.

    Raises:
        ArchiveError: one is damaged.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for name in names:
        file = path / f"{name}.npy"
        if not file.is_file():
            continue
        try:
            with _reading(file, name):
                if name in memory_mapped:
                    arrays[name] = np.load(file, mmap_mode="r", allow_pickle=False)
                else:
                    arrays[name] = np.load(file, allow_pickle=False)
        except (OSError, EOFError) as error:
            raise ArchiveError(f"{file} cannot be read: {error}") from error
    return arrays


@contextmanager
def _reading(path: str | Path, name: str) -> Iterator[None]:
    """Says what numpy means by a ValueError: a pickle that it was not allowed to open, or damage."""
    try:
        yield
    except ValueError as error:
        if "allow_pickle=False" in str(error):
            raise ArchiveError(
                f"{path}: {name} holds pickled objects, which are never read; store plain arrays"
            ) from error
        raise ArchiveError(f"{path} is damaged: {name} cannot be read: {error}") from error


def check_target(path: str | Path) -> Path:
    """A place where arrays can be written: a file, or a folder that is not there or empty.

    Raises:
        ArchiveError: the name has another ending, or something is there already.
    """
    path = Path(path)
    if path.suffix not in (".npz", ""):
        raise ArchiveError(
            f"{path} ends in {path.suffix}; an archive is a file ending in .npz, or a folder"
        )
    if path.suffix == "" and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ArchiveError(f"{path} exists already; give a new folder, or a file ending in .npz")
    if path.suffix == ".npz" and path.is_dir():
        raise ArchiveError(f"{path} is a folder; give the name of a file, or a folder without .npz")
    return path


def write_arrays(
    path: str | Path, arrays: Mapping[str, NDArray[Any] | Pieces], compressed: bool = True
) -> None:
    """Write arrays: a file where ``path`` ends in .npz, else a folder.

    They appear whole or not at all; a file of the same name is replaced, a folder is not.

    Args:
        path: where to.
        arrays: by name.
        compressed: whether a file is; a folder never is.

    Raises:
        ArchiveError: they cannot be written there.
    """
    path = check_target(path)
    # Renaming within a folder is one step of the file system.
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        if path.suffix == ".npz":
            _write_file(unfinished, arrays, compressed)
        else:
            _write_folder(unfinished, arrays)
        unfinished.replace(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
        else:
            unfinished.unlink(missing_ok=True)


def _write_file(path: Path, arrays: Mapping[str, NDArray[Any] | Pieces], compressed: bool) -> None:
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w", method) as members:
            for name, array in arrays.items():
                # Without a stamp, so that the same arrays are the same bytes.
                with members.open(f"{name}.npy", "w", force_zip64=True) as member:
                    _write_array(member, array)
        file.flush()
        os.fsync(file.fileno())


def _write_folder(path: Path, arrays: Mapping[str, NDArray[Any] | Pieces]) -> None:
    path.mkdir()
    for name, array in arrays.items():
        with (path / f"{name}.npy").open("xb") as file:
            _write_array(file, array)
            file.flush()
            os.fsync(file.fileno())


def _write_array(file: IO[bytes], array: NDArray[Any] | Pieces) -> None:
    if not isinstance(array, Pieces):
        npy.write_array(file, np.asanyarray(array), allow_pickle=False)
        return
    dtype = np.dtype(array.dtype)
    header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": array.shape}
    npy.write_array_header_1_0(file, header)
    rows = 0
    for piece in array.pieces():
        if piece.dtype != dtype or piece.shape[1:] != array.shape[1:]:
            raise ArchiveError(f"a piece is {piece.dtype} {piece.shape}, not {dtype} {array.shape}")
        file.write(np.ascontiguousarray(piece).tobytes())
        rows += len(piece)
    if rows != array.shape[0]:
        raise ArchiveError(f"the pieces have {rows} rows, not {array.shape[0]}")
