# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

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
