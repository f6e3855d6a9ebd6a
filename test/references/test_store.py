# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from teaching import FakeEngine, environment, recording, reference, unit_vectors

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.reference import ReferenceKind, same_recording
from skeleton_dml_ros.references.store import (
    Calibration,
    DamagedStoreError,
    ReferenceNotFoundError,
    ReferenceStore,
    StoreError,
)
from skeleton_dml_ros.skeleton.layouts import Layout, get_layout
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


@pytest.fixture
def store(tmp_path: Path) -> ReferenceStore:
    return ReferenceStore(tmp_path / "taught.db")


def reopened(store: ReferenceStore) -> ReferenceStore:
    store.close()
    return ReferenceStore(store.path)


def test_a_reference_is_read_back_unchanged(store: ReferenceStore) -> None:
    given = replace(reference("wave"), kind=ReferenceKind.IGNORE, sequence=recording(bodies=2))
    store.add(given)
    kept = reopened(store).get(given.reference_id)
    assert kept == given
    assert kept.sequence.positions.dtype == np.float32
    assert np.array_equal(np.isnan(kept.sequence.positions), np.isnan(given.sequence.positions))
    assert np.array_equal(kept.sequence.timestamps, given.sequence.timestamps)
    assert kept.sequence.start_ns == given.sequence.start_ns
    assert kept.sequence.layout is given.sequence.layout


def test_joints_observed_and_derived_stay_distinct(store: ReferenceStore) -> None:
    sequence = recording()
    observed = sequence.observed.copy()
    observed[:, :, 5] = False
    given = replace(reference(), sequence=sequence.replace(observed=observed, confidence=None))
    store.add(given)
    kept = store.get(given.reference_id).sequence
    assert np.array_equal(kept.observed, observed)
    assert kept.confidence is None


def test_recordings_in_unknown_and_in_pixel_layouts_are_kept(store: ReferenceStore) -> None:
    own = Layout("robot_3", ("hip", "left_knee", "right_knee"), (-1, 0, 0), ((1, 2),))
    pixels = get_layout("hri_18")
    for layout in (own, pixels):
        sequence = SkeletonSequence(
            np.ones((4, 1, len(layout.joint_names), 3)), np.arange(4.0), layout
        )
        store.add(replace(reference(layout.name), sequence=sequence))
    assert [one.sequence.layout for one in store.list()] == [own, pixels]


def test_a_real_recording_is_read_back_bit_by_bit(store: ReferenceStore, shared_data: Path) -> None:
    archive = read_archive(shared_data / "sbu_interaction.npz")
    clip = archive.clip(0)
    assert clip.bodies == 2
    store.add(replace(reference(), sequence=clip))
    assert same_recording(reopened(store).list()[0].sequence, clip)


def test_references_are_listed_oldest_first(store: ReferenceStore) -> None:
    labels = ["wave", "bow", "clap", "wave"]
    for seed, label in enumerate(labels):
        store.add(reference(label, seed=9 - seed))
    assert [one.label for one in store.list()] == labels


def test_an_id_cannot_be_used_twice(store: ReferenceStore) -> None:
    one = reference("wave")
    store.add(one)
    with pytest.raises(StoreError, match=r"already exists in .* with label 'wave'"):
        store.add(replace(one, label="bow"))
    assert [kept.label for kept in store.list()] == ["wave"]


def test_references_are_removed_by_id_or_by_label(store: ReferenceStore) -> None:
    references = [reference(label) for label in ("wave", "wave", "bow", "bow")]
    for one in references:
        store.add(one)
    assert store.remove(reference_id=references[0].reference_id) == [references[0].summary]
    assert store.remove(label=" bow ") == [one.summary for one in references[2:]]
    assert store.list() == [references[1]]


def test_all_references_of_a_label_are_renamed_also_to_an_existing_one(
    store: ReferenceStore,
) -> None:
    for label in ("wave", "wave", "greet"):
        store.add(reference(label))
    renamed = store.rename(new_label=" greet ", label="wave")
    assert [one.label for one in renamed] == ["greet", "greet"]
    assert [one.label for one in store.list()] == ["greet"] * 3


def test_an_unknown_label_is_refused_and_the_error_lists_the_labels(
    store: ReferenceStore,
) -> None:
    with pytest.raises(ReferenceNotFoundError, match="nothing is enrolled yet"):
        store.remove(label="wave")
    store.add(reference("bow"))
    with pytest.raises(ReferenceNotFoundError, match="label 'wave'; the enrolled labels are bow"):
        store.rename(label="wave", new_label="greet")
    with pytest.raises(ReferenceNotFoundError, match="reference id 'x'"):
        store.get("x")
    assert store.version == 1


@pytest.mark.parametrize(
    "which", [{}, {"reference_id": "", "label": ""}, {"label": "a", "reference_id": "b"}]
)
def test_either_an_id_or_a_label_is_required(store: ReferenceStore, which: dict[str, str]) -> None:
    with pytest.raises(StoreError, match="either"):
        store.remove(**which)


def test_the_version_counts_changes_and_survives_a_restart(store: ReferenceStore) -> None:
    one = reference("wave")
    store.add(one)
    store.rename(label="wave", new_label="greet")
    store.rename(label="greet", new_label="greet")
    store.set_embeddings({"key": {one.reference_id: unit_vectors(1)[0]}})
    assert store.version == 2
    store.merge([reference(), reference()])
    store.merge([])
    assert reopened(store).version == 3


def test_changed_tells_once_of_another_processs_change_and_never_of_its_own(
    store: ReferenceStore,
) -> None:
    with ReferenceStore(store.path) as other:
        store.add(reference("wave"))
        assert not store.changed()
        assert other.changed()
        assert not other.changed()
        other.remove(label="wave")
        assert store.changed()
        assert store.list() == []


def test_embeddings_are_kept_by_key_and_removed_with_their_reference(
    store: ReferenceStore,
) -> None:
    first, second = reference("wave"), reference("bow")
    vectors = unit_vectors(3)
    store.add(first, {"old": vectors[0], "new": vectors[1]})
    store.add(second)
    store.set_embeddings({"new": {second.reference_id: vectors[2], "gone": vectors[2]}})
    assert list(store.embeddings("old")) == [first.reference_id]
    assert np.array_equal(store.embeddings("new")[second.reference_id], vectors[2])
    index = reopened(store).index(["new"], "new")
    assert [(one.label, one.embedded_otherwise) for one in index.entries] == [
        ("wave", True),
        ("bow", False),
    ]
    store = reopened(store)
    store.remove(label="wave")
    assert store.embeddings("old") == {}


def test_a_calibration_is_kept_by_key_and_replaced(store: ReferenceStore) -> None:
    for threshold in (0.5, 0.25):
        store.set_calibration(Calibration("key", threshold, 0.1, 1 / 12, 3, 77, 12))
    store = reopened(store)
    kept = store.calibration("key")
    assert kept is not None
    assert (kept.threshold, kept.clips, kept.reference_count) == (0.25, 12, 3)
    assert store.calibration("other") is None
    assert store.calibration_keys() == ("key",)
    assert store.remove_calibration("key")
    assert not store.remove_calibration("key")


def test_a_merge_skips_existing_recordings_and_gives_others_new_ids(
    store: ReferenceStore,
) -> None:
    here = reference("wave")
    store.add(here)
    same = replace(here, label="named otherwise elsewhere")
    other = replace(here, label="bow", sequence=recording(movement=1))
    new = reference("clap")
    merged = store.merge([same, other, new])
    assert merged.already_here == (same,)
    assert [one.label for one in merged.added] == ["bow", "clap"]
    assert merged.added[0].reference_id != here.reference_id
    assert merged.added[1] == new
    assert store.list() == [here, *merged.added]


def test_a_replacing_merge_leaves_only_the_imported_references(store: ReferenceStore) -> None:
    store.add(reference("wave"))
    come = [reference("bow"), reference("clap")]
    store.merge(come, replace_all=True)
    assert store.list() == come


def test_a_failed_merge_changes_nothing(store: ReferenceStore) -> None:
    here = reference("wave")
    store.add(here)

    def breaks_off() -> object:
        yield reference("bow")
        raise RuntimeError("the sender went away")

    with pytest.raises(RuntimeError, match="went away"):
        store.merge(breaks_off(), replace_all=True)  # type: ignore[arg-type]
    assert store.list() == [here]
    assert store.version == 1


def test_several_threads_may_use_one_store(store: ReferenceStore) -> None:
    failures: list[BaseException] = []

    def teach(thread: int) -> None:
        try:
            for seed in range(5):
                store.add(reference(f"label {thread}", seed=seed))
                store.index(["key"], "key")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=teach, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(store.list()) == store.version == 30


def test_a_closed_store_is_refused(store: ReferenceStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match=r"taught\.db is closed"):
        store.list()


def test_an_altered_recording_is_detected(
    store: ReferenceStore,
) -> None:
    store.add(reference("wave"))
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute(
            "UPDATE reference SET positions = zeroblob(length(positions)), label = 'wave'"
        )
    connection.close()
    with pytest.raises(DamagedStoreError, match="recording was altered"):
        ReferenceStore(store.path).list()


def test_a_summary_is_the_reference_without_its_recording(store: ReferenceStore) -> None:
    pair = replace(reference("bow"), sequence=recording(bodies=2, frames=9))
    for one in (reference("wave"), pair):
        store.add(one)
    assert store.summaries() == [one.summary for one in store.list()]
    assert store.summaries()[1].bodies == 2
    assert store.summaries()[1].duration == pair.duration


@pytest.mark.parametrize(
    "rotten",
    [
        "positions = zeroblob(length(positions))",
        "timestamps = zeroblob(3)",
        "timestamps = zeroblob(0)",
        "timestamps = x'000000000000F87F'",
        "layout = '{'",
        "layout = '[]'",
        "layout = 5",
        "created_ns = 'yesterday'",
        "frames = 1e300, bodies = -1",
        "frames = 'many'",
        "quality = x'00'",
        "kind = 'dance'",
        "kind = 3.5",
        "timestamps = 'text', positions = 7",
        "digest = 5",
        "source = x'ff1b5d', start_ns = 'x'",
        "source = CAST(x'ff1b5d' AS TEXT)",
        "units = x'00'",
    ],
)
def test_a_damaged_recording_is_listed_renamed_and_removed_like_any_other(
    store: ReferenceStore, rotten: str
) -> None:
    for label in ("wave", "bow"):
        store.add(reference(label))
    store.close()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as disk:
        disk.execute(f"UPDATE reference SET {rotten} WHERE label = 'bow'")
    with ReferenceStore(store.path) as store:
        assert [one.label for one in store.summaries()] == ["wave", "bow"]
        assert np.isfinite(store.summaries()[1].duration)
        with pytest.raises(DamagedStoreError, match=r"^reference \w+ in .* remove it and teach it"):
            store.list()
        assert [one.label for one in store.list(["wave"])] == ["wave"]
        assert len(ReferenceLibrary(store, FakeEngine()).snapshot()) == 1
        assert [one.label for one in store.rename(label="bow", new_label="nod")] == ["nod"]
        assert [one.label for one in store.remove(label="nod")] == ["nod"]
        assert [one.label for one in store.list()] == ["wave"]


@pytest.mark.parametrize("column", ["reference_id", "label"])
def test_a_reference_whose_name_is_no_text_is_listed_and_removed(
    store: ReferenceStore, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    for label in ("wave", "bow"):
        store.add(reference(label))
    store.close()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as disk:
        disk.execute(f"UPDATE reference SET {column} = x'1b5d' WHERE label = 'bow'")
    with ReferenceStore(store.path) as store:
        shown = store.summaries()[1]
        assert f"its {column} is b'" in caplog.text
        assert [one.label for one in store.index(["key"], "key").entries] == ["wave"]
        removed = store.remove(**{column: getattr(shown, column)})
        assert removed == [shown]
        assert [one.label for one in store.list()] == ["wave"]


@pytest.mark.parametrize(
    "altered",
    [
        "vector = zeroblob(length(vector))",
        "vector = (SELECT vector FROM embedding AS other WHERE other.vector != embedding.vector)",
        "vector = substr(vector, 2)",
        "vector = substr(vector, 1, 8)",
        "vector = zeroblob(0)",
        "vector = 'text'",
        "vector = 5",
    ],
)
def test_an_altered_embedding_is_computed_again(
    tmp_path: Path, altered: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = FakeEngine()
    with ReferenceStore(tmp_path / "taught.db") as store:
        library = ReferenceLibrary(store, engine)
        kept, changed = library.enroll(recording(0), "wave"), library.enroll(recording(1), "bow")
        before = store.embeddings(library.key)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as disk:
        disk.execute(
            f"UPDATE embedding SET {altered} WHERE reference_id = ?", (changed.reference_id,)
        )
    with ReferenceStore(store.path) as store:
        ReferenceLibrary(store, engine)
        after = store.embeddings(library.key)
    assert f"embedding of reference {changed.reference_id} in" in caplog.text
    assert kept.reference_id not in caplog.text
    assert before.keys() == after.keys()
    for reference_id, vector in before.items():
        assert np.allclose(after[reference_id], vector)


def test_a_damaged_calibration_is_not_used(
    store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.set_calibration(Calibration("key", 0.5, 0.01, 0.0, 3, 1, 4))
    assert store.calibration("key") is not None
    assert store._connection is not None
    store._connection.execute("UPDATE calibration SET threshold = 'low'")
    assert store.calibration("key") is None
    assert "calibrate again" in caplog.text


def test_a_store_that_lost_its_number_of_changes_is_refused_in_one_line(
    store: ReferenceStore,
) -> None:
    assert store._connection is not None
    store._connection.execute("DELETE FROM state")
    with pytest.raises(DamagedStoreError, match="import an export into a new store"):
        store.index(["key"], "key")


def test_every_change_is_flushed_to_the_disk_before_it_is_confirmed(store: ReferenceStore) -> None:
    # What a power cut leaves cannot be tried here; this is the setting that decides it.
    connection = store._connection
    assert connection is not None
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


class KilledWriter:
    """A process that writes and is killed, and the changes it reported."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "write_until_killed.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        self.adding: set[str] = set()
        self.added: set[str] = set()
        self.removing: set[str] = set()
        self.removed: set[str] = set()

    def write_and_kill(self, path: Path, steps: int, milliseconds: float) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path} {steps} {milliseconds}\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            word, *reference_ids = line.split()
            if word == "killed":
                return
            getattr(self, word).update(reference_ids)
        pytest.fail("the writing process ended by itself")

    def __enter__(self) -> KilledWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def test_a_process_killed_at_any_moment_loses_no_confirmed_reference(tmp_path: Path) -> None:
    moments = random.Random(0)
    path = tmp_path / "taught.db"
    with KilledWriter() as writer:
        for _ in range(30):
            writer.write_and_kill(path, moments.randint(2, 10), moments.uniform(0, 4))
            with ReferenceStore(path) as store:
                there = {one.reference_id for one in store.list()}
                version = store.version
            assert there >= writer.added - writer.removing
            assert not there & writer.removed
            assert there <= writer.adding
            confirmed = len(writer.added) + len(writer.removed)
            assert confirmed <= version <= len(writer.adding) + len(writer.removing)
    assert len(writer.added) > 30
    assert [each.name for each in tmp_path.iterdir()] == ["taught.db"]


def test_a_process_killed_while_creating_a_store_leaves_no_partial_store(tmp_path: Path) -> None:
    moments = random.Random(0)
    begun = time.perf_counter()
    ReferenceStore(tmp_path / "unhurried.db").close()
    milliseconds = 1000 * (time.perf_counter() - begun)
    with KilledWriter() as writer:
        for number in range(15):
            path = tmp_path / f"{number}.db"
            added_before = writer.added.copy()
            writer.write_and_kill(path, 1, moments.uniform(0, 1.5 * milliseconds))
            with ReferenceStore(path) as store:
                there = {one.reference_id for one in store.list()}
            assert there >= writer.added - added_before - writer.removing


def test_the_store_can_be_opened_without_loading_torch_or_faiss() -> None:
    code = (
        "import sys, skeleton_dml_ros.references.store\n"
        "print([name for name in ('torch', 'faiss', 'safetensors') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"
