# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from skeleton_dml_ros.references.alignment import alignment_costs, feature_count
from skeleton_dml_ros.references.fusion import Decision
from skeleton_dml_ros.references.pair_scores import ComparedClips

GENERATOR = np.random.default_rng(0)


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


VECTORS, MIRRORED = unit(GENERATOR.normal(size=(2, 5, 4)))
BODIES = np.array([1, 2, 1, 1, 2])
FEATURES = [unit(GENERATOR.normal(size=feature_count(people))) for people in BODIES]
CLIPS = ComparedClips(np.array([0, 0, 1, 1, 1]), BODIES, VECTORS, MIRRORED, FEATURES)


def test_terms_are_distances_and_costs_to_references_and_their_mirror_images() -> None:
    terms = CLIPS.against(np.array([2, 4]))
    for column, reference in enumerate((2, 4)):
        for side, vectors in enumerate((VECTORS, MIRRORED)):
            expected = np.linalg.norm(VECTORS - vectors[reference], axis=1)
            np.testing.assert_allclose(terms.distances[side, :, column], expected, atol=1e-3)
    expected = alignment_costs(FEATURES[0], FEATURES[2][None], 1)[:, 0]
    np.testing.assert_allclose(terms.costs[:, 0, 0], expected, rtol=1e-6)
    assert np.isinf(terms.costs[:, BODIES == 1, 1]).all()
    assert np.isfinite(terms.costs[:, BODIES == 2, 1]).all()


def test_scores_are_those_of_the_decision() -> None:
    terms = CLIPS.against(np.arange(5))
    decision = Decision(2, 0.5, 0.3)
    np.testing.assert_array_equal(
        terms.scores(decision), decision.scores(terms.distances, terms.costs)
    )
    assert terms.columns(np.array([4, 1])).tolist() == [4, 1]


def test_terms_that_no_decision_looks_at_may_be_missing() -> None:
    terms = ComparedClips(CLIPS.labels, BODIES, VECTORS).against(np.arange(5))
    scores = terms.scores(Decision(1, 0, np.inf))
    np.testing.assert_allclose(np.diag(scores), 0, atol=1e-3)
    assert scores[0, 1] == pytest.approx(np.linalg.norm(VECTORS[0] - VECTORS[1]), abs=1e-5)
