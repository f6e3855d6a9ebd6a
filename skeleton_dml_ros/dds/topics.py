# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Publishers and subscriptions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from cyclonedds.core import DDSException

from skeleton_dml_ros.dds.reader_thread import ReaderThread
from skeleton_dml_ros.dds.types import UnreadableError, from_bytes, to_bytes
from skeleton_dml_ros.dds.wire import QoS, Wire

logger = logging.getLogger(__name__)


class Publisher:
    """Publishes messages on a topic; thread-safe."""

    def __init__(self, wire: Wire, topic: str, type_name: str, quality: QoS) -> None:
        self._wire = wire
        self._type_name = type_name
        self._topic = topic
        self._writer = wire.writer(f"rt{topic}", type_name, quality)

    def publish(self, message: Any) -> None:
        """Publish a message; a message that a blocked subscriber does not accept is logged and dropped."""
        content = to_bytes(message, self._type_name)
        try:
            self._wire.write(self._writer, content)
        except DDSException as error:
            logger.warning("could not send a message on %s: %s", self._topic, error.msg or error)

    def subscribers(self) -> int:
        """Number of subscribers."""
        return 0 if self._wire.closed else len(self._writer.get_matched_subscriptions())


class Subscription:
    """Calls back with the messages of a topic until closed."""

    def __init__(
        self,
        wire: Wire,
        taking: ReaderThread,
        topic: str,
        type_name: str,
        callback: Callable[[Any], None],
        quality: QoS,
        refuse: Callable[[UnreadableError], None] | None = None,
    ) -> None:
        self._wire = wire
        self._taking = taking
        self._topic = topic
        self._type_name = type_name
        self._callback = callback
        self._quality = quality
        self._refuse = refuse or self._warn
        self._warned = False
        self._reader = wire.reader(f"rt{topic}", type_name, quality)
        taking.add(self._reader, self._take)

    def publishers(self) -> int:
        """Number of matching publishers."""
        return 0 if self._wire.closed else len(self._reader.get_matched_publications())

    def incompatible(self) -> str:
        """A QoS policy in which a publisher offers less than requested; empty if none."""
        # The count includes publishers that have left, so check those present.
        if (
            self._wire.closed
            or not self._reader.get_requested_incompatible_qos_status().total_count
        ):
            return ""
        policies = map(self._quality.incompatible_policy, self._wire.offers(f"rt{self._topic}"))
        return next(filter(None, policies), "")

    def close(self) -> None:
        """Unsubscribe."""
        self._taking.remove(self._reader)
        self._wire.remove(self._reader)

    def _take(self, content: bytes, _: Any) -> None:
        try:
            message = from_bytes(content, self._type_name)
        except UnreadableError as error:
            self._refuse(error)
        else:
            self._callback(message)

    def _warn(self, error: UnreadableError) -> None:
        if not self._warned:
            logger.warning("%s: %s; such messages are skipped", self._topic, error)
        self._warned = True
