# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stands on the wire: a participant with its readers and writers, seen by ROS as one node.

Each reader and writer carries the hash of its type in its user data, and which of them belong to
the node is published on ``ros_discovery_info``, as every node of ROS does.
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
"""Writers of a network that are looked through at most."""

BLOCKED_NS = 1_000_000_000
"""For how long a writer may wait for a reader that cannot keep up."""


class Raw(IdlStruct):
    """A sample as the bytes that it is on the wire."""

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
    """The class of samples of a type; for Cyclone a structure, whose fields it need not know."""
    typename = dds_name(type_name).replace("::", ".")
    return types.new_class("Sample", (Raw,), {"typename": typename})


@dataclass(frozen=True)
class QoS:
    """How messages are sent, as far as ROS's nodes differ in it.

    Attributes:
        depth: messages that are kept for a reader that cannot keep up.
        reliable: sent again where they were lost.
        latched: kept for those who come later (transient local).
    """

    depth: int = 10
    reliable: bool = True
    latched: bool = False

    def policies(self, user_data: str) -> Any:
        """The same for DDS."""
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

    def lacking(self, offered: Any) -> str:
        """The policy in which a writer's offer is less than this; empty for none."""
        if self.reliable and offered[Policy.Reliability] == Policy.Reliability.BestEffort:
            return "reliability"
        if self.latched and offered[Policy.Durability] == Policy.Durability.Volatile:
            return "durability"
        return ""


class Wire:
    """A participant's readers and writers; safe to use from several threads.

    Args:
        domain: the domain's number.
        name: of the node.
        namespace: of the node, ``/`` or ``/robot1``.

    Raises:
        NetworkError: the network cannot be used.
    """

    def __init__(self, domain: int, name: str, namespace: str) -> None:
        enter(domain, configuration_of())
        try:
            self.participant = DomainParticipant(domain, Qos(Policy.Userdata(b"enclave=/;")))
        except DDSException as error:
            raise NetworkError(
                f"domain {domain} cannot be joined ({error}); on one machine there may "
                "be too many participants"
            ) from None
        self.closed = False
        self._node = {"node_namespace": namespace, "node_name": name}
        self._changing = threading.RLock()
        self._readers: list[Any] = []
        self._writers: list[Any] = []
        self._numbered = 0
        self._people = BuiltinDataReader(self.participant, BuiltinTopicDcpsParticipant)
        self._nodes = self._make(DataWriter, NODES, NODES_TYPE, QoS(depth=1, latched=True), "")
        self._tell()

    def reader(self, topic: str, type_name: str, quality: QoS, user_data: str = "") -> Any:
        """A reader of a topic under its name in DDS."""
        with self._changing:
            reader = self._make(DataReader, topic, type_name, quality, user_data)
            self._readers.append(reader)
            self._tell()
        return reader

    def writer(self, topic: str, type_name: str, quality: QoS, user_data: str = "") -> Any:
        """A writer of a topic under its name in DDS."""
        with self._changing:
            writer = self._make(DataWriter, topic, type_name, quality, user_data)
            self._writers.append(writer)
            self._tell()
        return writer

    def remove(self, reader: Any) -> None:
        """End a reader."""
        with self._changing:
            if not self.closed:
                self._readers.remove(reader)
                self._tell()
                delete(reader)

    def write(self, writer: Any, content: bytes) -> None:
        """Send a sample; after the end nothing happens."""
        try:
            writer.write(writer.topic.data_type(content))
        except DDSException:
            if not self.closed:
                raise

    def number(self) -> str:
        """Names the reader and the writer of one service or client as belonging together."""
        with self._changing:
            self._numbered += 1
            ours: uuid.UUID = self.participant.guid
            own = ours.bytes[:12] + self._numbered.to_bytes(4, "big")
        return ".".join(f"{byte:x}" for byte in own)

    def strangers(self) -> set[str]:
        """The middlewares besides Cyclone DDS whose participants came since the last call."""
        come = [] if self.closed else self._people.take(100)
        return set(filter(None, (vendor(one.key.bytes) for one in come)))

    def offers(self, topic: str) -> list[Any]:
        """What those who write on a topic now, under its name in DDS, offer."""
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
        """Leave; the others know at once."""
        with self._changing:
            if not self.closed:
                self.closed = True
                delete(self.participant)

    def _make(self, kind: Any, topic: str, type_name: str, quality: QoS, user_data: str) -> Any:
        named = Topic(self.participant, topic, raw_type(type_name))
        policies = quality.policies(f"{user_data}typehash={type_hash(type_name)};")
        return kind(self.participant, named, policies)

    def _tell(self) -> None:
        """Say which readers and writers are the node's."""
        node = make(
            "rmw_dds_common/msg/NodeEntitiesInfo",
            **self._node,
            reader_gid_seq=[_gid(one) for one in self._readers],
            writer_gid_seq=[_gid(one) for one in self._writers],
        )
        message = make(NODES_TYPE, gid=_gid(self.participant), node_entities_info_seq=[node])
        self.write(self._nodes, to_bytes(message, NODES_TYPE))


def user_data_of(endpoint: Any, key: str) -> str:
    """What a discovered reader or writer says about itself under a key; empty for nothing."""
    policy = endpoint.qos[Policy.Userdata] if endpoint is not None else None
    for entry in (policy.data if policy else b"").split(b";"):
        name, _, value = entry.partition(b"=")
        if name == key.encode():
            return str(value.decode(errors="replace"))
    return ""


def delete(entity: Any) -> None:
    """Take something off the wire now, not when nobody refers to it any more."""
    entity.__del__()


def _gid(entity: Any) -> Any:
    own: uuid.UUID = entity.guid
    return make("rmw_dds_common/msg/Gid", data=np.frombuffer(own.bytes, dtype=np.uint8))
