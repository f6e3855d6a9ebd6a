# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from directions import DirectionEngine, archive_of_directions

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.embedding.engine import EmbeddingKey
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.one_shot import evaluate_one_shot
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


def test_clips_that_lie_together_are_recognised() -> None:
    figures = evaluate_one_shot(PlaceEngine(), archive(), draws=7)
    assert figures.to_dict() == {
        "accuracy_mean": 100.0,
        "accuracy_std": 0.0,
        "draws": 7,
        "classes": 3,
        "queries": 12,
        "left_out": 0,
    }


def test_with_shuffled_labels_accuracy_falls_to_chance() -> None:
    shuffled = archive_of_directions(classes=5, clips=20, shuffled=True)
    figures = evaluate_one_shot(DirectionEngine(), shuffled, draws=20)
    assert figures.accuracy_mean == pytest.approx(20, abs=5)


def test_only_the_chosen_classes_take_part() -> None:
    figures = evaluate_one_shot(PlaceEngine(), archive(), classes=[0, 2], draws=3)
    assert (figures.classes, figures.queries) == (2, 8)


def test_a_clip_in_which_nothing_was_seen_is_left_out_and_counted() -> None:
    figures = evaluate_one_shot(PlaceEngine(), archive(unseen=7), draws=3)
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
        ({"classes": [1]}, "needs at least two classes"),
        ({"draws": 0}, "draws is 0"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SkeletonDmlError, match=message):
        evaluate_one_shot(PlaceEngine(), archive(), **options)
