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
from skeleton_dml_ros.evaluation.one_shot import evaluate_one_shot, evaluate_split
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
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SkeletonDmlError, match=message):
        evaluate_one_shot(PlaceEngine(), archive(), **options)


def split(*references: str) -> OneShotSplit:
    return OneShotSplit("mine", ("action 0", "action 1"), (), ("action 3", "action 2"), references)


def test_a_split_uses_its_references() -> None:
    archive = archive_of_directions(classes=4, clips=5)
    figures = evaluate_split(DirectionEngine(), archive, split("17", "12"))
    assert (figures.accuracy_mean, figures.accuracy_std, figures.episodes) == (100, 0, 1)
    assert (figures.classes, figures.queries, figures.split) == (2, 8, "mine")


def test_a_wrong_reference_fails_its_queries() -> None:
    labels = archive_of_directions(classes=4, clips=5).labels.copy()
    labels[[12, 17]] = labels[[17, 12]]
    archive = replace(archive_of_directions(classes=4, clips=5), labels=labels)
    assert evaluate_split(DirectionEngine(), archive, split("12", "17")).accuracy_mean == 0


def test_a_split_without_references_uses_random_ones() -> None:
    archive = archive_of_directions(classes=4, clips=5)
    figures = evaluate_split(DirectionEngine(), archive, split(), episodes=7)
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
