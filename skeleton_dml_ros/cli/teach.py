# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml teach``: teach a running node an action."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.loading import join
from skeleton_dml_ros.cli.options import JsonOption, NodeOption
from skeleton_dml_ros.cli.reference_rows import row_of_message
from skeleton_dml_ros.cli.terminal import output, print_json
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.node.interface import DEFAULT_NODE
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

if TYPE_CHECKING:
    from skeleton_dml_ros.dds.running_node import RunningNode


def teach(
    label: Annotated[
        str,
        typer.Argument(
            metavar="LABEL",
            help="What the action is called; one that exists gets another reference.",
        ),
    ],
    clip: Annotated[
        str, typer.Option(metavar="ID", help="A recent clip, as `skeleton-dml watch` shows it.")
    ] = "",
    person: Annotated[
        str,
        typer.Option(
            metavar="PERSON", help="Whoever did it just now, as INPUT/PERSON; with --last."
        ),
    ] = "",
    last: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How far back it began; 0 is as far as the node keeps frames.",
            min=0,
        ),
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An archive of one clip, or an NTU .skeleton file."),
    ] = None,
    ignore: Annotated[
        bool, typer.Option("--ignore", help="A movement that the robot should not ask about.")
    ] = False,
    node: NodeOption = DEFAULT_NODE,
    as_json: JsonOption = False,
) -> None:
    """Teach a running node an action.

    Without an option, the node learns the last unknown action that it reported. Examples:

    - `skeleton-dml teach bow`
    - `skeleton-dml teach bow --clip camera/Ada/1700000000000000000`
    - `skeleton-dml teach bow --person camera/Ada --last 5`
    - `skeleton-dml teach scratch --recording scratch.npz --ignore`
    """
    given = [
        name
        for name, there in (
            ("--clip", bool(clip)),
            ("--person", bool(person)),
            ("--recording", recording is not None),
        )
        if there
    ]
    if len(given) > 1:
        raise SkeletonDmlError(
            f"{' and '.join(given)} given; give one of --clip, --person with --last, and --recording, "
            "or none for the last unknown action"
        )
    if bool(person) != (last is not None):
        raise SkeletonDmlError("--person and --last belong together; give both, or another source")
    # A file that cannot be read is refused before anybody is looked for.
    fields: dict[str, Any] = {"label": label, "clip_id": clip, "person_id": person}
    if recording is not None:
        fields["recording"] = recording.read_bytes()
    with join("teach") as participant:
        from skeleton_dml_ros.dds.running_node import RunningNode
        from skeleton_dml_ros.node import interface
        from skeleton_dml_ros.node.conversions import KINDS
        from skeleton_dml_ros.references.reference import ReferenceKind

        running = RunningNode(participant, node)
        fields["kind"] = KINDS[ReferenceKind.IGNORE if ignore else ReferenceKind.ACTION]
        if last:
            fields["start"] = _so_long_ago(running, person, last, as_json)
        answer = running.ask(interface.ENROLL, **fields)
        if as_json:
            print_json(row_of_message(answer.reference))
        else:
            output().print(answer.message, markup=False)


def _so_long_ago(running: RunningNode, person: str, seconds: float, quiet: bool) -> Any:
    """So many seconds ago, as a message; says where the clock is not the messages' own."""
    from skeleton_dml_ros.cli.message_time import message_time
    from skeleton_dml_ros.messages.make import time_message

    now = message_time(running, person)
    if not now.certain and not quiet:
        output().print(
            f"counted from {now.origin}: the messages' own time is not known for this input",
            markup=False,
        )
    start_ns = max(now.now_ns - round(seconds * NANOSECONDS_PER_SECOND), 1)
    return time_message(running.participant.make, start_ns)
