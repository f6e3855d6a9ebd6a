# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The store of references: one SQLite file that survives power cuts.

Guarantees:

- A change is atomic, and once it has returned it survives a killed process and a power cut.
- A change that fails (full disk, lock, error) has no effect.
- A file that is not a store, is damaged, or has a newer schema is refused and left unchanged.
- Several processes may use one store; :meth:`ReferenceStore.changed` tells of their changes.
- A file that was replaced while in use is opened anew; nothing is written to one that was removed.

SQLite uses a write-ahead log (WAL) and ``synchronous=FULL``.  While a process has the store open,
recent changes are in ``<name>-wal``, so do not copy the file: export the references instead.
"""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import one_line
from skeleton_dml_ros.references.reference import (
    Reference,
    ReferenceKind,
    ReferenceSummary,
    new_reference_id,
    recording_digest,
    validate_label,
)
from skeleton_dml_ros.references.schema import (
    COLUMNS,
    SUMMARY_COLUMNS,
    embedding_of,
    insert_embedding,
    insert_reference,
    reference_of,
    summary_of,
)
from skeleton_dml_ros.references.store_file import (
    DamagedStoreError,
    FullDiskError,
    LockedStoreError,
    NewerStoreError,
    NotAStoreError,
    StoreError,
    damaged_reference,
    empty_log,
    errors_explained,
    has_pending_log,
    identity_of,
    open_store_file,
    pragma,
)
from skeleton_dml_ros.shared_files import expanded

__all__ = [
    "Calibration",
    "DamagedStoreError",
    "FullDiskError",
    "Index",
    "IndexEntry",
    "LockedStoreError",
    "Merged",
    "NewerStoreError",
    "NotAStoreError",
    "ReferenceNotFoundError",
    "ReferenceStore",
    "StoreError",
]

logger = logging.getLogger(__name__)

BUSY_TIMEOUT = 2.0
"""Seconds to wait for another process's lock.  Changes take milliseconds, so a longer lock means
that the other process hangs."""


class ReferenceNotFoundError(StoreError):
    """No reference has this id or this label."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """A threshold fitted to a robot's own background, for one engine and matcher.

    Attributes:
        key: of the engine and the matcher.
        threshold: minimum confidence of a known action.
        false_accept_rate: requested maximum share of background clips accepted.
        measured_rate: share of the background clips accepted.
        reference_count: number of references enrolled at the time.
        created_ns: nanoseconds since the epoch.
        clips: number of background clips.
    """

    key: str
    threshold: float
    false_accept_rate: float
    measured_rate: float
    reference_count: int
    created_ns: int
    clips: int


@dataclass(frozen=True)
class IndexEntry:
    """A reference without its recording.

    Attributes:
        reference_id: id of the reference.
        label: its label.
        kind: its kind.
        bodies: number of people in it.
        embedded_otherwise: whether it has an embedding under a key that was not asked for.
    """

    reference_id: str
    label: str
    kind: ReferenceKind
    bodies: int
    embedded_otherwise: bool


@dataclass(frozen=True, eq=False)
class Index:
    """What matching needs from a store, read in one transaction.

    Attributes:
        version: number of changes of the references so far.
        entries: all references, oldest first.
        embeddings: for each key, (dimension,) float32 by reference id.
        calibration: the calibration under the key, or None.
    """

    version: int
    entries: tuple[IndexEntry, ...]
    embeddings: dict[str, dict[str, NDArray[np.float32]]]
    calibration: Calibration | None


@dataclass(frozen=True)
class Merged:
    """The result of an import.

    Attributes:
        added: new references, with the ids they have in this store.
        already_here: references skipped, since the store has their recordings under the same ids;
            it keeps its own labels for them.
    """

    added: tuple[Reference, ...]
    already_here: tuple[Reference, ...]


# Inside the class, ``list`` is its method.
References = list[Reference]
Summaries = list[ReferenceSummary]
Rows = list[tuple[Any, ...]]


class ReferenceStore:
    """A store of references in one file; thread-safe, and a context manager.

    Args:
        path: the file; it and its folder are created if missing.
        busy_timeout: seconds to wait for another process's lock.
        read_only: change nothing, not even create a missing file; also works on read-only media.

    Raises:
        StoreError: the file cannot be used as a store.
    """

    def __init__(
        self, path: str | Path, busy_timeout: float = BUSY_TIMEOUT, read_only: bool = False
    ) -> None:
        self.path = expanded(path)
        self._busy_timeout = busy_timeout
        self._read_only = read_only
        self._lock = threading.RLock()
        self._closed = False
        self._warned: set[str] = set()
        self._replaced = False
        self._seen_data_version = 0
        self._identity: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = self._open()

    def __enter__(self) -> ReferenceStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Merge the log into the file and close it.  May be called twice."""
        with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @property
    def version(self) -> int:
        """Number of changes of the references since the store was created, by any process."""
        with self._reading() as connection:
            return _version(connection)

    def changed(self) -> bool:
        """Whether another process has written since the last call, or since opening.

        Raises:
            StoreError: the store cannot be read, or its file was removed.
        """
        with self._reading() as connection:
            self._refuse_missing()
            data_version = pragma(connection, "data_version")
            changed = self._replaced or data_version != self._seen_data_version
            self._replaced, self._seen_data_version = False, data_version
            return changed

    def list(self, labels: Collection[str] | None = None) -> References:
        """All references with their recordings, oldest first.

        Args:
            labels: of the references; None for all.

        Raises:
            ReferenceNotFoundError: a label has no reference.
            DamagedStoreError: a reference was altered.
        """
        where = ""
        values: tuple[str, ...] = ()
        if labels is not None:
            values = tuple(dict.fromkeys(validate_label(label) for label in labels))
            where = f"WHERE label IN ({', '.join('?' for _ in values)})"
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM reference {where} ORDER BY number", values
            ).fetchall()
        missing = sorted(set(values) - {row[1] for row in rows})
        if missing:
            raise ReferenceNotFoundError(f"no reference has the label {missing[0]!r}")
        return [self._reference(row) for row in rows]

    def summaries(self) -> Summaries:
        """All references without their recordings, oldest first; damaged ones too."""
        with self._reading() as connection:
            rows = connection.execute(f"SELECT {SUMMARY_COLUMNS} FROM reference ORDER BY number")
            return [self._summary(row) for row in rows.fetchall()]

    def get(self, reference_id: str) -> Reference:
        """The reference with this id.

        Raises:
            ReferenceNotFoundError: no reference has this id.
        """
        with self._reading() as connection:
            rows = self._select(connection, COLUMNS, reference_id, None)
        return self._reference(rows[0])

    def add(
        self, reference: Reference, embeddings: Mapping[str, NDArray[np.float32]] | None = None
    ) -> None:
        """Add a reference and its known embeddings by key, in one transaction.

        Raises:
            StoreError: the id exists, or the store could not be written; nothing has changed.
        """
        with self._writing() as connection:
            taken = connection.execute(
                "SELECT label FROM reference WHERE reference_id = ?", (reference.reference_id,)
            ).fetchone()
            if taken:
                raise StoreError(
                    f"reference {reference.reference_id} already exists in {self.path} with label "
                    f"{taken[0]!r}; give a new reference_id"
                )
            insert_reference(connection, reference)
            for key, vector in (embeddings or {}).items():
                insert_embedding(connection, key, reference.reference_id, vector)
            _count_change(connection)

    def remove(self, reference_id: str | None = None, label: str | None = None) -> Summaries:
        """Remove the reference with an id, or all references with a label, damaged ones too.

        Args:
            reference_id: give either this
            label: or this.

        Returns:
            The references removed.

        Raises:
            ReferenceNotFoundError: there is no such reference.
            StoreError: the store could not be written; nothing has changed.
        """
        with self._writing() as connection:
            removed = self._select_summaries(connection, reference_id, label)
            for number in removed:
                connection.execute("DELETE FROM reference WHERE number = ?", (number,))
            _count_change(connection)
            return [*removed.values()]

    def rename(
        self, *, new_label: str, reference_id: str | None = None, label: str | None = None
    ) -> Summaries:
        """Change the label of the reference with an id, or of all references with a label.

        Args:
            new_label: the new label; may exist already.
            reference_id: give either this
            label: or this.

        Returns:
            The references under their new label.

        Raises:
            ReferenceNotFoundError: there is no such reference.
            InvalidReferenceError: the new label is not valid.
            StoreError: the store could not be written; nothing has changed.
        """
        new_label = validate_label(new_label)
        with self._writing() as connection:
            selected = self._select_summaries(connection, reference_id, label)
            for number in selected:
                connection.execute(
                    "UPDATE reference SET label = ? WHERE number = ?", (new_label, number)
                )
            if any(reference.label != new_label for reference in selected.values()):
                _count_change(connection)
            return [replace(reference, label=new_label) for reference in selected.values()]

    def merge(self, references: Iterable[Reference], replace_all: bool = False) -> Merged:
        """Import references in one transaction.

        A reference is skipped if its id exists here with the same recording.  If its id exists
        with another recording, it gets a new id.

        Args:
            references: to import.
            replace_all: remove all existing references first.

        Raises:
            StoreError: the store could not be written; nothing has changed.
        """
        added: list[Reference] = []
        already_here: list[Reference] = []
        with self._writing() as connection:
            removed = 0
            if replace_all:
                removed = connection.execute("DELETE FROM reference").rowcount
            for reference in references:
                here = connection.execute(
                    "SELECT digest FROM reference WHERE reference_id = ?",
                    (reference.reference_id,),
                ).fetchone()
                if here and here[0] == recording_digest(reference.sequence):
                    already_here.append(reference)
                    continue
                if here:
                    reference = replace(reference, reference_id=new_reference_id())
                insert_reference(connection, reference)
                added.append(reference)
            if added or removed:
                _count_change(connection)
        return Merged(tuple(added), tuple(already_here))

    def index(self, keys: Sequence[str], calibration_key: str) -> Index:
        """What matching needs of all references, without their recordings.

        Args:
            keys: the keys of the embeddings.
            calibration_key: the key of the calibration.
        """
        marks = ", ".join("?" for _ in keys)
        with self._reading() as connection:
            connection.execute("BEGIN")
            try:
                version = _version(connection)
                rows = connection.execute(
                    "SELECT reference_id, label, kind, bodies, EXISTS ("
                    "  SELECT 1 FROM embedding AS other"
                    "  WHERE other.reference_id = reference.reference_id"
                    f"  AND other.key NOT IN ({marks}))"
                    " FROM reference ORDER BY number",
                    tuple(keys),
                ).fetchall()
                embeddings = self._embeddings(connection, keys)
                calibration = self.calibration(calibration_key)
            finally:
                connection.execute("ROLLBACK")
        return Index(
            version,
            tuple(
                IndexEntry(row[0], row[1], ReferenceKind(row[2]), row[3], bool(row[4]))
                for row in rows
                if self._is_usable(*row[:4])
            ),
            embeddings,
            calibration,
        )

    def embeddings(self, key: str) -> dict[str, NDArray[np.float32]]:
        """Embeddings under a key by reference id, (dimension,) each."""
        with self._reading() as connection:
            return self._embeddings(connection, [key])[key]

    def set_embeddings(self, vectors: Mapping[str, Mapping[str, NDArray[np.float32]]]) -> None:
        """Store embeddings by key and reference id, except for references removed meanwhile.

        The version does not change.

        Raises:
            StoreError: they could not be written; nothing has changed.
        """
        with self._writing() as connection:
            for key, of_key in vectors.items():
                for reference_id, vector in of_key.items():
                    insert_embedding(connection, key, reference_id, vector)

    def calibration(self, key: str) -> Calibration | None:
        """What the robot learned from its background under this key, if it did."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT threshold, false_accept_rate, measured_rate, reference_count, created_ns,"
                " clips FROM calibration WHERE key = ?",
                (key,),
            ).fetchone()
        if row is None:
            return None
        if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in row[:6]):
            self._warn_once(
                f"the calibration in {self.path} is damaged and not used; calibrate again"
            )
            return None
        return Calibration(
            key=key,
            threshold=row[0],
            false_accept_rate=row[1],
            measured_rate=row[2],
            reference_count=row[3],
            created_ns=row[4],
            clips=row[5],
        )

    def calibration_keys(self) -> tuple[str, ...]:
        """The keys that have a calibration, the latest first."""
        with self._reading() as connection:
            rows = connection.execute("SELECT key FROM calibration ORDER BY created_ns DESC")
            return tuple(key for (key,) in rows.fetchall())

    def set_calibration(self, calibration: Calibration) -> None:
        """Store a calibration; it replaces an earlier one with the same key.

        Raises:
            StoreError: the store could not be written; nothing has changed.
        """
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO calibration VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    calibration.key,
                    float(calibration.threshold),
                    float(calibration.false_accept_rate),
                    float(calibration.measured_rate),
                    int(calibration.reference_count),
                    int(calibration.created_ns),
                    calibration.clips,
                    b"",
                ),
            )

    def remove_calibration(self, key: str) -> bool:
        """Remove the calibration under a key; returns whether there was one."""
        with self._writing() as connection:
            removed = connection.execute("DELETE FROM calibration WHERE key = ?", (key,)).rowcount
        return removed > 0

    def _select_summaries(
        self, connection: sqlite3.Connection, reference_id: str | None, label: str | None
    ) -> dict[int, ReferenceSummary]:
        """The references of an id or a label by their number; damaged ones by what a list shows."""
        try:
            rows = self._select(connection, f"number, {SUMMARY_COLUMNS}", reference_id, label)
        except ReferenceNotFoundError:
            rows = connection.execute(
                f"SELECT number, {SUMMARY_COLUMNS} FROM reference"
                " WHERE typeof(reference_id) != 'text' OR typeof(label) != 'text' ORDER BY number"
            ).fetchall()
            shown = {row[0]: self._summary(row[1:]) for row in rows}
            selected = {
                number: summary
                for number, summary in shown.items()
                if (
                    summary.reference_id == reference_id if reference_id else summary.label == label
                )
            }
            if not selected:
                raise
            return selected
        return {row[0]: self._summary(row[1:]) for row in rows}

    def _select(
        self,
        connection: sqlite3.Connection,
        columns: str,
        reference_id: str | None,
        label: str | None,
    ) -> Rows:
        """The rows of an id or a label; at least one."""
        if bool(reference_id) == bool(label):
            raise StoreError("give either a reference_id or a label")
        column, value = ("reference_id", reference_id) if reference_id else ("label", label)
        if label:
            value = validate_label(label)
        rows = connection.execute(
            f"SELECT {columns} FROM reference WHERE {column} = ? ORDER BY number", (value,)
        ).fetchall()
        if not rows:
            labels = connection.execute("SELECT DISTINCT label FROM reference ORDER BY label")
            known = ", ".join(one_line(str(name)) for (name,) in labels.fetchall())
            raise ReferenceNotFoundError(
                f"no reference has the {column.replace('_', ' ')} {value!r}; "
                + (f"the enrolled labels are {known}" if known else "nothing is enrolled yet")
            )
        return rows

    def _reference(self, row: tuple[Any, ...]) -> Reference:
        try:
            return reference_of(row)
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            finding = one_line(str(error))
        except RecursionError:
            finding = "its layout is nested too deeply"
        raise damaged_reference(self.path, one_line(str(row[0])), finding)

    def _summary(self, row: tuple[Any, ...]) -> ReferenceSummary:
        summary, finding = summary_of(row)
        if finding:
            self._warn_once(str(damaged_reference(self.path, summary.reference_id, finding)))
        return summary

    def _is_usable(self, reference_id: object, label: object, kind: object, bodies: object) -> bool:
        """Whether a reference can be matched; a warning names one that is damaged."""
        if (
            isinstance(reference_id, str)
            and isinstance(label, str)
            and kind in {one.value for one in ReferenceKind}
            and isinstance(bodies, int)
        ):
            return True
        finding = f"its label is {label!r:.40}, its kind {kind!r:.40}, its bodies {bodies!r:.40}"
        self._warn_once(str(damaged_reference(self.path, one_line(str(reference_id)), finding)))
        return False

    def _embeddings(
        self, connection: sqlite3.Connection, keys: Sequence[str]
    ) -> dict[str, dict[str, NDArray[np.float32]]]:
        """Embeddings by key and reference id, without those that were altered."""
        found: dict[str, dict[str, NDArray[np.float32]]] = {key: {} for key in keys}
        marks = ", ".join("?" for _ in keys)
        for reference_id, key, blob in connection.execute(
            f"SELECT reference_id, key, vector FROM embedding WHERE key IN ({marks})", tuple(keys)
        ):
            vector = embedding_of(key, reference_id, blob)
            if vector is not None:
                found[key][reference_id] = vector
            else:
                self._warn_once(
                    f"the embedding of reference {one_line(str(reference_id))} in {self.path} was "
                    "altered; it is computed again from the recording"
                )
        return found

    def _warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            logger.warning("%s", message)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reading."""
        with self._lock, self._errors_explained("read"):
            yield self._opened()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The connection in a transaction, which is rolled back on an error."""
        with self._lock, self._errors_explained("written"):
            if self._read_only:
                raise StoreError(f"{self.path} is open for reading only; open it for writing")
            connection = self._opened()
            self._refuse_missing()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # After some errors, such as a full disk, SQLite has already rolled back.
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            if identity_of(self.path) != self._identity:
                raise StoreError(
                    f"{self.path} was removed or replaced while it was written, so the change is "
                    "lost; try again"
                )
            empty_log(connection, self._busy_timeout)

    def _errors_explained(self, done: str) -> AbstractContextManager[None]:
        return errors_explained(self.path, self._busy_timeout, done)

    def _open(self) -> sqlite3.Connection:
        with self._errors_explained("opened"):
            connection = open_store_file(self.path, self._busy_timeout, self._read_only)
            self._identity = identity_of(self.path)
            self._seen_data_version = pragma(connection, "data_version")
            return connection

    def _opened(self) -> sqlite3.Connection:
        """The connection; a new one if the file was replaced."""
        if self._closed:
            raise StoreError(f"{self.path} is closed; open it again")
        if self._connection is not None:
            identity = identity_of(self.path)
            if identity in (None, self._identity) or self._connection.in_transaction:
                return self._connection
            logger.warning("%s was replaced while in use; the new file is read", self.path)
            # SQLite leaves the log of a replaced file where it is.
            self._connection.close()
            self._connection, self._replaced = None, True
        if self._replaced and has_pending_log(self.path):
            raise DamagedStoreError(
                f"{self.path} was replaced while in use, and {self.path.name}-wal belongs to the "
                "file that was there before; move the log away, and open the store again"
            )
        self._connection = self._open()
        return self._connection

    def _refuse_missing(self) -> None:
        if identity_of(self.path) is None:
            raise StoreError(
                f"{self.path} was removed while in use, so nothing more is stored; export the "
                "references, which can still be read, then open the store again"
            )


def _version(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT version FROM state").fetchone()
    if row is None or not isinstance(row[0], int):
        raise sqlite3.DatabaseError("malformed number of changes")
    return row[0]


def _count_change(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE state SET version = version + 1")
