# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The command ``skeleton-dml``.

This module imports no optional package, so that it can name a missing one; the commands are in
:mod:`skeleton_dml_ros.cli.application`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

PROGRAM = "skeleton-dml"
USAGE_ERROR = 2
"""Exit status of a user's mistake."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: without the program's name; default: the arguments of this process.

    Returns:
        The exit status.
    """
    # Read when torch is loaded.  OpenMP's waiting threads spin by default, which makes everything
    # several times slower when other processes use the cores, too.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    # Python has none where the caller has closed them.
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    try:
        from skeleton_dml_ros.cli.application import run
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        print(
            f"{PROGRAM}: {error.name} is not installed, but the commands require it; "
            "pip install 'skeleton_dml_ros[cli]'",
            file=sys.stderr,
        )
        return USAGE_ERROR
    except Exception as error:
        from skeleton_dml_ros.shared_files import failing_import, import_failure

        package = failing_import(error)
        if package is None:
            raise
        print(f"{PROGRAM}: {import_failure(package, error)}", file=sys.stderr)
        return USAGE_ERROR
    return run(sys.argv[1:] if arguments is None else arguments)
