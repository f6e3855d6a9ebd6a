# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A DDS participant with its readers and writers, which appears as a node in ROS.

As in ROS, each reader and writer has its type hash in its user data, and the node's readers and writers
are published on ``ros_discovery_info``.
"""

from __future__ import annotations

import threading
import types
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from cyclonedds.builtin import (
    BuiltinDataReader,
    BuiltinTopicDcpsParticipant,
    BuiltinTopicDcpsPublication,
)
from cyclonedds.core import DDSException, InstanceState, Policy, Qos
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic

from skeleton_dml_ros.dds.domain import NetworkError, configuration_of, enter, vendor
from skeleton_dml_ros.dds.types import dds_name, make, to_bytes, type_hash

NODES, NODES_TYPE = "ros_discovery_info", "rmw_dds_common/msg/ParticipantEntitiesInfo"

MAX_WRITERS = 10_000
"""Maximum number of writers of the network to examine."""

BLOCKED_NS = 1_000_000_000
"""Maximum time that a writer waits for a slow reader."""


class Raw(IdlStruct):
    """A sample as its serialised bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def serialize(self, *_: object, **__: object) -> bytes:
        return self.content

    @classmethod
    def deserialize(cls, content: bytes, *_: object, **__: object) -> Raw:
        return cls(content)

    @classmethod
    def deserialize_key(cls, *_: object, **__: object) -> None:
        return None


@cache
def raw_type(type_name: str) -> Any:
    """The sample class of a type; Cyclone sees an opaque structure."""
    typename = dds_name(type_name).replace("::", ".")
    return types.new_class("Sample", (Raw,), {"typename": typename})


@dataclass(frozen=True)
class QoS:
    """Quality of service.

    Attributes:
        depth: queue depth.
        reliable: reliable rather than best effort.
        latched: transient local rather than volatile.
    """

    depth: int = 10
    reliable: bool = True
    latched: bool = False

    def policies(self, user_data: str) -> Any:
        """The DDS policies."""
        history = Policy.History.KeepLast(self.depth)
        policies = [
            history,
            Policy.Reliability.Reliable(BLOCKED_NS)
            if self.reliable
            else Policy.Reliability.BestEffort,
            Policy.Durability.TransientLocal if self.latched else Policy.Durability.Volatile,
            Policy.WriterDataLifecycle(autodispose=False),
            Policy.DataRepresentation(use_cdrv0_representation=True),
            Policy.Userdata(user_data.encode()),
        ]
        if self.latched:
            policies.append(Policy.DurabilityService(0, history, -1, -1, -1))
        return Qos(*policies)

    def incompatible_policy(self, offered: Any) -> str:
        """The policy in which a writer offers less than this; empty if none."""
        if self.reliable and offered[Policy.Reliability] == Policy.Reliability.BestEffort:
            return "reliability"
        if self.latched and offered[Policy.Durability] == Policy.Durability.Volatile:
            return "durability"
        return ""


class Wire:
    """A participant with its readers and writers; thread-safe.

    Args:
        domain: domain number.
        name: name of the node.
        namespace: namespace of the node, ``/`` or ``/robot1``.

    Raises:
        NetworkError: the network cannot be used.
    """

    def __init__(self, domain: int, name: str, namespace: str) -> None:
        enter(domain, configuration_of())
        try:
            self.participant = DomainParticipant(domain, Qos(Policy.Userdata(b"enclave=/;")))
        except DDSException as error:
            raise NetworkError(
                f"cannot join domain {domain} ({error}); there may be too many participants on this "
                "machine"
            ) from None
        self.closed = False
        self._node = {"node_namespace": namespace, "node_name": name}
        self._changing = threading.RLock()
        self._readers: list[Any] = []
        self._writers: list[Any] = []
        self._last_number = 0
        self._participants = BuiltinDataReader(self.participant, BuiltinTopicDcpsParticipant)
        self._nodes = self._make(DataWriter, NODES, NODES_TYPE, QoS(depth=1, latched=True), "")
        self._announce()

    def reader(self, topic: str, type_name: str, quality: QoS, user_data: str = "") -> Any:
        """Create a reader; ``topic`` is a DDS name."""
        with self._changing:
            reader = self._make(DataReader, topic, type_name, quality, user_data)
            self._readers.append(reader)
            self._announce()
        return reader

    def writer(self, topic: str, type_name: str, quality: QoS, user_data: str = "") -> Any:
        """Create a writer; ``topic`` is a DDS name."""
        with self._changing:
            writer = self._make(DataWriter, topic, type_name, quality, user_data)
            self._writers.append(writer)
            self._announce()
        return writer

    def remove(self, reader: Any) -> None:
        """Delete a reader."""
        with self._changing:
            if not self.closed:
                self._readers.remove(reader)
                self._announce()
                delete(reader)

    def write(self, writer: Any, content: bytes) -> None:
        """Send a sample; ignored after closing."""
        try:
            writer.write(writer.topic.data_type(content))
        except DDSException:
            if not self.closed:
                raise

    def number(self) -> str:
        """A new id that links the reader and the writer of a service or client."""
        with self._changing:
            self._last_number += 1
            ours: uuid.UUID = self.participant.guid
            own = ours.bytes[:12] + self._last_number.to_bytes(4, "big")
        return ".".join(f"{byte:x}" for byte in own)

    def incompatible_vendors(self) -> set[str]:
        """Vendors other than Cyclone DDS whose participants were discovered since the last call."""
        new = [] if self.closed else self._participants.take(100)
        return set(filter(None, (vendor(one.key.bytes) for one in new)))

    def offers(self, topic: str) -> list[Any]:
        """The QoS offered by the present writers of a topic; ``topic`` is a DDS name."""
        reader = BuiltinDataReader(self.participant, BuiltinTopicDcpsPublication)
        try:
            found = reader.read(MAX_WRITERS)
        finally:
            delete(reader)
        return [
            one.qos
            for one in found
            if one.topic_name == topic and one.sample_info.instance_state == InstanceState.Alive
        ]

    def close(self) -> None:
        """Leave the network; peers are notified."""
        with self._changing:
            if not self.closed:
                self.closed = True
                delete(self.participant)

    def _make(self, kind: Any, topic: str, type_name: str, quality: QoS, user_data: str) -> Any:
        named = Topic(self.participant, topic, raw_type(type_name))
        policies = quality.policies(f"{user_data}typehash={type_hash(type_name)};")
        return kind(self.participant, named, policies)

    def _announce(self) -> None:
        """Publish the node's readers and writers."""
        node = make(
            "rmw_dds_common/msg/NodeEntitiesInfo",
            **self._node,
            reader_gid_seq=[_gid(one) for one in self._readers],
            writer_gid_seq=[_gid(one) for one in self._writers],
        )
        message = make(NODES_TYPE, gid=_gid(self.participant), node_entities_info_seq=[node])
        self.write(self._nodes, to_bytes(message, NODES_TYPE))


def user_data_of(endpoint: Any, key: str) -> str:
    """A value in the user data of a discovered reader or writer; empty if missing."""
    policy = endpoint.qos[Policy.Userdata] if endpoint is not None else None
    for entry in (policy.data if policy else b"").split(b";"):
        name, _, value = entry.partition(b"=")
        if name == key.encode():
            return str(value.decode(errors="replace"))
    return ""


def delete(entity: Any) -> None:
    """Delete a DDS entity now rather than when it is garbage-collected."""
    entity.__del__()


def _gid(entity: Any) -> Any:
    own: uuid.UUID = entity.guid
    return make("rmw_dds_common/msg/Gid", data=np.frombuffer(own.bytes, dtype=np.uint8))
