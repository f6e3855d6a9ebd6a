# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Read skeletons from a ROS 2 bag, as a stream of what the robot saw.

All input formats of :mod:`skeleton_dml_ros.messages` are supported; if only one topic matches a format,
it is detected.  Messages come in recorded order, but those of latched topics such as ``/tf_static``
also before all others, since a node receives them at its start.  Messages that a live node would refuse
are skipped, and one warning at the end counts them.

Positions are converted to the Kinect's axes from those of the format, or from given ones.  The bag's
transforms are not applied, so the camera must be level and still.

Stamps are not changed, also where time runs backwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from skeleton_dml_ros.datasets.bag_file import BagError, BagFile, BagTopic, listed, open_bag
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.messages import INPUT_FORMATS, make_input
from skeleton_dml_ros.messages.fields import LeftOut
from skeleton_dml_ros.messages.frame_tree import TYPE as TF_TYPE
from skeleton_dml_ros.messages.input_format import InputOptions, Source
from skeleton_dml_ros.skeleton.axes import Axes, to_kinect_axes
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import Layout

logger = logging.getLogger(__name__)

NEWER_NAMES = {"zed_interfaces/msg/ObjectsStamped": "zed_msgs/msg/ObjectsStamped"}
"""Message types of older recordings, mapped to their present names."""


@dataclass
class _Tally:
    """Counts of a bag's messages.

    Attributes:
        read: messages read.
        refused: messages refused.
        refusal: error of the last refused message.
        left_out: people left out of messages.
    """

    read: int = 0
    refused: int = 0
    refusal: Exception | None = None
    left_out: LeftOut = field(default_factory=LeftOut)

    @property
    def reason(self) -> str:
        """Why the last message was refused, in one line."""
        if self.refusal is None or isinstance(self.refusal, SkeletonDmlError):
            return str(self.refusal)
        return f"bug in this package: {self.refusal!r}"


class BagStream:
    """Frames of a bag in recorded order; may be iterated many times.

    The bag is read during iteration.  A frame holds the people at one instant.  All frames have the
    same layout; a change of layout is an error.

    Args:
        path: of the bag.
        input_format: name of the format.
        options: of the format, with the main topic.
        axes: of the bag's positions.

    Attributes:
        layout: of all frames.
        expected: number of messages on the main topic, about that of the frames.

    Raises:
        BagError: a topic is missing, or there is no frame.
    """

    def __init__(self, path: Path, input_format: str, options: InputOptions, axes: Axes) -> None:
        self._path = path
        self._format = input_format
        self._options = options
        self._axes = axes
        with open_bag(path) as bag:
            sources = make_input(input_format, options).sources()
            self._topics = _checked_topics(bag, input_format, sources)
            self.expected = bag.topics[self._topics[0]].messages
            self.layout = self._first_layout(bag)

    def __iter__(self) -> Iterator[SkeletonFrame]:
        """The frames; at the end, a warning if messages were skipped.

        Raises:
            BagError: the bag is damaged, or the layout changes.
        """
        counters = _Tally()
        with open_bag(self._path) as bag:
            if bag.remark:
                logger.warning("%s: %s", self._path, bag.remark)
            for number, frame in enumerate(self._frames(bag, counters), start=1):
                if not frame.person_ids:
                    # Some formats do not know the layout of a frame without people.
                    yield SkeletonFrame(frame.stamp_ns, (), (), self.layout)
                    continue
                if frame.layout != self.layout:
                    raise BagError(
                        f"{self._path}: frame {number}, at stamp {frame.stamp_ns}, has layout "
                        f"{frame.layout.name}, but those before it {self.layout.name}; record each "
                        "layout in its own bag"
                    )
                yield frame.derived(
                    positions=to_kinect_axes(frame.positions, self._axes), frame_id=""
                )
        if counters.left_out.people:
            logger.warning(
                "%s: left out a person of a message %d times, the last time because: %s",
                self._path,
                counters.left_out.people,
                counters.left_out.reason,
            )
        if counters.refused:
            foreseen = isinstance(counters.refusal, SkeletonDmlError)
            logger.warning(
                "%s: skipped %d of %d messages, the last one because: %s",
                self._path,
                counters.refused,
                counters.read,
                counters.reason,
                exc_info=None if foreseen else counters.refusal,
            )

    def _frames(self, bag: BagFile, counters: _Tally) -> Iterator[SkeletonFrame]:
        """What the format reads from the bag's messages."""
        reader = make_input(self._format, self._options)
        counters.left_out = reader.left_out
        latched = {_absolute(one.topic): one.role for one in reader.sources() if one.latched}
        # In reverse, so that the first message of each transform is in force at the start.
        for topic, content in reversed(list(bag.messages(latched))):
            try:
                reader.take(latched[topic], bag.decoded(topic, content))
            except Exception:
                # Counted when its turn comes below.
                continue
        sources: tuple[Source, ...] = ()
        roles: dict[str, str] = {}
        for topic, content in bag.messages(self._topics):
            if reader.sources() is not sources:
                sources = reader.sources()
                roles = {_absolute(source.topic): source.role for source in sources}
            if topic not in roles:
                continue
            counters.read += 1
            try:
                frames = reader.take(roles[topic], bag.decoded(topic, content))
            except Exception as error:
                # One bad message must not end the stream.
                counters.refused += 1
                counters.refusal = error
                continue
            yield from frames

    def _first_layout(self, bag: BagFile) -> Layout:
        """The layout of the first frame with a person, or of the last empty frame."""
        counters = _Tally()
        last: Layout | None = None
        for frame in self._frames(bag, counters):
            last = frame.layout
            if frame.person_ids:
                return last
        if last is not None:
            return last
        if counters.read == 0:
            raise BagError(f"{self._path} holds no message on {self._topics[0]}")
        why = f"; the last one was refused: {counters.reason}" if counters.refused else ""
        raise BagError(
            f"{self._path} holds no skeleton that {self._format} can read in {counters.read} messages "
            f"on {', '.join(self._topics)}{why}"
        )


def read_bag(
    path: str | Path,
    input_format: str | None = None,
    options: InputOptions | None = None,
    axes: Axes | None = None,
) -> BagStream:
    """The skeletons of a bag.

    Args:
        path: the bag's folder, or one of its files (``.mcap``, ``.db3``).
        input_format: a name in ``messages.INPUT_FORMATS``; detected if left out.
        options: of the format. Without a main topic, the format's default or the only topic of its
            type is taken.
        axes: of the positions; those of the format if left out.

    Raises:
        BagError: it is not a bag, is damaged, lacks a topic, or its format cannot be detected.
        InputError: there is no such format.
    """
    path, options = Path(path), options or InputOptions()
    with open_bag(path) as bag:
        name = _guessed_format(bag, options) if input_format is None else input_format
        main = make_input(name, options).sources()[0]
        topic = _main_topic(bag, main, chosen=bool(options.topics.get(main.parameter)))
    options = replace(options, topics={**options.topics, main.parameter: topic})
    return BagStream(path, name, options, INPUT_FORMATS[name].axes if axes is None else axes)


def _absolute(topic: str) -> str:
    return topic if topic.startswith("/") else f"/{topic}"


def _is_of(topic: BagTopic, type_name: str) -> bool:
    return NEWER_NAMES.get(topic.type, topic.type) == type_name


def _guessed_format(bag: BagFile, options: InputOptions) -> str:
    """The only format that matches the only matching topic.

    Raises:
        BagError: none matches, or several do.
    """
    chosen = options.topics.get("topic")
    mains = {name: make_input(name, InputOptions()).sources()[0] for name in INPUT_FORMATS}
    fitting = {
        topic: [name for name, main in mains.items() if _is_of(topic, main.type)]
        for topic in bag.topics.values()
        if (topic.name == _absolute(chosen) if chosen else topic.name != "/tf_static")
    }
    fitting = {topic: names for topic, names in fitting.items() if names}
    # Nearly every bag has TF, which is rarely about people.
    telling = {topic: names for topic, names in fitting.items() if topic.type != TF_TYPE}
    found = telling or fitting
    if not found:
        where = f"{_absolute(chosen)} of {bag.path}" if chosen else str(bag.path)
        raise BagError(
            f"{where} matches no input format ({', '.join(mains)}); the bag's topics: "
            f"{listed(bag.topics.values())}"
        )
    if len(found) > 1 or len(next(iter(found.values()))) > 1:
        told = "; ".join(f"{topic}: {' or '.join(names)}" for topic, names in found.items())
        raise BagError(
            f"{bag.path} holds several kinds of skeletons; name the input format, and the topic if "
            f"several match: {told}"
        )
    return next(iter(found.values()))[0]


def _main_topic(bag: BagFile, main: Source, chosen: bool) -> str:
    """The main topic; unless it was chosen, the only one of its type will do."""
    topic = _absolute(main.topic)
    if topic in bag.topics or chosen:
        return topic
    fitting = [one.name for one in bag.topics.values() if _is_of(one, main.type)]
    return fitting[0] if len(fitting) == 1 else topic


def _checked_topics(bag: BagFile, name: str, sources: tuple[Source, ...]) -> tuple[str, ...]:
    """The topics to be read, the main one first.

    Raises:
        BagError: a topic is missing, has another type, or cannot be decoded.
    """
    topics: list[str] = []
    for source in sources:
        topic = _absolute(source.topic)
        there = bag.topics.get(topic)
        if there is None and source.latched:
            # Static topics may not have been recorded.
            continue
        if there is None or not _is_of(there, source.type):
            fitting = [one for one in bag.topics.values() if _is_of(one, source.type)]
            wrong = f"has no topic {topic}" if there is None else f"has {there}"
            others = fitting or list(bag.topics.values())
            raise BagError(
                f"{bag.path} {wrong}, but {name} needs {source.type} there; set "
                f"{source.parameter} to one of: {listed(others)}"
            )
        topics.append(topic)
    person_type = INPUT_FORMATS[name].person_type
    if person_type:
        topics += [one.name for one in bag.topics.values() if _is_of(one, person_type)]
    for topic in topics:
        bag.check_definition(topic)
    return tuple(topics)
