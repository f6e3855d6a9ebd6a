# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Packaging for pip: the package, and the data that it shares with the ROS build.

Lower bounds are the oldest versions whose interfaces the code uses, since a Jetson has NVIDIA's
own, older torch.  ``constraints.txt`` pins the versions that are tested.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

NAME = "skeleton_dml_ros"
ROOT = Path(__file__).resolve().parent
SHARED_FOLDERS = ("action", "config", "models", "msg", "srv")

# What the node needs at run time; all of it exists for aarch64.
RUN_TIME = [
    "faiss-cpu>=1.7.4",
    "numpy>=1.22",
    "pyyaml>=5.4",
    "safetensors>=0.4",
    "torch>=2.1",
    "torchvision>=0.16",
]
EXTRAS = {
    # From 0.11 on, it reads a bag's file without the bag's folder.
    "bags": ["rosbags>=0.11"],
    "cli": ["rich>=13.8", "typer>=0.12"],
    # Computes an exported model.
    "onnx": ["onnxruntime>=1.16"],
    # Exports one; torch's exporter needs newer versions than torch itself.
    "export": ["onnx>=1.16", "onnxruntime>=1.16", "onnxscript>=0.2"],
    "plots": ["matplotlib>=3.5", "pillow>=9.1"],
    "training": ["pytorch-metric-learning>=2.7", "tensorboard>=2.10"],
}
EXTRAS["all"] = sorted(requirement for extra in EXTRAS.values() for requirement in extra)
# No wheel of cyclonedds is made for aarch64, where it has to be built from source.
EXTRAS["dds"] = [*EXTRAS["bags"], "cyclonedds>=11,<12"]
# Large, and only for trying things out.
EXTRAS["webcam"] = ["mediapipe>=0.10.9", "opencv-python"]
# Figure 8 of the paper; brings numba, which compiles.
EXTRAS["umap"] = ["umap-learn>=0.5.3"]
EXTRAS["test"] = [
    *EXTRAS["all"],
    *(f"{one} ; platform_machine != 'aarch64'" for one in EXTRAS["dds"]),
    *EXTRAS["umap"],
    "hypothesis>=6.100",
    "import-linter>=2.0",
    "mypy>=1.11",
    "pytest>=8.0",
    "ruff>=0.6",
    # Writes the MATLAB files of tests.
    "scipy>=1.8",
    "scipy-stubs",
    # The wheel's test builds the wheel; older ones cannot without the package wheel.
    "setuptools>=70.1",
    "types-PyYAML",
]


def version() -> str:
    """The version, from its only place, without importing the package."""
    text = (ROOT / NAME / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{NAME}/__init__.py states no __version__")
    return found.group(1)


def shared_data() -> list[tuple[str, list[str]]]:
    """Where each folder of shared data goes below the environment, and its files."""
    placed: dict[str, list[str]] = {}
    for folder in SHARED_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                relative = path.relative_to(ROOT)
                target = Path("share") / NAME / relative.parent
                placed.setdefault(target.as_posix(), []).append(relative.as_posix())
    return list(placed.items())


setup(
    name=NAME,
    version=version(),
    description="One-shot action recognition on skeletons: taught by one demonstration",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["py.typed", "datasets/*.txt"]},
    data_files=shared_data(),
    install_requires=RUN_TIME,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["skeleton-dml = skeleton_dml_ros.cli:main"]},
    zip_safe=False,
)
