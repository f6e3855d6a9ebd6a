# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from skeleton_dml_ros.embedding.model import ModelError, load_model, save_model
from skeleton_dml_ros.embedding.network import network_of


@pytest.fixture
def folder(untrained_model: Path, tmp_path: Path) -> Path:
    """A copy of a whole model folder that a test may damage."""
    return Path(shutil.copytree(untrained_model, tmp_path / "model"))


def change_card(folder: Path, **fields: object) -> None:
    path = folder / "model.yaml"
    card = yaml.safe_load(path.read_text())
    card.update(fields)
    path.write_text(yaml.safe_dump(card))


def test_a_saved_model_is_loaded_as_it_was(folder: Path, tmp_path: Path) -> None:
    model = load_model(folder)
    save_model(tmp_path / "again", model.card, network_of(model), model.cohort)
    again = load_model(tmp_path / "again")
    assert again.card == model.card
    assert again.digest == model.digest
    np.testing.assert_array_equal(again.cohort, model.cohort)
    images = torch.rand(2, 3, 32, 48)
    with torch.inference_mode():
        assert torch.equal(network_of(again)(images), network_of(model)(images))


def test_weights_are_kept_in_half_precision(folder: Path) -> None:
    weights = sum(value.size for value in load_model(folder).weights.values())
    assert (folder / "weights.safetensors").stat().st_size < 2.05 * weights


def test_the_digest_tells_other_preparations_of_the_same_weights_apart(
    folder: Path, tmp_path: Path
) -> None:
    model = load_model(folder)
    other = replace(model.card, preparation=replace(model.card.preparation, steps=("origin",)))
    save_model(tmp_path / "other", other, network_of(model), model.cohort)
    assert load_model(tmp_path / "other").digest != model.digest


@pytest.mark.parametrize("name", ["model.yaml", "weights.safetensors", "cohort.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"lacks {name}"):
        load_model(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "cohort.safetensors"])
def test_an_altered_file_is_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(bytes(content))
    with pytest.raises(ModelError, match=f"{name} is not the file that model.yaml names"):
        load_model(folder)


def test_a_truncated_file_is_named(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"weights\.safetensors is not the file"):
        load_model(folder)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere is not a model folder"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format_version": 2}, "format version 2; this version of the package reads 1"),
        ({"architecture": {"embedding_dimension": 32}}, "holds no embeddings of dimension 32"),
        ({"architecture": {"layers": 3}}, "layers"),
        ({"preparation": {"steps": ["shrink"]}}, "preparation.steps names 'shrink'"),
        ({"decision": {"matchers": {}, "limit": 1.0}}, "limit"),
        ({"decision": {"false_accept_rate": 0.05}}, "lacks the field 'threshold'"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    folder: Path, fields: dict[str, Any], message: str
) -> None:
    change_card(folder, **fields)
    with pytest.raises(ModelError, match=message):
        load_model(folder)


def test_the_threshold_of_a_card_without_matchers_is_that_of_a_score(folder: Path) -> None:
    change_card(folder, decision={"threshold": -0.7, "false_accept_rate": 0.02})
    decision = load_model(folder).card.decision
    assert (decision.threshold, decision.score_threshold) == (0.5, -0.7)
    assert decision.matchers == {}


def test_weights_that_do_not_fit_the_architecture_make_no_network(folder: Path) -> None:
    change_card(folder, architecture={"embedding_dimension": 16, "embedder_layers": 2})
    with pytest.raises(ModelError, match="does not fit the architecture"):
        network_of(load_model(folder))


def test_a_representation_that_nobody_has_is_named_where_it_is_used(folder: Path) -> None:
    change_card(folder, representation={"name": "painting"})
    model = load_model(folder)
    with pytest.raises(ModelError, match=r"model\.yaml: there is no representation 'painting'"):
        _ = model.representation


def test_a_model_is_read_without_torch(folder: Path) -> None:
    program = (
        "import sys; from skeleton_dml_ros.embedding.model import load_model; "
        "load_model(sys.argv[1]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)


@pytest.mark.parametrize("text", ["[", "just text", ""])
def test_a_card_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / "model.yaml").write_text(text)
    with pytest.raises(ModelError, match=r"model\.yaml is no"):
        load_model(folder)


def test_a_card_without_a_needed_field_is_refused(folder: Path) -> None:
    path = folder / "model.yaml"
    card = yaml.safe_load(path.read_text())
    del card["decision"]
    path.write_text(yaml.safe_dump(card))
    with pytest.raises(ModelError, match="lacks the field 'decision'"):
        load_model(folder)


def test_later_fields_of_the_architecture_do_not_change_older_models_digests(folder: Path) -> None:
    digest = load_model(folder).digest
    path = folder / "model.yaml"
    card = yaml.safe_load(path.read_text())
    del card["architecture"]["width"], card["architecture"]["views"]
    path.write_text(yaml.safe_dump(card))
    assert load_model(folder).digest == digest
