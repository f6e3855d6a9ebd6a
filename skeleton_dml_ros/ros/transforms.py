# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""TF through tf2."""

from __future__ import annotations

from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time
from tf2_ros import Buffer, TransformException, TransformListener

from skeleton_dml_ros.node.transforms import Transform, TransformUnavailableError, transform_of

KEPT = 10.0
"""Seconds of transforms that are kept: tf2's own default."""


class TransformBuffer:
    """Listens to TF from the first moment on."""

    def __init__(self, node: Node) -> None:
        self._buffer = Buffer(cache_time=Duration(seconds=KEPT))
        self._listener = TransformListener(self._buffer, node)

    def lookup(self, target: str, source: str, stamp_ns: int) -> Transform:
        """See :class:`skeleton_dml_ros.node.transforms.Transforms`."""
        try:
            stamped = self._buffer.lookup_transform(target, source, Time(nanoseconds=stamp_ns))
        except (TransformException, ValueError) as error:
            raise TransformUnavailableError(" ".join(str(error).split())) from None
        moved, turned = stamped.transform.translation, stamped.transform.rotation
        return transform_of((moved.x, moved.y, moved.z), (turned.x, turned.y, turned.z, turned.w))

    def clear(self) -> None:
        """Forget what moves."""
        self._buffer.clear()

    def close(self) -> None:
        """Listen no more."""
        self._listener.unregister()
