# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find the data files ``models/`` and ``config/``, and expand paths.

A checkout, a pip environment and a ROS workspace keep them in different places.  The search goes from
the code outwards, so that a checkout run in a sourced workspace uses its own model and not that of the
installed version.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from skeleton_dml_ros.errors import SkeletonDmlError

NAME = "skeleton_dml_ros"


class SharedFileError(SkeletonDmlError):
    """A data file of this package was not found."""


def expanded(path: str | Path) -> Path:
    """A path with ``~`` replaced by the home folder.

    Raises:
        SharedFileError: the user has no home folder, as in many containers.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise SharedFileError(
            f"{path} needs a home folder, but this user has none; set HOME, or give a path without ~"
        ) from None


def shared_file(relative: str | Path) -> Path:
    """Path of a data file or folder of this installation.

    Args:
        relative: path below the data folder, such as ``models/default``.

    Raises:
        SharedFileError: it was not found; lists the folders that were searched.
    """
    folders = shared_folders()
    for folder in folders:
        if (folder / relative).exists():
            return folder / relative
    looked = ", ".join(str(folder) for folder in folders)
    raise SharedFileError(
        f"{relative} was not found in {looked}; give its path, or install {NAME} again"
    )


def shared_folders() -> list[Path]:
    """Folders that are searched for data, in this order."""
    return list(dict.fromkeys(_shared_folders()))


def _shared_folders() -> Iterator[Path]:
    package = Path(__file__).resolve().parent
    if (package.parent / "setup.py").is_file():
        yield package.parent
    share = Path("share") / NAME
    # pip and colcon put share/ beside the lib/ of the package, at different depths:
    # PREFIX/lib/python3/site-packages, PREFIX/local/lib/python3/dist-packages, or TARGET itself.
    for ancestor in package.parents:
        if (ancestor / share).is_dir():
            yield ancestor / share
    # The prefixes of sourced workspaces, as ament_index_python reads them.
    for prefix in filter(None, os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)):
        yield Path(prefix) / share
    yield Path(sysconfig.get_path("data")) / share
    yield Path(sys.prefix) / share
    yield Path(site.getuserbase()) / share
