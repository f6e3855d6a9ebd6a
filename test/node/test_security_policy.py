# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The SROS2 policy names the node's topics and services, and only its owner exports recordings."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from skeleton_dml_ros.messages import make_input
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.shared_files import shared_file

NODE = "/skeleton_dml/recognition_node"
TEACHER = "/skeleton_dml/teacher"


def allowed(enclave: str, kind: str, verb: str) -> set[str]:
    """The names of a kind, such as topic, that an enclave may use in this way."""
    root = ElementTree.parse(shared_file(Path("config/security/policy.xml"))).getroot()
    assert root.attrib == {"version": "0.2.0"}
    found = root.findall(f"./enclaves/enclave[@path='{enclave}']//{kind}s[@{verb}='ALLOW']/{kind}")
    return {str(one.text) for one in found}


def full(name: str) -> str:
    return interface.full_name(name, interface.DEFAULT_NODE)


def test_the_node_may_use_all_its_topics_services_and_actions() -> None:
    assert {full(topic.name) for topic in interface.TOPICS} <= allowed(NODE, "topic", "publish")
    inputs = make_input("skeleton_array", InputOptions()).sources()
    assert {full(source.topic) for source in inputs} <= allowed(NODE, "topic", "subscribe")
    services = {full(service.name) for service in interface.SERVICES}
    assert services <= allowed(NODE, "service", "reply")
    assert {full(one.name) for one in interface.ACTIONS} == allowed(NODE, "action", "execute")


@pytest.mark.parametrize(
    "service", [interface.EXPORT, interface.IMPORT, interface.REMOVE, interface.RENAME]
)
def test_a_teacher_teaches_only(service: interface.Service) -> None:
    may = allowed(TEACHER, "service", "request")
    assert full(interface.ENROLL.name) in may
    assert full(service.name) not in may
    assert not any("*" in name or "parameters" in name for name in may)
