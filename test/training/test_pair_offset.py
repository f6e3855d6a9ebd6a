# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The decision of a model that was trained and validated on single people and on pairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.references.episodes import episode_scores, pooled
from skeleton_dml_ros.references.open_set import Cohort
from skeleton_dml_ros.training.checkpoint import Reached
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.loop import TrainingRun, read_data, train_network
from skeleton_dml_ros.training.threshold import describe_run


def test_pairs_get_an_offset_with_which_one_threshold_serves_all(
    people_configuration: Configuration, tmp_path: Path
) -> None:
    configuration = replace(people_configuration, validation=people_configuration.data)
    run = train_network(configuration, tmp_path, device="cpu")
    card, cohort = describe_run(run, configuration)
    assert card.figures["validation"]["classes"] == ["bow", "wave"]
    assert card.figures["validation_pairs"]["classes"] == ["bow to each other", "hand over"]
    assert run.validation is not None
    embeddings = embed_clips(run.network, representation_of(card.representation), run.validation)
    for people, offset in ((1, 0.0), (2, card.decision.pair_offset)):
        them = run.validation.bodies == people
        scores = pooled(
            episode_scores(embeddings[them], run.validation.labels[them], Cohort(cohort), 1, 200)
        )
        rate = scores.false_accept_rate(card.decision.score_threshold - offset)
        assert rate <= card.decision.false_accept_rate
        assert scores.false_accept_rate(card.decision.score_threshold - offset + 0.2) > rate


def test_beside_a_single_class_of_one_person_pairs_share_its_threshold(
    people_configuration: Configuration,
) -> None:
    configuration = replace(people_configuration, validation=people_configuration.data)
    clips, validation = read_data(configuration)
    assert validation is not None
    left = validation.select(validation.labels != validation.class_names.index("wave"))
    network = ActionEmbedder(configuration.architecture).eval()
    card, _ = describe_run(TrainingRun(network, clips, left, Reached(), []), configuration)
    assert card.figures["validation"]["classes"] == ["bow", "bow to each other", "hand over"]
    assert card.decision.pair_offset == 0
