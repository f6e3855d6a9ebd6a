# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import subprocess
import sys

PREAMBLE = """
import importlib, sys
import torch
from skeleton_dml_ros.embedding import torchvision_import
real = importlib.import_module
"""


def run(program: str) -> str:
    """What the program prints in an interpreter of its own."""
    result = subprocess.run(
        [sys.executable, "-c", PREAMBLE + program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_the_installed_pair_gives_a_network_whatever_its_build() -> None:
    assert run("print(torchvision_import.torchvision_models().resnet18().fc)") == (
        "Linear(in_features=512, out_features=1000, bias=True)"
    )


def test_a_healthy_torchvision_is_not_touched() -> None:
    assert (
        run("""
def healthy(name):
    return name
importlib.import_module = healthy
print(torchvision_import.torchvision_models(), torchvision_import._declared)
""")
        == "torchvision.models []"
    )


def test_any_other_error_is_passed_on() -> None:
    assert (
        run("""
def broken(name):
    raise RuntimeError("libjpeg is missing")
importlib.import_module = broken
try:
    torchvision_import.torchvision_models()
except RuntimeError as error:
    print(error, torchvision_import._declared)
""")
        == "libjpeg is missing []"
    )


def test_that_very_error_is_answered_by_declaring_the_operators_and_importing_again() -> None:
    assert (
        run("""
calls = []
sys.modules["torchvision.half_imported"] = None
def broken_once(name):
    calls.append(name)
    if len(calls) == 1:
        raise RuntimeError("operator torchvision::nms does not exist")
    return "models"
importlib.import_module = broken_once
print(torchvision_import.torchvision_models(), len(calls), len(torchvision_import._declared),
      "torchvision.half_imported" in sys.modules)
""")
        == "models 2 1 False"
    )
