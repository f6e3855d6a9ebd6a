# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Create and open a store's file, and explain SQLite's errors in one line.

SQLite survives crashes, but it opens an empty file, another program's database or a damaged one
without complaint, and a robot would start without its references.  So a file is first checked,
read-only, and refused with an error that says what to do.

Only SQLite opens the file.  Its locks are POSIX locks, and a process loses all of them as soon as it
closes any descriptor of the file: reading the header as a plain file would let another process delete
the log of a connection that is in use.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from skeleton_dml_ros.errors import SkeletonDmlError, one_line
from skeleton_dml_ros.references.schema import (
    APPLICATION_ID,
    SCHEMA,
    SCHEMA_VERSION,
    alteration_of_schema,
)

logger = logging.getLogger(__name__)

FILE_MODE = 0o600
"""A store holds recordings of people, so only its owner reads it."""

NO_FOLDER_FSYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""Errors of file systems that cannot flush a folder."""

NO_SHARED_MEMORY = ("unable to open", "readonly", "disk I/O error", "locking protocol")
"""SQLite's errors where a file system cannot map the log's index, ``<name>-shm``, into memory."""


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


def open_store_file(path: Path, busy_timeout: float, read_only: bool = False) -> sqlite3.Connection:
    """Open a connection to a store, which is created if missing.

    Any thread may use the connection, one at a time.  Transactions are explicit; a commit returns
    once the data is on the disk.

    Args:
        path: the store's file.
        busy_timeout: seconds to wait for locks.
        read_only: create and change nothing; also works on read-only media.

    Raises:
        StoreError: the file cannot be used as a store.
    """
    if not read_only and not path.exists():
        _create(path, busy_timeout)
    _refuse_other_files(path, busy_timeout)
    if read_only and not _is_writable(path):
        return _open_on_read_only_media(path, busy_timeout)
    try:
        connection = _open(path, busy_timeout)
    except sqlite3.OperationalError as error:
        if not _lacks_shared_memory(error) or not _is_writable(path):
            raise
        connection = _open_alone(path, busy_timeout, error)
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def identity_of(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file; None if it is missing."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def has_pending_log(path: Path) -> bool:
    """Whether a store's log has content."""
    try:
        return _log(path).stat().st_size > 0
    except OSError:
        return False


def empty_log(connection: sqlite3.Connection, busy_timeout: float) -> None:
    """Merge the log into the file, unless a reader is in the way or the disk fails.

    An empty log cannot spoil another file that replaces the store.
    """
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * busy_timeout)}")


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
    except UnicodeDecodeError as error:
        # SQLite's message quotes bytes of the schema.
        raise damaged(path, "its tables' definitions are not text") from error
    except OSError as error:
        raise StoreError(
            f"{path} could not be {done}: {error.strerror or error}; give a path in a writable folder"
        ) from error


def damaged(path: Path, finding: str) -> DamagedStoreError:
    """The error for a damaged store."""
    return DamagedStoreError(
        f"{path} is damaged ({finding}) and was left unchanged; move it away and import an export "
        "into a new store"
    )


def damaged_reference(path: Path, reference_id: str, finding: str) -> DamagedStoreError:
    """The error for one damaged reference, which leaves the others usable."""
    return DamagedStoreError(
        f"reference {reference_id} in {path} is damaged ({finding}); remove it and teach it again; "
        "the others are not affected"
    )


def _explained(
    error: sqlite3.DatabaseError, path: Path, busy_timeout: float, done: str
) -> StoreError:
    # Python before 3.11 has no error codes; SQLite's texts have not changed since 3.0.
    message = one_line(str(error))
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
    if has_pending_log(path) and not path.exists():
        raise DamagedStoreError(
            f"{path} is missing, but its log {_log(path).name} exists and may hold references; put "
            "the file back, or remove the log to start with an empty store"
        )
    folder = path.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{path.name}.{secrets.token_hex(4)}.new"
    try:
        # SQLite gives its log the same permissions.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
        with closing(_connect(draft, busy_timeout, "mode=rw")) as connection:
            # Nobody else uses the draft, so its log needs no shared memory.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
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
            if path.exists():
                return
            draft.rename(path)
        _flush_folder(folder)
    finally:
        for left in (draft, _log(draft), Path(f"{draft}-shm")):
            left.unlink(missing_ok=True)


def _is_writable(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return all(
        os.access(each, os.W_OK, effective_ids=effective) for each in (path, path.absolute().parent)
    )


def _open(path: Path, busy_timeout: float, alone: bool = False) -> sqlite3.Connection:
    """Open a checked file for writing, also ``alone``: without shared memory."""
    connection = _connect(path, busy_timeout, "mode=rw")
    try:
        if alone:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError("unable to open the log")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # A removed recording of a person must not stay readable in free pages.
        connection.execute("PRAGMA secure_delete = ON")
        _try_the_log(connection, busy_timeout)
    except BaseException:
        connection.close()
        raise
    return connection


def _try_the_log(connection: sqlite3.Connection, busy_timeout: float) -> None:
    """Begin a transaction and roll it back: the first use of the log maps its index."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        # Another process is writing or holds the file: wait.
        if "locked" not in str(error):
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * busy_timeout)}")


def _lacks_shared_memory(error: sqlite3.OperationalError) -> bool:
    return any(part in str(error) for part in NO_SHARED_MEMORY)


def _open_alone(
    path: Path, busy_timeout: float, error: sqlite3.OperationalError
) -> sqlite3.Connection:
    """Open a store on a file system without shared memory, which shuts out other processes."""
    try:
        connection = _open(path, busy_timeout, alone=True)
    except sqlite3.OperationalError:
        raise error from None
    try:
        _check_content(connection, path)
    except BaseException:
        connection.close()
        raise
    logger.warning(
        "%s is on a file system without shared memory, so no other process can open it meanwhile; "
        "move it to a local disk to share it",
        path,
    )
    return connection


def _open_on_read_only_media(path: Path, busy_timeout: float) -> sqlite3.Connection:
    if not has_pending_log(path):
        return _connect(path, busy_timeout, "mode=ro&immutable=1")
    connection = _connect(path, busy_timeout, "mode=ro")
    try:
        pragma(connection, "user_version")
    except sqlite3.OperationalError:
        connection.close()
        raise StoreError(
            f"{path} is on read-only media and its log {_log(path).name} holds changes; copy both "
            "into a writable folder, and give that path"
        ) from None
    return connection


def _refuse_other_files(path: Path, busy_timeout: float) -> None:
    """Check the file before SQLite opens it for writing and may alter it."""
    if not path.exists():
        raise StoreError(f"there is no store {path}; give another path")
    if not path.is_file():
        raise NotAStoreError(f"{path} is not a file; give the path of a reference store")
    if path.stat().st_size == 0:
        raise DamagedStoreError(
            f"{path} is empty, so it is damaged; move it away and import an export into a new store"
        )
    while True:
        before = _state(path)
        try:
            return _check(path, busy_timeout, in_use=before[0])
        except (
            sqlite3.DatabaseError,
            UnicodeDecodeError,
            DamagedStoreError,
            NotAStoreError,
        ) as error:
            # If another process has just written, check again.
            if _state(path) == before:
                # Without shared memory, the log is read once the file is open.
                if (
                    before[0]
                    and isinstance(error, sqlite3.OperationalError)
                    and _lacks_shared_memory(error)
                ):
                    return None
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
        try:
            application_id = pragma(connection, "application_id")
        except sqlite3.DatabaseError as error:
            if "not a database" not in str(error):
                raise
            raise NotAStoreError(
                f"{path} is not a reference store; give another path, or move the file away"
            ) from None
        if application_id != APPLICATION_ID:
            raise NotAStoreError(
                f"{path} is an SQLite database of another program; give another path"
            )
        _refuse_newer(path, pragma(connection, "user_version"))
        # SQLite would read a truncated last page as zeros.
        if not in_use and path.stat().st_size % pragma(connection, "page_size"):
            raise damaged(path, "it ends in the middle of a page")
        _check_content(connection, path)


def _check_content(connection: sqlite3.Connection, path: Path) -> None:
    """Check the tables' definitions, then all pages."""
    finding = alteration_of_schema(connection)
    if not finding:
        finding = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if finding != "ok":
        raise damaged(path, one_line(finding))


def _refuse_newer(path: Path, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise NewerStoreError(
            f"{path} has schema {version}, but this version of the package reads up to "
            f"{SCHEMA_VERSION}; update the package, or give another path"
        )


def _connect(path: Path, busy_timeout: float, flags: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{flags}",
        uri=True,
        timeout=busy_timeout,
        isolation_level=None,
        check_same_thread=False,
    )
    # A damaged text is read like any other, so that its reference can be listed and removed.
    connection.text_factory = lambda text: text.decode(errors="replace")
    return connection


def _log(path: Path) -> Path:
    return Path(f"{path}-wal")


def _flush_folder(folder: Path) -> None:
    """Flush a folder, so that a new name in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_FOLDER_FSYNC:
            raise
        logger.warning(
            "the file system of %s cannot flush a folder; a power cut within seconds may lose a new "
            "store",
            folder,
        )
    finally:
        os.close(descriptor)
