# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A store written before 0.1.0 was released still opens: ``schema_1.sql`` is its dump."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from teaching import FakeEngine, recording

from skeleton_dml_ros.references.alignment import clip_features
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.reference import ReferenceKind, same_recording
from skeleton_dml_ros.references.schema import APPLICATION_ID
from skeleton_dml_ros.references.store import ReferenceStore

DUMP = Path(__file__).with_name("schema_1.sql")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The store's file as it was."""
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript(DUMP.read_text())
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    return tmp_path / "old.db"


def test_references_of_an_old_store_are_the_same(path: Path) -> None:
    with ReferenceStore(path) as store:
        wave, scratch = store.list()
    assert (wave.label, wave.kind, wave.created_ns) == (
        "wave",
        ReferenceKind.ACTION,
        1_700_000_000_000_000_000,
    )
    assert wave.source == "camera/7/1700000000000000000"
    assert wave.visibility == pytest.approx(119 / 120)
    assert same_recording(wave.sequence, recording(0, frames=6))
    assert (scratch.label, scratch.kind) == ("scratch", ReferenceKind.IGNORE)
    assert scratch.sequence.confidence is None


def test_embeddings_of_an_old_store_are_used_and_its_calibration_is_not(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = FakeEngine()
    with ReferenceStore(path) as store:
        library = ReferenceLibrary(store, engine)
        # Only the mirror images; the calibration of a score is not used.
        assert engine.embedded == 2
        assert (len(library.snapshot()), library.threshold) == (2, 0.5)
        assert "by an earlier version; the model's threshold 0.50 applies" in caplog.text
        again = recording(1, frames=6)
        (match,) = library.snapshot().match(engine.embed([again]), [clip_features(again)])
        assert match.known
        assert match.label == "scratch"
        assert match.distance < 1e-3
        library.enroll(recording(2), "bow")
        assert len(store.list()) == 3
        assert [one.frames for one in library.summaries()] == [6, 6, 20]
