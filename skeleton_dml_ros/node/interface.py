# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The one table of what the node publishes, offers and listens to.

Names beginning with ``~/`` stand under the node's own name, as ROS has it.
"""

from __future__ import annotations

from dataclasses import dataclass

NODE_NAME = "recognition_node"

DEFAULT_NODE = f"/{NODE_NAME}"
"""The full name of a node that is given no other."""


def full_name(name: str, node: str) -> str:
    """A topic or service as everybody knows it.

    Args:
        name: ``~/name`` under the node's own name, ``name`` under its namespace, or ``/name``.
        node: the node's full name, such as ``/robot1/recognition_node``.
    """
    if name.startswith("~/"):
        return f"{node}{name[1:]}"
    return name if name.startswith("/") else f"{node.rpartition('/')[0]}/{name}"


def status_name(node: str, thing: str) -> str:
    """What the status of a thing is called in diagnostics: ``robot1/recognition_node: model``.

    Args:
        node: the node's full name.
        thing: such as ``input camera``.
    """
    return f"{node.strip('/')}: {thing}"


@dataclass(frozen=True)
class Topic:
    """What the node publishes; always reliable.

    Attributes:
        name: of the topic.
        type: of its messages.
        meaning: one line for people.
        depth: messages that are kept for a subscriber that cannot keep up.
        latched: the latest message is kept for those who subscribe later (transient local).
        always: also published while the node is not active.
    """

    name: str
    type: str
    meaning: str
    depth: int = 10
    latched: bool = False
    always: bool = False


@dataclass(frozen=True)
class Service:
    """A question that the node answers.

    Attributes:
        name: of the service.
        type: of its request and response.
        meaning: one line for people.
    """

    name: str
    type: str
    meaning: str


RECOGNITIONS = Topic(
    "~/recognitions",
    "skeleton_dml_ros/msg/ActionRecognition",
    "Every decision: known, unknown, nothing taught, poorly seen.",
    depth=100,
)
UNKNOWN_ACTIONS = Topic(
    "~/unknown_actions",
    "skeleton_dml_ros/msg/ActionRecognition",
    "Unknown actions that are worth a question to the person, also while nothing is taught.",
)
REFERENCES = Topic(
    "~/references",
    "skeleton_dml_ros/msg/ReferenceArray",
    "Everything that was taught, with a version that grows with each change.",
    depth=1,
    latched=True,
)
MARKERS = Topic(
    "~/markers",
    "visualization_msgs/msg/MarkerArray",
    "Skeletons coloured by state, with label and distance, for RViz.",
)
IMAGE = Topic(
    "~/image",
    "sensor_msgs/msg/Image",
    "The Skeleton-DML image of the latest clip, where `publish.image` is set.",
)
DIAGNOSTICS = Topic(
    "/diagnostics",
    "diagnostic_msgs/msg/DiagnosticArray",
    "Inputs, people, clips, device, references: OK, WARN or ERROR, once a second.",
    always=True,
)

TOPICS = (RECOGNITIONS, UNKNOWN_ACTIONS, REFERENCES, MARKERS, IMAGE, DIAGNOSTICS)

ENROLL = Service(
    "~/enroll_reference",
    "skeleton_dml_ros/srv/EnrollReference",
    "Teach an action by a recent clip, a stretch of time, or a recording.",
)
LIST = Service(
    "~/list_references", "skeleton_dml_ros/srv/ListReferences", "Everything that was taught."
)
REMOVE = Service(
    "~/remove_reference",
    "skeleton_dml_ros/srv/RemoveReference",
    "Forget one reference, or all of a label.",
)
RENAME = Service(
    "~/rename_reference",
    "skeleton_dml_ros/srv/RenameReference",
    "Give one reference, or all of a label, another label.",
)
EXPORT = Service(
    "~/export_references",
    "skeleton_dml_ros/srv/ExportReferences",
    "References with their recordings as one blob.",
)
IMPORT = Service(
    "~/import_references",
    "skeleton_dml_ros/srv/ImportReferences",
    "Take over such a blob.",
)
CALIBRATE = Service(
    "~/calibrate_threshold",
    "skeleton_dml_ros/srv/CalibrateThreshold",
    "Listen to the background and fit the threshold to it.",
)

SERVICES = (ENROLL, LIST, REMOVE, RENAME, EXPORT, IMPORT, CALIBRATE)

RECORD = Service(
    "~/record_reference",
    "skeleton_dml_ros/action/RecordReference",
    "Teach an action by doing it: countdown, movement, done.",
)
"""The node's one action."""
