# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.embedding.model import load_model, representation_of, save_model
from skeleton_dml_ros.embedding.network import network_of
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.references.episodes import episode_scores, pooled
from skeleton_dml_ros.references.open_set import Cohort
from skeleton_dml_ros.training.configuration import Configuration, read_configuration
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.loop import TrainingRun, train_network
from skeleton_dml_ros.training.threshold import RehearsalError, describe_run


@pytest.fixture(scope="module")
def configuration(training_configuration: Path) -> Configuration:
    return read_configuration(training_configuration)


@pytest.fixture(scope="module")
def run(configuration: Configuration, tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    return train_network(configuration, tmp_path_factory.mktemp("run"), device="cpu")


def test_the_model_of_a_run_embeds_as_the_run_does(
    run: TrainingRun, configuration: Configuration, tmp_path: Path
) -> None:
    card, cohort = describe_run(run, configuration)
    save_model(tmp_path / "model", card, run.network, cohort)
    model = load_model(tmp_path / "model")
    assert model.card == card
    np.testing.assert_array_equal(model.cohort, cohort)
    assert TorchEngine(model, "cpu").dimension == 16
    embedded = [
        embed_clips(network, model.representation, run.clips)
        for network in (run.network, network_of(model))
    ]
    # The run's network lies otherwise in memory, and so adds in another order, which whitening
    # makes the most of: what was hardly trained hardly tells clips apart.
    np.testing.assert_allclose(embedded[0], embedded[1], atol=1e-3)


def test_the_card_says_what_was_trained_on_and_measured(
    run: TrainingRun, configuration: Configuration
) -> None:
    card, cohort = describe_run(run, configuration)
    assert card.trained_on["classes"] == ["bow", "lunge", "wave_left", "wave_right"]
    assert card.figures["training_clips"] == 24
    assert card.figures["validation"]["clips"] == 24
    assert len(cohort) == configuration.open_set.cohort_clips
    assert card.representation == {
        "name": "skeleton_dml", "height": 32, "width": 32, "reach": 4.0, "streams": ["positions"],
        "pacing": "time",
    }  # fmt: skip


def test_the_threshold_accepts_at_most_the_stated_share_of_unknown_actions(
    run: TrainingRun, configuration: Configuration
) -> None:
    card, cohort = describe_run(run, configuration)
    assert card.decision.measured_false_accept_rate <= card.decision.false_accept_rate
    assert run.validation is not None
    embeddings = embed_clips(run.network, representation_of(card.representation), run.validation)
    scores = pooled(
        episode_scores(embeddings, run.validation.labels, Cohort(cohort), 2, 200, seed=9)
    )
    assert scores.false_accept_rate(card.decision.score_threshold) == pytest.approx(
        card.decision.measured_false_accept_rate, abs=0.05
    )


def test_a_threshold_of_the_training_classes_says_so_on_the_card(
    run: TrainingRun, configuration: Configuration
) -> None:
    card, _ = describe_run(replace(run, validation=None), configuration)
    assert card.figures["threshold_fitted_on"] == "training"
    assert "validation" not in card.figures
    assert card.figures["training"]["clips"] == len(run.clips)
    assert describe_run(run, configuration)[0].figures["threshold_fitted_on"] == "validation"


def test_a_run_without_validation_classes_takes_the_threshold_of_its_rehearsal(
    run: TrainingRun, configuration: Configuration
) -> None:
    rehearsal, _ = describe_run(run, configuration)
    final = replace(configuration, validation=())
    card, cohort = describe_run(replace(run, validation=None), final, rehearsal)
    assert card.decision == rehearsal.decision
    assert card.figures["threshold_fitted_on"] == "rehearsal"
    assert card.figures["rehearsal"]["classes"] == rehearsal.figures["validation"]["classes"]
    assert len(cohort) == configuration.open_set.cohort_clips


def test_a_rehearsal_that_does_not_fit_is_refused(
    run: TrainingRun, configuration: Configuration
) -> None:
    rehearsal, _ = describe_run(run, configuration)
    final = replace(configuration, validation=())
    with pytest.raises(RehearsalError, match="the configuration has validation classes"):
        describe_run(run, configuration, rehearsal)
    unvalidated, _ = describe_run(replace(run, validation=None), final)
    with pytest.raises(RehearsalError, match="was not fitted on validation classes"):
        describe_run(run, final, unvalidated)
    smaller = {**configuration.representation, "height": 16}
    with pytest.raises(RehearsalError, match="has another representation than the configuration"):
        describe_run(run, replace(final, representation=smaller), rehearsal)
