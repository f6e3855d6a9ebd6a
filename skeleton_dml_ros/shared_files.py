# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find the data files ``models/`` and ``config/``, expand paths, and parse YAML.

A checkout, a pip environment and a ROS workspace keep them in different places.  The search goes from
the code outwards, so that a checkout run in a sourced workspace uses its own model and not that of the
installed version.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from skeleton_dml_ros.errors import SkeletonDmlError, one_line

NAME = "skeleton_dml_ros"

MAX_YAML = 8_000_000
"""Characters of a YAML text."""

MAX_YAML_VALUES = 1_000_000
"""Values of a YAML text once its aliases are unfolded."""


class SharedFileError(SkeletonDmlError):
    """A data file of this package was not found."""


def import_failure(package: str, error: Exception) -> str:
    """Says that an installed package cannot be imported, and why; one line."""
    reason = str(error) or type(error).__name__
    return one_line(
        f"{package} is installed but fails at import ({reason:.200}); "
        f"pip install --force-reinstall {package}"
    )


def failing_import(error: BaseException) -> str | None:
    """The package whose import raised an error, by its name for pip; None if none did."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if frame.f_code.co_name == "<module>" and package not in (NAME, "__main__"):
            return packages_distributions().get(package, [package])[0]
    return None


class YamlError(SkeletonDmlError):
    """A text is not YAML, or not YAML that a settings file needs."""


def parse_yaml(text: str | bytes) -> Any:
    """The content of a YAML text from anywhere.

    Raises:
        YamlError: it is not YAML, is nested too deeply, or its aliases unfold to too much; one line.
    """
    import yaml

    if len(text) > MAX_YAML:
        raise YamlError(f"it has {len(text) / 1e6:.1f} MB; the maximum is {MAX_YAML / 1e6:.0f} MB")
    try:
        content = yaml.safe_load(text)
        size = _unfolded(content, {})
    except yaml.YAMLError as error:
        raise YamlError(one_line(str(error))) from None
    except RecursionError:
        raise YamlError("it is nested too deeply, or contains itself") from None
    except Exception as error:
        # PyYAML lets errors of conversions through, such as of the date 2001-13-45.
        raise YamlError(
            one_line(f"a value is not valid: {str(error) or type(error).__name__}")
        ) from None
    if size > MAX_YAML_VALUES:
        raise YamlError(f"its aliases unfold to more than {MAX_YAML_VALUES} values")
    return content


def _unfolded(value: object, known: dict[int, int]) -> int:
    """Number of values in a tree whose parts may be shared."""
    if not isinstance(value, (dict, list, set, tuple)):
        return 1
    if id(value) not in known:
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_unfolded(part, known) for part in parts)
    return known[id(value)]


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
