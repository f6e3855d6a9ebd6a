# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from skeleton_dml_ros.training.configuration import Objective
from skeleton_dml_ros.training.losses import LOSSES, loss_of
from skeleton_dml_ros.training.objective import TrainingObjective
from skeleton_dml_ros.training.reading import ConfigurationError

LABELS = torch.arange(4).repeat_interleave(3)


def scattered() -> torch.Tensor:
    return functional.normalize(torch.randn(12, 8, generator=torch.Generator().manual_seed(0)))


def clustered() -> torch.Tensor:
    return functional.one_hot(LABELS, 8).float()


@pytest.mark.parametrize("name", list(LOSSES))
def test_each_loss_is_lower_for_tight_classes_and_pulls_embeddings(name: str) -> None:
    torch.manual_seed(0)
    loss = loss_of({"name": name}).build(4, 8)
    for proxy in loss.parameters():
        # The proxies where they end up: in the middle of their class.
        tight = functional.one_hot(torch.arange(4), 8).float()
        proxy.data = tight if proxy.shape == tight.shape else tight.T.clone()
    embeddings = scattered().requires_grad_()
    loss(embeddings, LABELS).backward()
    assert embeddings.grad is not None
    assert float(embeddings.grad.abs().sum()) > 0
    with torch.no_grad():
        assert float(loss(clustered(), LABELS)) < float(loss(scattered(), LABELS))


def test_triplets_beyond_the_margin_cost_nothing() -> None:
    loss = loss_of({"name": "triplet_margin", "margin": 0.2}).build(4, 8)
    assert float(loss(clustered(), LABELS)) == 0
    # Two unit vectors at right angles are sqrt(2) apart, which is less than 1.5.
    strict = loss_of({"name": "triplet_margin", "margin": 1.5}).build(4, 8)
    assert float(strict(clustered(), LABELS)) == pytest.approx(1.5 - 2**0.5, abs=1e-5)


def test_multi_similarity_is_the_formula_of_its_paper() -> None:
    embeddings = scattered()
    # With an endless margin the miner keeps all pairs.
    settings = {"name": "multi_similarity", "alpha": 0.1, "beta": 40.0, "epsilon": 10.0}
    similarity = embeddings @ embeddings.T - 0.5
    same = (LABELS[:, None] == LABELS) & ~torch.eye(12, dtype=torch.bool)
    other = LABELS[:, None] != LABELS
    positive = torch.log(1 + (torch.exp(-0.1 * similarity) * same).sum(dim=1)) / 0.1
    negative = torch.log(1 + (torch.exp(40 * similarity) * other).sum(dim=1)) / 40
    torch.testing.assert_close(
        loss_of(settings).build(4, 8)(embeddings, LABELS), (positive + negative).mean()
    )


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"name": "hinge"}, "no loss is called 'hinge'; there are multi_similarity, triplet"),
        ({"name": "cosface", "beta": 1}, "loss cosface: no key 'beta'; there are margin, scale"),
        ({"name": "triplet_margin", "triplets": "few"}, "triplets is 'few'; give all or semihard"),
    ],
)
def test_a_wrong_description_is_named(description: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        loss_of(description)


def test_a_part_without_weight_is_not_computed() -> None:
    metric_only = TrainingObjective(Objective(classifier_weight=0), 8, 4)
    loss, parts = metric_only(scattered(), LABELS)
    assert set(parts) == {"multi_similarity"}
    torch.testing.assert_close(loss, 0.5 * parts["multi_similarity"])
    classifier_only = TrainingObjective(Objective(metric_weight=0), 8, 4)
    assert set(classifier_only(scattered(), LABELS)[1]) == {"cross_entropy"}


def test_the_classifier_sees_the_length_only_where_it_is_asked_to() -> None:
    for seen, equal in (("unit_embedding", True), ("embedding", False)):
        torch.manual_seed(0)
        objective = TrainingObjective(Objective(classifier_input=seen), 8, 4)  # type: ignore[arg-type]
        short, long = (
            objective(length * scattered(), LABELS)[1]["cross_entropy"] for length in (1.0, 5.0)
        )
        assert bool(torch.isclose(short, long)) == equal


def test_threshold_consistency_asks_nothing_of_pairs_beyond_both_similarities() -> None:
    objective = TrainingObjective(Objective(threshold_weight=1.0), 8, 4)
    assert float(objective(clustered(), LABELS)[1]["threshold_consistency"]) == 0
    assert float(objective(scattered(), LABELS)[1]["threshold_consistency"]) > 0.1
