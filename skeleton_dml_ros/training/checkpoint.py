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

"""What a run needs to go on where it stopped; safetensors and JSON, nothing unpickled.

Randomness is not in it: each epoch seeds its own generators from the run's seed and the epoch's
number.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.training.configuration import Configuration

FILE_NAME = "checkpoint.safetensors"


class CheckpointError(SkeletonDmlError):
    """A checkpoint is missing or belongs to another run."""


def save_checkpoint(
    folder: Path,
    configuration: Configuration,
    epochs_done: int,
    modules: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write the state after an epoch; a crash while writing leaves the former one whole."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        tensors |= {f"{name}/{key}": value for key, value in module.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        # Some versions count an optimiser's steps in a plain number.
        tensors |= {
            f"optimizer/{index}/{key}": torch.as_tensor(value)
            for key, value in state.items()
            if value is not None
        }
    metadata = {"epochs_done": str(epochs_done), "configuration": _fingerprint(configuration)}
    content = save({key: value.contiguous() for key, value in tensors.items()}, metadata)
    temporary = folder / (FILE_NAME + ".new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / FILE_NAME)


def load_checkpoint(
    folder: Path,
    configuration: Configuration,
    modules: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
) -> int:
    """Bring modules and optimizer to the saved state; returns the number of epochs done.

    Raises:
        CheckpointError: there is none, or it comes from another configuration.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise CheckpointError(f"{folder} holds no checkpoint to resume; start without --resume")
    with safe_open(path, framework="pt") as file:
        metadata: dict[str, str] = file.metadata()
        tensors: dict[str, Tensor] = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    if metadata["configuration"] != _fingerprint(configuration):
        raise CheckpointError(
            f"{path} comes from another configuration; give the one it was started with, or "
            "another --out"
        )
    for name, module in modules.items():
        prefix = f"{name}/"
        module.load_state_dict(
            {
                key[len(prefix) :]: tensor
                for key, tensor in tensors.items()
                if key.startswith(prefix)
            }
        )
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in tensors.items():
        if key.startswith("optimizer/"):
            _, index, entry = key.split("/")
            state.setdefault(int(index), {})[entry] = tensor
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )
    return int(metadata["epochs_done"])


def _fingerprint(configuration: Configuration) -> str:
    fields = asdict(configuration)
    # The same data may lie elsewhere when the run goes on.
    del fields["data_folder"]
    return json.dumps(fields, sort_keys=True)
