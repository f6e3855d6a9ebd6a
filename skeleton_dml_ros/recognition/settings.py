"""All that can be set in this room, each default with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from skeleton_dml_ros.errors import SkeletonDmlError


class SettingError(SkeletonDmlError):
    """A setting is out of its range."""


GAP = 0.5
"""Seconds without a frame after which a movement is over: trackers lose people for a few frames and
find them again."""


def _check(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise SettingError(f"{name} is {value!r}; give a value from {low:g} to {high:g}")


def _check_count(name: str, value: object, low: int, high: int) -> None:
    _check(name, value, low, high)
    if not isinstance(value, int):
        raise SettingError(f"{name} is {value!r}; give a whole number")


@dataclass(frozen=True)
class Segmentation:
    """How a stream is cut into clips.

    The defaults were chosen on streams of real clips with idling between them (18 classes of
    UTD-MHAD) and on the single recordings of Kinder-Gator, with and without added sensor noise.

    Attributes:
        method: ``motion`` cuts where movement begins and ends; ``windows`` takes a window at
            regular intervals and leaves it to the decision which of them holds an action.
        start_speed: m/s at which a movement begins.  Trembling joints of 16 mm, a Kinect's at the
            far end of its range, stay below it.
        stop_speed: m/s below which it may end; half as much, so that a turning point ends nothing.
        pause: seconds below ``stop_speed`` that end a movement that has come back to where it
            began.  The answer comes this much later.
        hold: seconds that end a movement that stopped elsewhere.  An arm in the air, arms crossed:
            what is held comes back within a second, or was meant to stay.
        rest_distance: metres by which the limbs that differ most may be away from where they
            began for the movement to have come back.
        shortest: seconds of a clip below which it was a twitch.
        longest: seconds after which a movement is cut, however it goes on; few actions are longer.
        lead: seconds before the movement that belong to its clip: the speed is noticed up to a
            quarter of a second late.
        tail: seconds after it.  None is needed, since the speed also falls late.
        window: seconds of a window, the length of a common gesture.
        stride: seconds between two windows: a gesture lies well in one of them.
    """

    method: str = "motion"
    start_speed: float = 0.5
    stop_speed: float = 0.25
    pause: float = 0.4
    hold: float = 1.0
    rest_distance: float = 0.2
    shortest: float = 0.5
    longest: float = 8.0
    lead: float = 0.3
    tail: float = 0.0
    window: float = 2.5
    stride: float = 0.5

    def __post_init__(self) -> None:
        if self.method not in ("motion", "windows"):
            raise SettingError(f"method is {self.method!r}; give motion or windows")
        _check("start_speed", self.start_speed, 0.01, 10)
        _check("stop_speed", self.stop_speed, 0.0, self.start_speed)
        _check("pause", self.pause, 0.05, 5)
        _check("hold", self.hold, self.pause, 10)
        _check("rest_distance", self.rest_distance, 0, 5)
        _check("shortest", self.shortest, 0.05, 10)
        _check("longest", self.longest, self.shortest, 60)
        _check("lead", self.lead, 0, 1)
        _check("tail", self.tail, 0, self.pause)
        _check("window", self.window, 0.2, 60)
        _check("stride", self.stride, 0.05, self.window)


@dataclass(frozen=True)
class Unknowns:
    """When an unknown action is worth a question: who asks at every twitch is switched off.

    Attributes:
        quality: least share of joints really seen; a reference taught from less would be poor.
        interval: seconds between two questions: time for an answer.
        same_distance: distance of embeddings up to which two unknown actions are the same one.  On
            movements that the default model never saw (IntelliRehabDS), four of five repeats by one
            person lie within it, and one of thirty pairs of different movements.
        memory: seconds for which an unknown action that was asked about is not asked about again.
        remembered: how many unknown actions are remembered at most.
    """

    quality: float = 0.7
    interval: float = 5.0
    same_distance: float = 0.5
    memory: float = 600.0
    remembered: int = 50

    def __post_init__(self) -> None:
        _check("quality", self.quality, 0, 1)
        _check("interval", self.interval, 0, 3600)
        _check("same_distance", self.same_distance, 0, 2)
        _check("memory", self.memory, 0, 86400)
        _check_count("remembered", self.remembered, 1, 10_000)


@dataclass(frozen=True)
class RecognitionSettings:
    """Settings of a recogniser.

    Attributes:
        segmentation: how the stream is cut.
        unknowns: when an unknown action is reported as such.
        quality: least share of joints really seen for a clip to be judged at all.  Half of a body
            is what a camera sees of somebody behind a table.
        pair_distance: metres between the hips of two people up to which they may act together,
            where both of them move; 0 for never.  At arm's length hands reach each other.  Windows
            know no pairs.
        gap: seconds without a frame after which a movement is over and somebody who is no longer
            reported has left.  A frame that is late by up to this much is left out; an earlier one
            means that time ran backwards.
        raw_seconds: seconds of each person's frames that are kept for teaching by time span.
        people: how many people are followed at most, 1 MB each; further ones are counted and not
            followed.
        waiting: how many clips may wait for their embedding; live, the oldest is dropped.
        batch: how many clips are embedded at once: more gain little, and hold up the first.
        recent: how many clips are kept for teaching after the fact.
        recent_seconds: and for how long: who is asked "what was that?" answers within minutes.
    """

    segmentation: Segmentation = field(default_factory=Segmentation)
    unknowns: Unknowns = field(default_factory=Unknowns)
    quality: float = 0.5
    pair_distance: float = 1.0
    gap: float = GAP
    raw_seconds: float = 30.0
    people: int = 32
    waiting: int = 32
    batch: int = 16
    recent: int = 100
    recent_seconds: float = 300.0

    def __post_init__(self) -> None:
        _check("quality", self.quality, 0, 1)
        _check("pair_distance", self.pair_distance, 0, 10)
        _check("gap", self.gap, 0.05, 10)
        # A clip is cut out of the raw frames when it closes, a pair's when the later one does.
        longest = 2 * max(self.segmentation.longest, self.segmentation.window)
        _check("raw_seconds", self.raw_seconds, longest + 2, 600)
        _check_count("people", self.people, 1, 1000)
        _check_count("waiting", self.waiting, 1, 10_000)
        _check_count("batch", self.batch, 1, 256)
        _check_count("recent", self.recent, 1, 10_000)
        _check("recent_seconds", self.recent_seconds, 1, 86400)
