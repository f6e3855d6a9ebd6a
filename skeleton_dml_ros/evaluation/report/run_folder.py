# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read what a training run writes beside its model (:mod:`skeleton_dml_ros.training.record`).

A model that was copied may lack these files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import YamlError, parse_yaml
from skeleton_dml_ros.training.record import HISTORY, RUN


class RunFolderError(SkeletonDmlError):
    """A training run's record or history cannot be read."""


@dataclass(frozen=True, eq=False)
class History:
    """Scalars of each epoch.

    Attributes:
        epochs: (epochs,) numbers, from 1.
        scalars: name to (epochs,) values, NaN where missing.
    """

    epochs: NDArray[np.float64]
    scalars: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Run:
    """Files beside the model.

    Attributes:
        record: content of ``run.yaml``; empty without one.
        history: None without one, or before the first epoch ends.
    """

    record: Mapping[str, Any] = field(default_factory=dict)
    history: History | None = None


def read_run(folder: str | Path) -> Run:
    """Read the record and the history of a run's folder.

    Raises:
        RunFolderError: a file exists but cannot be read.
    """
    folder = Path(folder)
    return Run(_record(folder / RUN), _history(folder / HISTORY))


def _record(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except (YamlError, UnicodeDecodeError) as error:
        raise RunFolderError(f"{path} is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(content, dict):
        raise RunFolderError(f"{path} is not a YAML mapping; delete it, or train again")
    return content


def _history(path: Path) -> History | None:
    if not path.exists():
        return None
    entries: list[dict[str, float]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entries.append({name: float(value) for name, value in json.loads(line).items()})
            entries[-1]["epoch"]
        except (ValueError, TypeError, AttributeError, KeyError):
            raise RunFolderError(
                f"line {number} of {path} is not an epoch: {line[:60]!r}; give one JSON object with "
                "an epoch per line"
            ) from None
    if not entries:
        return None
    names = dict.fromkeys(name for entry in entries for name in entry if name != "epoch")
    return History(
        epochs=np.array([entry["epoch"] for entry in entries]),
        scalars={name: np.array([entry.get(name, np.nan) for entry in entries]) for name in names},
    )
