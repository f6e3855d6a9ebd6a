# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Keep normalised clips in memory, or in a memory-mapped file if they do not fit.

A folder holds the clips of one preparation: all skeletons in ``rows.f32``, in the same layout as in
memory, and the position of each clip in ``clips.npz``.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.training.clips import JOINTS, LabelledClips

ROWS, INDEX = "rows.f32", "clips.npz"

Prepared = Iterable[tuple[str, str, NDArray[np.float32] | None]]
"""Name, class and positions (frames, bodies, 25, 3) of each clip; positions are None if too few
joints were seen."""


@dataclass(frozen=True)
class ClipRows:
    """Clips stored one after the other.

    Attributes:
        rows: (rows, 25, 3) float32.
        names: (clips,) each clip's name in its archive.
        classes: (clips,) each clip's class.
        shapes: (clips, 2) frames and bodies of each.
        left_out: names of clips with too few visible joints.
    """

    rows: Tensor
    names: NDArray[np.str_]
    classes: NDArray[np.str_]
    shapes: NDArray[np.int64]
    left_out: tuple[str, ...]


def as_labelled(kept: ClipRows, preparation: Preparation) -> LabelledClips:
    """The clips, their classes numbered in alphabetical order."""
    class_names, labels = np.unique(kept.classes, return_inverse=True)
    rows = kept.shapes.prod(axis=1)
    return LabelledClips(
        rows=kept.rows,
        offsets=np.cumsum(rows) - rows,
        frames=kept.shapes[:, 0],
        bodies=kept.shapes[:, 1],
        labels=labels.astype(np.int64),
        names=kept.names,
        mirrored=np.zeros(len(rows), dtype=bool),
        backwards=np.zeros(len(rows), dtype=bool),
        class_names=tuple(str(name) for name in class_names),
        preparation=preparation,
        left_out=kept.left_out,
    )


def kept_in_memory(prepared: Prepared) -> ClipRows:
    """The clips in memory."""
    parts: list[NDArray[np.float32]] = []
    index = _kept(prepared, parts.append)
    rows = np.concatenate(parts) if parts else np.zeros((0, JOINTS, 3), np.float32)
    return _clip_rows(torch.from_numpy(rows), index)


def kept_in_file(prepare: Callable[[], Prepared], folder: Path) -> ClipRows:
    """The clips of a folder, which is written first if it is missing.

    Several processes may do this at once; the folder appears only when it is complete.

    Args:
        prepare: makes the clips if the folder is missing.
        folder: of the file.
    """
    if not folder.is_dir():
        _write(prepare(), folder)
    with np.load(folder / INDEX) as content:
        index = {key: content[key] for key in content.files}
    count = int(index["shapes"].prod(axis=1).sum()) * JOINTS * 3
    rows = torch.zeros(0)
    if count:
        # Mapped read-only: pages are read from the file on first access.
        rows = torch.from_file(str(folder / ROWS), shared=False, size=count, dtype=torch.float32)
    return _clip_rows(rows.view(-1, JOINTS, 3), index)


def _write(prepared: Prepared, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}.new")
    temporary.mkdir()
    try:
        with (temporary / ROWS).open("wb") as file:
            index = _kept(prepared, lambda rows: file.write(rows.tobytes()))
            file.flush()
            os.fsync(file.fileno())
        _save_index(temporary / INDEX, **index)
        # Another process was faster and wrote the same clips.
        if not folder.is_dir():
            temporary.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _kept(
    prepared: Prepared, keep: Callable[[NDArray[np.float32]], Any]
) -> dict[str, NDArray[Any]]:
    """Pass the rows of each clip to ``keep``; returns the other fields of :class:`ClipRows`."""
    names: list[str] = []
    classes: list[str] = []
    shapes: list[tuple[int, int]] = []
    left_out: list[str] = []
    for name, class_name, positions in prepared:
        if positions is None:
            left_out.append(name)
            continue
        keep(positions.astype(np.float32, copy=False).reshape(-1, JOINTS, 3))
        names.append(name)
        classes.append(class_name)
        shapes.append(positions.shape[:2])
    return {
        "names": np.array(names, dtype=np.str_),
        "classes": np.array(classes, dtype=np.str_),
        "shapes": np.array(shapes, dtype=np.int64).reshape(-1, 2),
        "left_out": np.array(left_out, dtype=np.str_),
    }


def _save_index(path: Path, **arrays: Any) -> None:
    np.savez(path, **arrays)


def _clip_rows(rows: Tensor, index: dict[str, NDArray[Any]]) -> ClipRows:
    return ClipRows(
        rows,
        names=index["names"],
        classes=index["classes"],
        shapes=index["shapes"],
        left_out=tuple(str(name) for name in index["left_out"]),
    )
