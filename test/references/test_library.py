# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import logging
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from deciding import by_distance
from teaching import FakeEngine, recording, reference, unseen_recording

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.embedding.engine import ReleasedError
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.alignment import clip_features
from skeleton_dml_ros.references.exchange import ExchangeError
from skeleton_dml_ros.references.fusion import DEFAULT_DECISIONS, FusionError, Matcher
from skeleton_dml_ros.references.library import Match, ReferenceLibrary
from skeleton_dml_ros.references.open_set import OpenSetError
from skeleton_dml_ros.references.reference import InvalidReferenceError, ReferenceKind
from skeleton_dml_ros.references.store import (
    FullDiskError,
    ReferenceNotFoundError,
    ReferenceStore,
    StoreError,
)
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

THRESHOLD = 0.5
DECISION = by_distance(0.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReferenceStore]:
    with ReferenceStore(tmp_path / "taught.db", busy_timeout=0.05) as store:
        yield store


@pytest.fixture
def library(store: ReferenceStore) -> ReferenceLibrary:
    return library_of(store)


def library_of(store: ReferenceStore, name: str = "one") -> ReferenceLibrary:
    return ReferenceLibrary(store, FakeEngine(name), DECISION)


def match(library: ReferenceLibrary, sequence: SkeletonSequence, name: str = "one") -> Match:
    return library.snapshot().match(FakeEngine(name).embed([sequence]))[0]


def test_an_action_enrolled_once_is_known(library: ReferenceLibrary) -> None:
    assert library.snapshot().empty
    enrolled = library.enroll(recording(movement=1), " wave ", source="camera/7/17")
    assert (enrolled.label, enrolled.kind, enrolled.source) == (
        "wave",
        ReferenceKind.ACTION,
        "camera/7/17",
    )
    assert enrolled.visibility == recording().visibility < 1
    again = match(library, recording(movement=1, seed=5))
    assert (again.known, again.label, again.reference_id) == (True, "wave", enrolled.reference_id)
    assert not match(library, recording(movement=2)).known


def test_references_survive_a_restart_without_embedding_again(
    library: ReferenceLibrary, store: ReferenceStore
) -> None:
    library.enroll(recording(1), "wave")
    engine = FakeEngine()
    restarted = ReferenceLibrary(store, engine, DECISION)
    assert engine.embedded == 0
    assert match(restarted, recording(1, seed=5)).label == "wave"
    assert restarted.version == library.version == 1


def test_real_recordings_are_enrolled_and_known(
    library: ReferenceLibrary, shared_data: Path
) -> None:
    archive = read_archive(shared_data / "utd_mhad.npz")
    clips = [archive.clip(int(np.flatnonzero(archive.labels == label)[0])) for label in range(5)]
    for label, clip in enumerate(clips):
        library.enroll(clip, archive.class_names[label])
    for label, clip in enumerate(clips):
        assert match(library, clip).label == archive.class_names[label]
        assert match(library, clip).distance == 0


def test_a_clip_that_cannot_be_embedded_is_not_stored(library: ReferenceLibrary) -> None:
    with pytest.raises(SkeletonDmlError, match="no joint was seen"):
        library.enroll(unseen_recording(), "wave")
    assert library.summaries() == []
    assert library.version == 0


def test_an_empty_label_is_refused_and_nothing_is_stored(library: ReferenceLibrary) -> None:
    with pytest.raises(InvalidReferenceError, match="empty"):
        library.enroll(recording(), "  ")
    assert library.summaries() == []


def test_several_references_may_share_a_label(library: ReferenceLibrary) -> None:
    first, second = (library.enroll(recording(movement), "greet") for movement in (1, 2))
    assert match(library, recording(1, seed=5)).reference_id == first.reference_id
    found = match(library, recording(2, seed=5))
    assert found.reference_id == second.reference_id
    assert len(found.candidates) == 1


def test_a_released_engine_does_not_mark_references_as_impossible_to_embed(
    library: ReferenceLibrary,
    store: ReferenceStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def released(_: object) -> None:
        raise ReleasedError("the engine was released")

    engine = FakeEngine("another")
    other = ReferenceLibrary(store, engine, DECISION)
    library.enroll(recording(1), "wave")
    with monkeypatch.context() as patched:
        patched.setattr(engine, "embed", released)
        assert not other.refresh()
        with pytest.raises(ReleasedError):
            other.calibrate([recording(seed=seed) for seed in range(10)], 0.1)
    assert "cannot embed" not in caplog.text
    assert other.refresh()
    assert other.unmatched == 0
    assert match(other, recording(1), "another").label == "wave"


def test_removing_and_renaming_take_effect_at_once(library: ReferenceLibrary) -> None:
    enrolled = library.enroll(recording(1), "wave")
    library.enroll(recording(2), "scratch", kind=ReferenceKind.IGNORE)
    library.rename(new_label="greet", label="wave")
    assert match(library, recording(1)).label == "greet"
    assert match(library, recording(2)).kind is ReferenceKind.IGNORE
    assert [one.label for one in library.remove(reference_id=enrolled.reference_id)] == ["greet"]
    assert not match(library, recording(1)).known
    with pytest.raises(ReferenceNotFoundError):
        library.remove(label="greet")
    assert library.version == 4


def test_a_snapshot_does_not_change(library: ReferenceLibrary) -> None:
    library.enroll(recording(1), "wave")
    before = library.snapshot()
    library.rename(new_label="greet", label="wave")
    library.enroll(recording(2), "bow")
    vectors = FakeEngine().embed([recording(1), recording(2)])
    assert [one.label for one in before.match(vectors)] == ["wave", ""]
    assert [one.label for one in library.snapshot().match(vectors)] == ["greet", "bow"]
    assert (before.version, library.snapshot().version) == (1, 3)


def test_changes_by_another_process_are_noticed(library: ReferenceLibrary) -> None:
    assert not library.refresh()
    with ReferenceStore(library.path) as other:
        library_of(other).enroll(recording(1), "wave")
        assert not match(library, recording(1)).known
        assert library.refresh()
        assert match(library, recording(1)).label == "wave"
        assert not library.refresh()
        other.remove(label="wave")
        assert library.refresh()
        assert library.snapshot().empty


def test_references_without_embeddings_are_embedded(
    library: ReferenceLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ReferenceStore(library.path) as other:
        other.add(reference("wave", movement=1))
    assert library.refresh()
    assert match(library, recording(1)).label == "wave"
    assert "embedding 1 new references" in caplog.text


def test_references_of_another_model_are_embedded_again_with_a_warning(
    library: ReferenceLibrary, store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    for movement in range(20):
        library.enroll(recording(movement), f"label {movement}")
    caplog.clear()
    other = library_of(store, "another")
    assert "20 of 20 references were embedded by another model or engine; embedding" in caplog.text
    assert match(other, recording(7, seed=5), "another").label == "label 7"
    assert other.version == library.version
    caplog.clear()
    library_of(store, "another")
    assert not caplog.records


def test_a_reference_that_cannot_be_embedded_is_kept_and_logged(
    library: ReferenceLibrary, store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    library.enroll(recording(1), "wave")
    unseen = reference("never seen")
    store.add(type(unseen)(**{**vars(unseen), "sequence": unseen_recording()}))
    assert library.refresh()
    assert f"this model cannot embed reference {unseen.reference_id} (never seen)" in caplog.text
    assert len(library.summaries()) == 2
    assert len(library.snapshot()) == 1
    caplog.clear()
    library.enroll(recording(2), "bow")
    assert not caplog.records


def test_with_a_new_model_a_damaged_recording_does_not_affect_the_others(
    library: ReferenceLibrary, store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    library.enroll(recording(1), "wave")
    rotten = library.enroll(recording(2), "bow")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as disk:
        disk.execute(
            "UPDATE reference SET positions = zeroblob(length(positions)) WHERE label = 'bow'"
        )
    other = library_of(store, "another")
    assert match(other, recording(1), "another").label == "wave"
    assert len(other.snapshot()) == 1
    assert f"{rotten.reference_id} (bow) is not matched" in caplog.text


def test_new_embeddings_are_used_even_if_they_cannot_be_stored(
    library: ReferenceLibrary, store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    library.enroll(recording(1), "wave")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        renewed = library_of(store, "another")
        other.execute("ROLLBACK")
    assert "could not be stored" in caplog.text
    assert match(renewed, recording(1), "another").label == "wave"


def test_while_the_store_cannot_be_read_the_last_references_stay_in_use(
    library: ReferenceLibrary, store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    library.enroll(recording(1), "wave")
    store.close()
    assert not library.refresh()
    assert not library.refresh()
    assert match(library, recording(1)).label == "wave"
    assert [record.message for record in caplog.records] == [
        f"the references read last stay in use: {store.path} is closed; open it again"
    ]


def test_a_reference_that_cannot_be_written_is_not_enrolled(
    library: ReferenceLibrary, store: ReferenceStore
) -> None:
    library.enroll(recording(1), "wave")
    connection = store._connection
    assert connection is not None
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(FullDiskError, match="the disk is full"):
        library.enroll(recording(2, frames=200), "bow")
    assert [one.label for one in library.summaries()] == ["wave"]
    assert not match(library, recording(2)).known
    connection.execute("PRAGMA max_page_count = 1000000")
    library.enroll(recording(2, frames=200), "bow")
    assert match(library, recording(2)).label == "bow"


def test_another_robot_imports_references(library: ReferenceLibrary, tmp_path: Path) -> None:
    for movement, label in enumerate(("wave", "bow", "clap")):
        library.enroll(recording(movement), label)
    with ReferenceStore(tmp_path / "other.db") as store:
        other = library_of(store, "another")
        other.enroll(recording(9), "dance")
        merged = other.import_(library.export())
        assert [one.label for one in merged.added] == ["wave", "bow", "clap"]
        assert match(other, recording(1), "another").label == "bow"
        assert match(other, recording(9), "another").label == "dance"
        assert other.import_(library.export()).added == ()
        assert len(other.summaries()) == 4
        other.import_(library.export(labels=["bow"]), replace=True)
        assert [one.label for one in other.summaries()] == ["bow"]
        assert not match(other, recording(9), "another").known


def test_importing_a_damaged_export_changes_nothing(library: ReferenceLibrary) -> None:
    library.enroll(recording(1), "wave")
    content = library.export()
    with pytest.raises(ExchangeError):
        library.import_(content[:-1], replace=True)
    assert match(library, recording(1)).label == "wave"
    with pytest.raises(ReferenceNotFoundError, match="'bow'"):
        library.export(labels=["bow"])


def background(clips: int) -> list[SkeletonSequence]:
    """Everyday movements that resemble the enrolled one."""
    return [recording(0, seed=100 + seed, noise=0.6) for seed in range(clips)]


def test_a_robot_fits_the_threshold_to_its_own_background(
    library: ReferenceLibrary, store: ReferenceStore
) -> None:
    library.enroll(recording(0), "wave")
    clips = background(20)
    library = ReferenceLibrary(store, FakeEngine(), DECISION, threshold=0.0)
    assert match(library, clips[0]).known
    calibration = library.calibrate(clips, 0.1)
    assert (calibration.clips, calibration.reference_count) == (20, 1)
    assert calibration.measured_rate == 0.1
    assert 0 < calibration.threshold == library.threshold < 1
    matches = library.snapshot().match(FakeEngine().embed(clips))
    assert np.mean([one.known for one in matches]) <= 0.2
    assert match(library, recording(0, seed=3)).known


def test_a_calibration_survives_a_restart(library: ReferenceLibrary, store: ReferenceStore) -> None:
    library.enroll(recording(0), "wave")
    library.calibrate(background(20), 0.1)
    restarted = library_of(store)
    assert restarted.calibration is not None
    assert restarted.threshold == library.threshold
    assert match(restarted, recording(1)) == match(library, recording(1))


def test_a_calibration_by_another_process_is_noticed(library: ReferenceLibrary) -> None:
    library.enroll(recording(0), "wave")
    with ReferenceStore(library.path) as other:
        calibrating = library_of(other)
        calibrating.calibrate(background(20), 0.1)
        assert library.refresh()
        assert library.threshold == calibrating.threshold != THRESHOLD
        other.remove_calibration(calibrating.calibration_key)
        assert library.refresh()
        assert library.threshold == THRESHOLD
        assert library.calibration is None


def test_another_model_uses_its_own_threshold_with_a_warning(
    library: ReferenceLibrary, store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    library.enroll(recording(0), "wave")
    library.calibrate(background(20), 0.1)
    caplog.clear()
    other = library_of(store, "another")
    assert other.calibration is None
    assert other.threshold == THRESHOLD
    assert (
        "was calibrated with another model, engine or matcher, or by an earlier version; the "
        "model's threshold 0.50 applies" in caplog.text
    )
    assert library_of(store).calibration is not None


def test_too_little_background_is_refused_and_changes_nothing(library: ReferenceLibrary) -> None:
    library.enroll(recording(0), "wave")
    with pytest.raises(OpenSetError, match=r"18 of 19 background clips .* at least 20"):
        library.calibrate([*background(18), unseen_recording()], 0.05)
    with pytest.raises(OpenSetError, match="false-accept rate 0 "):
        library.calibrate(background(20), 0)
    assert library.calibration is None
    assert library.threshold == THRESHOLD


def test_calibrating_without_references_is_refused(library: ReferenceLibrary) -> None:
    with pytest.raises(OpenSetError, match="teach an action first"):
        library.calibrate(background(20), 0.1)


def test_a_library_on_a_closed_store_is_refused(store: ReferenceStore) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        library_of(store)


def test_enrolling_and_matching_run_in_parallel_threads(library: ReferenceLibrary) -> None:
    library.enroll(recording(0), "label 0")
    stop = threading.Event()
    failures: list[object] = []

    def keep_matching() -> None:
        vector = FakeEngine().embed([recording(0)])
        try:
            while not stop.is_set():
                library.refresh()
                snapshot = library.snapshot()
                (found,) = snapshot.match(vector)
                if found.label != "label 0" or len(snapshot) < 1:
                    failures.append(found)
        except BaseException as error:
            failures.append(error)

    matching = [threading.Thread(target=keep_matching) for _ in range(2)]
    for thread in matching:
        thread.start()
    enrolling = [
        threading.Thread(target=library.enroll, args=(recording(number), f"label {number}"))
        for number in range(1, 9)
    ]
    for thread in enrolling:
        thread.start()
    for thread in enrolling:
        thread.join()
    stop.set()
    for thread in matching:
        thread.join()
    assert not failures
    assert len(library.snapshot()) == library.version == 9


def test_a_threshold_that_is_set_applies_until_it_is_reset(
    library: ReferenceLibrary, store: ReferenceStore
) -> None:
    library.enroll(recording(0), "wave")
    before = library.snapshot()
    assert library.override_threshold is None
    library.override_threshold = 1
    assert library.threshold == library.snapshot().threshold == library.override_threshold == 1
    assert before.threshold == THRESHOLD
    assert not match(library, recording(0)).known
    library.enroll(recording(1), "bow")
    assert not match(library, recording(1)).known
    calibration = library.calibrate(background(20), 0.1)
    assert library.threshold == 1
    library.override_threshold = None
    assert library.threshold == calibration.threshold
    library.override_threshold = 0.3
    assert library.threshold == 0.3


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), -0.1, 1.1, True, "0.5"])
def test_a_threshold_that_is_not_a_finite_number_is_refused(
    library: ReferenceLibrary, threshold: float
) -> None:
    with pytest.raises(
        OpenSetError, match=r"threshold is .*; give a confidence between 0 and 1, or None"
    ):
        library.override_threshold = threshold
    assert library.override_threshold is None
    assert library.threshold == THRESHOLD


def test_setting_the_threshold_neither_embeds_nor_waits_for_a_lock(
    store: ReferenceStore,
) -> None:
    engine = FakeEngine()
    library = ReferenceLibrary(store, engine, DECISION)
    library.enroll(recording(0), "wave")
    embedded = engine.embedded
    done = threading.Event()

    def set_threshold() -> None:
        library.override_threshold = 0.25
        done.set()

    with library._changing:
        thread = threading.Thread(target=set_threshold)
        thread.start()
        assert done.wait(10)
        assert library.threshold == 0.25
    thread.join()
    assert engine.embedded == embedded


def test_references_that_cannot_be_matched_are_counted(
    library: ReferenceLibrary, store: ReferenceStore
) -> None:
    library.enroll(recording(1), "wave")
    assert library.unmatched == 0
    unseen = reference("never seen")
    store.add(type(unseen)(**{**vars(unseen), "sequence": unseen_recording()}))
    library.refresh()
    assert library.unmatched == 1
    assert library_of(store, "another").unmatched == 1
    library.enroll(recording(2), "bow")
    assert (len(library.snapshot()), library.unmatched) == (2, 1)
    library.remove(label="never seen")
    assert library.unmatched == 0


def test_alignment_is_prepared_for_references_that_lack_it(
    store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    old = reference("wave", movement=1)
    key = str(FakeEngine().key)
    store.add(old, {key: FakeEngine().embed([old.sequence])[0]})
    caplog.set_level(logging.INFO)
    engine = FakeEngine()
    library = ReferenceLibrary(store, engine)
    assert engine.embedded == 1
    assert "preparing 1 references for alignment" in caplog.text
    assert fused(library, recording(1, seed=5)).label == "wave"
    engine = FakeEngine()
    ReferenceLibrary(store, engine)
    assert engine.embedded == 0


def fused(library: ReferenceLibrary, sequence: SkeletonSequence) -> Match:
    vectors = FakeEngine().embed([sequence])
    return library.snapshot().match(vectors, [clip_features(sequence)], sequence.bodies)[0]


@pytest.mark.parametrize("bodies", [1, 2])
def test_imported_and_renamed_references_are_aligned_too(
    store: ReferenceStore, tmp_path: Path, bodies: int
) -> None:
    library = ReferenceLibrary(store, FakeEngine())
    for movement, label in enumerate(("wave", "bow", "clap")):
        library.enroll(recording(movement, bodies=bodies), label)
    library.rename(new_label="greet", label="wave")
    with ReferenceStore(tmp_path / "other.db") as elsewhere:
        other = ReferenceLibrary(elsewhere, FakeEngine())
        other.import_(library.export())
        for movement, label in enumerate(("greet", "bow", "clap")):
            again = recording(movement, seed=5, bodies=bodies)
            found = fused(other, again)
            assert (found.known, found.label) == (True, label)
            assert found.candidates == fused(library, again).candidates
        assert not fused(other, recording(7, bodies=bodies)).known


def test_a_clip_of_two_people_is_not_compared_with_references_of_one(
    store: ReferenceStore,
) -> None:
    library = ReferenceLibrary(store, FakeEngine())
    library.enroll(recording(1), "wave")
    alone = fused(library, recording(1, bodies=2))
    assert (alone.known, alone.candidates, alone.confidence) == (False, (), 0)


def test_enrolling_warns_of_a_resemblance_and_of_an_unlike_demonstration(
    store: ReferenceStore, caplog: pytest.LogCaptureFixture
) -> None:
    library = ReferenceLibrary(store, FakeEngine())
    assert library.enroll(recording(1), "push").warning == ""
    assert library.enroll(recording(1, seed=2), "push").warning == ""
    alike = library.enroll(recording(1, seed=5), "shove").warning
    assert re.fullmatch(r"resembles 'push' \([01]\.\d\d\): recognition may confuse them", alike)
    assert f"new reference 'shove' {alike}" in caplog.text
    unlike = library.enroll(recording(8), "push").warning
    assert unlike.startswith("is unlike the earlier demonstrations of 'push' (0.0")
    assert library.enroll(recording(1, bodies=2), "hug").warning == ""


def test_each_matcher_has_its_own_calibration(store: ReferenceStore) -> None:
    library = ReferenceLibrary(store, FakeEngine(), DEFAULT_DECISIONS[Matcher.FUSED])
    library.enroll(recording(0), "wave")
    calibration = library.calibrate(background(20), 0.1)
    assert 0 <= calibration.threshold <= 1
    for matcher in (Matcher.EMBEDDING, Matcher.ALIGNMENT):
        other = ReferenceLibrary(store, FakeEngine(), DEFAULT_DECISIONS[matcher])
        assert other.calibration is None
    again = ReferenceLibrary(store, FakeEngine(), DEFAULT_DECISIONS[Matcher.FUSED])
    assert again.threshold == calibration.threshold


def test_an_unknown_matcher_is_refused(store: ReferenceStore) -> None:
    with pytest.raises(
        FusionError, match="matcher is 'guess'; choose from fused, embedding, align"
    ):
        ReferenceLibrary.for_model(store, FakeEngine(), load_model(), "guess")
