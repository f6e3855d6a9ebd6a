# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from teaching import unit_vectors

from skeleton_dml_ros.references.open_set import Cohort, OpenSetError, score, statistics_of
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.references.snapshot import ReferenceSnapshot
from skeleton_dml_ros.references.store import IndexEntry


def snapshot_of(
    vectors: NDArray[np.float32],
    labels: list[str],
    threshold: float = 0.5,
    cohort: Cohort | None = None,
    kinds: dict[str, ReferenceKind] | None = None,
    candidates: int = 5,
) -> ReferenceSnapshot:
    entries = [
        IndexEntry(f"id {row}", label, (kinds or {}).get(label, ReferenceKind.ACTION), False)
        for row, label in enumerate(labels)
    ]
    statistics = statistics_of(cohort, vectors)
    return ReferenceSnapshot(7, entries, vectors, statistics, cohort, threshold, candidates)


def turned(vector: NDArray[np.float32], degrees: float) -> NDArray[np.float32]:
    """A unit vector at this angle from the given one."""
    aside = unit_vectors(1, len(vector), seed=99)[0]
    aside -= (aside @ vector) * vector
    aside /= np.linalg.norm(aside)
    angle = np.radians(degrees)
    result: NDArray[np.float32] = np.cos(angle) * vector + np.sin(angle) * aside
    return result


def test_the_pair_offset_applies_to_clips_of_two_people() -> None:
    vectors = unit_vectors(2)
    of_one = snapshot_of(vectors, ["wave", "hug"], threshold=0.3)
    snapshot = ReferenceSnapshot(
        7,
        [IndexEntry(f"id {row}", "hug", ReferenceKind.ACTION, False) for row in range(2)],
        vectors,
        statistics_of(None, vectors),
        None,
        threshold=0.3,
        pair_offset=0.2,
    )
    query = turned(vectors[1], 10)[None]
    single, pair = snapshot.match(query)[0], snapshot.match(query, people=2)[0]
    assert single.known
    assert not pair.known
    assert pair.distance == single.distance
    assert pair.score == pytest.approx(single.score + 0.2)
    assert pair.candidates[0].score == pair.score
    assert of_one.match(query, people=2)[0].known


def test_a_clip_is_known_up_to_the_threshold_and_unknown_beyond() -> None:
    vectors = unit_vectors(3)
    snapshot = snapshot_of(vectors, ["wave", "bow", "clap"], threshold=0.3)
    near, far = snapshot.match(np.stack([turned(vectors[1], 10), turned(vectors[1], 25)]))
    assert (near.known, near.label, near.reference_id) == (True, "bow", "id 1")
    assert near.distance == pytest.approx(2 * np.sin(np.radians(5)), abs=1e-4)
    assert (far.known, far.label, far.reference_id) == (False, "", "id 1")
    assert far.candidates[0].label == "bow"
    assert near.threshold == far.threshold == 0.3


def test_a_score_at_the_threshold_is_known() -> None:
    vectors = unit_vectors(2)
    query = turned(vectors[0], 20)[None]
    at = snapshot_of(vectors, ["wave", "bow"]).match(query)[0].score
    below = float(np.nextafter(at, -np.inf))
    assert snapshot_of(vectors, ["wave", "bow"], threshold=at).match(query)[0].known
    assert not snapshot_of(vectors, ["wave", "bow"], threshold=below).match(query)[0].known


def test_distance_ranks_and_the_score_decides() -> None:
    cohort = Cohort(unit_vectors(80, seed=3))
    vectors, queries = unit_vectors(6), unit_vectors(20, seed=1)
    labels = [f"label {row}" for row in range(6)]
    for row, match in enumerate(snapshot_of(vectors, labels, -1.0, cohort).match(queries)):
        distances = np.linalg.norm(vectors - queries[row], axis=1)
        nearest = int(distances.argmin())
        expected = score(
            distances,
            statistics_of(cohort, queries[[row]]),
            statistics_of(cohort, vectors),
        )
        assert match.reference_id == f"id {nearest}"
        assert match.distance == pytest.approx(distances[nearest], abs=1e-6)
        assert match.score == pytest.approx(expected[nearest], abs=1e-4)
        assert match.known == (expected[nearest] <= -1.0)
        assert [one.reference_id for one in match.candidates] == [
            f"id {index}" for index in np.argsort(distances)[:5]
        ]
        assert [one.score for one in match.candidates] == pytest.approx(
            list(expected[np.argsort(distances)[:5]]), abs=1e-4
        )


def test_candidates_are_the_best_reference_of_each_label() -> None:
    start = unit_vectors(1)[0]
    vectors = np.stack([turned(start, degrees) for degrees in (5, 10, 15, 20, 25, 30, 35)])
    labels = ["wave", "wave", "bow", "wave", "clap", "bow", "sit"]
    (match,) = snapshot_of(vectors, labels, candidates=3).match(start[None])
    assert [(one.label, one.reference_id) for one in match.candidates] == [
        ("wave", "id 0"),
        ("bow", "id 2"),
        ("clap", "id 4"),
    ]
    distances = [one.distance for one in match.candidates]
    assert distances == sorted(distances)


def test_a_label_with_many_references_does_not_hide_the_others() -> None:
    start = unit_vectors(1)[0]
    vectors = np.stack([turned(start, 1 + 0.1 * row) for row in range(200)])
    labels = ["wave"] * 198 + ["bow", "clap"]
    (match,) = snapshot_of(vectors, labels).match(start[None])
    assert [one.label for one in match.candidates] == ["wave", "bow", "clap"]


def test_a_movement_to_ignore_is_known_as_such() -> None:
    vectors = unit_vectors(2)
    kinds = {"scratch": ReferenceKind.IGNORE}
    snapshot = snapshot_of(vectors, ["wave", "scratch"], kinds=kinds)
    (match,) = snapshot.match(vectors[1:])
    assert (match.known, match.label, match.kind) == (True, "scratch", ReferenceKind.IGNORE)


def test_with_no_references_everything_is_unknown() -> None:
    snapshot = snapshot_of(unit_vectors(0), [])
    assert snapshot.empty
    assert len(snapshot) == 0
    matches = snapshot.match(unit_vectors(2))
    assert [(one.known, one.label, one.candidates) for one in matches] == [(False, "", ())] * 2


def test_no_clips_have_no_matches() -> None:
    assert snapshot_of(unit_vectors(2), ["wave", "bow"]).match(unit_vectors(0)) == []


def test_a_match_does_not_depend_on_the_batch() -> None:
    cohort = Cohort(unit_vectors(100, seed=3))
    snapshot = snapshot_of(unit_vectors(30), [f"label {row}" for row in range(30)], -1.0, cohort)
    queries = unit_vectors(50, seed=1)
    alone = [snapshot.match(queries[row : row + 1])[0] for row in range(50)]
    assert snapshot.match(queries) == alone


@pytest.mark.parametrize(
    ("vectors", "complaint"),
    [
        (np.zeros(16), r"shape \(16,\)"),
        (np.full((1, 16), np.nan), "finite"),
        (np.zeros((1, 8)), "dimension 8 .* dimension 16; use one model"),
    ],
)
def test_invalid_embeddings_are_refused(vectors: NDArray[np.float32], complaint: str) -> None:
    with pytest.raises(OpenSetError, match=complaint):
        snapshot_of(unit_vectors(2), ["wave", "bow"]).match(vectors)


def test_a_copy_with_another_threshold_leaves_the_first_unchanged() -> None:
    vectors = unit_vectors(2)
    snapshot = snapshot_of(vectors, ["wave", "bow"], threshold=0.5)
    stricter = snapshot.with_threshold(0.1)
    query = turned(vectors[0], 20)[None]
    (known,), (unknown,) = snapshot.match(query), stricter.match(query)
    assert (known.known, known.threshold) == (True, 0.5)
    assert (unknown.known, unknown.threshold, unknown.label) == (False, 0.1, "")
    assert unknown.candidates == known.candidates
    assert (stricter.version, len(stricter)) == (snapshot.version, 2)
