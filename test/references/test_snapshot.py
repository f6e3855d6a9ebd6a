# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from deciding import by_distance
from numpy.typing import NDArray
from teaching import FakeEngine, recording, unit_vectors

from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.references.alignment import clip_features, feature_count
from skeleton_dml_ros.references.fusion import Decision, Matcher, decision_of, separations
from skeleton_dml_ros.references.open_set import OpenSetError
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.references.snapshot import Match, ReferenceSnapshot
from skeleton_dml_ros.references.store import IndexEntry
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


def snapshot_of(
    vectors: NDArray[np.float32],
    labels: list[str],
    limit: float = 0.5,
    kinds: dict[str, ReferenceKind] | None = None,
    candidates: int = 5,
    decision: Decision | None = None,
    mirrored: NDArray[np.float32] | None = None,
    features: list[NDArray[np.float32]] | None = None,
    threshold: float = 0.5,
) -> ReferenceSnapshot:
    """References of one person; by default distances up to the limit are known."""
    entries = [
        IndexEntry(f"id {row}", label, (kinds or {}).get(label, ReferenceKind.ACTION), 1, False)
        for row, label in enumerate(labels)
    ]
    return ReferenceSnapshot(
        7,
        entries,
        vectors,
        vectors if mirrored is None else mirrored,
        features or [np.zeros(feature_count(1), np.float32)] * len(entries),
        decision or by_distance(limit),
        threshold,
        candidates,
    )


def recorded(
    recordings: list[SkeletonSequence], labels: list[str], decision: Decision
) -> ReferenceSnapshot:
    """References with the embeddings of the fake engine."""
    return snapshot_of(
        FakeEngine().embed(recordings),
        labels,
        decision=decision,
        mirrored=FakeEngine().embed([one.mirrored() for one in recordings]),
        features=[clip_features(one) for one in recordings],
    )


def found(snapshot: ReferenceSnapshot, sequence: SkeletonSequence) -> Match:
    return snapshot.match(FakeEngine().embed([sequence]), [clip_features(sequence)])[0]


def turned(vector: NDArray[np.float32], degrees: float) -> NDArray[np.float32]:
    """A unit vector at this angle from the given one."""
    aside = unit_vectors(1, len(vector), seed=99)[0]
    aside -= (aside @ vector) * vector
    aside /= np.linalg.norm(aside)
    angle = np.radians(degrees)
    result: NDArray[np.float32] = np.cos(angle) * vector + np.sin(angle) * aside
    return result


def test_a_clip_is_known_up_to_the_threshold_and_unknown_beyond() -> None:
    vectors = unit_vectors(3)
    snapshot = snapshot_of(vectors, ["wave", "bow", "clap"], limit=0.3)
    near, far = snapshot.match(np.stack([turned(vectors[1], 10), turned(vectors[1], 25)]))
    assert (near.known, near.label, near.reference_id) == (True, "bow", "id 1")
    assert near.distance == pytest.approx(2 * np.sin(np.radians(5)), abs=1e-4)
    assert (far.known, far.label, far.reference_id) == (False, "", "id 1")
    assert far.candidates[0].label == "bow"
    assert near.threshold == far.threshold == 0.5


def test_a_confidence_at_the_threshold_is_known() -> None:
    vectors = unit_vectors(2)
    query = turned(vectors[0], 20)[None]
    at = snapshot_of(vectors, ["wave", "bow"]).match(query)[0].confidence
    above = float(np.nextafter(at, 1))
    assert snapshot_of(vectors, ["wave", "bow"], threshold=at).match(query)[0].known
    assert not snapshot_of(vectors, ["wave", "bow"], threshold=above).match(query)[0].known


@pytest.mark.parametrize("match_mirrored", [True, False])
def test_the_embedding_matcher_ranks_by_distance_and_the_confidence_decides(
    match_mirrored: bool,
) -> None:
    decision = decision_of(load_model(), Matcher.EMBEDDING, match_mirrored)
    vectors, queries = unit_vectors(300), unit_vectors(20, seed=1)
    images = unit_vectors(300, seed=2)
    labels = [f"label {row % 90}" for row in range(300)]
    snapshot = snapshot_of(
        vectors, labels, decision=decision, mirrored=images, candidates=60, threshold=0.3
    )
    for query, match in zip(queries, snapshot.match(queries), strict=True):
        weight = decision.distance_weight
        scores = weight * np.linalg.norm(vectors - query, axis=1)
        if match_mirrored:
            scores = np.minimum(scores, weight * np.linalg.norm(images - query, axis=1) + 0.3)
        assert match.reference_id == f"id {int(scores.argmin())}"
        assert match.score == pytest.approx(scores.min(), abs=1e-6)
        assert match.known == (match.confidence >= 0.3)
        best = np.array([scores[label::90].min() for label in range(90)])
        # Beyond the shortlist only the nearest reference of each label is looked at, as here.
        assert [one.label for one in match.candidates] == [
            f"label {label}" for label in np.argsort(best)[:60]
        ]
        assert [one.score for one in match.candidates] == pytest.approx(np.sort(best)[:60].tolist())


@pytest.mark.parametrize("matcher", Matcher)
def test_confidences_are_in_0_to_1_and_fall_with_the_score(matcher: Matcher) -> None:
    decision = decision_of(load_model(), matcher)
    enrolled = [recording(0)]
    snapshot = recorded(enrolled, ["wave"], decision)
    matches = [
        found(snapshot, recording(0, seed=seed, noise=noise))
        for seed, noise in enumerate((0.0, 0.02, 0.1, 0.3, 0.6, 1.0, 3.0), start=1)
    ]
    matches.sort(key=lambda one: one.score)
    confidences = [one.confidence for one in matches]
    assert all(0 <= one <= 1 for one in confidences)
    assert (np.diff(confidences) <= 0).all()
    assert confidences[0] > 0.9 > 0.5 > confidences[-1]


@pytest.mark.parametrize("matcher", Matcher)
def test_a_single_reference_rejects_other_actions(matcher: Matcher) -> None:
    snapshot = recorded([recording(0)], ["wave"], decision_of(load_model(), matcher))
    assert found(snapshot, recording(0, seed=3)).known
    for movement in range(1, 9):
        assert not found(snapshot, recording(movement)).known


def test_actions_of_either_side_stay_apart_and_one_of_them_serves_for_both() -> None:
    right = recording(0)
    left = right.mirrored()
    decision = decision_of(load_model())
    both = recorded([left, right], ["left", "right"], decision)
    again = recording(0, seed=4)
    assert [found(both, one).label for one in (again, again.mirrored())] == ["right", "left"]
    one = recorded([right], ["right"], decision)
    assert found(one, again.mirrored()).label == "right"
    assert found(one, again).confidence > found(one, again.mirrored()).confidence
    strict = recorded([right], ["right"], decision_of(load_model(), match_mirrored=False))
    assert found(strict, again).label == "right"
    assert not found(strict, again.mirrored()).known


def test_a_shortlist_ranks_as_all_references_do() -> None:
    recordings = [recording(movement, seed=movement) for movement in range(40)]
    labels = [f"label {row % 20}" for row in range(40)]
    decision = decision_of(load_model())
    snapshot = recorded(recordings, labels, decision)
    again = recording(13, seed=99)
    match = found(snapshot, again)
    assert match.reference_id == "id 13"
    features = clip_features(again)
    (vector,) = FakeEngine().embed([again])
    assert match.score == pytest.approx(snapshot._searches[1].scores(vector, features).min())
    assert snapshot.resemblance("new", vector, features, 1).label == "label 13"
    assert snapshot.resemblance("new", vector, features, 2).label == ""


def test_the_separation_around_references_is_that_of_the_fitting() -> None:
    recordings = [recording(movement) for movement in range(6)]
    labels = ["wave", "wave", "bow", "bow", "clap", "sit"]
    decision = decision_of(load_model())
    search = recorded(recordings, labels, decision)._searches[1]
    vectors = FakeEngine().embed(recordings)
    scores = np.stack(
        [
            search.scores(vector, clip_features(one))
            for vector, one in zip(vectors, recordings, strict=True)
        ]
    )
    expected = separations(scores, labels, decision.max_separation)
    assert [search._separation(row) for row in range(6)] == pytest.approx(expected, abs=1e-4)


def test_matching_without_the_features_that_it_aligns_is_refused() -> None:
    snapshot = recorded([recording(0)], ["wave"], decision_of(load_model()))
    with pytest.raises(OpenSetError, match="give the clips' alignment features"):
        snapshot.match(FakeEngine().embed([recording(0)]))


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
    snapshot = snapshot_of(unit_vectors(30), [f"label {row}" for row in range(30)], 1.2)
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
    stricter = snapshot.with_threshold(0.9)
    query = turned(vectors[0], 20)[None]
    (known,), (unknown,) = snapshot.match(query), stricter.match(query)
    assert (known.known, known.threshold) == (True, 0.5)
    assert (unknown.known, unknown.threshold, unknown.label) == (False, 0.9, "")
    assert unknown.candidates == known.candidates
    assert (stricter.version, len(stricter)) == (snapshot.version, 2)
