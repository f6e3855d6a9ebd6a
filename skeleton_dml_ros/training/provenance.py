# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where a run comes from: digests of its data and of the code that prepares it, and versions."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import skeleton_dml_ros
from skeleton_dml_ros.datasets.archive import ARRAYS

LIBRARIES = (
    "torch",
    "torchvision",
    "pytorch-metric-learning",
    "numpy",
    "safetensors",
)
"""Packages whose versions a run records: what computes its figures."""

CHUNK = 1 << 20


def archive_digest(path: Path) -> str:
    """SHA-256 of an archive's file, or of the files of its folder."""
    files = [path]
    if path.is_dir():
        files = [path / f"{name}.npy" for name in sorted(ARRAYS)]
    digest = hashlib.sha256()
    for file in files:
        if not file.is_file():
            continue
        if path.is_dir():
            digest.update(file.name.encode())
        with file.open("rb") as content:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


@lru_cache(maxsize=1)
def preparing_code_digest() -> str:
    """SHA-256 of the modules that turn a recording into a normalised clip."""
    package = Path(skeleton_dml_ros.__file__).parent
    files = [
        *sorted((package / "skeleton").glob("*.py")),
        *sorted((package / "datasets").glob("*.py")),
        package / "embedding" / "preparation.py",
        package / "training" / "data.py",
    ]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of Python, this package and the libraries that compute."""
    versions = {
        "python": platform.python_version(),
        "skeleton_dml_ros": skeleton_dml_ros.__version__,
    }
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            # Built for this machine, as NVIDIA's torch may be.
            versions[name] = "unknown"
    return versions
