# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The file of a store: made whole, looked at before it is used, its errors in one line.

SQLite keeps what it was given through a crash.  What it does not do is refuse: it opens an empty
file as an empty database and another program's database as its own, and goes on with a damaged one
as far as it gets.  A robot that starts with no references has lost them as surely as by a broken
disk.  So a file is looked at first, read-only, and refused with a line that says what to do.
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
"""Bytes before the first page's content: https://sqlite.org/fileformat2.html#the_database_header"""


class StoreError(SkeletonDmlError):
    """A store cannot be opened, read or written."""


class NotAStoreError(StoreError):
    """The file is something else."""


class NewerStoreError(StoreError):
    """The store was written by a newer version of this package."""


class DamagedStoreError(StoreError):
    """The file was a store, and is cut short or altered."""


class LockedStoreError(StoreError):
    """Another process holds the store."""


class FullDiskError(StoreError):
    """There is no room for the change; what was there before still is."""


def open_store_file(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """A connection to the store of this path, which is created where there is none.

    The connection may be used from any thread, by one at a time; transactions are begun and
    committed by hand, and a commit returns when the disk has it.

    Raises:
        StoreError: the file cannot be used as a store; the line says why and what to do.
    """
    if not path.exists():
        _create(path, busy_timeout)
    _refuse_what_is_no_store(path, busy_timeout)
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
    """The value of one of SQLite's numbers about a database."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def errors_explained(path: Path, busy_timeout: float, done: str) -> Iterator[None]:
    """Turn what SQLite and the system say into one line with a remedy.

    Args:
        path: the store's file.
        busy_timeout: seconds waited for locks.
        done: what could not be done with it, such as ``written``.
    """
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # A fault of this package, which no user can mend.
    except sqlite3.DatabaseError as error:
        raise _explained(error, path, busy_timeout, done) from error
    except OSError as error:
        raise StoreError(
            f"{path} could not be {done}: {error.strerror}; give a path in a folder that can be "
            "written"
        ) from error


def damaged(path: Path, finding: str) -> DamagedStoreError:
    """The error that says what is wrong with a store, and that it was not touched."""
    return DamagedStoreError(
        f"{path} is damaged ({finding}) and was left as it is; move it away and import an export "
        "into a new store"
    )


def _explained(
    error: sqlite3.DatabaseError, path: Path, busy_timeout: float, done: str
) -> StoreError:
    # Python before 3.11 tells SQLite's errors apart by their texts alone; these have not changed
    # since SQLite 3.0.
    message = str(error)
    if "locked" in message:
        return LockedStoreError(
            f"{path} is locked by another process for over {busy_timeout:g} s; close the program "
            "that holds it and try again"
        )
    if "full" in message:
        return FullDiskError(
            f"{path} could not be {done}: the disk is full; make room and try again (nothing that "
            "was stored is lost)"
        )
    if "disk I/O error" in message:
        return FullDiskError(
            f"{path} could not be {done}: the disk refused, as a full or failing one does, or a "
            "limit on file sizes; make room or change the disk (nothing that was stored is lost)"
        )
    if "malformed" in message or "not a database" in message:
        return damaged(path, message)
    if "readonly" in message or "unable to open" in message:
        return StoreError(
            f"{path} could not be {done} ({message}); give a path in a folder that can be written"
        )
    return StoreError(
        f"{path} could not be {done}: {message}; check the disk, or import an export into a new "
        "store"
    )


def _create(path: Path, busy_timeout: float) -> None:
    """Make an empty store, complete before it bears its name.

    A process killed meanwhile leaves no half store, and of two processes that create the same
    store at once, one does, and both go on with it.
    """
    if _log(path).exists() and not path.exists():
        raise DamagedStoreError(
            f"{path} is gone, but its log {_log(path).name} is there and may hold references; put "
            "the file back beside it, or remove the log to start anew"
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
            # A file system without hard links, such as a memory card's FAT.
            draft.rename(path)
        _flush_folder(folder)
    finally:
        for left in (draft, _log(draft), Path(f"{draft}-shm")):
            left.unlink(missing_ok=True)


def _refuse_what_is_no_store(path: Path, busy_timeout: float) -> None:
    """Look before SQLite does: opened for writing, it may alter what it finds."""
    if not path.is_file():
        raise NotAStoreError(f"{path} is no file; give the path of a reference store")
    with path.open("rb") as file:
        header = file.read(HEADER_SIZE)
    if not header:
        raise DamagedStoreError(
            f"{path} is empty, which a store never is; move it away and import an export into a "
            "new store"
        )
    if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
        raise NotAStoreError(
            f"{path} is no reference store; give another path, or move the file away"
        )
    schema_version, application_id = struct.unpack_from(">I4xI", header, 60)
    if application_id != APPLICATION_ID:
        raise NotAStoreError(f"{path} is an SQLite file of another program; give another path")
    _refuse_newer(path, schema_version)
    while True:
        before = _state(path)
        try:
            return _check(path, busy_timeout, in_use=before[0])
        except (sqlite3.DatabaseError, DamagedStoreError):
            # Unless another process was at it just now, this is how it is.
            if _state(path) == before:
                raise


def _state(path: Path) -> tuple[bool, int, int]:
    """Whether the store has a log, the file's size, and when it was last written."""
    status = path.stat()
    return _log(path).exists(), status.st_size, status.st_mtime_ns


def _check(path: Path, busy_timeout: float, in_use: bool) -> None:
    """Walk through the whole file.

    Read-only, SQLite neither repairs nor folds in the log; where there is no log, it is told (by
    ``immutable``) not even to make the files of one.
    """
    flags = "mode=ro" if in_use else "mode=ro&immutable=1"
    with closing(_connect(path, busy_timeout, flags)) as connection:
        _refuse_newer(path, pragma(connection, "user_version"))
        # SQLite rounds the number of pages up, and reads zeros where a page was cut.
        if not in_use and path.stat().st_size % pragma(connection, "page_size"):
            raise damaged(path, "it ends in the middle of a page")
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if finding != "ok":
            raise damaged(path, " ".join(str(finding).split()))


def _refuse_newer(path: Path, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise NewerStoreError(
            f"{path} has schema {version}, and this version of the package knows up to "
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
    """Make a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
