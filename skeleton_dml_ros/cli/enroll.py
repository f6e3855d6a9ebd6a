# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml enroll``: teach an action with one recording."""

from __future__ import annotations

from typing import Annotated

import typer

from skeleton_dml_ros.cli.options import (
    BagAxesOption,
    BagInputOption,
    BagTopicOption,
    BodyOption,
    EngineOption,
    JsonOption,
    ModelOption,
    StoreArgument,
    bag_options,
    check_output,
)
from skeleton_dml_ros.cli.reference_access import row_of_summary
from skeleton_dml_ros.cli.terminal import print_json, say
from skeleton_dml_ros.references.reference import ReferenceKind


def enroll(
    store: StoreArgument,
    label: Annotated[
        str,
        typer.Argument(
            metavar="LABEL", help="Name of the action; several recordings may share a label."
        ),
    ],
    clip: Annotated[
        str,
        typer.Argument(
            metavar="CLIP",
            help="Archive or ROS 2 bag of one clip, one of several clips as FILE:NAME or FILE:NUMBER, or "
            "NTU .skeleton file.",
        ),
    ],
    kind: Annotated[
        ReferenceKind,
        typer.Option(help="`ignore`: never report this movement as unknown."),
    ] = ReferenceKind.ACTION,
    input_format: BagInputOption = None,
    topic: BagTopicOption = None,
    axes: BagAxesOption = None,
    body: BodyOption = None,
    model: ModelOption = "default",
    engine: EngineOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Teach an action with one recording.

    The recording is trimmed to its longest movement, as in a live stream. The store is created if needed.

    For example:

    - `skeleton-dml enroll enrolled.db wave recordings.npz:a7_s1_t1`
    - `skeleton-dml enroll enrolled.db scratching scratching.npz --kind ignore`
    """
    from skeleton_dml_ros.datasets.recording_file import read_clip
    from skeleton_dml_ros.recognition.recognizer import Recognizer
    from skeleton_dml_ros.recognition.settings import GAP

    sequence, source = read_clip(clip, GAP, bag_options(input_format, topic or (), axes), body)
    with Recognizer.open(check_output(store), model, engine) as recognizer:
        reference = recognizer.enroll(sequence, label, kind, source=source)
        same_label = sum(other.label == reference.label for other in recognizer.references())
    if as_json:
        print_json(
            {
                **row_of_summary(reference.summary),
                "recorded_frames": len(sequence),
                "warning": reference.warning,
            }
        )
        return
    remark = " (to be ignored)" if kind is ReferenceKind.IGNORE else ""
    say(
        f"taught {reference.label!r}{remark} as {reference.reference_id}: {reference.duration:.1f} s of "
        f"movement ({reference.frames} of {len(sequence)} frames), "
        f"visibility {100 * reference.visibility:.0f} %"
    )
    if same_label > 1:
        say(f"{same_label} references have this label now")
