# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Listen to the background and fit the threshold to it: the service ``CalibrateThreshold``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from skeleton_dml_ros.embedding.engine import ReleasedError
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.live import Decisions, Live
from skeleton_dml_ros.recognition.clips import UnknownClipError
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.open_set import OpenSetError, min_background_clips
from skeleton_dml_ros.references.store import Calibration
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

MAX_SECONDS = 3600.0
"""Seconds; a service that takes longer than an hour has been forgotten."""

MAX_CLIPS = 1000
"""Movements that are kept: they tell a share of 1 in 100 well, and fit into a robot's memory."""


def calibrate(
    live: Live, seconds: float, false_accept_rate: float, now_ns: Callable[[], int]
) -> Calibration:
    """Collect what moves for a while, as the robot cuts it, and fit the threshold to it.

    It ends before its time where :data:`MAX_CLIPS` movements have been seen.

    Args:
        live: the recogniser at work.
        seconds: how long, by the node's clock.
        false_accept_rate: share of background movements that may be accepted at most.
        now_ns: the node's clock, nanoseconds.

    Raises:
        SkeletonDmlError: nothing was taught, too little was seen, or it cannot be stored; the
            threshold stays as it was.
    """
    if not 0 < seconds <= MAX_SECONDS:
        raise SkeletonDmlError(f"seconds is {seconds:g}; give more than 0, up to {MAX_SECONDS:g}")
    fewest = min_background_clips(false_accept_rate)
    if live.library.snapshot().empty:
        raise OpenSetError(
            "nothing was taught, so nothing can be mistaken for it; teach an action first, then "
            "calibrate"
        )
    background: list[SkeletonSequence] = []
    with live.undisturbed("this calibration") as decisions:
        for recognition in _decided(live, decisions, seconds, now_ns):
            if recognition.verdict is not Verdict.POORLY_SEEN:
                with suppress(UnknownClipError):
                    background.append(live.recognizer.clip(recognition.clip_id).sequence)
            if len(background) == MAX_CLIPS:
                break
    live.check_open()
    if len(background) < fewest:
        raise OpenSetError(
            f"{len(background)} movements were seen within {seconds:g} s; a false-accept rate of "
            f"{false_accept_rate:g} needs {fewest}: listen for longer, or ask for a higher rate"
        )
    try:
        return live.library.calibrate(background, false_accept_rate)
    except ReleasedError:
        live.check_open()
        raise


def _decided(
    live: Live, decisions: Decisions, seconds: float, now_ns: Callable[[], int]
) -> Iterator[Recognition]:
    """The decisions on all clips that close within this time."""
    end_ns = now_ns() + round(seconds * NANOSECONDS_PER_SECOND)
    while now_ns() < end_ns:
        recognition = live.next_decision(decisions)
        if recognition is not None:
            yield recognition
    yield from live.last_decisions(decisions)
