# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""TF lookup with tf2."""

from __future__ import annotations

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time
from tf2_ros import Buffer, TransformException, TransformListener

from skeleton_dml_ros.node.transforms import Transform, TransformUnavailableError, transform_of

KEPT = 10.0
"""Seconds for which transforms are kept: tf2's default."""


class TransformBuffer:
    """Subscribes to TF; implements :class:`skeleton_dml_ros.node.transforms.Transforms`."""

    def __init__(self, node: Node) -> None:
        self._buffer = Buffer(cache_time=Duration(seconds=KEPT))
        self._listener = TransformListener(self._buffer, node)

    def lookup(self, target: str, source: str, stamp_ns: int) -> Transform:
        """The transform from ``source`` to ``target``; never waits."""
        try:
            stamped = self._buffer.lookup_transform(target, source, Time(nanoseconds=stamp_ns))
        except (TransformException, ValueError) as error:
            raise TransformUnavailableError(" ".join(str(error).split())) from None
        translation, rotation = stamped.transform.translation, stamped.transform.rotation
        return transform_of(
            (translation.x, translation.y, translation.z),
            (rotation.x, rotation.y, rotation.z, rotation.w),
        )

    def clear(self) -> None:
        """Forget all transforms."""
        self._buffer.clear()

    def close(self) -> None:
        """Unsubscribe."""
        self._listener.unregister()
