# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read and write named arrays in an ``.npz`` file, or in a folder of ``.npy`` files.

Writing is atomic and reproducible: the same arrays give the same bytes.  Arrays that do not fit in
memory are written in pieces.
"""

from __future__ import annotations

import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError, one_line


class ArchiveError(SkeletonDmlError):
    """A file is not a valid skeleton archive, or recordings cannot be stored in one."""


@dataclass(frozen=True)
class Pieces:
    """An array that is written in pieces.

    Attributes:
        shape: of the array.
        dtype: of the array.
        pieces: gives consecutive rows.
    """

    shape: tuple[int, ...]
    dtype: DTypeLike
    pieces: Callable[[], Iterable[NDArray[Any]]]


def read_file(
    path: str | Path, file: Path | IO[bytes], names: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Read the named arrays of an ``.npz`` file into memory.

    Args:
        path: name of the file in errors.
        file: the file, or its content.
        names: of arrays; other arrays are ignored, missing ones skipped.

    Raises:
        ArchiveError: it is not an ``.npz`` file, or it is damaged.
    """
    try:
        if not zipfile.is_zipfile(file):
            raise ArchiveError(
                f"{path} is not a skeleton archive, or it is truncated: it is not an .npz file"
            )
        arrays: dict[str, NDArray[Any]] = {}
        with np.load(file, allow_pickle=False) as content:
            for name in names:
                if name in content.files:
                    with _reading(path, name):
                        arrays[name] = np.asarray(content[name])
        return arrays
    except ArchiveError:
        raise
    except MemoryError as error:
        raise ArchiveError(
            f"{path} does not fit in memory; unpack it into a folder of .npy files"
        ) from error
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:
        # zipfile, its decompressors and numpy raise anything on damaged bytes.
        raise ArchiveError(_damage(path, error)) from error


def _damage(path: str | Path, error: Exception) -> str:
    return one_line(f"{path} is damaged and cannot be read: {str(error) or type(error).__name__}")


def read_folder(
    path: Path, names: Collection[str], memory_mapped: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Read the named arrays of a folder.

    Args:
        path: of the folder.
        names: of arrays; missing ones are skipped.
        memory_mapped: names of those that are memory-mapped.

    Raises:
        ArchiveError: an array is damaged.
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
        except ArchiveError:
            raise
        except Exception as error:
            raise ArchiveError(_damage(file, error)) from error
    return arrays


@contextmanager
def _reading(path: str | Path, name: str) -> Iterator[None]:
    """Turn numpy's ValueError into an error that says whether the array is pickled or damaged."""
    try:
        yield
    except ValueError as error:
        if "allow_pickle=False" in str(error):
            raise ArchiveError(
                f"{path}: {name} holds pickled objects, which are never read; store plain arrays"
            ) from error
        raise ArchiveError(f"{path} is damaged: {name} cannot be read: {error}") from error


def check_target(path: str | Path) -> Path:
    """The path of an archive that can be written: a file, or a missing or empty folder.

    Raises:
        ArchiveError: the suffix is wrong, or something is in the way.
    """
    path = Path(path)
    if path.suffix not in (".npz", ""):
        raise ArchiveError(f"{path} ends in {path.suffix}; give a file ending in .npz, or a folder")
    if path.suffix == "" and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ArchiveError(f"{path} exists already; give a new folder, or a file ending in .npz")
    if path.suffix == ".npz" and path.is_dir():
        raise ArchiveError(f"{path} is a folder; give a file name, or a folder without .npz")
    return path


def write_arrays(
    path: str | Path, arrays: Mapping[str, NDArray[Any] | Pieces], compressed: bool = True
) -> None:
    """Write arrays: a file if ``path`` ends in .npz, else a folder.

    Writing is atomic. An existing file is replaced, an existing folder is not.

    Args:
        path: target.
        arrays: by name.
        compressed: whether a file is compressed; folders never are.

    Raises:
        ArchiveError: they cannot be written.
    """
    path = check_target(path)
    # Renaming within a folder is atomic.
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
                # Without time stamps, so that the same arrays give the same bytes.
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
