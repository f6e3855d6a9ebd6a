# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.evaluation.comparing import clips_of_classes, compared_clips
from skeleton_dml_ros.evaluation.open_set import decided_episodes
from skeleton_dml_ros.references.episodes import open_set_episodes
from skeleton_dml_ros.references.fusion import Matcher, decision_of
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore


@pytest.mark.parametrize("matcher", Matcher)
def test_confidences_are_those_of_the_reference_library(
    matcher: Matcher, untrained_model: Path, training_configuration: Path, tmp_path: Path
) -> None:
    archive = read_archive(training_configuration.parent / "motions.npz")
    model = load_model(untrained_model)
    engine = TorchEngine(model, "cpu")
    decision = decision_of(model, matcher)
    clips, _ = compared_clips(engine, archive, clips_of_classes(archive), [decision])
    drawn = list(open_set_episodes(clips.labels, 3, 1, np.random.default_rng(2), shots=2))
    [episode] = decided_episodes(
        clips.labels, clips.against(np.arange(len(clips))), drawn, decision
    )
    [(references, queries)] = drawn
    with ReferenceStore(tmp_path / "taught.db") as store:
        library = ReferenceLibrary.for_model(store, engine, model, matcher)
        for index in references:
            library.enroll(archive.clip(index), archive.class_names[archive.labels[index]])
        features = None
        if clips.features is not None:
            features = [clips.features[int(index)] for index in queries]
        matches = library.snapshot().match(clips.vectors[queries], features)
    confidences = np.array([match.confidence for match in matches])
    enrolled = np.isin(clips.labels[queries], clips.labels[references])
    for part, scores in ((enrolled, episode.genuine), (~enrolled, episode.impostor)):
        np.testing.assert_allclose(1 / (1 + np.exp(scores)), confidences[part], atol=2e-3)
