# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the commands' arguments name, opened: models, stores, clips.

Everything here imports what it needs where it needs it, since torch takes seconds and most
commands have something to refuse before.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skeleton_dml_ros.cli.bags import BagChoice, check_no_choice, clips_of_bag, open_bag
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.shared_files import shared_file

if TYPE_CHECKING:
    from skeleton_dml_ros.datasets.archive import SkeletonArchive
    from skeleton_dml_ros.dds.endpoints import Participant
    from skeleton_dml_ros.embedding.model import Model
    from skeleton_dml_ros.embedding.model_engine import ModelEngine
    from skeleton_dml_ros.references.store import ReferenceStore
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

DEFAULT_MODEL = "models/default"


def open_model(folder: Path | None) -> Model:
    """The model of ``--model``, or the one that comes with the package.

    Raises:
        SkeletonDmlError: there is no such model, or its parts do not fit together.
    """
    from skeleton_dml_ros.embedding.model import load_model

    return load_model(shared_file(DEFAULT_MODEL) if folder is None else folder)


def open_engine(model: Model, name: str) -> ModelEngine:
    """What computes with the model, as ``--engine`` names it.

    Raises:
        SkeletonDmlError: there is no such engine, or it cannot be used here.
    """
    from skeleton_dml_ros.embedding.engines import make_engine

    return make_engine(model, name)


def existing_store(path: Path) -> ReferenceStore:
    """The store at this path, which must be there: only teaching and importing make one.

    Raises:
        SkeletonDmlError: there is none, or it cannot be opened.
    """
    from skeleton_dml_ros.references.store import ReferenceStore

    if not path.exists():
        raise SkeletonDmlError(
            f"there is no store {path}; teach a first action: skeleton-dml enroll {path} LABEL CLIP"
        )
    return ReferenceStore(path)


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


def read_clip(argument: str, choice: BagChoice | None = None) -> tuple[SkeletonSequence, str]:
    """One recording, and what to call its source.

    Args:
        argument: an NTU ``.skeleton`` file; an archive or a bag of one clip; or, of several clips,
            ``ARCHIVE:NAME`` or ``ARCHIVE:NUMBER``, counted from 0.  A clip whose name is a number
            is found by its name.
        choice: how a bag is read; left out, the bag tells.

    Raises:
        SkeletonDmlError: there is no such file or clip, or it does not say which clip.
    """
    from skeleton_dml_ros.datasets.bag_file import is_bag
    from skeleton_dml_ros.datasets.ntu import read_skeleton_file
    from skeleton_dml_ros.datasets.recordings import read_recordings

    choice = choice or BagChoice()
    path, which = split_argument(argument)
    if is_bag(path):
        archive = clips_of_bag(open_bag(path, choice))
    else:
        check_no_choice(path, choice)
        if path.suffix == ".skeleton":
            return read_skeleton_file(path), path.stem
        archive = read_recordings(path)
    if which is None and len(archive) > 1:
        raise SkeletonDmlError(
            f"{path} holds {len(archive)} clips; say which, by name or by number from 0, as "
            f"{path}:{archive.names[0]} or {path}:0"
        )
    index = 0 if which is None else _clip_index(archive, which)
    return archive.clip(index), f"{path.stem}:{archive.names[index]}"


def split_argument(argument: str) -> tuple[Path, str | None]:
    """File, and what of it: ``FILE`` or ``FILE:WHAT``; both may hold colons themselves."""
    if not Path(argument).exists():
        parts = argument.split(":")
        for colons in range(len(parts) - 1, 0, -1):
            path = Path(":".join(parts[:colons]))
            if path.exists():
                return path, ":".join(parts[colons:])
    return Path(argument), None


def _clip_index(archive: SkeletonArchive, which: str) -> int:
    if which.isdecimal() and which not in archive.names:
        index = int(which)
        if index >= len(archive):
            raise SkeletonDmlError(
                f"there is no clip {index}; the archive has {len(archive)}, counted from 0"
            )
        return index
    return archive.index(which)
