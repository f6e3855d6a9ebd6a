# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Topics, services and the action as Markdown tables, for ``docs/ros.md``."""

from __future__ import annotations

from skeleton_dml_ros.node.interface import RECORD, SERVICES, TOPICS, Topic


def topics_table() -> str:
    """What the node publishes."""
    rows = (
        f"| `{topic.name}` | `{topic.type}` | {_quality(topic)} | {topic.meaning} |"
        for topic in TOPICS
    )
    return "\n".join(["| topic | type | QoS | what |", "|---|---|---|---|", *rows])


def services_table() -> str:
    """What the node answers, its action last."""
    rows = (f"| `{one.name}` | `{one.type}` | {one.meaning} |" for one in (*SERVICES, RECORD))
    return "\n".join(["| service or action | type | what |", "|---|---|---|", *rows])


def _quality(topic: Topic) -> str:
    latched = ", transient local" if topic.latched else ""
    return f"reliable, depth {topic.depth}{latched}"
