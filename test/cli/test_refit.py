# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml refit``."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.embedding.model import load_model

Command = Callable[..., tuple[str, str]]


def written(configuration: Path, folder: Path, **changes: Any) -> Path:
    """Write the configuration with changed values."""
    content = yaml.safe_load(configuration.read_text()) | changes
    content["data_folder"] = str(configuration.parent)
    path = folder / "changed.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture(scope="module")
def plain(training_configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model without whitening, with the last layer as trained."""
    folder = tmp_path_factory.mktemp("plain")
    changed = written(training_configuration, folder, whitening=0)
    assert main(["train", str(changed), "--out", str(folder / "run")]) == 0
    return folder / "run"


def test_the_last_layer_is_fitted_again_and_the_trunk_stays(
    plain: Path, training_configuration: Path, tmp_path: Path, run: Command
) -> None:
    said, _ = run("refit", plain, training_configuration, "--out", tmp_path / "refitted")
    assert said == f"wrote model {tmp_path / 'refitted'}\n"
    before, after = load_model(plain), load_model(tmp_path / "refitted")
    changed = {
        name for name in before.weights if (before.weights[name] != after.weights[name]).any()
    }
    assert changed == {"embedder.0.weight", "embedder.0.bias"}
    assert (before.card.figures["whitening"], after.card.figures["whitening"]) == (0, 0.5)


def test_the_threshold_is_fitted_again_and_the_network_stays(
    plain: Path, training_configuration: Path, tmp_path: Path, run_json: Callable[..., Any]
) -> None:
    rate = {"references": 2, "false_accept_rate": 0.4}
    changed = written(training_configuration, tmp_path, whitening=0, open_set=rate)
    result = run_json("refit", plain, changed, "--out", tmp_path / "refitted")
    before, after = load_model(plain), load_model(tmp_path / "refitted")
    assert result["threshold"] == after.score_threshold > before.score_threshold
    assert after.card.decision.false_accept_rate == 0.4
    assert all(np.array_equal(after.weights[name], value) for name, value in before.weights.items())


def test_the_confidence_is_fitted_again_and_everything_else_stays(
    plain: Path, training_configuration: Path, tmp_path: Path, run: Command
) -> None:
    motions = training_configuration.parent / "motions.npz"
    changed = written(
        training_configuration,
        tmp_path,
        data=[{"archive": motions.name, "only": ["bow", "lunge"]}],
        decision={"sets": [{"archive": motions.name, "only": ["wave_left", "wave_right"]}]},
    )
    trained = tmp_path / "trained"
    shutil.copytree(plain, trained)
    (trained / "int8.onnx").write_bytes(b"graph")
    run("refit", trained, changed, "--out", tmp_path / "refitted", "--decision-only")
    before, after = load_model(trained), load_model(tmp_path / "refitted")
    assert after.digest == before.digest
    for name in ("weights.safetensors", "cohort.safetensors", "int8.onnx"):
        assert (tmp_path / "refitted" / name).read_bytes() == (trained / name).read_bytes()
    assert before.card.decision.matchers == {}
    assert set(after.card.decision.matchers) == {"fused", "embedding", "alignment"}
    assert after.card.decision.score_threshold == before.card.decision.score_threshold
    assert after.card.figures["decision_fitted_to"]["sets"][0]["clips"] == 12


def test_a_confidence_cannot_be_fitted_without_sets(
    plain: Path, training_configuration: Path, tmp_path: Path, run: Command
) -> None:
    out = tmp_path / "refitted"
    _, said = run(
        *("refit", plain, training_configuration, "--out", out, "--decision-only"), status=2
    )
    assert "decision.sets is empty; name sets of actions that are not trained on" in said
    assert not out.exists()


def test_another_representation_or_an_existing_model_is_refused(
    plain: Path, training_configuration: Path, tmp_path: Path, run: Command
) -> None:
    image = {"name": "skeleton_dml", "height": 40, "width": 32}
    changed = written(training_configuration, tmp_path, representation=image)
    _, said = run("refit", plain, changed, "--out", tmp_path / "other", status=2)
    assert "has another representation than the configuration" in said
    _, said = run("refit", plain, training_configuration, "--out", plain, status=2)
    assert "already holds a model; give another --out" in said


def test_the_views_of_several_models_become_those_of_one(
    plain: Path, training_configuration: Path, tmp_path: Path, run: Command
) -> None:
    content = yaml.safe_load(training_configuration.read_text())
    image = content["representation"]
    single = content["architecture"]
    both = written(
        training_configuration,
        tmp_path,
        architecture=single
        | {"embedding_dimension": 2 * single["embedding_dimension"], "views": 2},
        representation=image | {"name": "skeleton_dml_views", "views": [{}, {}]},
        whitening=0,
    )
    run("refit", plain, both, "--beside", plain, "--out", tmp_path / "both")
    one, two = load_model(plain), load_model(tmp_path / "both")
    for view in (0, 1):
        for part in ("trunk", "embedder"):
            its = {
                name.removeprefix(f"{part}.views.{view}."): value
                for name, value in two.weights.items()
                if name.startswith(f"{part}.views.{view}.")
            }
            assert its
            for name, value in its.items():
                np.testing.assert_array_equal(value, one.weights[f"{part}.{name}"])
    # Two views that see the same have the distances of one.
    np.testing.assert_allclose(two.cohort @ two.cohort.T, one.cohort @ one.cohort.T, atol=5e-3)
