# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Open what the arguments of commands name: models, engines, stores.

Imports are local, so that a command can refuse wrong arguments before torch loads, which takes
seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.endpoints import Participant
    from skeleton_dml_ros.embedding.model import Model
    from skeleton_dml_ros.embedding.model_engine import ModelEngine
    from skeleton_dml_ros.references.store import ReferenceStore


def open_model(folder: str | Path) -> Model:
    """The model in a folder, or the package's own for ``default``.

    Raises:
        SkeletonDmlError: the folder is not a complete model.
    """
    from skeleton_dml_ros.embedding.model import load_model

    return load_model(folder)


def open_engine(model: Model, name: str) -> ModelEngine:
    """The engine of this name for a model.

    Raises:
        SkeletonDmlError: no engine has this name, or it cannot be used here.
    """
    from skeleton_dml_ros.embedding.engines import make_engine

    return make_engine(model, name)


def existing_store(path: Path, read_only: bool = False) -> ReferenceStore:
    """The store at this path, which must be there: only teaching and importing make one.

    Args:
        path: of the store.
        read_only: change nothing; also works on read-only media.

    Raises:
        SkeletonDmlError: there is none, or it cannot be opened.
    """
    from skeleton_dml_ros.references.store import ReferenceStore

    if not path.exists():
        raise SkeletonDmlError(
            f"there is no store {path}; teach a first action: skeleton-dml enroll {path} LABEL CLIP"
        )
    return ReferenceStore(path, read_only=read_only)


def join(name: str) -> Participant:
    """A participant of DDS, to be used in a ``with`` block.

    Args:
        name: under which others see it.

    Raises:
        SkeletonDmlError: DDS is not installed, or cannot be used.
    """
    from skeleton_dml_ros.dds import require_dds

    require_dds()

    from skeleton_dml_ros.dds.endpoints import Participant

    return Participant(name)


def check_place(path: Path) -> Path:
    """A path to be written; its folder is there, since one that is not is more likely misspelt.

    Raises:
        SkeletonDmlError: there is no such folder.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise SkeletonDmlError(f"there is no folder {folder} for {path.name}; make it first")
    return path
