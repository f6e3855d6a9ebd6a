# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import re
from pathlib import Path

import pytest
from definitions import FOREIGN, PACKAGE, PARTS, REPOSITORY, definition, files

from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Service, Topic

EVERYTHING: tuple[Topic | Service, ...] = (
    *interface.TOPICS,
    *interface.SERVICES,
    *interface.ACTIONS,
)


def file_of(type_name: str) -> str:
    """The file that defines a type of this package."""
    _, kind, name = type_name.split("/")
    return f"{kind}/{name}.{kind}"


@pytest.mark.parametrize("one", EVERYTHING, ids=lambda one: one.name)
def test_each_type_is_defined(one: Topic | Service) -> None:
    if not one.type.startswith(PACKAGE):
        assert one.type in FOREIGN
        return
    assert (REPOSITORY / file_of(one.type)).is_file()


@pytest.mark.parametrize("one", EVERYTHING, ids=lambda one: one.name)
def test_each_name_is_private_and_has_a_meaning(one: Topic | Service) -> None:
    assert re.fullmatch(r"~/[a-z_]+|/diagnostics", one.name)
    assert one.meaning.endswith(".")
    assert [other.name for other in EVERYTHING].count(one.name) == 1


def test_each_service_and_action_that_is_defined_is_offered() -> None:
    offered = {file_of(one.type) for one in (*interface.SERVICES, *interface.ACTIONS)}
    assert offered == {
        f"{path.parent.name}/{path.name}" for path in files() if path.parent.name != "msg"
    }


def test_each_file_is_built() -> None:
    listed = re.search(
        r"rosidl_generate_interfaces\(\$\{PROJECT_NAME\}(.*?)DEPENDENCIES",
        (REPOSITORY / "CMakeLists.txt").read_text(),
        re.DOTALL,
    )
    assert listed is not None
    assert sorted(re.findall(r'"([^"]+)"', listed[1])) == sorted(
        f"{path.parent.name}/{path.name}" for path in files()
    )


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_an_interface_file_has_its_parts_and_a_description(path: Path) -> None:
    kind = path.parent.name
    text = path.read_text()
    assert text.startswith("# ")
    assert text.count("\n---\n") == len(PARTS.get(kind, ("",))) - 1
    for part in PARTS.get(kind, ("",)):
        for name in definition(f"{PACKAGE}/{kind}/{path.stem}{part}").fields:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name)


@pytest.mark.parametrize(
    "service", [*interface.SERVICES, *interface.ACTIONS], ids=lambda one: one.name
)
def test_every_response_has_success_and_message(service: Service) -> None:
    part = "_Result" if service in interface.ACTIONS else "_Response"
    answer = definition(service.type + part).fields
    assert list(answer.items())[:2] == [("success", "bool"), ("message", "string")]


def test_only_references_are_latched_and_only_diagnostics_are_always_published() -> None:
    assert [topic for topic in interface.TOPICS if topic.latched] == [interface.REFERENCES]
    assert interface.REFERENCES.depth == 1
    assert [topic for topic in interface.TOPICS if topic.always] == [interface.DIAGNOSTICS]
