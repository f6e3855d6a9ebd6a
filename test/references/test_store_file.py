# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from teaching import environment, reference

from skeleton_dml_ros.references.schema import SCHEMA_VERSION
from skeleton_dml_ros.references.store import (
    DamagedStoreError,
    FullDiskError,
    LockedStoreError,
    NewerStoreError,
    NotAStoreError,
    ReferenceStore,
    StoreError,
)

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed store with some references."""
    path = tmp_path / "taught.db"
    with ReferenceStore(path) as store:
        for seed in range(12):
            store.add(reference(f"label {seed}", seed=seed))
    return path


@contextmanager
def left_untouched(path: Path) -> Iterator[None]:
    """Check that nothing in the path's folder changes."""
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    yield
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


def test_a_new_store_is_one_file_in_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "robot" / "memory" / "taught # 100%.db"
    with ReferenceStore(path) as store:
        assert store.list() == []
        assert store.version == 0
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_two_processes_that_create_a_store_at_once_share_it(tmp_path: Path) -> None:
    code = (
        "import sys, skeleton_dml_ros.references.store as s, teaching\n"
        "sys.stdin.readline()\n"
        "s.ReferenceStore(sys.argv[1]).add(teaching.reference())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "taught.db")],
            stdin=subprocess.PIPE,
            env=environment(),
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
    assert [process.wait() for process in processes] == [0, 0, 0]
    with ReferenceStore(tmp_path / "taught.db") as store:
        assert len(store.list()) == 3


def test_a_store_is_created_on_a_file_system_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with ReferenceStore(tmp_path / "taught.db") as store:
        store.add(reference("wave"))
    assert [each.name for each in tmp_path.iterdir()] == ["taught.db"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.37, 0.5, 0.9, 0.999])
def test_a_truncated_store_is_refused_and_left_untouched(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with left_untouched(path), pytest.raises(StoreError, match=r"taught\.db .*; .*"):
        ReferenceStore(path)


@pytest.mark.parametrize("pages", [1, 2, 10])
def test_a_store_cut_at_a_page_is_refused_and_left_untouched(path: Path, pages: int) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * pages])
    with left_untouched(path), pytest.raises(DamagedStoreError, match="import an export"):
        ReferenceStore(path)


def test_a_store_with_a_page_overwritten_is_refused_and_left_untouched(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 : 2 * 4096] = bytes(range(256)) * 16
    path.write_bytes(content)
    with left_untouched(path), pytest.raises(DamagedStoreError, match="left unchanged"):
        ReferenceStore(path)


def test_a_damaged_store_with_a_log_is_left_untouched(path: Path) -> None:
    # A process that ends without closing leaves the log beside the file.
    code = (
        "import os, sqlite3, sys\n"
        "disk = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "disk.execute('UPDATE state SET version = version + 1'); os._exit(0)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env=environment(),
        check=True,
    )
    log = Path(f"{path}-wal")
    before = log.read_bytes()
    assert before
    damaged = path.read_bytes()[: 4096 * 10]
    path.write_bytes(damaged)
    with pytest.raises(DamagedStoreError):
        ReferenceStore(path)
    assert path.read_bytes() == damaged
    assert log.read_bytes() == before


@pytest.mark.parametrize("content", [b"wave\n", b"PK\3\4" + bytes(200), bytes(4096)])
def test_another_file_is_refused_and_left_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with left_untouched(path), pytest.raises(NotAStoreError, match="not a reference store"):
        ReferenceStore(path)


def test_another_programs_database_is_refused_and_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE reference (label TEXT)")
    with left_untouched(path), pytest.raises(NotAStoreError, match="another program"):
        ReferenceStore(path)


def test_a_folder_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError, match="is not a file"):
        ReferenceStore(tmp_path)


def test_a_store_of_a_newer_schema_is_refused_and_left_untouched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with (
        left_untouched(path),
        pytest.raises(NewerStoreError, match=f"has schema {SCHEMA_VERSION + 1}.*update"),
    ):
        ReferenceStore(path)


def test_a_log_without_its_store_is_refused(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(b"the last references")
    path.unlink()
    with left_untouched(path), pytest.raises(DamagedStoreError, match=r"taught\.db-wal exists"):
        ReferenceStore(path)


def test_a_locked_store_can_be_read_but_not_written(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ReferenceStore(path, busy_timeout=0.05) as store:
            assert len(store.list()) == 12
            with pytest.raises(
                LockedStoreError, match=r"another process has locked .* for over 0\.05"
            ):
                store.add(reference("late"))
            other.execute("ROLLBACK")
            store.add(reference("late"))
            assert len(store.list()) == 13


def test_an_exclusively_locked_store_is_not_opened(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedStoreError, match="close that program"):
            ReferenceStore(path, busy_timeout=0.05)
        other.execute("ROLLBACK")


def test_a_disk_error_loses_nothing_and_writing_works_again_afterwards(
    path: Path,
) -> None:
    with ReferenceStore(path) as store:
        before = store.list()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
        try:
            with pytest.raises(FullDiskError, match="stored references are safe"):
                store.add(reference("too much"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert store.list() == before
        assert store.version == len(before)
        store.add(reference("again"))
    with ReferenceStore(path) as store:
        assert len(store.list()) == len(before) + 1


FILL = """
import subprocess, sys
from skeleton_dml_ros.references.store import FullDiskError, ReferenceStore
from teaching import reference

disk = sys.argv[1]
store = ReferenceStore(f"{disk}/taught.db")
confirmed = []
try:
    while True:
        one = reference(seed=len(confirmed))
        store.add(one)
        confirmed.append(one)
except FullDiskError as error:
    print(error)
assert confirmed and store.list() == confirmed
store.close()
store = ReferenceStore(f"{disk}/taught.db")
assert store.list() == confirmed
subprocess.run(["mount", "-o", "remount,size=2m", disk], check=True)
store.add(reference("again"))
assert len(store.list()) == len(confirmed) + 1
"""


def test_a_full_disk_loses_nothing_and_writing_works_again_afterwards(tmp_path: Path) -> None:
    own_mounts = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*own_mounts, "true"], check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    mount_and_fill = 'mount -t tmpfs -o size=300k none "$1" && exec "$2" -c "$3" "$1"'
    result = subprocess.run(
        [*own_mounts, "sh", "-c", mount_and_fill, "sh", str(tmp_path), sys.executable, FILL],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "the disk is full; free space" in result.stdout


@contextmanager
def powerless() -> Iterator[None]:
    """Run without root's privileges."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_unwritable_folder_is_reported_in_one_line() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ReferenceStore(folder / "taught.db").close()
        folder.chmod(0o555)
        try:
            with powerless():
                for path in (folder / "new.db", folder / "below" / "new.db", folder / "taught.db"):
                    with pytest.raises(StoreError, match="in a writable folder"):
                        ReferenceStore(path)
        finally:
            folder.chmod(0o755)


def test_a_path_below_a_file_is_reported_in_one_line(path: Path) -> None:
    with pytest.raises(StoreError, match="in a writable folder"):
        ReferenceStore(path / "taught.db")


def test_only_the_owner_reads_a_store_and_its_log(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with ReferenceStore(tmp_path / "taught.db") as store:
            store.add(reference("wave"))
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"taught.db": 0o600, "taught.db-wal": 0o600, "taught.db-shm": 0o600}


def test_a_read_only_store_reads_changes_of_others_and_refuses_to_write(path: Path) -> None:
    with ReferenceStore(path) as writer, ReferenceStore(path, read_only=True) as reader:
        assert not reader.changed()
        writer.add(reference("new"))
        assert reader.changed()
        assert len(reader.list()) == 13
        with pytest.raises(StoreError, match="open for reading only"):
            reader.add(reference("refused"))
    with pytest.raises(StoreError, match="there is no store"):
        ReferenceStore(path.with_name("missing.db"), read_only=True)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@contextmanager
def read_only_folder() -> Iterator[Path]:
    """The path of a store with two references, in a folder that cannot be written."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "taught.db"
        with ReferenceStore(path) as store:
            store.add(reference("wave"))
            store.add(reference("bow"))
        path.chmod(0o644)
        path.parent.chmod(0o555)
        try:
            yield path
        finally:
            path.parent.chmod(0o755)


def test_a_store_on_read_only_media_is_read() -> None:
    with (
        read_only_folder() as path,
        left_untouched(path),
        powerless(),
        ReferenceStore(path, read_only=True) as store,
    ):
        assert [one.label for one in store.list()] == ["wave", "bow"]
        assert store.version == 2
        assert not store.changed()


def test_a_log_on_read_only_media_is_not_ignored() -> None:
    with read_only_folder() as path:
        path.parent.chmod(0o755)
        Path(f"{path}-wal").write_bytes(b"changes")
        path.parent.chmod(0o555)
        with (
            powerless(),
            pytest.raises(StoreError, match=r"taught\.db-wal holds changes; copy both"),
        ):
            ReferenceStore(path, read_only=True)


def test_a_file_system_without_shared_memory_is_used_by_one_process_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "taught.db"
    # A folder of this name makes mapping the log's index fail.
    (tmp_path / "taught.db-shm").mkdir()
    with ReferenceStore(path, busy_timeout=0.05) as store:
        assert "without shared memory, so no other process can open it" in caplog.text
        store.add(reference("wave"))
        store.add(reference("bow"))
        code = (
            "import sys, skeleton_dml_ros.references.store as s\n"
            "s.ReferenceStore(sys.argv[1], busy_timeout=0.05)"
        )
        result = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "LockedStoreError: another process has locked" in result.stderr
    with ReferenceStore(path, read_only=True) as store:
        assert [one.label for one in store.list()] == ["wave", "bow"]


def test_a_file_system_that_cannot_flush_folders_is_reported_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unsupported(descriptor: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unsupported)
    with ReferenceStore(tmp_path / "taught.db") as store:
        store.add(reference("wave"))
    assert "cannot flush a folder" in caplog.text


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DROP TABLE state", "table state is missing"),
        ("ALTER TABLE reference RENAME COLUMN label TO name", "table reference has other columns"),
        ("CREATE TRIGGER t AFTER INSERT ON reference BEGIN SELECT 1; END", "trigger 't'"),
        (
            "ALTER TABLE state RENAME TO old; CREATE VIEW state AS WITH RECURSIVE"
            " n(version) AS (SELECT 1 UNION ALL SELECT version + 1 FROM n) SELECT version FROM n",
            "view 'state'",
        ),
    ],
)
def test_a_store_with_an_altered_schema_is_refused_and_left_untouched(
    path: Path, statement: str, finding: str
) -> None:
    with closing(sqlite3.connect(path)) as disk:
        disk.executescript(statement)
    with left_untouched(path), pytest.raises(DamagedStoreError, match=finding):
        ReferenceStore(path)


def test_a_store_whose_schema_is_not_sql_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as disk:
        disk.execute("PRAGMA writable_schema = ON")
        disk.execute("UPDATE sqlite_master SET sql = 'CREATE TABEL x' WHERE name = 'state'")
        disk.commit()
    with left_untouched(path), pytest.raises(DamagedStoreError, match="malformed database schema"):
        ReferenceStore(path)


def test_a_store_may_lie_in_a_path_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff # 100%") / "taught.db"
    with ReferenceStore(path) as store:
        store.add(reference("wave"))
    with ReferenceStore(path) as store:
        assert len(store.list()) == 1


def test_a_removed_recording_is_erased_from_the_file(tmp_path: Path) -> None:
    with ReferenceStore(tmp_path / "taught.db") as store:
        kept, removed = reference("wave", 1), reference("bow", 2)
        store.add(kept)
        store.add(removed)
        store.remove(reference_id=removed.reference_id)
        files = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert kept.sequence.positions.tobytes()[:64] in files
    assert removed.sequence.positions.tobytes()[:64] not in files
    assert removed.reference_id.encode() not in files
