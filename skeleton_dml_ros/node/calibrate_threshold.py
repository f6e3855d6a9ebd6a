# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The action ``CalibrateThreshold``: collect background movements, fit the threshold to them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from skeleton_dml_ros.embedding.engine import ReleasedError
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.active_recognizer import ActiveRecognizer, CancelledError, Decisions
from skeleton_dml_ros.recognition.clips import UnknownClipError
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.references.open_set import OpenSetError, min_background_clips
from skeleton_dml_ros.references.store import Calibration
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

MAX_SECONDS = 3600.0
"""Longest collection in seconds."""

MAX_CLIPS = 1000
"""Collection ends at this number of movements: enough to measure a rate of 1 in 100, and they fit
into a robot's memory."""

FEEDBACK_INTERVAL = 1.0
"""Seconds between two feedback messages while nobody moves."""

Feedback = Callable[[float, int], None]
"""``feedback(seconds_left, movements)``."""


def calibrate(
    live: ActiveRecognizer,
    seconds: float,
    false_accept_rate: float,
    now_ns: Callable[[], int],
    feedback: Feedback = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Calibration:
    """Collect movements as the live stream is segmented, then fit the threshold to them.

    Collection ends early at :data:`MAX_CLIPS` movements.

    Args:
        live: the active recogniser.
        seconds: how long to collect, by the node's clock.
        false_accept_rate: maximum share of background movements that may be accepted.
        now_ns: the node's clock, nanoseconds.
        feedback: called with each movement, and once a second.
        cancelled: whether the client has cancelled.

    Raises:
        BusyError: a recording or another calibration is running.
        CancelledError: the client cancelled.
        SkeletonDmlError: there are no references, too few movements were seen, or the threshold
            cannot be stored.  In all cases the threshold stays as it was.
    """
    if not 0 < seconds <= MAX_SECONDS:
        raise SkeletonDmlError(f"seconds is {seconds:g}; give more than 0, up to {MAX_SECONDS:g}")
    min_clips = min_background_clips(false_accept_rate)
    if live.library.snapshot().empty:
        raise OpenSetError(
            "there are no references to calibrate against; teach an action first, then calibrate"
        )
    with live.exclusive("this calibration") as decisions:
        background = _collect(live, decisions, seconds, now_ns, feedback, cancelled)
    live.check_open()
    if len(background) < min_clips:
        raise OpenSetError(
            f"collected {len(background)} of the {min_clips} movements that a false-accept rate of "
            f"{false_accept_rate:g} needs, within {seconds:g} s; collect for longer, or allow a higher "
            "rate"
        )
    try:
        return live.library.calibrate(background, false_accept_rate)
    except ReleasedError:
        live.check_open()
        raise


def _collect(
    live: ActiveRecognizer,
    decisions: Decisions,
    seconds: float,
    now_ns: Callable[[], int],
    feedback: Feedback,
    cancelled: Callable[[], bool],
) -> list[SkeletonSequence]:
    """The movements that end within this time and are visible enough to decide on."""
    background: list[SkeletonSequence] = []

    def add(recognition: Recognition) -> None:
        if recognition.verdict is not Verdict.POORLY_SEEN:
            with suppress(UnknownClipError):
                background.append(live.recognizer.clip(recognition.clip_id).sequence)

    end_ns = now_ns() + round(seconds * NANOSECONDS_PER_SECOND)
    reported, due = -1, seconds
    while (left := (end_ns - now_ns()) / NANOSECONDS_PER_SECOND) > 0:
        if cancelled():
            raise CancelledError("cancelled; the threshold stays as it was")
        if len(background) != reported or left <= due:
            feedback(left, len(background))
            reported, due = len(background), left - FEEDBACK_INTERVAL
        recognition = live.next_decision(decisions)
        if recognition is not None:
            add(recognition)
        if len(background) == MAX_CLIPS:
            return background
    for recognition in live.last_decisions(decisions):
        add(recognition)
    return background[:MAX_CLIPS]
