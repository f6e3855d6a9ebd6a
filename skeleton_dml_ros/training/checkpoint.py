# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Checkpoints: what a run needs to resume, as safetensors and JSON; nothing is unpickled.

A checkpoint holds no random state, since each epoch seeds its generators from the run's seed and its
own number.  A run that was killed and resumed ends with exactly the same weights as one that was not.
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
    """Progress of a run.

    Attributes:
        epochs: epochs done.
        steps: batches done.
        clips_seen: clips that were trained on, repetitions counted.
        seconds: wall time of the epochs.
        best_epoch: epoch with the highest one-shot accuracy on the validation classes; 0 before any.
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
    """Save the state after an epoch; if writing fails, the former checkpoint stays intact."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        tensors |= {f"{name}/{key}": value for key, value in module.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        # Some versions keep an optimiser's step count as a plain number.
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
    """Load the saved state into modules and optimiser; returns the progress of the run.

    Raises:
        CheckpointError: there is no checkpoint, or it is damaged or of another configuration.
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
    # The data may have moved before the run resumes.
    del fields["data_folder"]
    return json.dumps(fields, sort_keys=True)
