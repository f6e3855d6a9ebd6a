# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from skeleton_dml_ros.training.configuration import (
    Configuration,
    DataSource,
    read_configuration,
)
from skeleton_dml_ros.training.configuration_table import configuration_keys_table, losses_table
from skeleton_dml_ros.training.losses import LOSSES
from skeleton_dml_ros.training.reading import ConfigurationError

CONFIGURATIONS = Path(__file__).resolve().parents[2] / "config" / "training"


def written(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text)
    return path


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    path = written(tmp_path, "name: a\ndata: [{archive: b.npz}]\noptimisation: {epochs: 3}\n")
    configuration = read_configuration(path)
    assert configuration.optimisation.epochs == 3
    assert configuration.optimisation.weight_decay == 0.05
    assert configuration.data[0].leave_out == ()


def test_the_data_folder_is_relative_to_the_file_and_can_be_overridden(tmp_path: Path) -> None:
    path = written(tmp_path, "name: a\ndata: [{archive: b.npz}]\ndata_folder: ../sets\n")
    assert Path(read_configuration(path).data_folder) == tmp_path / ".." / "sets"
    assert read_configuration(path, "elsewhere").data_folder == "elsewhere"


def test_numbers_in_scientific_notation_are_numbers(tmp_path: Path) -> None:
    text = "name: a\ndata: [{archive: b.npz}]\noptimisation: {learning_rate: 1e-4}\n"
    assert read_configuration(written(tmp_path, text)).optimisation.learning_rate == 1e-4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\ndata: []\nepochs: 3\n", "no key 'epochs'; there are name, data"),
        ("name: a\ndata: []\noptimisation: {epoch: 3}\n", "optimisation: no key 'epoch'"),
        ("name: a\ndata: []\noptimisation: {epochs: many}\n", "epochs is 'many'; give a value of"),
        ("name: a\ndata: []\nseed: true\n", "seed is True"),
        ("name: a\ndata: motions.npz\n", "data is 'motions.npz'; give a list"),
        ("name: a\n", "data"),
        ("just text\n", "'just text'; give keys and values"),
        ("[", "is not valid YAML"),
        ("name: a\ndata: []\narchitecture: {embedder_layers: 3}\n", "embedder_layers is 3"),
        ("name: a\ndata: []\npretrained: big\n", "pretrained is 'big'; give none or imagenet"),
        ("name: a\ndata: []\nobjective: {loss: {name: l2}}\n", "no loss is called 'l2'"),
        ("name: a\ndata: []\nobjective: {metric_weight: -1}\n", "metric_weight is -1"),
        ("name: a\ndata: []\noptimisation: {optimiser: sgd}\n", "give adamw or rmsprop"),
        ("name: a\ndata: []\noptimisation: {average: 1}\n", "average is 1.0; give 0, or a"),
        ("name: a\ndata: []\noptimisation: {early_stopping: 3}\n", "give validation"),
        ("name: a\ndata: [{archive: b, part: rest}]\n", "part is 'rest'; give auxiliary or"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_configuration(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml cannot be read: No such file"):
        read_configuration(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("path", sorted(CONFIGURATIONS.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_configuration_of_the_project_can_be_read(path: Path) -> None:
    assert read_configuration(path).name == path.stem


NINE = {
    "swipe_left", "clap", "basketball_shoot", "draw_circle_ccw", "boxing", "arm_curl", "knock",
    "jog", "stand_to_sit",
}  # fmt: skip
LOOK_ALIKES = {
    "Swipe-across-an-imaginary-screen-in-front-of-you-from-left-to-right",
    "Swipe-across-an-imaginary-screen-in-front-of-you-from-right-to-left",
    "Draw-a-circle", "Punch", "Run-in-place", "Run-in-place-as-fast-as-you-can",
    "hand_clap", "draw_circle", "side_boxing", "forward_punch", "jogging",
}  # fmt: skip


def test_the_default_never_trains_or_chooses_on_the_nine_evaluated_classes_or_their_like() -> None:
    configuration = read_configuration(CONFIGURATIONS / "default.yaml")
    left_out = {name for source in configuration.data for name in source.leave_out}
    assert left_out >= NINE | LOOK_ALIKES
    for source in configuration.validation:
        assert source.only
        assert not (NINE | LOOK_ALIKES) & set(source.only)


def test_the_default_does_not_train_on_its_validation_classes() -> None:
    configuration = read_configuration(CONFIGURATIONS / "default.yaml")
    for validation in configuration.validation:
        for source in configuration.data:
            if source.archive == validation.archive:
                assert set(source.leave_out) >= set(validation.only)


def test_the_table_of_keys_explains_each_key_that_can_be_given() -> None:
    table = configuration_keys_table()
    content = dataclasses.asdict(Configuration("a", (DataSource("b.npz"),)))
    sections = ("architecture", "preparation", "mirroring", "augmentation", "sampling")
    for section in (*sections, "objective", "optimisation", "open_set", "decision"):
        for key in content.pop(section):
            assert f"| `{section}.{key}` |" in table
    for key in content["data"][0]:
        assert f"| `data[].{key}` |" in table
    # Names and settings of images are told elsewhere.
    for key in set(content) - {"representation"}:
        assert f"| `{key}` |" in table
    assert "| `optimisation.learning_rate` | `0.001` | at the end of the warm-up. |" in table


def test_the_table_of_losses_names_them_all_with_their_settings() -> None:
    table = losses_table()
    assert all(f"| `{name}` |" in table for name in LOSSES)
    assert "`margin: 0.1`, `triplets: all`" in table
