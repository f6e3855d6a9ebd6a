# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.decision_rules import (
    FALSE_ACCEPT_RATES,
    PLAIN,
    RULES,
    LabelledSet,
    Queries,
    compare_rules,
    markdown,
)
from skeleton_dml_ros.references.episodes import episode_scores, pooled
from skeleton_dml_ros.references.open_set import Cohort

IMPOSTORS = np.array([[0.2, 0.4, 0.6, 0.8], [0.5, 0.7, 0.9, 1.1]])
"""Distances of two clips to a cohort of four."""

QUERIES = Queries(np.array([0.3]), np.array([0.7]), np.array([0]), np.array([1]))
"""The first clip asks, and the second is its nearest reference."""

DEVIATION = np.std([0.2, 0.4, 0.6, 0.8])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("distance", 0.3),
        ("z_norm", (0.3 - 0.8) / DEVIATION),
        ("t_norm", (0.3 - 0.5) / DEVIATION),
        ("s_norm", 0.5 * (0.3 - 0.8 + 0.3 - 0.5) / DEVIATION),
        # The nearest 30 % of four is one member, and its deviation the smallest there is.
        ("adaptive_s_norm", 0.5 * (0.3 - 0.5 + 0.3 - 0.2) / 1e-3),
        ("local_centring", 0.5 * (0.3 - 0.5 + 0.3 - 0.2)),
        # 0.3 of the 0.5 to the first member.
        ("reference_quantile", 0.6),
        ("margin", 0.3 - 0.7),
    ],
)
def test_each_rule_scores_as_its_formula_says(rule: str, expected: float) -> None:
    assert RULES[rule](IMPOSTORS)(QUERIES) == pytest.approx([expected])


def test_the_nearest_members_are_trimmed_if_the_rule_says_so() -> None:
    impostors = np.tile(np.linspace(0.5, 1.5, 101), (2, 1))
    # 2 of 101 are left out, and the next 30 taken: from the third to the 32nd.
    expected = 0.3 - np.mean(impostors[0, 2:32])
    assert RULES["local_centring_trimmed"](impostors)(QUERIES) == pytest.approx([expected])


def clustered(
    classes: int, clips: int, spread: float, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Clips scattered about a direction of their class."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), clips)
    vectors = generator.normal(size=(classes, 16))[labels]
    vectors = vectors + spread * generator.normal(size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), labels


def test_the_robots_rule_scores_as_the_robot() -> None:
    cohort, _ = clustered(20, 5, 0.5, seed=1)
    embeddings, labels = clustered(6, 8, 0.8, seed=2)
    data = LabelledSet("set", embeddings, labels)
    figures = compare_rules(cohort, data, [data], known=3, episodes=20)
    ours = next(one for one in figures if one.rule == "local_centring_trimmed")
    robots = pooled(episode_scores(embeddings, labels, Cohort(cohort), 3, episodes=20))
    threshold = np.quantile(robots.impostor, ours.rates[1].held.mean)
    assert ours.rates[1].held_accepted.mean == pytest.approx(
        robots.recognition_rate(float(threshold)), abs=0.02
    )


def test_a_threshold_is_fitted_on_one_set_and_tested_on_each() -> None:
    cohort, _ = clustered(20, 5, 0.5, seed=1)
    fitted = LabelledSet("fitted", *clustered(6, 8, 0.9, seed=2))
    denser = LabelledSet("denser", *clustered(6, 8, 4.0, seed=3))
    figures = compare_rules(cohort, fitted, [fitted, denser], known=3, episodes=20)
    assert [one.data for one in figures] == ["fitted"] * len(RULES) + ["denser"] * len(RULES)
    for one in figures[: len(RULES)]:
        assert [rate.asked for rate in one.rates] == list(FALSE_ACCEPT_RATES)
        for rate in one.rates:
            assert rate.held.mean == pytest.approx(rate.asked, abs=0.03)
            assert rate.held_accepted == rate.accepted
    plain = [one for one in figures if one.rule == PLAIN]
    assert all((one.gain.mean, one.gain.std) == (0, 0) for one in plain)
    assert plain[0].auroc.mean > plain[1].auroc.mean
    json.dumps([one.to_dict() for one in figures], allow_nan=False)


def test_figures_become_one_table_per_set() -> None:
    data = LabelledSet("mine", *clustered(5, 4, 0.5, seed=2))
    text = markdown(compare_rules(data.embeddings, data, [data], known=2, episodes=3))
    assert text.splitlines()[0] == "mine:"
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + len(RULES)
    assert len({row.count("|") for row in rows}) == 1
    assert any(row.startswith("| adaptive s norm trimmed | ") for row in rows)


def test_one_known_class_has_no_second_reference() -> None:
    data = LabelledSet("mine", *clustered(5, 4, 0.5, seed=2))
    with pytest.raises(SkeletonDmlError, match="known is 1"):
        compare_rules(data.embeddings, data, [data], known=1)
