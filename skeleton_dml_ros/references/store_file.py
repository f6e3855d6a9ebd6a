# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Create and open a store's file, and explain SQLite's errors in one line.

SQLite survives crashes, but it opens an empty file, another program's database or a damaged one
without complaint, and a robot would start without its references.  So a file is first checked,
read-only, and refused with an error that says what to do.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION

MAGIC = b"SQLite format 3\0"
HEADER_SIZE = 100
"""Bytes of the header: https://sqlite.org/fileformat2.html#the_database_header"""


class StoreError(SkeletonDmlError):
    """A store cannot be opened, read or written."""


class NotAStoreError(StoreError):
    """The file is not a store."""


class NewerStoreError(StoreError):
    """The store was written by a newer version of this package."""


class DamagedStoreError(StoreError):
    """The store's file is truncated or altered."""


class LockedStoreError(StoreError):
    """Another process holds the store."""


class FullDiskError(StoreError):
    """The disk is full; the store is unchanged."""


def open_store_file(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """Open a connection to a store, which is created if missing.

    Any thread may use the connection, one at a time.  Transactions are explicit; a commit returns
    once the data is on the disk.

    Raises:
        StoreError: the file cannot be used as a store.
    """
    if not path.exists():
        _create(path, busy_timeout)
    _refuse_other_files(path, busy_timeout)
    connection = _connect(path, busy_timeout, "mode=rw")
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """The integer value of a pragma."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def errors_explained(path: Path, busy_timeout: float, done: str) -> Iterator[None]:
    """Turn errors of SQLite and the operating system into one line with a remedy.

    Args:
        path: the store's file.
        busy_timeout: seconds waited for locks.
        done: what was attempted, as a participle such as ``written``.
    """
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # A bug in this package.
    except sqlite3.DatabaseError as error:
        raise _explained(error, path, busy_timeout, done) from error
    except OSError as error:
        raise StoreError(
            f"{path} could not be {done}: {error.strerror}; give a path in a writable folder"
        ) from error


def damaged(path: Path, finding: str) -> DamagedStoreError:
    """The error for a damaged store."""
    return DamagedStoreError(
        f"{path} is damaged ({finding}) and was left unchanged; move it away and import an export "
        "into a new store"
    )


def _explained(
    error: sqlite3.DatabaseError, path: Path, busy_timeout: float, done: str
) -> StoreError:
    # Python before 3.11 has no error codes; SQLite's texts have not changed since 3.0.
    message = str(error)
    if "locked" in message:
        return LockedStoreError(
            f"another process has locked {path} for over {busy_timeout:g} s; close that program and "
            "try again"
        )
    if "full" in message:
        return FullDiskError(
            f"{path} could not be {done}: the disk is full; free space and try again (stored "
            "references are safe)"
        )
    if "disk I/O error" in message:
        return FullDiskError(
            f"{path} could not be {done}: disk error (full or failing disk, or a file size limit); "
            "free space or replace the disk (stored references are safe)"
        )
    if "malformed" in message or "not a database" in message:
        return damaged(path, message)
    if "readonly" in message or "unable to open" in message:
        return StoreError(
            f"{path} could not be {done} ({message}); give a path in a writable folder"
        )
    return StoreError(
        f"{path} could not be {done}: {message}; check the disk, or import an export into a new "
        "store"
    )


def _create(path: Path, busy_timeout: float) -> None:
    """Create an empty store under a temporary name, then link it to its path.

    So a killed process leaves no partial store, and two processes may create the same store at
    once: one succeeds, both use it.
    """
    if _log(path).exists() and not path.exists():
        raise DamagedStoreError(
            f"{path} is missing, but its log {_log(path).name} exists and may hold references; put "
            "the file back, or remove the log to start with an empty store"
        )
    folder = path.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{path.name}.{secrets.token_hex(4)}.new"
    try:
        with closing(_connect(draft, busy_timeout, "mode=rwc")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(
                f"BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
                f" PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            )
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        except OSError:
            # The file system has no hard links, such as FAT on a memory card.
            draft.rename(path)
        _flush_folder(folder)
    finally:
        for left in (draft, _log(draft), Path(f"{draft}-shm")):
            left.unlink(missing_ok=True)


def _refuse_other_files(path: Path, busy_timeout: float) -> None:
    """Check the file before SQLite opens it for writing and may alter it."""
    if not path.is_file():
        raise NotAStoreError(f"{path} is not a file; give the path of a reference store")
    with path.open("rb") as file:
        header = file.read(HEADER_SIZE)
    if not header:
        raise DamagedStoreError(
            f"{path} is empty, so it is damaged; move it away and import an export into a new store"
        )
    if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
        raise NotAStoreError(
            f"{path} is not a reference store; give another path, or move the file away"
        )
    schema_version, application_id = struct.unpack_from(">I4xI", header, 60)
    if application_id != APPLICATION_ID:
        raise NotAStoreError(f"{path} is an SQLite database of another program; give another path")
    _refuse_newer(path, schema_version)
    while True:
        before = _state(path)
        try:
            return _check(path, busy_timeout, in_use=before[0])
        except (sqlite3.DatabaseError, DamagedStoreError):
            # If another process has just written, check again.
            if _state(path) == before:
                raise


def _state(path: Path) -> tuple[bool, int, int]:
    """Whether a log exists, the file's size, and when it was last written."""
    status = path.stat()
    return _log(path).exists(), status.st_size, status.st_mtime_ns


def _check(path: Path, busy_timeout: float, in_use: bool) -> None:
    """Check the whole file without changing it.

    In read-only mode SQLite neither repairs the file nor merges the log; without a log,
    ``immutable`` also keeps it from creating one.
    """
    flags = "mode=ro" if in_use else "mode=ro&immutable=1"
    with closing(_connect(path, busy_timeout, flags)) as connection:
        _refuse_newer(path, pragma(connection, "user_version"))
        # SQLite would read a truncated last page as zeros.
        if not in_use and path.stat().st_size % pragma(connection, "page_size"):
            raise damaged(path, "it ends in the middle of a page")
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if finding != "ok":
            raise damaged(path, " ".join(str(finding).split()))


def _refuse_newer(path: Path, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise NewerStoreError(
            f"{path} has schema {version}, but this version of the package reads up to "
            f"{SCHEMA_VERSION}; update the package, or give another path"
        )


def _connect(path: Path, busy_timeout: float, flags: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{flags}",
        uri=True,
        timeout=busy_timeout,
        isolation_level=None,
        check_same_thread=False,
    )


def _log(path: Path) -> Path:
    return Path(f"{path}-wal")


def _flush_folder(folder: Path) -> None:
    """Flush a folder, so that a new name in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
