# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, SECOND, WAVE, recognizer, script

from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25

STATUS = Path("/proc/self/statm")


def resident_bytes() -> int:
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(folder: Path, minutes: int, settled: int) -> float:
    """Share by which resident memory grows between two minutes of a stream of three people.

    They act and idle endlessly, return under new names, and all clips are classified.
    """
    target = recognizer(folder, live=True)
    minute = [
        script(*[(limb, 1.2), (None, 1.8)] * 20, x=x)
        for limb, x in ((WAVE, -2.0), (BOW, 0.0), (KICK, 2.0))
    ]
    frames = np.stack(minute, axis=1)
    noise = np.random.default_rng(0).normal(scale=0.004, size=frames.shape)
    frames = (frames + noise).astype(np.float32)
    stamp = SECOND
    measured = []
    events = 0
    for number in range(minutes):
        # A visitor gets a new name every minute, as a tracker would give it.
        people = ["a", "b", f"visitor {number}"]
        for positions in frames:
            target.push(SkeletonFrame(stamp, people, positions, NTU_25))
            stamp += FRAME
        assert target.drain(60)
        events += len(target.events())
        measured.append(resident_bytes())
    target.close()
    assert events > 50 * minutes
    return (measured[-1] - measured[settled - 1]) / measured[settled - 1]


@pytest.mark.skipif(not STATUS.exists(), reason="resident memory is read from Linux's /proc")
def test_memory_does_not_grow_over_minutes(tmp_path: Path) -> None:
    assert growth(tmp_path, minutes=8, settled=5) < 0.02


@pytest.mark.slow
@pytest.mark.skipif(not STATUS.exists(), reason="resident memory is read from Linux's /proc")
def test_memory_does_not_grow_over_the_last_fifty_minutes_of_an_hour(tmp_path: Path) -> None:
    assert growth(tmp_path, minutes=60, settled=10) < 0.02
