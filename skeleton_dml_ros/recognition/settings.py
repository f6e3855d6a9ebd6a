# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""All that can be set in this room: each default with its range, its meaning and its reason.

How a field holds range and meaning is told in :mod:`skeleton_dml_ros.setting`.  Where one setting
bounds another, ``__post_init__`` checks that besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.setting import check_settings, choice, setting


class SettingError(SkeletonDmlError):
    """A setting is out of its range."""


GAP = 0.5
"""Seconds without a frame after which a movement is over: trackers lose people for a few frames and
find them again."""


@dataclass(frozen=True)
class Segmentation:
    """How a stream is cut into clips.

    The defaults were chosen on streams of real clips with idling between them (18 classes of
    UTD-MHAD) and on the single recordings of Kinder-Gator, with and without added sensor noise.
    """

    method: str = choice(
        "motion",
        ("motion", "windows"),
        "How the stream is cut: motion cuts where movement begins and ends, windows takes a window "
        "at regular intervals.",
    )
    """With windows, it is left to the decision which of them holds an action."""

    start_speed: float = setting(
        0.5, 0.01, 10, "Speed of the fastest limbs at which a movement begins, in m/s."
    )
    """Trembling joints of 16 mm, a Kinect's at the far end of its range, stay below it."""

    stop_speed: float = setting(
        0.25, 0, 10, "Speed below which a movement may end, in m/s; at most start_speed."
    )
    """Half as much, so that a turning point ends nothing."""

    pause: float = setting(
        0.4,
        0.05,
        5,
        "Seconds below stop_speed that end a movement that has come back to where it began; the "
        "answer comes this much later.",
    )

    hold: float = setting(
        1.0,
        0.05,
        10,
        "Seconds below stop_speed that end a movement that stopped elsewhere; at least pause.",
    )
    """An arm in the air, arms crossed: what is held comes back within a second, or was meant to
    stay."""

    rest_distance: float = setting(
        0.2,
        0,
        5,
        "Metres by which the limbs that differ most may be away from where they began for the "
        "movement to have come back.",
    )

    min_duration: float = setting(0.5, 0.05, 10, "Seconds of a clip below which it was a twitch.")

    max_duration: float = setting(
        8.0,
        0.05,
        60,
        "Seconds after which a movement is cut, however it goes on; at least min_duration.",
    )
    """Few actions are longer."""

    lead: float = setting(0.3, 0, 1, "Seconds before the movement that belong to its clip.")
    """The speed is noticed up to a quarter of a second late."""

    tail: float = setting(
        0.0, 0, 5, "Seconds after the movement that belong to its clip; at most pause."
    )
    """None is needed, since the speed also falls late."""

    window: float = setting(2.5, 0.2, 60, "Seconds of a window.")
    """The length of a common gesture."""

    stride: float = setting(0.5, 0.05, 60, "Seconds between two windows; at most window.")
    """A gesture lies well in one of them."""

    def __post_init__(self) -> None:
        check_settings(self, SettingError)
        _check_at_most(self, "stop_speed", "start_speed")
        _check_at_least(self, "hold", "pause")
        _check_at_least(self, "max_duration", "min_duration")
        _check_at_most(self, "tail", "pause")
        _check_at_most(self, "stride", "window")


@dataclass(frozen=True)
class Unknowns:
    """When an unknown action is worth a question: who asks at every twitch is switched off."""

    min_visibility: float = setting(
        0.7, 0, 1, "Least share of joints really seen for an unknown action to be asked about."
    )
    """A reference taught from less would be poor."""

    min_occurrences: int = setting(
        1,
        1,
        100,
        "How often an unknown action must have been seen before it is asked about, this time "
        "included.",
    )
    """With 1 a robot asks at once, as its teacher expects; among people who do not mean it, what
    comes once is seldom worth a question."""

    interval: float = setting(5.0, 0, 3600, "Seconds between two questions.")
    """Time for an answer."""

    same_distance: float = setting(
        0.5, 0, 2, "Distance of embeddings up to which two unknown actions are the same one."
    )
    """On movements that the default model never saw (IntelliRehabDS), four of five repeats by one
    person lie within it, and one of thirty pairs of different movements."""

    memory: float = setting(
        600.0,
        0,
        86400,
        "Seconds for which an unknown action is remembered; one that was asked about is not asked "
        "about again before.",
    )

    max_remembered: int = setting(50, 1, 10_000, "How many unknown actions are remembered at most.")

    def __post_init__(self) -> None:
        check_settings(self, SettingError)


@dataclass(frozen=True)
class RecognitionSettings:
    """Settings of a recogniser."""

    segmentation: Segmentation = field(default_factory=Segmentation)

    unknowns: Unknowns = field(default_factory=Unknowns)

    min_visibility: float = setting(
        0.5, 0, 1, "Least share of joints really seen for a clip to be judged at all."
    )
    """Half of a body is what a camera sees of somebody behind a table."""

    pair_distance: float = setting(
        1.6,
        0,
        10,
        "Metres between the hips of two people up to which they may act together, where both of "
        "them move; 0 for never.",
    )
    """Two who stretch out an arm each hand things over; in SBU Kinect Interaction, with 1.0 two in five
    actions of pairs were noticed as such, with 1.6 nine in ten.  Windows know no pairs."""

    gap: float = setting(
        GAP,
        0.05,
        10,
        "Seconds without a frame after which a movement is over and somebody who is no longer "
        "reported has left.",
    )
    """A frame that is late by up to this much is left out; an earlier one means that time ran
    backwards."""

    buffer_seconds: float = setting(
        30.0,
        2,
        600,
        "Seconds of each person's frames that are kept for teaching by time span; at least 2 more "
        "than twice the longest clip.",
    )

    max_people: int = setting(
        32, 1, 1000, "How many people are followed at most; further ones are counted."
    )
    """Each takes 1.5 MB."""

    queue_size: int = setting(
        32, 1, 10_000, "How many clips may wait for their embedding before the oldest is dropped."
    )

    batch_size: int = setting(16, 1, 256, "How many clips are embedded at once.")
    """More gain little, and hold up the first."""

    max_clips: int = setting(
        100, 1, 10_000, "How many clips are kept for teaching after the fact at most."
    )

    max_clip_age: float = setting(
        300.0, 1, 86400, "Seconds for which clips are kept for teaching after the fact."
    )
    """Who is asked "what was that?" answers within minutes."""

    def __post_init__(self) -> None:
        check_settings(self, SettingError)
        # A clip is cut out of the raw frames when it closes, a pair's when the later one does.
        least = 2 * max(self.segmentation.max_duration, self.segmentation.window) + 2
        if self.buffer_seconds < least:
            raise SettingError(
                f"buffer_seconds is {self.buffer_seconds!r}; give at least {least:g}, 2 more than twice "
                "the longest clip"
            )


def _check_at_most(settings: Segmentation, name: str, other: str) -> None:
    value, bound = getattr(settings, name), getattr(settings, other)
    if value > bound:
        raise SettingError(f"{name} is {value!r}; give at most {other}, {bound!r}")


def _check_at_least(settings: Segmentation, name: str, other: str) -> None:
    value, bound = getattr(settings, name), getattr(settings, other)
    if value < bound:
        raise SettingError(f"{name} is {value!r}; give at least {other}, {bound!r}")
