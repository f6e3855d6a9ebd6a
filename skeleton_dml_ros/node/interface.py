# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node's topics, services and actions: names, types, descriptions.

Names that begin with ``~/`` are private to the node, as in ROS.
"""

from __future__ import annotations

from dataclasses import dataclass

from skeleton_dml_ros.errors import SkeletonDmlError

NODE_NAME = "recognition_node"

DEFAULT_NODE = f"/{NODE_NAME}"
"""Full name of the node by default."""


class ServiceTimeoutError(SkeletonDmlError):
    """A service is unavailable, disappeared, or did not answer in time."""


class ServiceRefusedError(SkeletonDmlError):
    """The node refused a request; the message says why."""


def full_name(name: str, node: str) -> str:
    """Resolve the name of a topic, service or action.

    Args:
        name: ``~/name`` (private to the node), ``name`` (in its namespace) or ``/name`` (absolute).
        node: full name of the node, such as ``/robot1/recognition_node``.
    """
    if name.startswith("~/"):
        return f"{node}{name[1:]}"
    return name if name.startswith("/") else f"{node.rpartition('/')[0]}/{name}"


def status_name(node: str, part: str) -> str:
    """Name of a diagnostic status, such as ``robot1/recognition_node: model``.

    Args:
        node: full name of the node.
        part: what the status describes, such as ``input camera``.
    """
    return f"{node.strip('/')}: {part}"


@dataclass(frozen=True)
class Topic:
    """A topic that the node publishes, always with reliable QoS.

    Attributes:
        name: topic name.
        type: message type.
        meaning: one-line description.
        depth: queue depth.
        latched: keep the latest message for late subscribers (transient local).
        always: published even while the node is inactive.
    """

    name: str
    type: str
    meaning: str
    depth: int = 10
    latched: bool = False
    always: bool = False


@dataclass(frozen=True)
class Service:
    """A request that the node answers within about two seconds.

    Attributes:
        name: service name.
        type: ROS type.
        meaning: one-line description.
    """

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Action(Service):
    """A task that takes longer: it gives feedback and can be cancelled."""


RECOGNITIONS = Topic(
    "~/recognitions",
    "skeleton_dml_ros/msg/ActionRecognition",
    "Every decision: known, unknown, no references, poorly seen.",
    depth=100,
)
UNKNOWN_ACTIONS = Topic(
    "~/unknown_actions",
    "skeleton_dml_ros/msg/ActionRecognition",
    "Unknown actions worth asking the person about, also before anything was taught.",
)
REFERENCES = Topic(
    "~/references",
    "skeleton_dml_ros/msg/ReferenceArray",
    "All references; published on every change.",
    depth=1,
    latched=True,
)
MARKERS = Topic(
    "~/markers",
    "visualization_msgs/msg/MarkerArray",
    "Skeletons for RViz, coloured by state, with label and distance.",
)
IMAGE = Topic(
    "~/image",
    "sensor_msgs/msg/Image",
    "Skeleton-DML image of the latest clip, if `publish.image` is set.",
)
DIAGNOSTICS = Topic(
    "/diagnostics",
    "diagnostic_msgs/msg/DiagnosticArray",
    "Status of inputs, recognition, model and references, once a second.",
    always=True,
)

TOPICS = (RECOGNITIONS, UNKNOWN_ACTIONS, REFERENCES, MARKERS, IMAGE, DIAGNOSTICS)

ENROLL = Service(
    "~/enroll_reference",
    "skeleton_dml_ros/srv/EnrollReference",
    "Teach an action from the last unknown action, a recent clip, a time span or a recording.",
)
LIST = Service("~/list_references", "skeleton_dml_ros/srv/ListReferences", "List all references.")
REMOVE = Service(
    "~/remove_reference",
    "skeleton_dml_ros/srv/RemoveReference",
    "Remove one reference, or all with a label.",
)
RENAME = Service(
    "~/rename_reference",
    "skeleton_dml_ros/srv/RenameReference",
    "Change the label of one reference, or of all with a label.",
)
EXPORT = Service(
    "~/export_references",
    "skeleton_dml_ros/srv/ExportReferences",
    "Export references with their recordings as one file.",
)
IMPORT = Service(
    "~/import_references",
    "skeleton_dml_ros/srv/ImportReferences",
    "Import such a file.",
)
SERVICES = (ENROLL, LIST, REMOVE, RENAME, EXPORT, IMPORT)

RECORD = Action(
    "~/record_reference",
    "skeleton_dml_ros/action/RecordReference",
    "Teach an action by performing it: countdown, recording, enrolment.",
)
CALIBRATE = Action(
    "~/calibrate_threshold",
    "skeleton_dml_ros/action/CalibrateThreshold",
    "Collect background movements and fit the threshold to them.",
)

ACTIONS = (RECORD, CALIBRATE)


def topics_table() -> str:
    """The published topics as a Markdown table, for ``docs/ros.md``."""
    rows = (
        f"| `{topic.name}` | `{topic.type}` | reliable, depth {topic.depth}"
        f"{', transient local' if topic.latched else ''} | {topic.meaning} |"
        for topic in TOPICS
    )
    return "\n".join(["| topic | type | QoS | content |", "|---|---|---|---|", *rows])


def services_table() -> str:
    """Services and actions as a Markdown table, for ``docs/ros.md``."""
    rows = (f"| `{one.name}` | `{one.type}` | {one.meaning} |" for one in (*SERVICES, *ACTIONS))
    return "\n".join(["| service or action | type | purpose |", "|---|---|---|", *rows])
