# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from skeleton_dml_ros.embedding.model import DecisionCard, ModelCard, load_model, save_model
from skeleton_dml_ros.embedding.network import ActionEmbedder, network_of
from skeleton_dml_ros.training.configuration import Configuration, read_configuration
from skeleton_dml_ros.training.loop import train_network
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.teachers import Teachers


@pytest.fixture
def teachers(configuration: Configuration, tmp_path: Path) -> tuple[str, ...]:
    """Folders of two models with random weights."""
    folders = []
    for seed in range(2):
        torch.manual_seed(seed)
        card = ModelCard(
            name=f"teacher {seed}",
            architecture=configuration.architecture,
            preparation=configuration.preparation,
            representation={
                "name": "skeleton_dml",
                "height": 32,
                "width": 32,
                "reach": 4.0,
                "streams": ["positions"],
            },
            decision=DecisionCard(),
        )
        folder = tmp_path / f"teacher_{seed}"
        save_model(folder, card, ActionEmbedder(card.architecture), np.eye(16, dtype=np.float32))
        folders.append(str(folder))
    return tuple(folders)


def test_their_similarity_is_the_mean_over_them(
    configuration: Configuration, teachers: tuple[str, ...]
) -> None:
    distilled = dataclasses.replace(configuration, teachers=teachers)
    images = torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    together = Teachers(distilled, torch.device("cpu")).embed(images)
    alone = [network_of(load_model(folder))(images).detach() for folder in teachers]
    expected = sum(one @ one.T for one in alone) / len(alone)
    torch.testing.assert_close(together @ together.T, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(5), atol=1e-5, rtol=0)


def test_a_teacher_that_draws_another_image_is_refused(
    configuration: Configuration, teachers: tuple[str, ...]
) -> None:
    image = {"name": "skeleton_dml", "height": 48, "width": 32}
    other = dataclasses.replace(configuration, representation=image, teachers=teachers)
    with pytest.raises(ConfigurationError, match="teacher_0 has another preparation or"):
        Teachers(other, torch.device("cpu"))


def test_a_run_learns_what_its_teachers_find(
    configuration: Configuration, teachers: tuple[str, ...], tmp_path: Path
) -> None:
    settings = dataclasses.replace(
        configuration,
        teachers=teachers,
        objective=dataclasses.replace(
            configuration.objective, metric_weight=0.0, classifier_weight=0.01
        ),
        optimisation=dataclasses.replace(configuration.optimisation, epochs=6),
    )
    run = train_network(settings, tmp_path / "run", device="cpu")
    distances = [progress.scalars["distillation"] for progress in run.history]
    assert distances[-1] < 0.5 * distances[0]
    record = yaml.safe_load((tmp_path / "run" / "run.yaml").read_text())
    assert record["teachers"] == {folder: load_model(folder).digest for folder in teachers}
    assert all(
        "distillation" in json.loads(line)
        for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()
    )


def test_pairs_are_learnt_without_them(
    people_configuration: Configuration, teachers: tuple[str, ...], tmp_path: Path
) -> None:
    alone = train_network(people_configuration, tmp_path / "alone", device="cpu")
    distilled = train_network(
        dataclasses.replace(people_configuration, teachers=teachers), tmp_path / "run", device="cpu"
    )
    assert "distillation" not in alone.history[0].scalars
    # The mean is over all batches, of which only those of single people have it.
    assert distilled.history[0].scalars["distillation"] > 0


def test_folders_are_found_from_the_file_that_names_them(
    training_configuration: Path, tmp_path: Path
) -> None:
    content = yaml.safe_load(training_configuration.read_text())
    path = tmp_path / "taught.yaml"
    path.write_text(yaml.safe_dump(content | {"teachers": ["first", "../second"]}))
    read = read_configuration(path, training_configuration.parent)
    assert read.teachers == (str(tmp_path / "first"), str(tmp_path.parent / "second"))
