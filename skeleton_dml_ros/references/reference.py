# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A reference: one recorded demonstration of one action, with its label.

It keeps the recording in the source's layout, in metres, neither normalised nor imputed, so that
any later model can embed it.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import Layout, UnknownLayoutError, get_layout
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MAX_LABEL_LENGTH = 100
"""Characters; a robot speaks a label or displays it."""

MAX_NAME_LENGTH = 400
"""Characters of an id, a source, or the name of a layout or joint."""

JOINERS = "\u200c\u200d"
"""Zero-width joiners: not printable, but part of Persian words and emoji."""

FRAME = "kinect"
"""The axes of stored positions: x to the sensor's left, y up, z away from it."""

UNITS = {3: "metre", 2: "pixel"}
"""The unit of stored positions, by the layout's dimensions."""

LARGEST_TIME = 2**63 - 1
"""Nanoseconds are stored as signed 64-bit integers."""


class InvalidReferenceError(SkeletonDmlError):
    """A field of a reference is not valid."""


class ReferenceKind(Enum):
    """What a match with the reference means."""

    ACTION = "action"
    """An action to report."""
    IGNORE = "ignore"
    """A movement that is not to be asked about, such as scratching."""


@dataclass(frozen=True)
class Reference:
    """One demonstration with its label; compares by content.

    Attributes:
        reference_id: unique among all references of all robots.
        label: the action's name; several references may share it.
        kind: an action, or a movement to ignore.
        created_ns: time of enrolment, nanoseconds since the epoch.
        sequence: the recording in its source's layout, not normalised.
        source: where the recording came from, such as ``camera/7/1700000000000000000``.
        visibility: share of joints that were seen, in [0, 1].

    Raises:
        InvalidReferenceError: names the field and the value that is wrong.
    """

    reference_id: str
    label: str
    kind: ReferenceKind
    created_ns: int
    sequence: SkeletonSequence
    source: str = ""
    visibility: float = 1.0

    def __post_init__(self) -> None:
        checked = {
            "reference_id": _name("reference_id", self.reference_id),
            "label": validate_label(self.label),
            "kind": validate_kind(self.kind),
            "created_ns": _nanoseconds("created_ns", self.created_ns),
            "source": _name("source", self.source),
            "visibility": _share("visibility", self.visibility),
        }
        if not self.reference_id:
            raise InvalidReferenceError("reference_id is empty; give an id")
        _nanoseconds("start_ns of the recording", self.sequence.start_ns)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            return NotImplemented
        return self._properties() == other._properties() and same_recording(
            self.sequence, other.sequence
        )

    def __hash__(self) -> int:
        return hash(self._properties())

    def _properties(self) -> tuple[object, ...]:
        return (
            self.reference_id,
            self.label,
            self.kind,
            self.created_ns,
            self.source,
            self.visibility,
        )

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return self.sequence.duration

    @property
    def frames(self) -> int:
        """Number of frames of the recording."""
        return len(self.sequence)

    @property
    def summary(self) -> ReferenceSummary:
        """The reference without its recording."""
        return ReferenceSummary(
            self.reference_id,
            self.label,
            self.kind,
            self.created_ns,
            self.source,
            self.visibility,
            self.frames,
            self.duration,
            self.sequence.bodies,
            self.sequence.layout.name,
        )


@dataclass(frozen=True)
class ReferenceSummary:
    """A reference without its recording, for lists.

    Attributes:
        reference_id: as in :class:`Reference`.
        label: the action's name.
        kind: an action, or a movement to ignore.
        created_ns: time of enrolment, nanoseconds since the epoch.
        source: where the recording came from.
        visibility: share of joints that were seen, in [0, 1].
        frames: number of frames.
        duration: seconds.
        bodies: number of people.
        layout: name of its layout; empty if unreadable.
    """

    reference_id: str
    label: str
    kind: ReferenceKind
    created_ns: int
    source: str
    visibility: float
    frames: int
    duration: float
    bodies: int
    layout: str


def printable_source(text: str) -> str:
    """A text from elsewhere, such as a path, as the source of a reference."""
    kept = "".join(one if one.isprintable() else "\ufffd" for one in text)
    return kept[:MAX_NAME_LENGTH]


def new_reference_id() -> str:
    """A new id of 48 random bits, short enough to type."""
    return secrets.token_hex(6)


def validate_label(label: str) -> str:
    """The label without surrounding blanks, in Unicode's composed form (NFC).

    Raises:
        InvalidReferenceError: it is empty, too long, or not printable.
    """
    kept = unicodedata.normalize("NFC", _text("label", label)).strip()
    if not kept:
        raise InvalidReferenceError(f"label {label!r} is empty; give the action's name")
    if len(kept) > MAX_LABEL_LENGTH:
        raise InvalidReferenceError(
            f"label {kept[:20]!r}... has {len(kept)} characters; give at most {MAX_LABEL_LENGTH}"
        )
    return _printable("label", kept)


def validate_kind(value: object) -> ReferenceKind:
    """A kind, or the kind of this value, such as ``"ignore"``.

    Raises:
        InvalidReferenceError: no kind has this value.
    """
    try:
        return ReferenceKind(value)
    except ValueError:
        kinds = " or ".join(repr(kind.value) for kind in ReferenceKind)
        raise InvalidReferenceError(f"kind is {value!r}; give {kinds}") from None


def recording_digest(sequence: SkeletonSequence) -> str:
    """SHA-256 of a recording: layout, timestamps, positions, confidence, observed."""
    digest = hashlib.sha256()
    frames, bodies, joints, _ = sequence.positions.shape
    layout = sequence.layout
    digest.update(
        repr((layout.name, layout.joint_names, frames, bodies, joints, sequence.start_ns)).encode()
    )
    digest.update(np.ascontiguousarray(sequence.timestamps, dtype="<f8").tobytes())
    digest.update(np.ascontiguousarray(sequence.positions, dtype="<f4").tobytes())
    digest.update(np.ascontiguousarray(sequence.observed, dtype="u1").tobytes())
    if sequence.confidence is not None:
        digest.update(np.ascontiguousarray(sequence.confidence, dtype="<f4").tobytes())
    return digest.hexdigest()


def same_recording(first: SkeletonSequence, second: SkeletonSequence) -> bool:
    """Whether two recordings are identical."""
    return recording_digest(first) == recording_digest(second)


def describe_layout(layout: Layout) -> dict[str, Any]:
    """A layout as JSON values, complete in case a later version does not know its name."""
    return {
        "name": layout.name,
        "joint_names": list(layout.joint_names),
        "parents": list(layout.parents),
        "left_right_pairs": [list(pair) for pair in layout.left_right_pairs],
        "dimensions": layout.dimensions,
    }


def layout_of(description: Mapping[str, Any]) -> Layout:
    """The layout of a description by :func:`describe_layout`.

    The layout known under this name if its joints are the same, else a new one.

    Raises:
        InvalidReferenceError: the description is not consistent.
    """
    try:
        name = _name("name of a layout", description["name"])
        joint_names = tuple(_name("name of a joint", joint) for joint in description["joint_names"])
        parents = tuple(int(parent) for parent in description["parents"])
        pairs = tuple((int(left), int(right)) for left, right in description["left_right_pairs"])
        dimensions = int(description["dimensions"])
    except InvalidReferenceError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidReferenceError(
            f"the description of the layout is not valid: {error!r}"
        ) from None
    count = len(joint_names)
    indices = [*parents, *(index for pair in pairs for index in pair)]
    if len(parents) != count or not all(-1 <= index < count for index in indices):
        raise InvalidReferenceError(f"layout {name!r} refers to joints beyond its {count}")
    if dimensions not in UNITS:
        raise InvalidReferenceError(f"layout {name!r} has {dimensions} dimensions; give 2 or 3")
    try:
        known = get_layout(name)
    except UnknownLayoutError:
        known = None
    if known is not None and known.joint_names == joint_names:
        return known
    return Layout(name, joint_names, parents, pairs, dimensions)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidReferenceError(f"{name} is {value!r}; give text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidReferenceError(f"{name} {value!r} is not valid Unicode; give text") from None
    return value


def _name(name: str, value: object) -> str:
    """A printable text of limited length; may be empty."""
    text = _text(name, value)
    if len(text) > MAX_NAME_LENGTH:
        raise InvalidReferenceError(
            f"{name} {text[:20]!r}... has {len(text)} characters; give at most {MAX_NAME_LENGTH}"
        )
    return _printable(name, text)


def _printable(name: str, text: str) -> str:
    for character in text:
        if not character.isprintable() and character not in JOINERS:
            raise InvalidReferenceError(
                f"{name} {text!r} contains U+{ord(character):04X}, which is not printable; remove it"
            )
    return text


def _nanoseconds(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise InvalidReferenceError(f"{name} is {value!r}; give nanoseconds as an integer")
    if not -LARGEST_TIME - 1 <= value <= LARGEST_TIME:
        raise InvalidReferenceError(f"{name} is {value}, more than 64 bits; give nanoseconds")
    return int(value)


def _share(name: str, value: object) -> float:
    if not isinstance(value, (int, float, np.number)) or not 0 <= value <= 1:
        raise InvalidReferenceError(f"{name} is {value!r}; give a value in [0, 1]")
    return float(value)
