# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The record of a run beside its model, for people and for the report.

``run.yaml``
    configuration, seed, versions, digests of the data, and progress.
``history.jsonl``
    one line of JSON per epoch: ``epoch``, ``clips_seen`` and ``seconds`` since the start of the
    run, and the epoch's scalars.
TensorBoard's events
    the same scalars.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import yaml

from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.training.checkpoint import Reached
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.optimisation import computes_in_bfloat16
from skeleton_dml_ros.training.provenance import archive_digest, library_versions

RUN, HISTORY = "run.yaml", "history.jsonl"


class RunRecord:
    """The files of one run; a resumed run continues them.

    Args:
        folder: of the run.
        configuration: of the run.
        clips: training clips, including mirror images.
        device: used for training.
        processes: number of processes that share the work.
        reached: progress of the run.
    """

    def __init__(
        self,
        folder: Path,
        configuration: Configuration,
        clips: LabelledClips,
        device: torch.device,
        processes: int,
        reached: Reached,
    ) -> None:
        self._folder = folder
        self._fields = _described(configuration, clips, device, processes)
        self._writer = _summary_writer(folder, reached.epochs)
        self._keep_epochs(reached.epochs)
        self.write_run(reached)

    def add_epoch(self, reached: Reached, scalars: Mapping[str, float]) -> None:
        """One epoch's line, and its scalars for TensorBoard."""
        line = {
            "epoch": reached.epochs,
            "clips_seen": reached.clips_seen,
            "seconds": round(reached.seconds, 3),
            **scalars,
        }
        with (self._folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        for name, number in scalars.items():
            self._writer.add_scalar(name, number, reached.epochs)

    def write_run(self, reached: Reached) -> None:
        """Write the present ``run.yaml``."""
        content = self._fields | {
            "epochs": reached.epochs,
            "clips_seen": reached.clips_seen,
            "seconds": round(reached.seconds, 3),
        }
        if reached.best_epoch:
            content["best_epoch"] = reached.best_epoch
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
        temporary = self._folder / (RUN + ".new")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self._folder / RUN)

    def close(self, reached: Reached) -> None:
        """Close the files at the end or at an interruption."""
        self.write_run(reached)
        self._writer.close()

    def _keep_epochs(self, epochs: int) -> None:
        """Remove the lines of epochs after the checkpoint."""
        path = self._folder / HISTORY
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        temporary = path.with_name(HISTORY + ".new")
        temporary.write_text("".join(lines[:epochs]), encoding="utf-8")
        temporary.replace(path)


def _described(
    configuration: Configuration, clips: LabelledClips, device: torch.device, processes: int
) -> dict[str, Any]:
    folder = Path(configuration.data_folder)
    archives = dict.fromkeys(
        source.archive for source in (*configuration.data, *configuration.validation)
    )
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    half = computes_in_bfloat16(configuration.optimisation, device)
    return {
        "name": configuration.name,
        "seed": configuration.seed,
        # A round trip through JSON turns tuples into lists.
        "configuration": json.loads(json.dumps(asdict(configuration))),
        "libraries": library_versions(),
        "data": {archive: archive_digest(folder / archive) for archive in archives},
        "teachers": {folder: load_model(folder).digest for folder in configuration.teachers},
        "device": name,
        "processes": processes,
        "threads": torch.get_num_threads(),
        "precision": "bfloat16" if half else "float32",
        "training_clips": len(clips),
        "training_classes": len(clips.class_names),
        "left_out": list(clips.left_out),
    }


def _summary_writer(folder: Path, epochs_done: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise SkeletonDmlError(
            "training writes TensorBoard scalars and needs tensorboard; "
            "pip install 'skeleton_dml_ros[training]'"
        ) from None
    return SummaryWriter(str(folder), purge_step=epochs_done + 1)
