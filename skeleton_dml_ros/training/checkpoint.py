# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a run needs to go on where it stopped; safetensors and JSON, nothing unpickled.

Randomness is not in it: each epoch seeds its own generators from the run's seed and the epoch's
number.  So a run that was killed in the middle of an epoch, and goes on from the end of the one
before, ends with the very weights of a run that was not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.training.configuration import Configuration

FILE_NAME = "checkpoint.safetensors"


class CheckpointError(SkeletonDmlError):
    """A checkpoint is missing, damaged, or belongs to another run."""


@dataclass(frozen=True)
class Reached:
    """How far a run has come.

    Attributes:
        epochs: epochs done.
        steps: batches done.
        clips_seen: clips that were trained on, repetitions counted.
        seconds: wall time of the epochs.
        best_epoch: of the highest one-shot accuracy on the validation classes; 0 if none is.
        best_accuracy: that accuracy, percent.
    """

    epochs: int = 0
    steps: int = 0
    clips_seen: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best_accuracy: float = -1.0


def save_checkpoint(
    folder: Path,
    configuration: Configuration,
    reached: Reached,
    modules: Mapping[str, nn.Module],
    optimiser: torch.optim.Optimizer,
) -> None:
    """Write the state after an epoch; a crash while writing leaves the former one whole."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        tensors |= {f"{name}/{key}": value for key, value in module.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        # Some versions count an optimiser's steps in a plain number.
        tensors |= {
            f"optimiser/{index}/{key}": torch.as_tensor(value)
            for key, value in state.items()
            if value is not None
        }
    metadata = {
        "reached": json.dumps(asdict(reached)),
        "configuration": _fingerprint(configuration),
    }
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
    modules: Mapping[str, nn.Module],
    optimiser: torch.optim.Optimizer,
) -> Reached:
    """Bring modules and optimiser to the saved state; returns how far the run had come.

    Raises:
        CheckpointError: there is none, it is damaged, or it comes from another configuration.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise CheckpointError(f"{folder} holds no checkpoint to resume; start without --resume")
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensors: dict[str, Tensor] = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CheckpointError(f"{path} is damaged ({error}); start without --resume") from None
    if metadata.get("configuration") != _fingerprint(configuration):
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
        if key.startswith("optimiser/"):
            _, index, entry = key.split("/")
            state.setdefault(int(index), {})[entry] = tensor
    optimiser.load_state_dict(
        {"state": state, "param_groups": optimiser.state_dict()["param_groups"]}
    )
    return Reached(**json.loads(metadata["reached"]))


def _fingerprint(configuration: Configuration) -> str:
    fields = asdict(configuration)
    # The same data may lie elsewhere when the run goes on.
    del fields["data_folder"]
    return json.dumps(fields, sort_keys=True)
