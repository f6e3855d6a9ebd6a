# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One store used by several connections and processes, and its file moved away meanwhile."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from teaching import FakeEngine, environment, recording, reference

from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import DamagedStoreError, ReferenceStore, StoreError

ROUNDS = int(os.environ.get("STORE_KILLS", "12"))

OPENED_BY_PYTHON = """
import sys
from pathlib import Path
import numpy
from teaching import FakeEngine, reference
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore

opened = []
path = Path(sys.argv[1])

def note(event, arguments):
    if event == "open" and str(arguments[0]).startswith(str(path)):
        opened.append(arguments[0])

sys.addaudithook(note)
with ReferenceStore(path) as first, ReferenceStore(path) as second:
    first.add(reference("wave"))
    second.add(reference("bow"))
    assert len(first.list()) == len(second.summaries()) == 2
    with ReferenceStore(path, read_only=True) as third:
        assert third.changed() is False
    first.merge([reference("nod")], replace_all=True)
assert not opened, opened
"""

TWO_CONNECTIONS = """
import sys
from teaching import reference
from skeleton_dml_ros.references.store import ReferenceStore

stores = [ReferenceStore(sys.argv[1])]
number = 0
while True:
    # A connection that comes and goes must not take the other's locks with it.
    if number % 3 == 1:
        stores.append(ReferenceStore(sys.argv[1]))
    if number % 3 == 0 and len(stores) > 1:
        stores.pop(number % 2).close()
    one = reference("kept", seed=number)
    stores[number % len(stores)].add(one)
    print(one.reference_id, flush=True)
    number += 1
"""


def test_only_sqlite_opens_the_file(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", OPENED_BY_PYTHON, str(tmp_path / "taught.db")],
        env=environment(),
        check=True,
    )


def test_two_connections_of_a_killed_process_and_a_second_process_lose_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "taught.db"
    moments = random.Random(0)
    confirmed: set[str] = set()
    for _ in range(ROUNDS):
        writer = subprocess.Popen(
            [sys.executable, "-c", TWO_CONNECTIONS, str(path)],
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        assert writer.stdout is not None
        for _ in range(moments.randint(2, 8)):
            confirmed.add(writer.stdout.readline().strip())
            # The last process to close deletes the log.
            with ReferenceStore(path) as other:
                assert confirmed <= {one.reference_id for one in other.summaries()}
        time.sleep(moments.uniform(0, 0.02))
        writer.send_signal(signal.SIGKILL)
        confirmed.update(writer.stdout.read().split())
        writer.wait()
        writer.stdout.close()
        with ReferenceStore(path) as store:
            assert confirmed <= {one.reference_id for one in store.list()}
    assert len(confirmed) > ROUNDS


def test_nothing_is_confirmed_once_the_file_is_removed(tmp_path: Path) -> None:
    with ReferenceStore(tmp_path / "taught.db") as store:
        store.add(reference("wave"))
        store.path.unlink()
        with pytest.raises(StoreError, match=r"was removed while in use.*export the references"):
            store.add(reference("bow"))
        with pytest.raises(StoreError, match="was removed while in use"):
            store.changed()
        assert [one.label for one in store.list()] == ["wave"]
    # What is left of it does not prevent a new start.
    with ReferenceStore(tmp_path / "taught.db") as store:
        store.add(reference("nod"))
        assert [one.label for one in store.list()] == ["nod"]


def test_a_file_that_replaces_the_store_is_read_and_written_instead(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ReferenceStore(tmp_path / "other.db") as other:
        other.add(reference("theirs"))
    with ReferenceStore(tmp_path / "taught.db") as store:
        store.add(reference("ours"))
        assert not store.changed()
        (tmp_path / "other.db").replace(store.path)
        with caplog.at_level(logging.WARNING):
            assert store.changed()
        assert "was replaced while in use" in caplog.text
        store.add(reference("new"))
        assert [one.label for one in store.list()] == ["theirs", "new"]
    with ReferenceStore(tmp_path / "taught.db") as store:
        assert [one.label for one in store.list()] == ["theirs", "new"]
    assert [each.name for each in tmp_path.iterdir()] == ["taught.db"]


def test_a_log_of_the_replaced_file_is_not_applied_to_the_new_one(tmp_path: Path) -> None:
    with ReferenceStore(tmp_path / "other.db") as other:
        other.add(reference("theirs"))
    with ReferenceStore(tmp_path / "taught.db") as store, ReferenceStore(store.path) as reader:
        # A reader keeps the log from being emptied.
        assert reader._connection is not None
        reader._connection.execute("BEGIN")
        reader._connection.execute("SELECT * FROM state").fetchall()
        store.add(reference("ours"))
        reader._connection.execute("ROLLBACK")
        assert Path(f"{store.path}-wal").stat().st_size > 0
        (tmp_path / "other.db").replace(store.path)
        for _ in range(2):
            with pytest.raises(DamagedStoreError, match="belongs to the file that was there"):
                store.add(reference("new"))
        Path(f"{store.path}-wal").unlink()
        store.add(reference("new"))
        assert [one.label for one in store.list()] == ["theirs", "new"]


def test_a_library_takes_the_references_of_the_file_that_replaces_its_store(
    tmp_path: Path,
) -> None:
    engine = FakeEngine()
    with ReferenceStore(tmp_path / "other.db") as other:
        other.add(reference("theirs", movement=1))
    with ReferenceStore(tmp_path / "taught.db") as store:
        library = ReferenceLibrary(store, engine)
        library.enroll(recording(0), "ours")
        (tmp_path / "other.db").replace(store.path)
        assert library.refresh()
        assert [entry.label for entry in library.summaries()] == ["theirs"]


def test_a_file_that_is_no_store_is_refused_when_it_replaces_one(tmp_path: Path) -> None:
    with ReferenceStore(tmp_path / "taught.db") as store:
        store.add(reference("ours"))
        (tmp_path / "notes").write_text("notes " * 100)
        (tmp_path / "notes").replace(store.path)
        for _ in range(2):
            with pytest.raises(StoreError, match="is not a reference store"):
                store.add(reference("new"))
        assert store.path.read_text() == "notes " * 100
