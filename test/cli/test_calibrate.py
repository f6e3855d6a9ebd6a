# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml calibrate``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from network import Network

from skeleton_dml_ros.node import interface


def test_the_fitted_threshold_is_printed(run_json: Callable[..., Any], network: Network) -> None:
    network.answer(
        interface.CALIBRATE, message="fitted", threshold=-1.5, measured_rate=0.0625, clips=16
    )
    fitted = run_json("calibrate", "60", "--false-accept-rate", "0.125")
    assert fitted == {"threshold": -1.5, "measured_rate": 0.0625, "clips": 16}
    ((name, request),) = network.asked
    assert name == "/recognition_node/calibrate_threshold"
    assert (request.seconds, request.false_accept_rate) == (60.0, 0.125)


def test_a_refused_calibration_is_one_line(
    run: Callable[..., tuple[str, str]], network: Network
) -> None:
    network.refuse(interface.CALIBRATE, "9 movements were seen")
    assert run("calibrate", "5", status=2)[1] == "skeleton-dml: 9 movements were seen\n"
