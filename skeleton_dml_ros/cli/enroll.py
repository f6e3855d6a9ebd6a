# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml enroll``: teach an action by one recording."""

from __future__ import annotations

from typing import Annotated

import typer

from skeleton_dml_ros.cli.bags import BagAxesOption, BagInputOption, BagTopicOption, bag_options
from skeleton_dml_ros.cli.loading import check_place
from skeleton_dml_ros.cli.options import EngineOption, JsonOption, ModelOption, StoreArgument
from skeleton_dml_ros.cli.reference_rows import row_of_summary
from skeleton_dml_ros.cli.terminal import output, print_json
from skeleton_dml_ros.references.reference import ReferenceKind


def enroll(
    store: StoreArgument,
    label: Annotated[
        str,
        typer.Argument(
            metavar="LABEL", help="What the action is called; several recordings may share a label."
        ),
    ],
    clip: Annotated[
        str,
        typer.Argument(
            metavar="CLIP",
            help="The recording: an archive of one clip, a clip of an archive as ARCHIVE:NAME or "
            "ARCHIVE:NUMBER, an NTU .skeleton file, or a ROS 2 bag likewise.",
        ),
    ],
    kind: Annotated[
        ReferenceKind,
        typer.Option(help="An action, or a movement that the robot should not ask about."),
    ] = ReferenceKind.ACTION,
    input_format: BagInputOption = None,
    topic: BagTopicOption = None,
    axes: BagAxesOption = None,
    model: ModelOption = "default",
    engine: EngineOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Teach an action by one recording.

    The recording is trimmed to its longest movement, as a live stream would be.  The store is made
    if there is none.

    Two examples:

    - `skeleton-dml enroll enrolled.db wave recordings.npz:a7_s1_t1`
    - `skeleton-dml enroll enrolled.db scratching scratching.npz --kind ignore`
    """
    from skeleton_dml_ros.datasets.recording_file import read_clip
    from skeleton_dml_ros.recognition.recognizer import Recognizer
    from skeleton_dml_ros.recognition.settings import GAP

    sequence, source = read_clip(clip, GAP, bag_options(input_format, topic or (), axes))
    with Recognizer.open(check_place(store), model, engine) as recognizer:
        reference = recognizer.enroll(sequence, label, kind, source=source)
        alike = sum(other.label == reference.label for other in recognizer.references())
    if as_json:
        print_json({**row_of_summary(reference.summary), "recorded_frames": len(sequence)})
        return
    remark = " (to be ignored)" if kind is ReferenceKind.IGNORE else ""
    output().print(
        f"taught {reference.label!r}{remark} as {reference.reference_id}: {reference.duration:.1f} s of "
        f"movement ({reference.frames} of {len(sequence)} frames), "
        f"{100 * reference.visibility:.0f} % of the joints seen",
        markup=False,
    )
    if alike > 1:
        output().print(f"{alike} references bear this label now")
