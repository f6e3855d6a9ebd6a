# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from directions import DirectionEngine, archive_of_directions

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.datasets.splits import OneShotSplit
from skeleton_dml_ros.embedding.engine import EmbeddingKey
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.one_shot import (
    NEAREST_EMBEDDING,
    evaluate_matchers,
    evaluate_one_shot,
    evaluate_split,
)
from skeleton_dml_ros.references.episodes import one_shot_accuracies
from skeleton_dml_ros.references.fusion import DEFAULT_DECISIONS, Decision, Matcher
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence


class PlaceEngine:
    """Embeds a clip as the direction in which its first joint lies; NaN is refused."""

    key = EmbeddingKey("place", "numpy", "float32")
    dimension = 3

    def embed(self, sequences: Sequence[SkeletonSequence]) -> np.ndarray:
        places = np.array([clip.positions[0, 0, 0] for clip in sequences])
        if np.isnan(places).any():
            raise SkeletonDmlError("nothing was seen")
        places /= np.linalg.norm(places, axis=1, keepdims=True)
        return np.asarray(places, dtype=np.float32)


def archive(unseen: int | None = None) -> SkeletonArchive:
    """Three classes of five clips, each around an axis."""
    generator = np.random.default_rng(0)
    clips = []
    labels = [label for label in range(3) for _ in range(5)]
    for index, label in enumerate(labels):
        place = np.eye(3)[label] + generator.normal(scale=0.02, size=3)
        positions = np.broadcast_to(place, (4, 1, 25, 3))
        if index == unseen:
            positions = np.full_like(positions, np.nan)
        clips.append(SkeletonSequence(positions, np.arange(4) / 30, NTU_25))
    return archive_of(clips, labels, ("left", "up", "away"))


def test_separated_classes_are_recognised() -> None:
    figures = evaluate_one_shot(PlaceEngine(), archive(), episodes=7)
    assert figures.to_dict() == {
        "accuracy_mean": 100.0,
        "accuracy_std": 0.0,
        "episodes": 7,
        "classes": 3,
        "queries": 12,
        "left_out": 0,
        "split": None,
        "matcher": "embedding",
        "shots": 1,
    }


def test_with_shuffled_labels_accuracy_falls_to_chance() -> None:
    shuffled = archive_of_directions(classes=5, clips=20, shuffled=True)
    figures = evaluate_one_shot(DirectionEngine(), shuffled, episodes=20)
    assert figures.accuracy_mean == pytest.approx(20, abs=5)


@pytest.mark.parametrize("classes", [[0, 2], ["left", "away"]])
def test_only_the_chosen_classes_take_part(classes: list[int | str]) -> None:
    figures = evaluate_one_shot(PlaceEngine(), archive(), classes, episodes=3)
    assert (figures.classes, figures.queries) == (2, 8)


def test_a_clip_in_which_nothing_was_seen_is_left_out_and_counted() -> None:
    figures = evaluate_one_shot(PlaceEngine(), archive(unseen=7), episodes=3)
    assert (figures.queries, figures.left_out) == (11, 1)


def test_the_same_seed_gives_the_same_figures() -> None:
    shuffled = archive().select(np.random.default_rng(1).permutation(15))
    assert evaluate_one_shot(PlaceEngine(), shuffled, seed=3) == evaluate_one_shot(
        PlaceEngine(), shuffled, seed=3
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": [0, 3]}, "there is no class 3; the archive has 0 to 2"),
        ({"classes": ["down"]}, "there is no class 'down'; the archive has 0 to 2"),
        ({"classes": [1]}, "needs at least two classes"),
        ({"episodes": 0}, "episodes is 0"),
        ({"shots": 0}, r"shots are \[0\]; give numbers of at least 1"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SkeletonDmlError, match=message):
        evaluate_one_shot(PlaceEngine(), archive(), **options)


def split(*references: str) -> OneShotSplit:
    return OneShotSplit("mine", ("action 0", "action 1"), (), ("action 3", "action 2"), references)


def test_a_split_uses_its_references() -> None:
    archive = archive_of_directions(classes=4, clips=5)
    [figures] = evaluate_split(DirectionEngine(), archive, split("17", "12"))
    assert (figures.accuracy_mean, figures.accuracy_std, figures.episodes) == (100, 0, 1)
    assert (figures.classes, figures.queries, figures.split) == (2, 8, "mine")


def test_a_wrong_reference_fails_its_queries() -> None:
    labels = archive_of_directions(classes=4, clips=5).labels.copy()
    labels[[12, 17]] = labels[[17, 12]]
    archive = replace(archive_of_directions(classes=4, clips=5), labels=labels)
    [figures] = evaluate_split(DirectionEngine(), archive, split("12", "17"))
    assert figures.accuracy_mean == 0


def test_a_split_without_references_uses_random_ones() -> None:
    archive = archive_of_directions(classes=4, clips=5)
    [figures] = evaluate_split(DirectionEngine(), archive, split(), episodes=7)
    assert (figures.classes, figures.queries, figures.episodes) == (2, 8, 7)
    assert figures.split == "mine"


def test_a_split_that_leaves_no_query_is_refused() -> None:
    archive = archive_of_directions(classes=4, clips=1)
    with pytest.raises(SkeletonDmlError, match="no query is left"):
        evaluate_split(DirectionEngine(), archive, split("3", "2"))


def test_a_reference_in_which_nothing_is_seen_is_named() -> None:
    archive = archive_of_directions(classes=4, clips=2)
    positions = archive.positions_mm.copy()
    positions[2 * 6 : 2 * 7] = -32768
    positions[2 * 6 : 2 * 7, :, 20] = 0
    with pytest.raises(SkeletonDmlError, match="in the reference '6' of split mine"):
        evaluate_split(DirectionEngine(), replace(archive, positions_mm=positions), split("6", "4"))


def test_embedding_alone_is_the_nearest_embedding() -> None:
    archive = archive_of_directions(classes=5, clips=20, shuffled=True)
    embeddings = DirectionEngine().embed([archive.clip(index) for index in range(len(archive))])
    expected = 100 * one_shot_accuracies(embeddings, archive.labels, 20, np.random.default_rng(3))
    figures = evaluate_one_shot(
        DirectionEngine(), archive, episodes=20, seed=3, decision=NEAREST_EMBEDDING
    )
    assert figures.accuracy_mean == pytest.approx(expected.mean(), abs=1e-9)
    assert figures.accuracy_std == pytest.approx(expected.std(), abs=1e-9)


def test_a_split_is_evaluated_by_the_nearest_embedding_as_in_the_paper() -> None:
    archive = archive_of_directions(classes=4, clips=20, shuffled=True)
    references = [int(np.flatnonzero(archive.labels == label)[3]) for label in (3, 2)]
    named = split(*(archive.names[index] for index in references))
    used = np.isin(archive.labels, (2, 3))
    queries = np.setdiff1d(np.flatnonzero(used), references)
    embeddings = DirectionEngine().embed([archive.clip(index) for index in range(len(archive))])
    nearest = (embeddings[queries] @ embeddings[references].T).argmax(axis=1)
    right = archive.labels[references][nearest] == archive.labels[queries]
    [figures] = evaluate_split(DirectionEngine(), archive, named)
    assert figures.accuracy_mean == pytest.approx(100 * right.mean(), abs=1e-9)
    assert 0 < right.mean() < 1


def arm_movement(arm: str, height: float, people: int = 1) -> SkeletonSequence:
    """People side by side, of whom each raises and lowers an arm."""
    positions = np.repeat(REST_POSE[None, None], 40, axis=0).repeat(people, axis=1) * 0.5
    positions = positions + np.array([0, 0, 3]) + np.arange(people)[:, None, None] * [0.8, 0, 0]
    raised = height * np.sin(np.linspace(0, np.pi, 40))[:, None]
    for joint, share in (("elbow", 0.5), ("wrist", 1.0), ("hand", 1.1)):
        positions[:, :, NTU_25.index(f"{joint}_{arm}"), 1] += share * raised
    return SkeletonSequence(positions, np.arange(40) / 30, NTU_25)


def arm_movements(*people: int) -> SkeletonArchive:
    """Two classes, the left and the right arm, with a clip of each of so many people."""
    clips = [
        arm_movement(arm, 0.5 + 0.05 * number, count)
        for arm in ("left", "right")
        for number, count in enumerate(people)
    ]
    return archive_of(clips, np.repeat([0, 1], len(people)).tolist(), ("left", "right"))


class ConstantEngine:
    """Embeds all clips alike."""

    key = EmbeddingKey("constant", "numpy", "float32")
    dimension = 2

    def embed(self, sequences: Sequence[SkeletonSequence]) -> np.ndarray:
        return np.repeat(np.array([[1, 0]], dtype=np.float32), len(sequences), axis=0)


def test_all_matchers_see_the_same_episodes() -> None:
    decisions = [DEFAULT_DECISIONS[matcher] for matcher in Matcher]
    found = evaluate_matchers(
        ConstantEngine(), arm_movements(1, 1, 1, 1), decisions, (1, 2), episodes=3
    )
    assert [(one.matcher, one.shots, one.queries) for one in found] == [
        ("fused", 1, 6), ("fused", 2, 4),
        ("embedding", 1, 6), ("embedding", 2, 4),
        ("alignment", 1, 6), ("alignment", 2, 4),
    ]  # fmt: skip
    accuracies = {one.matcher: one.accuracy_mean for one in found if one.shots == 1}
    assert accuracies == {"fused": 100, "embedding": 50, "alignment": 100}


def test_a_mirror_image_matches_unless_the_penalty_is_infinite() -> None:
    archive = arm_movements(1, 1, 1)
    archive = replace(archive, labels=np.array([0, 1, 0, 0, 1, 1], dtype=np.int16))
    free = Decision(0, 1, mirror_penalty=0)
    never = Decision(0, 1, mirror_penalty=np.inf)
    found = evaluate_matchers(ConstantEngine(), archive, [free, never], episodes=8)
    assert found[0].accuracy_mean != found[1].accuracy_mean


def test_a_clip_of_two_people_never_matches_one_of_a_single_person() -> None:
    archive = arm_movements(1, 1, 2, 2)
    [figures] = evaluate_matchers(
        ConstantEngine(), archive, [DEFAULT_DECISIONS[Matcher.ALIGNMENT]], episodes=40
    )
    # A query is right if its class's reference has as many people.
    assert 20 < figures.accuracy_mean < 60


def test_several_references_raise_accuracy_and_leave_a_query_of_each_class() -> None:
    archive = archive_of_directions(classes=4, clips=5)
    noise = np.random.default_rng(1).normal(scale=450, size=archive.positions_mm.shape)
    noisy = replace(archive, positions_mm=(archive.positions_mm + noise).astype(np.int16))
    found = evaluate_matchers(DirectionEngine(), noisy, [NEAREST_EMBEDDING], (1, 3, 9))
    assert [one.queries for one in found] == [16, 8, 4]
    assert found[0].accuracy_mean + 3 < found[1].accuracy_mean
