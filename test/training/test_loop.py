# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.training import loop
from skeleton_dml_ros.training.configuration import (
    Augmentation,
    Configuration,
    DataSource,
    Mirroring,
    Objective,
    Optimisation,
    read_configuration,
)
from skeleton_dml_ros.training.loop import (
    Progress,
    TrainingError,
    TrainingRun,
    image_kinds,
    read_data,
    train_network,
)
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.step import step


@pytest.fixture(scope="module")
def finished(
    configuration: Configuration, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TrainingRun, Path]:
    """A run of two epochs and its folder."""
    folder = tmp_path_factory.mktemp("run")
    return train_network(configuration, folder, device="cpu"), folder


def test_a_run_reports_each_epoch_with_its_figures(finished: tuple[TrainingRun, Path]) -> None:
    history = finished[0].history
    assert [progress.epoch for progress in history] == [1, 2]
    for progress in history:
        assert {"loss", "multi_similarity", "cross_entropy", "validation_accuracy"} <= set(
            progress.scalars
        )
        assert np.isfinite(list(progress.scalars.values())).all()


def test_a_run_learns(configuration: Configuration, tmp_path: Path) -> None:
    longer = replace(configuration, optimisation=replace(configuration.optimisation, epochs=8))
    history = train_network(longer, tmp_path, device="cpu").history
    assert history[-1].scalars["cross_entropy"] < history[0].scalars["cross_entropy"] - 0.2
    assert history[-1].scalars["validation_accuracy"] > 60


def test_scalars_are_written_for_tensorboard(finished: tuple[TrainingRun, Path]) -> None:
    assert list(finished[1].glob("events.out.tfevents.*"))


def test_a_class_that_the_archive_does_not_have_is_named(configuration: Configuration) -> None:
    source = replace(configuration.data[0], leave_out=("sneeze",))
    with pytest.raises(ConfigurationError, match=r"motions\.npz has no class 'sneeze'"):
        read_data(replace(configuration, data=(source,)))


def test_a_run_says_where_it_comes_from_and_how_far_it_came(
    finished: tuple[TrainingRun, Path], configuration: Configuration
) -> None:
    run, folder = finished
    record = yaml.safe_load((folder / "run.yaml").read_text())
    archive = Path(configuration.data_folder) / "motions.npz"
    assert record["data"] == {"motions.npz": hashlib.sha256(archive.read_bytes()).hexdigest()}
    assert record["seed"] == 0
    assert record["libraries"]["torch"] == torch.__version__
    assert record["configuration"]["sampling"] == {"classes": 4, "clips": 2, "composed": 0.0}
    assert record["training_clips"] == 48
    assert (record["device"], record["precision"], record["processes"]) == ("cpu", "float32", 1)
    assert record["epochs"] == 2
    # Three batches of eight clips in each of two epochs.
    assert record["clips_seen"] == run.reached.clips_seen == 48
    assert record["seconds"] == pytest.approx(run.reached.seconds, abs=1e-3)


def test_the_record_of_a_run_is_a_configuration_that_can_be_read(
    finished: tuple[TrainingRun, Path], configuration: Configuration, tmp_path: Path
) -> None:
    record = yaml.safe_load((finished[1] / "run.yaml").read_text())
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump(record["configuration"]))
    assert read_configuration(path, configuration.data_folder) == configuration


def test_the_history_has_a_line_for_each_epoch(finished: tuple[TrainingRun, Path]) -> None:
    run, folder = finished
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert [(line["epoch"], line["clips_seen"]) for line in lines] == [(1, 24), (2, 48)]
    assert 0 < lines[0]["seconds"] < lines[1]["seconds"]
    for line, progress in zip(lines, run.history, strict=True):
        assert {name: line[name] for name in progress.scalars} == progress.scalars


def test_one_person_and_two_are_trained_on_in_one_run(
    people_configuration: Configuration, tmp_path: Path
) -> None:
    run = train_network(people_configuration, tmp_path, device="cpu")
    assert run.clips.bodies.tolist() == [1] * 12 + [2] * 12
    kinds = image_kinds(run.clips, representation_of(people_configuration.representation))
    assert kinds.tolist() == [0] * 12 + [1] * 12
    assert np.isfinite(run.history[-1].scalars["loss"])


def test_a_set_of_pairs_alone_is_trained_on(
    people_configuration: Configuration, tmp_path: Path
) -> None:
    pairs = replace(
        people_configuration,
        data=(DataSource("people.npz", only=("hand over", "bow to each other"), subjects=(1, 2)),),
        validation=(
            DataSource("people.npz", only=("hand over", "bow to each other"), subjects=(3,)),
        ),
    )
    run = train_network(pairs, tmp_path, device="cpu")
    assert set(run.clips.bodies) == {2}
    assert len(run.clips) == 8
    assert 0 <= run.history[-1].scalars["validation_accuracy"] <= 100


def test_clips_of_their_own_length_are_trained_on_as_the_paper_draws_them(
    people_configuration: Configuration, tmp_path: Path
) -> None:
    faithful = replace(
        people_configuration,
        preparation=Preparation(frames=0, steps=()),
        representation={"name": "skeleton_dml_faithful", "size": 32},
        mirroring=Mirroring(enabled=False),
        augmentation=Augmentation(
            yaw=0, tilt=0, scale=0, bone=0, crop=0, warp=0, noise=0, image_rotation=5
        ),
        objective=Objective(
            loss={"name": "triplet_margin"}, classifier_input="embedding", label_smoothing=0
        ),
        optimisation=Optimisation(
            epochs=2, optimiser="rmsprop", learning_rate=1e-4, schedule="constant",
            warm_up_epochs=0, weight_decay=0,
        ),
    )  # fmt: skip
    run = train_network(faithful, tmp_path, device="cpu")
    assert len(set(run.clips.frames)) > 3
    # Images have one size, so people act alone and in pairs in one batch.
    assert set(image_kinds(run.clips, representation_of(faithful.representation))) == {0}
    assert run.history[-1].scalars["learning_rate"] == 1e-4
    assert np.isfinite(run.history[-1].scalars["triplet_margin"])


def test_images_of_no_fixed_size_need_a_number_of_frames(
    people_configuration: Configuration, tmp_path: Path
) -> None:
    ragged = replace(
        people_configuration,
        preparation=Preparation(frames=0),
        representation={"name": "skeleton_dml_faithful", "size": 0},
        augmentation=Augmentation(crop=0, warp=0),
    )
    with pytest.raises(ConfigurationError, match="no fixed size; give it a size, or frames"):
        train_network(ragged, tmp_path, device="cpu")


def test_early_stopping_ends_with_the_best_epoch_on_the_validation_classes(
    configuration: Configuration, tmp_path: Path
) -> None:
    # At this rate nothing is learned, so no epoch is better than the first.
    settings = Optimisation(
        epochs=9, steps=1, learning_rate=1e-12, warm_up_epochs=0, early_stopping=2
    )
    still = replace(configuration, optimisation=replace(settings, freeze_normalisation=True))
    run = train_network(still, tmp_path, device="cpu")
    assert [progress.epoch for progress in run.history] == [1, 2, 3]
    assert run.reached.best_epoch == 1
    assert yaml.safe_load((tmp_path / "run.yaml").read_text())["best_epoch"] == 1
    best = run.history[0].scalars["validation_accuracy"]
    assert run.reached.best_accuracy == best
    assert not train_network(still, tmp_path, device="cpu", resume=True).history


def test_the_moving_average_is_what_is_validated_and_kept(
    configuration: Configuration, tmp_path: Path
) -> None:
    averaged = replace(
        configuration,
        optimisation=Optimisation(epochs=1, average=0.9999, steps=1, warm_up_epochs=0),
    )
    run = train_network(averaged, tmp_path / "averaged", device="cpu")
    tensors = load_file(tmp_path / "averaged" / "checkpoint.safetensors")
    name = "trunk.conv1.weight"
    kept = run.network.state_dict()[name]
    assert torch.equal(kept, tensors[f"average/{name}"])
    assert not torch.equal(kept, tensors[f"network/{name}"])


def test_the_number_of_batches_can_be_limited(configuration: Configuration, tmp_path: Path) -> None:
    settings = replace(configuration.optimisation, epochs=1, steps=2)
    run = train_network(replace(configuration, optimisation=settings), tmp_path, device="cpu")
    assert run.reached.steps == 2
    assert run.reached.clips_seen == 16


@pytest.mark.parametrize("what", ["loss", "weights"])
def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_checkpoint(
    what: str, configuration: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = step
    kept: dict[str, bytes] = {}

    def keep(_: Progress) -> None:
        kept.update({path.name: path.read_bytes() for path in tmp_path.iterdir()})

    def spoilt(state: Any, *arguments: Any) -> dict[str, torch.Tensor]:
        parts = taken(state, *arguments)
        epochs_done = arguments[3]
        if epochs_done < 1:
            return parts
        if what == "loss":
            return {name: value * torch.nan for name, value in parts.items()}
        with torch.no_grad():
            next(state.network.parameters()).fill_(torch.inf)
        return parts

    monkeypatch.setattr(loop, "step", spoilt)
    said = "not finite in epoch 2; the checkpoint of epoch 1 is kept; give a smaller"
    with pytest.raises(TrainingError, match=said):
        train_network(configuration, tmp_path, device="cpu", report=keep)
    assert "checkpoint.safetensors" in kept
    for name, content in kept.items():
        if "tfevents" not in name:
            assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clips_a_class": 1}, "data has one clip of almost every class; give two or more clips"),
        ({"classes": 1}, "data has only one class of clips; give two or more"),
        ({"clips": 1}, "sampling.clips is 1, so the metric loss has no two clips"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_the_first_epoch(
    changes: dict[str, int],
    message: str,
    configuration: Configuration,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "_train_epoch", lambda *_: pytest.fail("an epoch began"))
    if "clips" in changes:
        changed = replace(configuration, sampling=replace(configuration.sampling, clips=1))
    elif "classes" in changes:
        names = read_data(configuration)[0].class_names
        only = tuple(replace(one, only=names[:1]) for one in configuration.data)
        changed = replace(configuration, data=only)
    else:
        changed = replace(
            configuration, data=tuple(replace(one, clips_a_class=1) for one in configuration.data)
        )
    with pytest.raises(ConfigurationError, match=message):
        train_network(changed, tmp_path, device="cpu")
