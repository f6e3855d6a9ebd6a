# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.training.checkpoint import CheckpointError
from skeleton_dml_ros.training.configuration import (
    Configuration,
)
from skeleton_dml_ros.training.loop import Progress, TrainingRun, read_data, train
from skeleton_dml_ros.training.reading import ConfigurationError


@pytest.fixture(scope="module")
def finished(
    configuration: Configuration, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TrainingRun, Path]:
    """A run of two epochs and its folder."""
    folder = tmp_path_factory.mktemp("run")
    return train(configuration, folder, device="cpu"), folder


def weights(run: TrainingRun) -> torch.Tensor:
    return torch.cat([value.flatten().float() for value in run.network.state_dict().values()])


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
    history = train(longer, tmp_path, device="cpu").history
    assert history[-1].scalars["cross_entropy"] < history[0].scalars["cross_entropy"] - 0.2
    assert history[-1].scalars["validation_accuracy"] > 60


def test_scalars_are_written_for_tensorboard(finished: tuple[TrainingRun, Path]) -> None:
    assert list(finished[1].glob("events.out.tfevents.*"))


def test_a_run_stopped_after_an_epoch_and_resumed_ends_where_one_in_a_piece_ends(
    configuration: Configuration, finished: tuple[TrainingRun, Path], tmp_path: Path
) -> None:
    class StoppedError(Exception):
        pass

    def stop(progress: Progress) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        train(configuration, tmp_path, device="cpu", report=stop)
    resumed = train(configuration, tmp_path, device="cpu", resume=True)
    assert [progress.epoch for progress in resumed.history] == [2]
    assert torch.equal(weights(resumed), weights(finished[0]))


def test_resuming_without_a_checkpoint_is_refused(
    configuration: Configuration, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="holds no checkpoint to resume"):
        train(configuration, tmp_path, device="cpu", resume=True)


def test_resuming_with_another_configuration_is_refused(
    configuration: Configuration, finished: tuple[TrainingRun, Path]
) -> None:
    with pytest.raises(CheckpointError, match="comes from another configuration"):
        train(replace(configuration, seed=1), finished[1], device="cpu", resume=True)


def test_a_class_that_the_archive_does_not_have_is_named(configuration: Configuration) -> None:
    source = replace(configuration.data[0], leave_out=("sneeze",))
    with pytest.raises(ConfigurationError, match=r"motions\.npz has no class 'sneeze'"):
        read_data(replace(configuration, data=(source,)))
