# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Settings of segmentation and recognition: default, range, meaning and reason of each.

:mod:`skeleton_dml_ros.setting` explains the fields' metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.setting import check_settings, choice, setting


class SettingError(SkeletonDmlError):
    """A setting is out of range or contradicts another."""


GAP = 0.5
"""Default of ``RecognitionSettings.gap``; trackers often lose people for a few frames."""


@dataclass(frozen=True)
class Segmentation:
    """How a stream is segmented into clips.

    The defaults were chosen on streams of real clips with idling between them (18 classes of
    UTD-MHAD) and on the recordings of Kinder-Gator, with and without added sensor noise.
    """

    method: str = choice(
        "motion",
        ("motion", "windows"),
        "Segmentation method: motion cuts where movements begin and end, windows takes a window at "
        "regular intervals.",
    )
    """With windows, the decision has to find out which window holds an action."""

    start_speed: float = setting(
        0.5, 0.01, 10, "Speed of the fastest limbs (m/s) at which a movement begins."
    )
    """Joint noise of 16 mm, as from a Kinect at the end of its range, stays below it."""

    stop_speed: float = setting(
        0.25, 0, 10, "Speed (m/s) below which a movement may end; at most start_speed."
    )
    """Half of start_speed, so that a turning point does not end a movement."""

    pause: float = setting(
        0.4,
        0.05,
        5,
        "Pause (s) that ends a movement which has returned to its starting pose. Also the decision "
        "delay.",
    )

    hold: float = setting(
        1.0,
        0.05,
        10,
        "Pause (s) that ends a movement which has stopped in another pose; at least pause.",
    )
    """A pose that is part of a movement, such as a raised arm, is rarely held for a second."""

    rest_distance: float = setting(
        0.2,
        0,
        5,
        "Maximum distance (m) of the limbs from their starting pose for a movement to count as "
        "returned.",
    )

    min_duration: float = setting(
        0.5, 0.05, 10, "Minimum duration (s) of a clip; anything shorter is a twitch."
    )

    max_duration: float = setting(
        8.0,
        0.05,
        60,
        "Maximum duration (s) of a clip; a longer movement is cut; at least min_duration.",
    )
    """Few actions are longer."""

    lead: float = setting(0.3, 0, 1, "Time (s) before the movement that is added to its clip.")
    """The speed estimate lags by up to a quarter of a second."""

    tail: float = setting(
        0.0, 0, 5, "Time (s) after the movement that is added to its clip; at most pause."
    )
    """Not needed, since the speed estimate also lags at the end."""

    window: float = setting(2.5, 0.2, 60, "Length (s) of a window.")
    """The length of a typical gesture."""

    stride: float = setting(0.5, 0.05, 60, "Time (s) from one window to the next; at most window.")
    """Short enough that one window contains the whole gesture."""

    def __post_init__(self) -> None:
        check_settings(self, SettingError)
        _check_at_most(self, "stop_speed", "start_speed")
        _check_at_least(self, "hold", "pause")
        _check_at_least(self, "max_duration", "min_duration")
        _check_at_most(self, "tail", "pause")
        _check_at_most(self, "stride", "window")


@dataclass(frozen=True)
class Unknowns:
    """Which unknown actions are reported, so that the robot asks rarely enough."""

    min_visibility: float = setting(
        0.7,
        0,
        1,
        "Minimum share of visible joints for an unknown action to be reported, of the joints in view: "
        "not hidden in most frames, as legs are behind a table.",
    )
    """A reference whose joints come and go would be poor; that of a person behind a table is not."""

    min_occurrences: int = setting(
        1, 1, 100, "How often an unknown action must occur before it is reported."
    )
    """1 suits a teacher, who expects a question at once; raise it where people do not address the
    robot."""

    interval: float = setting(5.0, 0, 3600, "Minimum time (s) between two reports.")
    """Leaves time for an answer."""

    same_distance: float = setting(
        0.5,
        0,
        2,
        "Distance between embeddings up to which two unknown actions count as the same.",
    )
    """For movements that the default model was not trained on (IntelliRehabDS), four out of five
    repetitions by one person are within it, and one in thirty pairs of different movements."""

    memory: float = setting(
        600.0,
        0,
        86400,
        "How long (s) an unknown action is remembered; meanwhile it is not reported again.",
    )

    max_remembered: int = setting(50, 1, 10_000, "Maximum number of remembered unknown actions.")

    def __post_init__(self) -> None:
        check_settings(self, SettingError)


@dataclass(frozen=True)
class RecognitionSettings:
    """Settings of a recogniser."""

    segmentation: Segmentation = field(default_factory=Segmentation)

    unknowns: Unknowns = field(default_factory=Unknowns)

    min_visibility: float = setting(
        0.45, 0, 1, "Minimum share of visible joints for a clip to be classified."
    )
    """A person behind a table shows 12 of the 25 joints of OpenPose's BODY_25."""

    pair_distance: float = setting(
        1.6,
        0,
        10,
        "Maximum distance (m) between the hips of two people whose simultaneous movements form one "
        "clip; 0 disables pairs.",
    )
    """Two people who hand something over each stretch out an arm.  On SBU Kinect Interaction, 1.0
    detects two in five actions of pairs, 1.6 nine in ten.  Windows do not detect pairs."""

    gap: float = setting(
        GAP,
        0.05,
        10,
        "Time (s) without frames after which a movement ends, and after which a missing person has "
        "left.",
    )
    """A frame that is late by up to this much is left out; an earlier one means that time ran
    backwards."""

    buffer_seconds: float = setting(
        30.0,
        2,
        600,
        "How long (s) each person's frames are kept for teaching by time span; at least 2 more than "
        "twice the longest clip.",
    )

    max_people: int = setting(
        32, 1, 1000, "Maximum number of people to follow; further ones are counted only."
    )
    """Each takes 1.5 MB."""

    queue_size: int = setting(
        32, 1, 10_000, "Maximum number of clips waiting to be embedded; then the oldest is dropped."
    )

    batch_size: int = setting(16, 1, 256, "Maximum number of clips embedded at once.")
    """Larger batches gain little and delay the first decision."""

    max_clips: int = setting(100, 1, 10_000, "Maximum number of recent clips kept for teaching.")

    max_clip_age: float = setting(
        300.0, 1, 86400, "How long (s) recent clips are kept for teaching."
    )
    """People answer the question "what was that?" within minutes."""

    def __post_init__(self) -> None:
        check_settings(self, SettingError)
        # A clip is taken from the buffer when it closes, a pair's clip when the later one closes.
        min_buffer = 2 * max(self.segmentation.max_duration, self.segmentation.window) + 2
        if self.buffer_seconds < min_buffer:
            raise SettingError(
                f"buffer_seconds is {self.buffer_seconds!r}; give at least {min_buffer:g}, 2 more "
                "than twice the longest clip"
            )


def _check_at_most(settings: Segmentation, name: str, other: str) -> None:
    value, bound = getattr(settings, name), getattr(settings, other)
    if value > bound:
        raise SettingError(f"{name} is {value!r}; give at most {other}, {bound!r}")


def _check_at_least(settings: Segmentation, name: str, other: str) -> None:
    value, bound = getattr(settings, name), getattr(settings, other)
    if value < bound:
        raise SettingError(f"{name} is {value!r}; give at least {other}, {bound!r}")
