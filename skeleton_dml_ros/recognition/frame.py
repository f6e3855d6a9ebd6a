"""What arrives: all people that one input sees at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import Layout

SEPARATOR = "/"
"""Between input, person and start in a clip's id; no input's name may hold it."""


class FrameError(SkeletonDmlError):
    """A frame's arrays do not fit together; it was not taken."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One message of one input.

    Attributes:
        input: name of the input; ids of persons are unique within it.
        stamp_ns: nanoseconds of the message clock.
        person_ids: one a person.
        positions: (people, joints, 3) float32, metres, Kinect axes.  NaN and infinite = not seen.
        confidences: (people, joints) float32 in [0, 1], or None.
        layout: of the joints.
    """

    input: str
    stamp_ns: int
    person_ids: tuple[str, ...]
    positions: NDArray[np.float32]
    confidences: NDArray[np.float32] | None
    layout: Layout


def make_frame(
    input: str,  # noqa: A002  # what the messages call it
    stamp_ns: int,
    person_ids: Sequence[str],
    positions: ArrayLike,
    confidences: ArrayLike | None,
    layout: Layout,
) -> Frame:
    """A frame out of what an input delivers, checked.

    An infinite joint, or one of which a coordinate is missing, becomes unseen; a confidence that
    is no number becomes 0.

    Raises:
        FrameError: names what does not fit.
    """
    if not input or SEPARATOR in input:
        raise FrameError(f"input {input!r} is no name; give one without {SEPARATOR!r}")
    if not 0 <= stamp_ns < 2**63:
        raise FrameError(f"stamp {stamp_ns} of input {input} is no time in nanoseconds")
    people, joints = len(person_ids), len(layout.joint_names)
    try:
        array = np.array(positions, dtype=np.float32)
        certain = None if confidences is None else np.array(confidences, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise FrameError(f"frame of input {input} holds no numbers: {error}") from None
    if array.size == 0:
        array = array.reshape(0, joints, 3)
    if array.shape != (people, joints, 3):
        raise FrameError(
            f"positions of input {input} have shape {array.shape}; {people} people in layout "
            f"{layout.name} need ({people}, {joints}, 3)"
        )
    for person in person_ids:
        if not person:
            raise FrameError(f"a person of input {input} has an empty id; give each a name")
        if list(person_ids).count(person) > 1:
            raise FrameError(f"person {person!r} occurs twice in one frame of input {input}")
    array[~np.isfinite(array).all(axis=-1)] = np.nan
    if certain is not None:
        if certain.size == 0:
            certain = certain.reshape(people, -1) if people == 0 else None
        elif certain.shape != (people, joints):
            raise FrameError(
                f"confidences of input {input} have shape {certain.shape}; give ({people}, "
                f"{joints}) or none"
            )
        if certain is not None:
            certain = np.clip(np.nan_to_num(certain, nan=0.0), 0.0, 1.0)
    return Frame(input, int(stamp_ns), tuple(person_ids), array, certain, layout)
