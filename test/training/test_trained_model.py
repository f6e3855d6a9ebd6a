# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a configuration to a model folder, and to figures, in Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.embedding.model import Model, load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.one_shot import evaluate_one_shot
from skeleton_dml_ros.training.configuration import read_configuration
from skeleton_dml_ros.training.loop import Progress
from skeleton_dml_ros.training.train import refit, train

Trained = tuple[Model, Path, list[Progress]]


@pytest.fixture(scope="module")
def trained(training_configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model, its folder, and what was reported on the way."""
    out = tmp_path_factory.mktemp("runs") / "small"
    reports: list[Progress] = []
    return train(training_configuration, out, device="cpu", report=reports.append), out, reports


def test_training_writes_card_weights_cohort_and_threshold(trained: Trained) -> None:
    model, out, reports = trained
    opened = load_model(out)
    assert opened.card == model.card
    assert opened.card.name == "small"
    assert opened.digest == model.digest
    assert opened.cohort.shape == (8, 16)
    assert np.isfinite(opened.threshold)
    assert opened.card.figures["threshold_fitted_on"] == "validation"
    assert [progress.epoch for progress in reports] == [1, 2]


def test_a_finished_run_resumes_to_the_same_model(
    trained: Trained, training_configuration: Path
) -> None:
    model, out, _ = trained
    with pytest.raises(
        SkeletonDmlError, match="already holds a model; give another --out, or --resume"
    ):
        train(training_configuration, out, device="cpu")
    assert train(training_configuration, out, device="cpu", resume=True).digest == model.digest


def test_a_configuration_object_takes_another_seed(
    trained: Trained, training_configuration: Path, tmp_path: Path
) -> None:
    configuration = read_configuration(training_configuration)
    other = train(configuration, tmp_path / "other", seed=1, device="cpu")
    assert other.digest != trained[0].digest


def test_a_model_is_evaluated_by_its_path(trained: Trained, training_configuration: Path) -> None:
    model, out, _ = trained
    archive = training_configuration.parent / "motions.npz"
    figures = evaluate_one_shot(str(out), str(archive), ["bow", "lunge"], episodes=2)
    assert (figures.classes, figures.queries) == (2, 10)
    assert evaluate_one_shot(model, archive, ["bow", "lunge"], episodes=2) == figures


def test_refitting_needs_the_configuration_of_the_training(
    trained: Trained, training_configuration: Path, tmp_path: Path
) -> None:
    model, out, _ = trained
    again = refit(out, training_configuration, tmp_path / "again")
    assert again.card.trained_on == model.card.trained_on
    with pytest.raises(SkeletonDmlError, match="already holds a model"):
        refit(out, training_configuration, tmp_path / "again")
