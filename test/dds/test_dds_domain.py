# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Discovery follows ROS environment variables."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

pytest.importorskip("cyclonedds", reason="the extra dds is not installed")

from skeleton_dml_ros.dds.domain import NetworkError, configuration_of, domain_of, vendor


def of(**environment: str) -> ElementTree.Element:
    return ElementTree.fromstring(configuration_of(environment))


def peers(configuration: ElementTree.Element) -> list[str | None]:
    return [peer.get("Address") for peer in configuration.iter("Peer")]


def test_by_default_discovery_covers_the_subnet() -> None:
    assert of().find(".//AllowMulticast") is None
    assert peers(of()) == []
    assert of().findtext(".//ParticipantIndex") == "auto"


@pytest.mark.parametrize(
    "environment", [{"ROS_LOCALHOST_ONLY": "1"}, {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}]
)
def test_localhost_only_limits_discovery_to_this_machine(environment: dict[str, str]) -> None:
    configuration = of(**environment)
    assert configuration.findtext(".//AllowMulticast") == "false"
    assert peers(configuration) == ["localhost"]


def test_peers_are_added() -> None:
    assert peers(of(ROS_STATIC_PEERS="10.0.0.1;robot.local")) == ["10.0.0.1", "robot.local"]
    both = of(ROS_STATIC_PEERS="10.0.0.1", ROS_AUTOMATIC_DISCOVERY_RANGE="LOCALHOST")
    assert peers(both) == ["localhost", "10.0.0.1"]
    assert peers(of(ROS_STATIC_PEERS="10.0.0.1", ROS_LOCALHOST_ONLY="1")) == ["localhost"]


def test_nobody() -> None:
    configuration = of(ROS_AUTOMATIC_DISCOVERY_RANGE="OFF", ROS_STATIC_PEERS="10.0.0.1")
    assert (configuration.findtext(".//Tag") or "").startswith("ros_discovery_off_")
    assert peers(configuration) == []


def test_cyclonedds_uri_takes_precedence() -> None:
    given = {"CYCLONEDDS_URI": "file:///mine.xml", "ROS_LOCALHOST_ONLY": "1"}
    assert configuration_of(given) == "file:///mine.xml"
    assert configuration_of({"ROS_AUTOMATIC_DISCOVERY_RANGE": "SYSTEM_DEFAULT"}) == ""


def test_invalid_environment_variables_are_refused() -> None:
    with pytest.raises(NetworkError, match="SUBNET, LOCALHOST"):
        configuration_of({"ROS_AUTOMATIC_DISCOVERY_RANGE": "EVERYWHERE"})


def test_the_domain_is_ros_domain_id() -> None:
    assert domain_of({}) == 0
    assert domain_of({"ROS_DOMAIN_ID": "61"}) == 61
    for wrong in ("233", "-1", "a"):
        with pytest.raises(NetworkError, match="0 to 232"):
            domain_of({"ROS_DOMAIN_ID": wrong})


def test_the_vendor_is_read_from_the_participants_id() -> None:
    assert vendor(bytes.fromhex("0110af09")) == ""
    assert vendor(bytes.fromhex("010faf09")) == "Fast DDS"
    assert vendor(bytes.fromhex("0199af09")) == "vendor 0199"
