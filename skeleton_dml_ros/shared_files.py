# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the files are that are no code: ``models/`` and ``config/``.

The same package runs from a checkout, from pip's environment and from a ROS workspace, and its
data lies elsewhere in each.  The search begins at the code and goes outwards, because data has to
fit the code that reads it: a checkout run inside a sourced workspace must not pick up the model of
the version that is installed there.
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
    """A file that belongs to this package was not found."""


def shared_file(relative: str | Path) -> Path:
    """A shared file or folder, wherever this installation keeps it.

    Args:
        relative: path below the folder of shared data, such as ``models/default``.

    Raises:
        SharedFileError: it is in none of the places, which the error lists.
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
    """The folders in which shared data is looked for, first match first."""
    return list(dict.fromkeys(_shared_folders()))


def _shared_folders() -> Iterator[Path]:
    package = Path(__file__).resolve().parent
    if (package.parent / "setup.py").is_file():
        yield package.parent
    share = Path("share") / NAME
    # pip and colcon put share/ beside the lib/ that holds the package, at one depth or another:
    # PREFIX/lib/python3/site-packages, PREFIX/local/lib/python3/dist-packages, or TARGET itself.
    for ancestor in package.parents:
        if (ancestor / share).is_dir():
            yield ancestor / share
    # The ament index: each prefix of a sourced workspace, as ament_index_python would read it.
    for prefix in filter(None, os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)):
        yield Path(prefix) / share
    yield Path(sysconfig.get_path("data")) / share
    yield Path(sys.prefix) / share
    yield Path(site.getuserbase()) / share
