# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A run that is killed and goes on ends where one that was never killed ends, bit for bit."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from skeleton_dml_ros.training.checkpoint import FILE_NAME, CheckpointError
from skeleton_dml_ros.training.configuration import (
    Configuration,
    Objective,
    Optimisation,
    read_configuration,
)
from skeleton_dml_ros.training.loop import Progress, TrainingRun, train_network

KILLED_AT_A_STEP = """
import os, signal, sys
from pathlib import Path
import torch
from skeleton_dml_ros.training import loop
from skeleton_dml_ros.training.configuration import read_configuration

configuration, out, threads, last = sys.argv[1:]
torch.set_num_threads(int(threads))
steps_left = int(last)
original = loop.step

def step(*arguments):
    global steps_left
    result = original(*arguments)
    steps_left -= 1
    if steps_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

loop.step = step
loop.train_network(read_configuration(configuration), out, device="cpu")
"""

RECIPES = {
    "AdamW, moving average, proxies, validation": (
        Optimisation(epochs=2, warm_up_epochs=1, average=0.9),
        Objective(loss={"name": "proxy_anchor"}),
    ),
    "RMSProp with momentum, constant rate, best epoch": (
        Optimisation(
            epochs=2, optimiser="rmsprop", learning_rate=1e-4, momentum=0.9, schedule="constant",
            warm_up_epochs=0, early_stopping=2,
        ),
        Objective(classifier_input="embedding"),
    ),
}  # fmt: skip


def state(out: Path) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in load_file(out / FILE_NAME).items()}


def history(out: Path) -> list[dict[str, float]]:
    """The lines of the history, without how long it took."""
    lines = (out / "history.jsonl").read_text().splitlines()
    return [{**json.loads(line), "seconds": 0} for line in lines]


# An epoch has three batches, so both are killed in the second, and have one to repeat.
@pytest.mark.parametrize(("recipe", "killed_at"), [*zip(RECIPES, [5, 6], strict=True)])
def test_a_run_killed_in_an_epoch_and_resumed_ends_bit_for_bit_where_it_would_have(
    configuration: Configuration, recipe: str, killed_at: int, tmp_path: Path
) -> None:
    optimisation, objective = RECIPES[recipe]
    configuration = replace(configuration, optimisation=optimisation, objective=objective)
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(json.loads(json.dumps(asdict(configuration)))))
    configuration = read_configuration(file, configuration.data_folder)
    whole = train_network(configuration, tmp_path / "whole", device="cpu")

    out = tmp_path / "killed"
    threads = str(torch.get_num_threads())
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_A_STEP, file, out, threads, str(killed_at)],
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    resumed = train_network(configuration, out, resume=True, device="cpu")
    assert [progress.epoch for progress in resumed.history] == [2]

    assert state(out) == state(tmp_path / "whole")
    assert history(out) == history(tmp_path / "whole")
    assert replace(resumed.reached, seconds=0) == replace(whole.reached, seconds=0)
    assert weights(resumed) == weights(whole)


def weights(run: TrainingRun) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in run.network.state_dict().items()}


def test_a_line_of_an_epoch_without_a_checkpoint_is_written_anew(
    configuration: Configuration, tmp_path: Path
) -> None:
    class StoppedError(Exception):
        pass

    def stop(progress: Progress) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        train_network(configuration, tmp_path, device="cpu", report=stop)
    # As if the process had died between the second epoch's line and its checkpoint.
    with (tmp_path / "history.jsonl").open("a") as file:
        file.write('{"epoch": 2, "loss": 99.0}\n{"epo')
    train_network(configuration, tmp_path, device="cpu", resume=True)
    lines = history(tmp_path)
    assert [line["epoch"] for line in lines] == [1, 2]
    assert lines[1]["loss"] < 99


def test_resuming_without_a_checkpoint_is_refused(
    configuration: Configuration, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="holds no checkpoint to resume"):
        train_network(configuration, tmp_path, device="cpu", resume=True)


def test_a_damaged_checkpoint_is_named(configuration: Configuration, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"half of a checkpoint")
    with pytest.raises(CheckpointError, match=f"{FILE_NAME} is damaged"):
        train_network(configuration, tmp_path, device="cpu", resume=True)


def test_a_finished_run_is_resumed_only_with_its_own_configuration(
    configuration: Configuration, tmp_path: Path
) -> None:
    short = replace(configuration, optimisation=replace(configuration.optimisation, epochs=1))
    first = train_network(short, tmp_path, device="cpu")
    again = train_network(short, tmp_path, device="cpu", resume=True)
    assert again.history == []
    assert weights(again) == weights(first)
    with pytest.raises(CheckpointError, match="comes from another configuration"):
        train_network(replace(short, seed=1), tmp_path, device="cpu", resume=True)
