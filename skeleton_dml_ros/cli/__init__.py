# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The command ``skeleton-dml``.

This module imports nothing that a robot's installation may lack, so that it can say what is
missing; the commands themselves begin in :mod:`skeleton_dml_ros.cli.application`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

PROGRAM = "skeleton-dml"
WRONG_USE = 2
"""Exit status when the user got something wrong, as is custom."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: without the program's name; left out, those that the process was started with.

    Returns:
        The exit status.
    """
    # Read when torch is loaded.  Threads that spin while they wait for one another, as is the
    # default, make everything several times slower as soon as others use the cores too.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        from skeleton_dml_ros.cli.application import run
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        print(
            f"{PROGRAM}: {error.name} is not installed, and the commands need it; "
            "pip install 'skeleton_dml_ros[cli]'",
            file=sys.stderr,
        )
        return WRONG_USE
    return run(sys.argv[1:] if arguments is None else arguments)
