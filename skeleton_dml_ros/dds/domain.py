# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Discovery: the Cyclone DDS configuration from ROS environment variables.

``CYCLONEDDS_URI`` takes precedence.  Otherwise the configuration equals that of ``rmw_cyclonedds_cpp``
with the same variables, so this process discovers the same peers as a ROS node.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from xml.sax.saxutils import quoteattr

from cyclonedds.core import DDSException
from cyclonedds.domain import Domain

from skeleton_dml_ros.errors import SkeletonDmlError

LAST_DOMAIN = 232
"""Highest domain whose ports are at most 65535."""

RANGES = ("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
"""Values of ``ROS_AUTOMATIC_DISCOVERY_RANGE``."""

CYCLONE = b"\x01\x10"
"""Vendor prefix of the ids of Cyclone DDS participants."""

VENDORS = {b"\x01\x01": "RTI Connext", b"\x01\x0f": "Fast DDS"}


class NetworkError(SkeletonDmlError):
    """The network cannot be used with the given environment variables."""


def domain_of(environment: Mapping[str, str] = os.environ) -> int:
    """The number in ``ROS_DOMAIN_ID``; 0 by default.

    Raises:
        NetworkError: it is not a domain number.
    """
    given = environment.get("ROS_DOMAIN_ID") or "0"
    if not given.isdecimal() or int(given) > LAST_DOMAIN:
        raise NetworkError(f"ROS_DOMAIN_ID is {given!r}; give a number from 0 to {LAST_DOMAIN}")
    return int(given)


def configuration_of(environment: Mapping[str, str] = os.environ) -> str:
    """The configuration, as XML or as a file's URI; empty for Cyclone's default.

    Raises:
        NetworkError: a variable has an invalid value.
    """
    if given := environment.get("CYCLONEDDS_URI"):
        return given
    reach = environment.get("ROS_AUTOMATIC_DISCOVERY_RANGE") or "SUBNET"
    if reach not in RANGES:
        raise NetworkError(f"ROS_AUTOMATIC_DISCOVERY_RANGE is {reach!r}; give {', '.join(RANGES)}")
    peers = [peer for peer in environment.get("ROS_STATIC_PEERS", "").split(";") if peer]
    if environment.get("ROS_LOCALHOST_ONLY") == "1":
        # The older variable, which takes precedence in ROS.
        reach, peers = "LOCALHOST", []
    if reach == "SYSTEM_DEFAULT":
        return ""
    multicast = reach == "SUBNET"
    if reach == "OFF":
        discovery = (
            f"<ParticipantIndex>none</ParticipantIndex><Tag>ros_discovery_off_{os.getpid()}</Tag>"
        )
    else:
        known = (["localhost"] if reach == "LOCALHOST" else []) + peers
        addresses = "".join(f"<Peer Address={quoteattr(peer)}/>" for peer in known)
        discovery = (
            "<ParticipantIndex>auto</ParticipantIndex>"
            "<MaxAutoParticipantIndex>32</MaxAutoParticipantIndex>"
            + (f"<Peers>{addresses}</Peers>" if addresses else "")
        )
    return (
        '<CycloneDDS><Domain Id="any">'
        + ("" if multicast else "<General><AllowMulticast>false</AllowMulticast></General>")
        + f"<Discovery>{discovery}</Discovery></Domain></CycloneDDS>"
    )


@cache
def enter(domain: int, configuration: str) -> Domain:
    """Configure a domain for this process; Cyclone allows this once per process.

    Raises:
        NetworkError: Cyclone rejects the configuration or already has another one.
    """
    try:
        return Domain(domain, configuration)
    except DDSException as error:
        raise NetworkError(
            f"cannot configure domain {domain} ({error}); check CYCLONEDDS_URI and the network "
            "interfaces"
        ) from None


def vendor(participant: bytes) -> str:
    """The vendor of a participant; empty for Cyclone DDS, whose services are compatible."""
    begin = participant[:2]
    return "" if begin == CYCLONE else VENDORS.get(begin, f"vendor {begin.hex()}")
