# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What arrives: all people that one input sees at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import Layout
from skeleton_dml_ros.skeleton.sanitization import mask_partial_joints, sanitize_confidences

SEPARATOR = "/"
"""Between input, person and start in a clip's id; no input's name may hold it."""


def person_name(input_name: str, person_id: str) -> str:
    """A person's name among all inputs: two cameras never mean the same by theirs."""
    return SEPARATOR.join((input_name, person_id))


class FrameError(SkeletonDmlError):
    """A frame's parts do not fit together; it was not taken."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One message of one input, checked: a frame that exists can be used.

    An infinite joint, or one of which a coordinate is missing, becomes unseen; a confidence that
    is no number becomes 0.  Arrays that need no mending are not copied.

    Attributes:
        input_name: name of the input; ids of persons are unique within it.
        stamp_ns: nanoseconds of the message clock.
        person_ids: one a person.
        positions: (people, joints, 3) float32, metres, Kinect axes, NaN = not seen.
        confidences: (people, joints) float32 in [0, 1], or None.
        layout: of the joints.

    Raises:
        FrameError: names what does not fit.
    """

    input_name: str
    stamp_ns: int
    person_ids: tuple[str, ...]
    positions: NDArray[np.float32]
    confidences: NDArray[np.float32] | None
    layout: Layout

    def __post_init__(self) -> None:
        name: object = self.input_name
        stamp: object = self.stamp_ns
        layout: object = self.layout
        if not isinstance(name, str) or not name or SEPARATOR in name:
            raise FrameError(f"input {name!r} is no name; give one without {SEPARATOR!r}")
        if not isinstance(stamp, (int, np.integer)) or not 0 <= stamp < 2**63:
            raise FrameError(
                f"stamp {stamp} of input {name} is no time in nanoseconds; give 0 to 2**63 - 1"
            )
        if not isinstance(layout, Layout):
            raise FrameError(f"layout {layout!r} of input {name} is none; give get_layout(...)")
        people: tuple[object, ...] = tuple(self.person_ids)
        for person in people:
            if not isinstance(person, str) or not person:
                raise FrameError(f"a person of input {name} has an empty id; give each a name")
        if len(set(people)) < len(people):
            twice = next(person for person in people if people.count(person) > 1)
            raise FrameError(
                f"person {twice!r} occurs twice in one frame of input {name}; give each an id of "
                "their own"
            )
        object.__setattr__(self, "stamp_ns", int(self.stamp_ns))
        object.__setattr__(self, "person_ids", people)
        object.__setattr__(self, "positions", self._checked_positions())
        object.__setattr__(self, "confidences", self._checked_confidences())

    def _checked_positions(self) -> NDArray[np.float32]:
        people, joints = len(self.person_ids), len(self.layout.joint_names)
        positions = self._numbers(self.positions)
        if positions.size == 0 and people == 0:
            positions = positions.reshape(0, joints, 3)
        if positions.shape != (people, joints, 3):
            raise FrameError(
                f"positions of input {self.input_name} have shape {positions.shape}; {people} people in "
                f"layout {self.layout.name} need ({people}, {joints}, 3)"
            )
        return mask_partial_joints(positions)

    def _checked_confidences(self) -> NDArray[np.float32] | None:
        if self.confidences is None:
            return None
        people, joints = len(self.person_ids), len(self.layout.joint_names)
        confidences = self._numbers(self.confidences)
        if confidences.size == 0:
            return None
        if confidences.shape != (people, joints):
            raise FrameError(
                f"confidences of input {self.input_name} have shape {confidences.shape}; give "
                f"({people}, {joints}) or none"
            )
        return sanitize_confidences(confidences)

    def _numbers(self, values: ArrayLike) -> NDArray[np.float32]:
        try:
            return np.asarray(values, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise FrameError(
                f"frame of input {self.input_name} holds no numbers: {error}"
            ) from None


def make_frame(
    input_name: str,
    stamp_ns: int,
    person_ids: Sequence[str],
    positions: ArrayLike,
    confidences: ArrayLike | None,
    layout: Layout,
) -> Frame:
    """A frame out of whatever lists and arrays an input delivers.

    Raises:
        FrameError: as :class:`Frame`.
    """
    # The constructor makes arrays of what is none.
    return Frame(input_name, stamp_ns, tuple(person_ids), positions, confidences, layout)  # type: ignore[arg-type]
