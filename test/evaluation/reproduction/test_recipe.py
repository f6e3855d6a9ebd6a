# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The configurations of the paper and the runs of its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from skeleton_dml_ros.datasets.splits import get_split
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.reproduction import REPRODUCTIONS
from skeleton_dml_ros.evaluation.reproduction.material import Material
from skeleton_dml_ros.evaluation.reproduction.recipe import Recipe, Shrinking
from skeleton_dml_ros.evaluation.reproduction.running import fingerprint
from skeleton_dml_ros.shared_files import shared_file
from skeleton_dml_ros.training.configuration import Configuration, read_configuration

MATERIAL = Material(Path("ntu120"), get_split("ntu120_one_shot"), digest="0")


def configurations(name: str, shrinking: Shrinking | None = None) -> list[Configuration]:
    rows = REPRODUCTIONS[name].rows(Recipe(MATERIAL, shrinking or Shrinking()))
    return [row.configuration for row in rows if row.configuration is not None]


@pytest.mark.parametrize("name", ["ntu120_paper", "ntu120_paper_best"])
def test_the_papers_recipe_is_read_as_it_is_stated(name: str) -> None:
    recipe = read_configuration(shared_file(f"config/training/{name}.yaml"))
    best = name.endswith("best")
    assert recipe.data[0].split == "ntu120_one_shot"
    assert recipe.data[0].part == "auxiliary"
    assert recipe.pretrained == "imagenet"
    assert recipe.architecture.embedding_dimension == (512 if best else 128)
    assert recipe.preparation.frames == 0
    assert recipe.preparation.steps == ()
    assert recipe.representation == {"name": "skeleton_dml_faithful", "size": 256}
    assert recipe.augmentation.image_rotation == (5 if best else 0)
    assert recipe.sampling.classes * recipe.sampling.clips == 32
    assert recipe.objective.loss == {
        "name": "multi_similarity",
        "alpha": 0.1,
        "beta": 40,
        "base": 0.5,
        "epsilon": 0.05,
    }
    assert recipe.optimisation.optimiser == "rmsprop"
    assert recipe.optimisation.learning_rate == 1e-6
    assert recipe.optimisation.epochs == (200 if best else 100)


def test_table3_is_24_runs_that_all_differ() -> None:
    runs = configurations("table3")
    assert len(runs) == 24
    assert len({fingerprint(run, MATERIAL) for run in runs}) == 24
    assert {run.architecture.embedding_dimension for run in runs} == {128, 256, 512}
    assert {run.objective.loss["name"] for run in runs} == {"multi_similarity", "triplet_margin"}
    assert {run.augmentation.image_rotation for run in runs} == {0.0, 5.0}
    assert {run.representation["name"] for run in runs} == {"sl_dml", "skeleton_dml_faithful"}


def test_tables_share_the_runs_that_are_the_same() -> None:
    recipe = fingerprint(configurations("table1")[0], MATERIAL)
    for table in ("table2", "table3", "table4", "figure6"):
        assert recipe in {fingerprint(run, MATERIAL) for run in configurations(table)}
    best = fingerprint(configurations("table1")[1], MATERIAL)
    for figure in ("figure7", "figure8"):
        assert [fingerprint(run, MATERIAL) for run in configurations(figure)] == [best]


def test_table2_takes_the_first_auxiliary_classes() -> None:
    runs = configurations("table2")
    assert [len(run.data[0].only) for run in runs] == [20, 40, 60, 80, 100]
    for run in runs:
        assert run.data[0].only == MATERIAL.split.auxiliary[: len(run.data[0].only)]


def test_a_run_is_known_again_wherever_its_data_lies() -> None:
    elsewhere = Material(Path("other/place.npz"), MATERIAL.split, digest="0")
    altered = Material(Path("ntu120"), MATERIAL.split, digest="1")
    run = Recipe(MATERIAL).paper()
    assert fingerprint(Recipe(elsewhere).paper(), elsewhere) == fingerprint(run, MATERIAL)
    assert fingerprint(Recipe(altered).paper(), altered) != fingerprint(run, MATERIAL)


def test_what_is_made_smaller_is_said() -> None:
    shrinking = Shrinking(epochs=1, image_size=32, clips_a_class=2, pretrained="none")
    run = configurations("table1", shrinking)[0]
    assert run.optimisation.epochs == 1
    assert run.representation["size"] == 32
    assert run.data[0].clips_a_class == 2
    assert run.pretrained == "none"
    assert len(Recipe(MATERIAL, shrinking).caveats()) == 4
    assert Recipe(MATERIAL).caveats() == ()


def test_images_that_are_too_small_for_the_network_are_refused() -> None:
    with pytest.raises(SkeletonDmlError, match="image_size is 16; the network needs at least 32"):
        Shrinking(image_size=16)
