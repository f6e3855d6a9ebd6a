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

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.references.fusion import (
    FALSE_ACCEPT_RATES,
    Decision,
    Episodes,
    FusionError,
    episodes_of,
    fit_decision,
    resemblance,
    rooms,
)

DECISION = Decision(intercept=5.0, slope=4.0, crowding=1.0, most_room=2.0)


def made_up_set(
    seed: int, classes: int = 8, clips: int = 12
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores between clips of which those of a class lie nearer to one another."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), clips)
    places = 0.9 * random.normal(size=(classes, 12))[labels]
    places += 0.35 * random.normal(size=(len(labels), 12))
    distances = np.sqrt(np.square(places[:, None] - places[None]).sum(axis=2))
    return np.asarray(distances / 2), np.asarray(labels, dtype=np.int64)


def test_a_score_is_the_weighted_sum_of_the_better_image() -> None:
    decision = Decision(distance_weight=2.0, cost_weight=0.5, mirror_penalty=0.3)
    found = decision.scores([[0.5, 1.0], [0.9, 0.2]], [[1.0, 2.0], [1.0, 2.0]])
    assert found == pytest.approx([1.5, 1.7])


def test_what_has_no_weight_is_not_looked_at() -> None:
    distances, nothing = [[0.5], [0.9]], [[np.nan], [np.nan]]
    assert Decision(cost_weight=0.0).scores(distances, nothing) == pytest.approx([0.5])
    assert Decision(distance_weight=0.0, cost_weight=1.0).scores(nothing, distances) == [0.5]
    with pytest.raises(FusionError, match="weight"):
        Decision(0.0, 0.0).scores(distances, distances)


def test_confidence_falls_with_the_score_and_grows_with_the_room() -> None:
    confidences = DECISION.confidence([0.5, 1.0, 2.0, 900.0], [1.0, 1.0, 1.0, 1.0])
    assert (np.diff(confidences) < 0).all()
    assert ((confidences >= 0) & (confidences <= 1)).all()
    assert DECISION.confidence(1.5, 1.9) > DECISION.confidence(1.5, 0.5)
    assert DECISION.confidence(1.5) == DECISION.confidence(1.5, 7.0)


def test_room_is_what_the_nearest_other_label_leaves() -> None:
    scores = np.array([[0.0, 0.2, 0.9], [0.2, 0.0, 1.4], [1.0, 1.4, 0.0]])
    assert rooms(scores, ["wave", "wave", "bow"], 1.2) == pytest.approx([0.9, 1.2, 0.9])
    assert rooms(scores[:1, :1], ["wave"], 1.2) == pytest.approx([1.2])
    assert rooms(np.empty((0, 0)), [], 1.2).shape == (0,)


def test_a_fitted_confidence_is_the_share_that_is_right() -> None:
    sets = [
        episodes_of(scores, labels, taught, 30, 2.0)
        for taught in (1, 3, 5)
        for scores, labels in map(made_up_set, range(4))
    ]
    fitted = fit_decision(sets, Decision(most_room=2.0))
    scores, labels = made_up_set(9)
    fresh = episodes_of(scores, labels, 4, 60, 2.0)
    confidences = fitted.confidence(fresh.scores, fresh.room, fresh.labels)
    weights = np.where(fresh.taught, 1 / fresh.taught.mean(), 1 / (1 - fresh.taught.mean()))
    for low, high in ((0.1, 0.4), (0.4, 0.7), (0.7, 0.95)):
        inside = (confidences >= low) & (confidences < high)
        right = np.average(fresh.right[inside], weights=weights[inside])
        assert low - 0.2 < right < high + 0.2


def test_a_false_accept_rate_that_is_asked_for_is_kept_on_another_set() -> None:
    sets = [
        episodes_of(scores, labels, taught, 30, 2.0)
        for taught in (1, 3, 5)
        for scores, labels in map(made_up_set, range(5))
    ]
    fitted = fit_decision(sets, Decision(most_room=2.0))
    assert fitted.rates == FALSE_ACCEPT_RATES
    scores, labels = made_up_set(11)
    fresh = episodes_of(scores, labels, 4, 60, 2.0)
    confidences = fitted.confidence(fresh.scores, fresh.room, fresh.labels)[~fresh.taught]
    assert 0.02 < np.mean(confidences >= fitted.confidence_at(0.05)) < 0.15
    assert fitted.confidence_at(0.01) > fitted.confidence_at(0.05) > fitted.confidence_at(0.2)


def test_look_alikes_do_not_move_the_thresholds_by_themselves() -> None:
    sets = [episodes_of(*made_up_set(seed), 3, 30, 2.0) for seed in range(4)]
    scores, labels = made_up_set(4)
    alike = episodes_of(0.6 * scores, labels, 3, 30, 2.0)
    apart = fit_decision(sets, Decision(), [alike])
    mixed = fit_decision([*sets, alike], Decision())
    assert apart.slope == mixed.slope
    assert apart.confidence_at(0.05) < mixed.confidence_at(0.05)


def test_episodes_teach_one_clip_a_label() -> None:
    scores, labels = made_up_set(0)
    found = episodes_of(scores, labels, 3, 2, 2.0)
    assert found.labels == 3
    assert len(found.scores) == 2 * (len(labels) - 3)
    assert found.taught.sum() == 2 * 3 * 11
    assert not (found.right & ~found.taught).any()
    assert (episodes_of(scores, labels, 1, 2, 2.0).room == 2.0).all()
    assert episodes_of(scores, labels, 99, 1, 2.0).labels == 7


def test_the_more_labels_the_less_confidence() -> None:
    decision = replace(DECISION, choice=0.7)
    few, usual, many = (decision.confidence(1.5, 1.0, labels) for labels in (1, 5, 50))
    assert few > usual > many
    assert usual == DECISION.confidence(1.5, 1.0)


def test_a_new_reference_is_compared_with_those_before() -> None:
    labels = ["push", "push", "wave"]
    found = resemblance("shove", [0.9, 1.2, 2.5], labels, DECISION)
    assert found.label == "push"
    assert found.own_confidence is None
    assert found.warning == "resembles 'push' (0.97): recognition may confuse them"
    assert resemblance("shove", [2.9, 2.2, 2.5], labels, DECISION).warning == ""
    own = resemblance("wave", [3.0, 3.0, 2.9], labels, DECISION)
    assert own.warning == "unlike the earlier demonstrations of its own label (0.01)"
    assert resemblance("wave", [], [], DECISION).warning == ""


def test_what_cannot_be_fitted_or_asked_for_is_refused() -> None:
    empty = np.empty(0)
    with pytest.raises(FusionError, match="at least one set"):
        fit_decision([], DECISION)
    taught_only = Episodes(1, np.ones(2), np.ones(2), np.ones(2, bool), np.ones(2, bool))
    with pytest.raises(FusionError, match="untaught"):
        fit_decision([taught_only], DECISION)
    with pytest.raises(FusionError, match="no false-accept rate"):
        DECISION.confidence_at(0.05)
    with pytest.raises(FusionError, match="between 0 and 1"):
        DECISION.confidence_at(5)
    with pytest.raises(FusionError, match="slope"):
        Decision(slope=-1.0)
    with pytest.raises(FusionError, match="no episode"):
        episodes_of(np.zeros((3, 3)), np.zeros(3, int), 1, 5, 2.0)
    assert DECISION.confidence(empty).shape == (0,)
