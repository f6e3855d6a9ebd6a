# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Find out why nothing can be recognised in a stream: its stamps, ids, units or axes."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.recognition.settings import GAP
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.mapping import map_positions
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonError, nanoseconds

logger = logging.getLogger(__name__)

WINDOW = 150
"""Frames that are judged: five seconds of most cameras."""

RECORDED_FRAMES = 10_000
"""Frames of a recording that are judged: the last five minutes of most cameras."""

MIN_FRAMES = 15
"""Fewer frames are not judged."""

MIN_RATE = 5.0
"""Hz; at a lower rate most movements are missed."""

TRUNK = (0.15, 1.0)
"""Metres from hips to shoulders: a toddler's are 0.25, a tall adult's 0.65."""

UPSIDE_DOWN_FRAMES = 60
"""Frames of people with their head below their hips from which the axes are doubted."""

_JOINTS = {name: NTU_25.index(name) for name in NTU_25.joint_names}
_KNEES = [_JOINTS["knee_left"], _JOINTS["knee_right"]]


@dataclass(frozen=True)
class _Facts:
    """One frame.

    Attributes:
        step_ns: since the latest stamp before it; None for the first frame.
        people: number of people.
        new: of these, how many have an id that the frame before did not have.
        unseen: of these, how many have no joint.
        trunks: length of each trunk that was seen.
        upright: for each person whose head, hips and knees were seen, whether not upside down.
    """

    step_ns: int | None
    people: int
    new: int
    unseen: int
    trunks: tuple[float, ...]
    upright: tuple[bool, ...]


class StreamCheck:
    """Judges the latest frames of one input; not thread-safe.

    Args:
        window: number of frames.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self._facts: deque[_Facts] = deque(maxlen=window)
        self._latest_ns: int | None = None
        self._ids: frozenset[str] | None = None

    def take(self, frame: SkeletonFrame) -> None:
        """Take a frame in the Kinect's axes, in the order of arrival."""
        step_ns = None if self._latest_ns is None else frame.stamp_ns - self._latest_ns
        ids = frozenset(frame.person_ids)
        new = 0 if self._ids is None else len(ids - self._ids)
        trunks, upright, unseen = _bodies(frame)
        self._facts.append(_Facts(step_ns, len(ids), new, unseen, trunks, upright))
        # After a step back by more than the gap, time starts again.
        if step_ns is None or step_ns > 0 or step_ns < -nanoseconds(GAP):
            self._latest_ns = frame.stamp_ns
        if ids:
            self._ids = ids

    def problems(self) -> list[str]:
        """What keeps people from being recognised, with the remedy, one line each."""
        return list(self._problems()) if len(self._facts) >= MIN_FRAMES else []

    def _problems(self) -> Iterator[str]:
        steps = np.array([one.step_ns for one in self._facts if one.step_ns is not None])
        yield from _time_problems(steps, len(self._facts))
        people = sum(one.people for one in self._facts)
        if people < MIN_FRAMES:
            return
        if 2 * sum(one.new for one in self._facts) > people:
            yield (
                "people have a new id in almost every frame, so nobody can be followed; switch on "
                "the tracking of the camera's software"
            )
        unseen = sum(one.unseen for one in self._facts)
        if unseen > 0.9 * people:
            yield (
                f"{unseen} of {people} people have no joint (all NaN or zero), so nothing can be "
                "recognised; check the depth image and the confidence limits of the camera's software"
            )
        trunks = [trunk for one in self._facts for trunk in one.trunks]
        if len(trunks) >= MIN_FRAMES:
            yield from _unit_problems(float(np.median(trunks)))
        upright = [one for facts in self._facts for one in facts.upright]
        if len(upright) >= UPSIDE_DOWN_FRAMES and sum(upright) < 0.1 * len(upright):
            yield (
                f"heads are below hips in {len(upright) - sum(upright)} of {len(upright)} skeletons, "
                "so the axes are wrong; set the input's axes (input.<name>.axes, or --axes)"
            )


def checked(frames: Iterable[SkeletonFrame]) -> Iterator[SkeletonFrame]:
    """The frames of a recording; at the end, a warning for each of its problems."""
    check = StreamCheck(window=RECORDED_FRAMES)
    for frame in frames:
        check.take(frame)
        yield frame
    for problem in check.problems():
        logger.warning("%s", problem)


def _time_problems(steps: NDArray[np.int64], frames: int) -> Iterator[str]:
    backwards = steps[steps < -nanoseconds(GAP)]
    late = int(((steps <= 0) & (steps >= -nanoseconds(GAP))).sum())
    if len(backwards) >= max(3, frames // 20):
        apart = -float(np.median(backwards)) / NANOSECONDS_PER_SECOND
        yield (
            f"time ran backwards by {apart:.1f} s in {len(backwards)} of {frames} frames, so people "
            "are forgotten each time: two publishers with different clocks send on one topic; give "
            "each its own topic, or set their clocks"
        )
        return
    if late > 0.3 * frames:
        yield (
            f"{late} of {frames} frames left out: stamp not later than the one before; set "
            "header.stamp to the time of each image, with its nanoseconds"
        )
        return
    # Of wrong stamps, the rate says nothing.
    forward = steps[steps > 0]
    if len(forward) >= 3:
        rate = NANOSECONDS_PER_SECOND / float(np.median(forward))
        if rate < MIN_RATE:
            yield (
                f"{rate:.1f} frames a second are too few to recognise actions; send at least "
                f"{MIN_RATE:g}, better 15 or more"
            )


def _unit_problems(trunk: float) -> Iterator[str]:
    if TRUNK[0] <= trunk <= TRUNK[1]:
        return
    if 150 <= trunk <= 1000:
        likely = "positions are in millimetres; divide them by 1000"
    elif 15 <= trunk <= 100:
        likely = "positions are in centimetres; divide them by 100"
    elif 0.00015 <= trunk <= 0.001:
        likely = "positions are 1/1000 of metres: a wrong depth divisor; multiply them by 1000"
    else:
        likely = "positions must be in metres"
    yield f"the distance from hips to shoulders is {trunk:.2g} m, so {likely}"


def _bodies(frame: SkeletonFrame) -> tuple[tuple[float, ...], tuple[bool, ...], int]:
    """Trunks, uprightness and number of people without a joint; see :class:`_Facts`."""
    if not frame.person_ids:
        return (), (), 0
    try:
        poses = map_positions(frame.positions, frame.layout, alternatives=False)
    except SkeletonError:
        # The recogniser refuses the frame.
        return (), (), 0
    hips, shoulders = poses[:, _JOINTS["spine_base"]], poses[:, _JOINTS["spine_shoulder"]]
    trunks = np.linalg.norm(shoulders - hips, axis=1)
    head = poses[:, _JOINTS["head"], 1] - hips[:, 1]
    knees = poses[:, _KNEES, 1].mean(axis=1) - hips[:, 1]
    judged = np.isfinite(head) & np.isfinite(knees) & np.isfinite(trunks)
    # Head below and knees above the hips: neither crouching nor bending down nor lying does this.
    down = (head < -0.5 * trunks) & (knees > 0)
    return (
        tuple(trunks[np.isfinite(trunks)].tolist()),
        tuple((~down[judged]).tolist()),
        int(np.isnan(frame.positions[..., 0]).all(axis=1).sum()),
    )
