# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The wheel works where it is installed: in an empty environment, from any folder.

The quick test lends the new environment the packages of the running one, by a ``.pth`` file; the
slow one lets pip install everything that the wheel asks for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = ("action", "config", "models", "msg", "srv")
SOURCES = ("setup.py", "pyproject.toml", "README.md", "skeleton_dml_ros", *SHARED)


def run(*command: str | Path, cwd: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command without the test's own Python environment."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "AMENT_PREFIX_PATH")
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, since building leaves files behind."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(
                REPOSITORY / name,
                source / name,
                ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"),
            )
        else:
            shutil.copy(REPOSITORY / name, source / name)
    run(
        *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"),
        *("--wheel-dir", folder, source),
        cwd=folder,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder that is neither the checkout nor below it, with a small archive in it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    generator = np.random.default_rng(0)
    clips = []
    for seed in range(4):
        moved = np.linspace(0, 0.5, 20)[:, None, None, None] * generator.normal(size=(1, 1, 25, 3))
        positions = REST_POSE[None, None] * 0.5 + [0, 0, 3] + moved * (seed % 2 + 1) / 10
        clips.append(SkeletonSequence(positions, np.arange(20) / 30, NTU_25))
    write_archive(folder / "motions.npz", archive_of(clips, [0, 1, 0, 1], ["raise", "lower"]))
    return folder


def check_installation(python: Path, elsewhere: Path) -> None:
    """Run the installed package, with the model that it brings, from a foreign folder."""
    environment = python.parent.parent
    places = run(
        python,
        "-c",
        "import skeleton_dml_ros as package; from skeleton_dml_ros.shared_files import shared_file;"
        "print(package.__file__, shared_file('models'), shared_file('config'), sep='\\n')",
        cwd=elsewhere,
    ).stdout.splitlines()
    assert len(places) == 3
    assert all(place.startswith(str(environment)) for place in places)
    command = python.parent / "skeleton-dml"
    assert "Usage: skeleton-dml" in run(command, "--help", cwd=elsewhere).stdout
    figures = json.loads(
        run(
            *(
                command,
                "evaluate",
                "one-shot",
                "--data",
                "motions.npz",
                "--episodes",
                "2",
                "--json",
            ),
            cwd=elsewhere,
        ).stdout
    )
    assert (figures["classes"], figures["queries"], figures["episodes"]) == (2, 2, 2)


def test_the_wheel_runs_in_an_empty_environment_from_another_folder(
    wheel: Path, elsewhere: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    site_packages = Path(
        sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": ""})
    )
    run(
        *(sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "install"),
        *("--no-deps", "--no-index", "--quiet", wheel),
        cwd=tmp_path,
    )
    # Read after the environment's own folder, so the package itself comes from the wheel.
    (site_packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    check_installation(environment / "bin" / "python", elsewhere)


@pytest.mark.slow
def test_the_wheel_brings_what_it_needs(wheel: Path, elsewhere: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    constraints = REPOSITORY / "constraints.txt"
    pip = (python, "-m", "pip", "install", "--quiet", "-c", constraints)
    run(*pip, wheel, cwd=tmp_path)
    refused = run(environment / "bin" / "skeleton-dml", "--help", cwd=elsewhere, status=2)
    assert refused.stderr.splitlines() == [
        "skeleton-dml: typer is not installed, but the commands require it; "
        "pip install 'skeleton_dml_ros[cli]'"
    ]
    run(*pip, f"{wheel}[all]", cwd=tmp_path)
    check_installation(python, elsewhere)


def test_the_wheel_holds_no_tests_and_states_its_version(wheel: Path) -> None:
    import zipfile

    import skeleton_dml_ros

    assert wheel.name == f"skeleton_dml_ros-{skeleton_dml_ros.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as content:
        roots = {name.split("/")[0] for name in content.namelist()}
        names = content.namelist()
    stem = wheel.name.removesuffix("-py3-none-any.whl")
    assert roots == {"skeleton_dml_ros", f"{stem}.dist-info", f"{stem}.data"}
    assert "skeleton_dml_ros/py.typed" in names
    shared = f"{stem}.data/data/share/skeleton_dml_ros"
    assert f"{shared}/config/training/default.yaml" in names
    for folder in SHARED:
        for path in (REPOSITORY / folder).rglob("*"):
            if path.is_file():
                assert f"{shared}/{path.relative_to(REPOSITORY).as_posix()}" in names
