# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Shared data is found wherever an installation has put it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import skeleton_dml_ros
from skeleton_dml_ros.shared_files import (
    SharedFileError,
    expanded,
    failing_import,
    shared_file,
    shared_folders,
)

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = Path(skeleton_dml_ros.__file__).parent


def find(site: Path, relative: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What ``shared_file`` answers in a process whose package lies in ``site``."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            f"from skeleton_dml_ros.shared_files import shared_file; print(shared_file({relative!r}))",
        ],
        env={"PYTHONPATH": str(site), "PATH": "", **environment},
        cwd=site.anchor,
        capture_output=True,
        text=True,
        check=False,
    )


def installation(site: Path) -> Path:
    """The modules that the search needs, as if installed in ``site``."""
    package = site / "skeleton_dml_ros"
    package.mkdir(parents=True)
    for name in ("__init__.py", "errors.py", "shared_files.py"):
        shutil.copy(PACKAGE / name, package / name)
    return site


def marked(folder: Path, relative: str = "models/default") -> Path:
    """A shared folder that holds something."""
    (folder / relative).mkdir(parents=True)
    return folder / relative


def test_a_checkout_uses_its_own_files() -> None:
    assert shared_file("config") == REPOSITORY / "config"


def test_a_checkout_goes_before_a_sourced_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked(tmp_path / "share" / "skeleton_dml_ros", "config")
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    assert shared_file("config") == REPOSITORY / "config"


@pytest.mark.parametrize(
    "site",
    ["lib/python3.10/site-packages", "local/lib/python3.10/dist-packages", "."],
    ids=["environment", "Debian", "pip install --target"],
)
def test_an_installation_uses_the_files_installed_with_it(tmp_path: Path, site: str) -> None:
    expected = marked(tmp_path / "share" / "skeleton_dml_ros")
    other = marked(tmp_path / "other" / "share" / "skeleton_dml_ros")
    found = find(
        installation(tmp_path / site),
        "models/default",
        AMENT_PREFIX_PATH=str(other.parent.parent.parent.parent),
    )
    assert (found.stdout.strip(), found.stderr) == (str(expected), "")


def test_the_ament_index_is_searched_in_its_order(tmp_path: Path) -> None:
    site = installation(tmp_path / "site")
    first = marked(tmp_path / "first" / "share" / "skeleton_dml_ros")
    marked(tmp_path / "second" / "share" / "skeleton_dml_ros")
    prefixes = ":".join(str(tmp_path / name) for name in ("empty", "first", "second"))
    found = find(site, "models/default", AMENT_PREFIX_PATH=prefixes)
    assert (found.stdout.strip(), found.stderr) == (str(first), "")


def test_a_foreign_folder_beside_an_installation_is_ignored(tmp_path: Path) -> None:
    site = installation(tmp_path / "site")
    marked(site)
    assert "SharedFileError" in find(site, "models/default").stderr


def test_a_missing_file_is_refused_with_the_searched_places() -> None:
    with pytest.raises(SharedFileError) as refused:
        shared_file("models/nowhere")
    message = str(refused.value)
    assert message.startswith("models/nowhere was not found in ")
    assert all(str(folder) in message for folder in shared_folders())
    assert "\n" not in message


def test_each_place_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", sysconfig.get_path("data"))
    folders = shared_folders()
    assert len(folders) == len(set(folders))


def test_a_path_below_a_home_folder_that_is_missing_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_home(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", no_home)
    with pytest.raises(SharedFileError, match="set HOME, or give a path without ~"):
        expanded("~/.ros/references.db")


MAKE_ENGINE = """
from skeleton_dml_ros.embedding.engines import make_engine
from skeleton_dml_ros.embedding.model import load_model
use = lambda: make_engine(load_model("default"), """


@pytest.mark.parametrize(
    "failure", ["OSError('no libgomp')", "SystemError", "RuntimeError('a\\nb')"]
)
@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("onnxruntime", "from skeleton_dml_ros.embedding.onnx_engine import _onnx_runtime as use"),
        ("faiss", "def use(): import skeleton_dml_ros.references.search"),
        ("cyclonedds", "from skeleton_dml_ros.dds import require_dds as use"),
        ("torch", f"{MAKE_ENGINE}'torch')"),
        ("torchvision", f"{MAKE_ENGINE}'torch')"),
        ("onnxruntime", f"{MAKE_ENGINE}'int8')"),
    ],
)
def test_a_package_that_fails_at_import_is_named_with_a_remedy(
    tmp_path: Path, package: str, use: str, failure: str
) -> None:
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text(f"raise {failure}")
    code = (
        f"{use}\n"
        "from skeleton_dml_ros.errors import SkeletonDmlError\n"
        "try:\n    use()\n"
        "except SkeletonDmlError as error:\n    print(error)\n"
    )
    root = Path(__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = result.stdout.splitlines()
    assert package in line
    assert "pip install --force-reinstall" in line


@pytest.mark.parametrize(
    ("package", "distribution"), [("typer", "typer"), ("rich", "rich"), ("yaml", "PyYAML")]
)
def test_a_command_names_a_package_that_fails_at_import(
    tmp_path: Path, package: str, distribution: str
) -> None:
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("raise OSError('no libgomp')")
    root = Path(__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-m", "skeleton_dml_ros.cli", "enroll", "a.db", "wave", "a.npz"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr == (
        f"skeleton-dml: {distribution} is installed but fails at import (no libgomp); "
        f"pip install --force-reinstall {distribution}\n"
    )


def test_an_error_of_this_package_is_no_failing_import() -> None:
    with pytest.raises(SharedFileError) as caught:
        expanded("~nobody-of-this-name/references.db")
    assert failing_import(caught.value) is None
