# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.model import DecisionCard, load_model
from skeleton_dml_ros.references.fusion import (
    DEFAULT_DECISIONS,
    FALSE_ACCEPT_RATES,
    Decision,
    Episodes,
    FusionError,
    Matcher,
    decision_of,
    episodes_of,
    fit_decision,
    resemblance,
    separations,
)

DECISION = Decision(intercept=5.0, slope=4.0, separation_weight=1.0, max_separation=2.0)


def synthetic_set(
    seed: int, classes: int = 8, clips: int = 12
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores between clips of which those of a class lie nearer to one another."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), clips)
    places = 0.9 * random.normal(size=(classes, 12))[labels]
    places += 0.35 * random.normal(size=(len(labels), 12))
    distances = np.sqrt(np.square(places[:, None] - places[None]).sum(axis=2))
    return np.asarray(distances / 2), np.asarray(labels, dtype=np.int64)


def test_a_score_is_the_lower_weighted_sum_of_reference_and_mirror_image() -> None:
    decision = Decision(distance_weight=2.0, cost_weight=0.5, mirror_penalty=0.3)
    found = decision.scores([[0.5, 1.0], [0.9, 0.2]], [[1.0, 2.0], [1.0, 2.0]])
    assert found == pytest.approx([1.5, 1.7])


def test_terms_without_a_weight_are_ignored() -> None:
    distances, nothing = [[0.5], [0.9]], [[np.nan], [np.nan]]
    assert Decision(cost_weight=0.0).scores(distances, nothing) == pytest.approx([0.5])
    assert Decision(distance_weight=0.0, cost_weight=1.0).scores(nothing, distances) == [0.5]
    with pytest.raises(FusionError, match="weight"):
        Decision(0.0, 0.0)


def test_confidence_is_in_0_to_1_falls_with_the_score_and_grows_with_the_separation() -> None:
    confidences = DECISION.confidence([0.5, 1.0, 2.0, 900.0], [1.0, 1.0, 1.0, 1.0])
    assert (np.diff(confidences) < 0).all()
    assert ((confidences >= 0) & (confidences <= 1)).all()
    assert DECISION.confidence(1.5, 1.9) > DECISION.confidence(1.5, 0.5)
    assert DECISION.confidence(1.5) == DECISION.confidence(1.5, 7.0)


def test_separation_is_the_score_of_the_nearest_other_label() -> None:
    scores = np.array([[0.0, 0.2, 0.9], [0.2, 0.0, 1.4], [1.0, 1.4, 0.0]])
    assert separations(scores, ["wave", "wave", "bow"], 1.2) == pytest.approx([0.9, 1.2, 0.9])
    assert separations(scores[:1, :1], ["wave"], 1.2) == pytest.approx([1.2])
    assert separations(np.empty((0, 0)), [], 1.2).shape == (0,)


def test_a_fitted_confidence_is_the_share_of_right_labels() -> None:
    sets = [
        episodes_of(scores, labels, enrolled, 30, 2.0)
        for enrolled in (1, 3, 5)
        for scores, labels in map(synthetic_set, range(4))
    ]
    fitted = fit_decision(sets, Decision(max_separation=2.0))
    scores, labels = synthetic_set(9)
    fresh = episodes_of(scores, labels, 4, 60, 2.0)
    confidences = fitted.confidence(fresh.scores, fresh.separation, fresh.labels)
    weights = np.where(fresh.enrolled, 1 / fresh.enrolled.mean(), 1 / (1 - fresh.enrolled.mean()))
    for low, high in ((0.1, 0.4), (0.4, 0.7), (0.7, 0.95)):
        inside = (confidences >= low) & (confidences < high)
        right = np.average(fresh.right[inside], weights=weights[inside])
        assert low - 0.2 < right < high + 0.2


def test_the_requested_false_accept_rate_holds_on_another_set() -> None:
    sets = [
        episodes_of(scores, labels, enrolled, 30, 2.0)
        for enrolled in (1, 3, 5)
        for scores, labels in map(synthetic_set, range(5))
    ]
    fitted = fit_decision(sets, Decision(max_separation=2.0))
    assert fitted.rates == FALSE_ACCEPT_RATES
    scores, labels = synthetic_set(11)
    fresh = episodes_of(scores, labels, 4, 60, 2.0)
    confidences = fitted.confidence(fresh.scores, fresh.separation, fresh.labels)[~fresh.enrolled]
    assert 0.02 < np.mean(confidences >= fitted.confidence_at(0.05)) < 0.15
    assert fitted.confidence_at(0.01) > fitted.confidence_at(0.05) > fitted.confidence_at(0.2)


def test_look_alikes_count_for_the_coefficients_only() -> None:
    sets = [episodes_of(*synthetic_set(seed), 3, 30, 2.0) for seed in range(4)]
    scores, labels = synthetic_set(4)
    alike = episodes_of(0.6 * scores, labels, 3, 30, 2.0)
    apart = fit_decision(sets, Decision(), [alike])
    mixed = fit_decision([*sets, alike], Decision())
    assert apart.slope == mixed.slope
    assert apart.confidence_at(0.05) < mixed.confidence_at(0.05)


def test_episodes_enrol_one_clip_of_each_label() -> None:
    scores, labels = synthetic_set(0)
    found = episodes_of(scores, labels, 3, 2, 2.0)
    assert found.labels == 3
    assert len(found.scores) == 2 * (len(labels) - 3)
    assert found.enrolled.sum() == 2 * 3 * 11
    assert not (found.right & ~found.enrolled).any()
    assert (episodes_of(scores, labels, 1, 2, 2.0).separation == 2.0).all()
    assert episodes_of(scores, labels, 99, 1, 2.0).labels == 7


def test_more_labels_lower_the_confidence() -> None:
    decision = replace(DECISION, label_weight=0.7)
    few, usual, many = (decision.confidence(1.5, 1.0, labels) for labels in (1, 5, 50))
    assert few > usual > many
    assert usual == DECISION.confidence(1.5, 1.0)


def test_a_new_reference_is_compared_with_earlier_ones() -> None:
    labels = ["push", "push", "wave"]
    found = resemblance("shove", [0.9, 1.2, 2.5], labels, DECISION)
    assert found.label == "push"
    assert found.own_confidence is None
    assert found.warning == "resembles 'push' (0.97): recognition may confuse them"
    assert resemblance("shove", [2.9, 2.2, 2.5], labels, DECISION).warning == ""
    own = resemblance("wave", [3.0, 3.0, 2.9], labels, DECISION)
    assert own.warning == "is unlike the earlier demonstrations of 'wave' (0.01)"
    assert resemblance("wave", [], [], DECISION).warning == ""


def test_invalid_decisions_episodes_and_rates_are_refused() -> None:
    empty = np.empty(0)
    with pytest.raises(FusionError, match="at least one set"):
        fit_decision([], DECISION)
    enrolled_only = Episodes(1, np.ones(2), np.ones(2), np.ones(2, bool), np.ones(2, bool))
    with pytest.raises(FusionError, match="enrolled and of other"):
        fit_decision([enrolled_only], DECISION)
    with pytest.raises(FusionError, match="not fitted for any false-accept rate"):
        DECISION.confidence_at(0.05)
    with pytest.raises(FusionError, match="between 0 and 1"):
        DECISION.confidence_at(5)
    with pytest.raises(FusionError, match="slope"):
        Decision(slope=-1.0)
    with pytest.raises(FusionError, match="1 classes and 5 episodes are too few"):
        episodes_of(np.zeros((3, 3)), np.zeros(3, int), 1, 5, 2.0)
    assert DECISION.confidence(empty).shape == (0,)


def test_the_shipped_card_has_a_decision_for_each_matcher() -> None:
    model = load_model()
    for matcher in Matcher:
        decision = decision_of(model, matcher)
        assert asdict(decision) == {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in model.card.decision.matchers[matcher.value].items()
        }
        assert decision_of(model, matcher, match_mirrored=False).mirror_penalty == np.inf


def test_a_card_without_matchers_gets_default_coefficients_in_the_scale_of_its_cohort() -> None:
    model = load_model()
    old = replace(model, card=replace(model.card, decision=DecisionCard()))
    fused = decision_of(old)
    assert fused.distance_weight == pytest.approx(decision_of(model).distance_weight, rel=0.1)
    narrow = model.cohort + model.cohort[0]
    narrow /= np.linalg.norm(narrow, axis=1, keepdims=True)
    assert decision_of(replace(old, cohort=narrow)).distance_weight > 1.2
    assert fused.slope == DEFAULT_DECISIONS[Matcher.FUSED].slope
    assert decision_of(old, Matcher.ALIGNMENT).distance_weight == 0


def test_an_invalid_decision_in_a_card_is_refused() -> None:
    model = load_model()
    for fields, message in (({"slope": -1}, "slope is -1"), ({"speed": 1}, "speed")):
        card = replace(model.card, decision=DecisionCard(matchers={"fused": fields}))
        with pytest.raises(FusionError, match=f"decision of matcher fused: .*{message}"):
            decision_of(replace(model, card=card))
