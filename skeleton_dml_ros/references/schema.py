# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The tables of a store, and conversion between references and rows.

Recordings are stored as little-endian arrays.  SQLite keeps the schema with its comments in the
file, so the file describes itself.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import one_line
from skeleton_dml_ros.references.reference import (
    FRAME,
    UNITS,
    InvalidReferenceError,
    Reference,
    ReferenceKind,
    ReferenceSummary,
    describe_layout,
    layout_of,
    recording_digest,
)
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

APPLICATION_ID = int.from_bytes(b"SDML", "big")
"""Marks a store in the header of the SQLite file."""

SCHEMA_VERSION = 1
"""Version of the tables below."""

SCHEMA = """
CREATE TABLE state (
    version INTEGER NOT NULL            -- number of changes of the references
);
INSERT INTO state VALUES (0);

CREATE TABLE reference (
    number INTEGER PRIMARY KEY,         -- order of enrolment
    reference_id TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- action, ignore
    created_ns INTEGER NOT NULL,        -- since the epoch
    source TEXT NOT NULL,
    quality REAL NOT NULL,
    layout TEXT NOT NULL,               -- JSON: name, joint_names, parents, ...
    units TEXT NOT NULL,                -- of positions: metre; pixel in layouts of 2 dimensions
    frame TEXT NOT NULL,                -- kinect: x to the sensor's left, y up, z away from it
    start_ns INTEGER NOT NULL,          -- the recording's start in its message clock
    frames INTEGER NOT NULL,
    bodies INTEGER NOT NULL,
    joints INTEGER NOT NULL,
    timestamps BLOB NOT NULL,           -- float64 little endian (frames), seconds since start_ns
    positions BLOB NOT NULL,            -- float32 little endian (frames, bodies, joints, 3), NaN
    confidence BLOB,                    -- float32 little endian (frames, bodies, joints)
    observed BLOB NOT NULL,             -- uint8 (frames, bodies, joints), 1 = seen
    digest TEXT NOT NULL                -- SHA-256 of the recording
);

CREATE TABLE embedding (
    reference_id TEXT NOT NULL REFERENCES reference (reference_id) ON DELETE CASCADE,
    key TEXT NOT NULL,                  -- weights digest/engine/precision
    vector BLOB NOT NULL,               -- float32 little endian (dimension), then 7 bytes SHA-256
    PRIMARY KEY (reference_id, key)
) WITHOUT ROWID;

CREATE TABLE calibration (
    key TEXT PRIMARY KEY,
    threshold REAL NOT NULL,
    false_accept_rate REAL NOT NULL,    -- requested
    measured_rate REAL NOT NULL,        -- measured on the background recording
    reference_count INTEGER NOT NULL,   -- references at that time
    created_ns INTEGER NOT NULL,
    clips INTEGER NOT NULL,
    embeddings BLOB NOT NULL            -- empty; earlier versions kept the background here
);
"""

DIGEST_SIZE = 7
"""Bytes of an embedding's digest.  A multiple of 4 plus 3 also tells embeddings with a digest from
those of earlier versions, which had none."""

UNIT_TOLERANCE = 1e-3
"""Maximum deviation from length 1 of an embedding without a digest."""

COLUMNS = (
    "reference_id, label, kind, created_ns, source, quality, layout, units, frame, start_ns, "
    "frames, bodies, joints, timestamps, positions, confidence, observed, digest"
)
"""A reference with its recording."""

SUMMARY_COLUMNS = (
    "reference_id, label, kind, created_ns, source, quality, layout, frames, bodies, "
    "substr(timestamps, 1, 8), substr(timestamps, -8)"
)
"""A reference without its recording, except for the first and the last timestamp."""


def alteration_of_schema(connection: sqlite3.Connection) -> str:
    """How a file's tables differ from :data:`SCHEMA`; empty if they do not.

    Views and triggers are refused unread: one may never end.
    """
    kinds: dict[str, str] = {}
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        # SQLite makes the indexes of keys itself, without a text.
        if kind != "table" and sql is not None:
            return f"it has the {kind} {name!r}, and a store has none"
        kinds[name] = str(sql).upper()
    with closing(sqlite3.connect(":memory:")) as expected:
        expected.executescript(SCHEMA)
        tables = expected.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not kinds.get(table, "").startswith("CREATE TABLE"):
                return f"the table {table} is missing"
            if _columns(connection, table) != _columns(expected, table):
                return f"the table {table} has other columns"
    return ""


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Name, type and whether it is generated, of each column."""
    rows = connection.execute(f"PRAGMA table_xinfo({table})").fetchall()
    return [(row[1], row[2], row[6]) for row in rows]


def insert_reference(connection: sqlite3.Connection, reference: Reference) -> None:
    """Write a reference's row."""
    sequence = reference.sequence
    frames, bodies, joints, _ = sequence.positions.shape
    values = (
        reference.reference_id,
        reference.label,
        reference.kind.value,
        reference.created_ns,
        reference.source,
        reference.visibility,
        json.dumps(describe_layout(sequence.layout), ensure_ascii=False),
        UNITS[sequence.layout.dimensions],
        FRAME,
        sequence.start_ns,
        frames,
        bodies,
        joints,
        to_blob(sequence.timestamps, "<f8"),
        to_blob(sequence.positions, "<f4"),
        None if sequence.confidence is None else to_blob(sequence.confidence, "<f4"),
        to_blob(sequence.observed, "u1"),
        recording_digest(sequence),
    )
    places = ", ".join("?" for _ in values)
    connection.execute(f"INSERT INTO reference ({COLUMNS}) VALUES ({places})", values)


def reference_of(row: tuple[Any, ...]) -> Reference:
    """The reference in a row of COLUMNS.

    Raises:
        InvalidReferenceError: the row was altered, or has units or axes not known here.
    """
    reference_id, label, kind, created_ns, source, quality, layout, units, frame = row[:9]
    start_ns, frames, bodies, joints, timestamps, positions, confidence, observed = row[9:17]
    digest = row[17]
    shape = (frames, bodies, joints)
    known_layout = layout_of(json.loads(layout))
    if (units, frame) != (UNITS[known_layout.dimensions], FRAME):
        raise InvalidReferenceError(f"{units} in frame {frame!r} is not known here")
    sequence = SkeletonSequence(
        positions=from_blob(positions, "<f4").reshape(*shape, 3),
        timestamps=from_blob(timestamps, "<f8"),
        layout=known_layout,
        start_ns=start_ns,
        confidence=None if confidence is None else from_blob(confidence, "<f4").reshape(shape),
        observed=from_blob(observed, "u1").reshape(shape).astype(np.bool_),
    )
    if recording_digest(sequence) != digest:
        raise InvalidReferenceError("its recording was altered")
    return Reference(
        reference_id, label, ReferenceKind(kind), created_ns, sequence, source, quality
    )


def summary_of(row: tuple[Any, ...]) -> tuple[ReferenceSummary, str]:
    """The reference in a row of SUMMARY_COLUMNS, even if it is damaged, and what is damaged."""
    reference_id, label, kind, created_ns, source, quality, layout, frames, bodies = row[:9]
    findings = [
        f"its {name} is {value!r:.40}"
        for name, value in (("reference_id", reference_id), ("label", label), ("source", source))
        if not isinstance(value, str)
    ]
    counts = {"created_ns": created_ns, "frames": frames, "bodies": bodies}
    for name, value in counts.items():
        if not isinstance(value, int) or (name != "created_ns" and not 0 <= value < 2**31):
            findings.append(f"its {name} is {value!r:.40}")
            counts[name] = 0
    if not isinstance(quality, float) or not 0 <= quality <= 1:
        findings.append(f"its quality is {quality!r:.40}")
        quality = 0.0
    try:
        known_kind = ReferenceKind(kind)
    except ValueError:
        findings.append(f"its kind is {kind!r:.40}")
        known_kind = ReferenceKind.ACTION
    summary = ReferenceSummary(
        one_line(str(reference_id)),
        one_line(str(label)),
        known_kind,
        counts["created_ns"],
        one_line(str(source)),
        quality,
        counts["frames"],
        _seconds_between(*row[9:]),
        counts["bodies"],
        _layout_name(layout),
    )
    return summary, ", ".join(findings)


def _seconds_between(first: object, last: object) -> float:
    """Seconds between two timestamps; 0 if they are missing or damaged."""
    if not isinstance(first, bytes) or not isinstance(last, bytes):
        return 0.0
    try:
        (begin,), (end,) = from_blob(first, "<f8"), from_blob(last, "<f8")
    except ValueError:
        return 0.0
    seconds = float(end - begin)
    return seconds if math.isfinite(seconds) else 0.0


def _layout_name(description: str) -> str:
    """The name in a layout's JSON; empty if damaged."""
    try:
        return one_line(str(json.loads(description)["name"]))
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def insert_embedding(
    connection: sqlite3.Connection, key: str, reference_id: str, vector: NDArray[np.float32]
) -> None:
    """Write or replace an embedding, if its reference exists."""
    connection.execute(
        "INSERT OR REPLACE INTO embedding SELECT reference_id, ?, ? FROM reference"
        " WHERE reference_id = ?",
        (key, _with_digest(key, reference_id, to_blob(vector, "<f4")), reference_id),
    )


def embedding_of(key: str, reference_id: str, blob: object) -> NDArray[np.float32] | None:
    """The embedding in a row, (dimension,); None if it was altered."""
    if not isinstance(blob, bytes):
        return None
    if len(blob) % 4 == DIGEST_SIZE % 4:
        content = blob[:-DIGEST_SIZE]
        if _with_digest(key, reference_id, content) != blob:
            return None
        return from_blob(content, "<f4")
    if not blob or len(blob) % 4:
        return None
    vector = from_blob(blob, "<f4")
    with np.errstate(over="ignore", invalid="ignore"):
        is_unit = abs(float(np.linalg.norm(vector)) - 1) < UNIT_TOLERANCE
    return vector if is_unit else None


def _with_digest(key: str, reference_id: str, content: bytes) -> bytes:
    digest = hashlib.sha256(f"{key}\0{reference_id}\0".encode())
    digest.update(content)
    return content + digest.digest()[:DIGEST_SIZE]


def to_blob(array: NDArray[Any], dtype: str) -> bytes:
    """The array's bytes in C order as the given type."""
    return np.ascontiguousarray(array, dtype=dtype).tobytes()


def from_blob(blob: bytes, dtype: str) -> NDArray[Any]:
    """The values of a blob, one-dimensional, in this machine's byte order."""
    array = np.frombuffer(blob, dtype=dtype)
    return array.astype(array.dtype.newbyteorder("="), copy=False)
