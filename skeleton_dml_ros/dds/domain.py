# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who hears whom: ROS's environment variables, as a configuration of Cyclone DDS.

``CYCLONEDDS_URI`` wins where it is set.  Else the configuration is the one that ROS 2 makes of the
same variables with ``rmw_cyclonedds_cpp``, so that this process finds exactly whom a node of ROS
would find in its place.
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
"""Ports end at 65535."""

RANGES = ("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
"""What ``ROS_AUTOMATIC_DISCOVERY_RANGE`` may be."""

CYCLONE = b"\x01\x10"
"""The vendor with which the ids of Cyclone's participants begin."""

VENDORS = {b"\x01\x01": "RTI Connext", b"\x01\x0f": "Fast DDS"}


class NetworkError(SkeletonDmlError):
    """The network cannot be used as the environment asks."""


def domain_of(environment: Mapping[str, str] = os.environ) -> int:
    """The number in ``ROS_DOMAIN_ID``; 0 without one.

    Raises:
        NetworkError: it is no number of a domain.
    """
    given = environment.get("ROS_DOMAIN_ID") or "0"
    if not given.isdecimal() or int(given) > LAST_DOMAIN:
        raise NetworkError(f"ROS_DOMAIN_ID is {given!r}; give a number from 0 to {LAST_DOMAIN}")
    return int(given)


def configuration_of(environment: Mapping[str, str] = os.environ) -> str:
    """The configuration, as text or as the address of a file; empty for Cyclone's own.

    Raises:
        NetworkError: a variable has a value that ROS does not know.
    """
    if given := environment.get("CYCLONEDDS_URI"):
        return given
    reach = environment.get("ROS_AUTOMATIC_DISCOVERY_RANGE") or "SUBNET"
    if reach not in RANGES:
        raise NetworkError(f"ROS_AUTOMATIC_DISCOVERY_RANGE is {reach!r}; give {', '.join(RANGES)}")
    peers = [peer for peer in environment.get("ROS_STATIC_PEERS", "").split(";") if peer]
    if environment.get("ROS_LOCALHOST_ONLY") == "1":
        # The older variable, which ROS still obeys first.
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
    """Configure a domain of this process; until its end, since Cyclone configures it once.

    Raises:
        NetworkError: Cyclone refuses the configuration, or has another one already.
    """
    try:
        return Domain(domain, configuration)
    except DDSException as error:
        raise NetworkError(
            f"domain {domain} cannot be entered ({error}); look at CYCLONEDDS_URI and "
            "at the network's interfaces"
        ) from None


def vendor(participant: bytes) -> str:
    """Whose a participant with this id is; empty for Cyclone DDS, which alone shares services."""
    begin = participant[:2]
    return "" if begin == CYCLONE else VENDORS.get(begin, f"vendor {begin.hex()}")
