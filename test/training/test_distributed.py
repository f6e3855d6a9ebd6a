# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Two processes, over the loopback, train as one does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.training.configuration import (
    Configuration,
    Objective,
    Optimisation,
    Sampling,
)
from skeleton_dml_ros.training.distributed import Workers
from skeleton_dml_ros.training.loop import read_data, train_network
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.step import compute_gradients, make_state, training_mode

BATCH = [0, 1, 2, 6, 7, 8, 3, 9]

ONE_OF_TWO = """
import sys
from pathlib import Path
import numpy as np
import torch
from safetensors.torch import save_file
from skeleton_dml_ros.training.configuration import read_configuration
from skeleton_dml_ros.training.distributed import joined_workers
from skeleton_dml_ros.training.loop import train_network
sys.path.insert(0, sys.argv[1])
from test_distributed import BATCH, gradients

configuration = read_configuration(sys.argv[2])
out = Path(sys.argv[3])
with joined_workers(torch.device("cpu")) as workers:
    save_file(gradients(configuration, workers), out / f"gradients{workers.rank}.safetensors")
    run = train_network(configuration, out / "run", device="cpu")
weights = {name: value.contiguous() for name, value in run.network.state_dict().items()}
save_file(weights, out / f"weights{workers.rank}.safetensors")
"""


def gradients(configuration: Configuration, workers: Workers) -> dict[str, torch.Tensor]:
    """Of the first step, by parameter; of all processes the same."""
    torch.manual_seed(0)
    clips, _ = read_data(configuration)
    network = ActionEmbedder(configuration.architecture)
    state = make_state(configuration, network, 4, torch.device("cpu"), workers)
    training_mode(state)
    generator = torch.Generator().manual_seed(3)
    compute_gradients(state, clips, np.array(BATCH), generator)
    return {
        f"{name}.{parameter}": value.grad.contiguous().clone()
        for name, module in state.modules().items()
        for parameter, value in module.named_parameters()
        if value.grad is not None
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def shared(people_configuration: Configuration) -> Configuration:
    return replace(
        people_configuration,
        objective=Objective(loss={"name": "proxy_anchor"}, threshold_weight=0.5),
        sampling=Sampling(classes=2, clips=4),
        optimisation=Optimisation(
            epochs=1, steps=2, average=0.5, freeze_normalisation=True, precision="float32"
        ),
        # Components of a few clips hang on what is rounded away.
        whitening=0,
    )


@pytest.fixture(scope="module")
def together(shared: Configuration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have left: gradients of a step, and a run."""
    out = tmp_path_factory.mktemp("two")
    file = out / "shared.yaml"
    file.write_text(yaml.safe_dump(json.loads(json.dumps(asdict(shared)))))
    port = str(free_port())
    environment = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ONE_OF_TWO, Path(__file__).parent, file, out],
            env={**os.environ, **environment, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
        )
        for rank in range(2)
    ]
    for process in processes:
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said.decode()
    return out


def test_the_gradients_of_two_processes_are_those_of_one(
    shared: Configuration, together: Path
) -> None:
    expected = gradients(shared, Workers())
    assert any(name.startswith("objective.metric_loss") for name in expected)
    for rank in range(2):
        found = load_file(together / f"gradients{rank}.safetensors")
        assert set(found) == set(expected)
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, atol=1e-5, rtol=1e-5)


def test_both_processes_end_with_the_weights_of_one(
    shared: Configuration, together: Path, tmp_path: Path
) -> None:
    first, second = (load_file(together / f"weights{rank}.safetensors") for rank in range(2))
    for name, value in first.items():
        assert torch.equal(second[name], value)
    run = train_network(shared, tmp_path, device="cpu")
    for name, value in run.network.state_dict().items():
        torch.testing.assert_close(first[name], value, atol=1e-4, rtol=1e-3)


def test_only_the_first_process_writes(together: Path) -> None:
    lines = (together / "run" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1]
    assert yaml.safe_load((together / "run" / "run.yaml").read_text())["processes"] == 2
    assert len(list((together / "run").glob("events.*"))) == 1
    # Both have mapped the clips that the first has written.
    assert len(list((together / "run" / "clips").iterdir())) == 1


def test_a_batch_that_cannot_be_shared_evenly_is_refused(
    configuration: Configuration,
) -> None:
    from skeleton_dml_ros.training import loop

    clips, _ = read_data(configuration)
    kinds = np.zeros(len(clips), dtype=np.int64)
    with pytest.raises(ConfigurationError, match="8 clips cannot be shared evenly by 3 processes"):
        loop._plan(configuration, clips, kinds, 0, len(clips), Workers(0, 3))


def test_torchrun_trains_a_model_from_the_command_line(
    training_configuration: Path, tmp_path: Path
) -> None:
    short = yaml.safe_load(training_configuration.read_text())
    short["optimisation"] = {"epochs": 1, "steps": 1}
    file = tmp_path / "short.yaml"
    file.write_text(yaml.safe_dump(short))
    out = tmp_path / "run"
    command = ["train", file, "--out", out, "--device", "cpu", "--json"]
    command += ["--data-folder", training_configuration.parent]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    finished = subprocess.run(
        [sys.executable, *torchrun, "-m", "skeleton_dml_ros.cli", *map(str, command)],
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert finished.returncode == 0, finished.stderr.decode()
    assert json.loads(finished.stdout)["model"] == str(out)
    assert load_model(out).card.name == "small"
