# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.embedding.model import load_model, save_model
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.evaluation.comparing import clips_of_classes, compared_clips
from skeleton_dml_ros.references.fusion import DEFAULT_DECISIONS, Matcher, decision_of
from skeleton_dml_ros.training.configuration import (
    Configuration,
    DataSource,
    DecisionFitting,
    read_configuration,
)
from skeleton_dml_ros.training.decision import MAX_CLIPS, compared_set, fit_matchers
from skeleton_dml_ros.training.loop import TrainingRun, train_network
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.threshold import describe_run
from skeleton_dml_ros.training.train import train

WAVES = DataSource("motions.npz", only=("wave_left", "wave_right"))
OTHERS = DataSource("motions.npz", only=("bow", "lunge"))


@pytest.fixture(scope="module")
def configuration(training_configuration: Path) -> Configuration:
    """Trains on two classes and fits the decision to two others."""
    return dataclasses.replace(
        read_configuration(training_configuration),
        data=(OTHERS,),
        validation=(),
        decision=DecisionFitting(sets=(WAVES,), mirror_penalty=0.6),
    )


@pytest.fixture(scope="module")
def run(configuration: Configuration, tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    return train_network(configuration, tmp_path_factory.mktemp("run"), device="cpu")


def fitting(configuration: Configuration, *sets: DataSource, **others: object) -> Configuration:
    decision = DecisionFitting(sets=sets, **others)  # type: ignore[arg-type]
    return dataclasses.replace(configuration, decision=decision)


def test_a_run_ends_with_a_decision_for_each_matcher(
    run: TrainingRun, configuration: Configuration, tmp_path: Path
) -> None:
    card, cohort = describe_run(run, configuration)
    assert card.figures["decision_fitted_to"] == {
        "sets": [{"archive": "motions.npz", "classes": 2, "clips": 12}],
        "look_alikes": [],
    }
    save_model(tmp_path / "model", card, run.network, cohort)
    model = load_model(tmp_path / "model")
    assert model.card == card
    decisions = {matcher: decision_of(model, matcher) for matcher in Matcher}
    for matcher, decision in decisions.items():
        assert decision.matcher is matcher
        assert decision.rates == DEFAULT_DECISIONS[matcher].rates
        assert list(decision.confidences) == sorted(decision.confidences, reverse=True)
    assert decisions[Matcher.FUSED].mirror_penalty == 0.6
    assert decisions[Matcher.EMBEDDING].mirror_penalty == 0.3


def test_distances_are_weighted_by_their_spread(
    run: TrainingRun, configuration: Configuration
) -> None:
    matchers, _ = fit_matchers(run.network, configuration)
    vectors = compared_set([WAVES], run.network, configuration).vectors
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=2)
    spread = distances[np.triu_indices(len(vectors), 1)].std()
    weights = [matchers[matcher.value]["distance_weight"] for matcher in Matcher]
    assert weights == [pytest.approx(0.24 / spread, rel=1e-2)] * 2 + [0]


def test_training_compares_clips_as_the_robot_does(
    run: TrainingRun, configuration: Configuration, tmp_path: Path
) -> None:
    card, cohort = describe_run(run, configuration)
    save_model(tmp_path / "model", card, run.network, cohort)
    engine = TorchEngine(load_model(tmp_path / "model"), "cpu")
    archive = read_archive(Path(configuration.data_folder) / "motions.npz")
    used = clips_of_classes(archive, WAVES.only)
    expected, _ = compared_clips(engine, archive, used, DEFAULT_DECISIONS.values())
    found = compared_set([WAVES], run.network, configuration)
    for name, tolerance in (("features", 1e-5), ("vectors", 1e-2), ("mirrored", 1e-2)):
        np.testing.assert_allclose(
            np.stack(getattr(found, name)), np.stack(getattr(expected, name)), atol=tolerance
        )


def test_look_alikes_are_named_apart(configuration: Configuration) -> None:
    network = untrained(configuration)
    other = fitting(
        dataclasses.replace(configuration, data=(DataSource("motions.npz", only=("bow",)),)),
        WAVES,
        look_alikes=(DataSource("motions.npz", only=("wave_left", "lunge")),),
    )
    matchers, fitted_to = fit_matchers(network, other)
    assert len(fitted_to["sets"]) == len(fitted_to["look_alikes"]) == 1
    alone, _ = fit_matchers(network, fitting(other, WAVES))
    assert matchers["fused"]["intercept"] != alone["fused"]["intercept"]


def test_sets_that_cannot_be_used_are_refused(
    configuration: Configuration, people_folder: Path
) -> None:
    network = untrained(configuration)
    with pytest.raises(ConfigurationError, match=r"decision\.sets is empty"):
        fit_matchers(network, fitting(configuration))
    with pytest.raises(ConfigurationError, match=r"class .bow. of motions\.npz is trained on"):
        fit_matchers(network, fitting(configuration, DataSource("motions.npz")))
    people = dataclasses.replace(
        fitting(configuration, DataSource("people.npz")),
        data=(DataSource("people.npz", only=("wave",)),),
        data_folder=str(people_folder),
    )
    people = fitting(people, DataSource("people.npz", only=("bow", "hand over")))
    with pytest.raises(ConfigurationError, match="clips of one person and of two"):
        fit_matchers(network, people)


def test_sets_are_checked_before_training(configuration: Configuration, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is trained on; leave it out there or here"):
        train(fitting(configuration, OTHERS), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_large_sets_are_thinned_evenly(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skeleton_dml_ros.training.decision.MAX_CLIPS", 6)
    clips = compared_set([WAVES], untrained(configuration), configuration)
    assert np.bincount(clips.labels)[-2:].tolist() == [3, 3]
    assert MAX_CLIPS >= 1000


def untrained(configuration: Configuration) -> ActionEmbedder:
    torch.manual_seed(0)
    return ActionEmbedder(configuration.architecture)
