# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml convert``: convert a recording to a skeleton archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skeleton_dml_ros.cli.options import (
    ArchiveArgument,
    BagAxesOption,
    BagInputOption,
    BagTopicOption,
    BodyOption,
    JsonOption,
    bag_options,
    check_output,
)
from skeleton_dml_ros.cli.terminal import print_json, say
from skeleton_dml_ros.errors import SkeletonDmlError


def convert(
    recording: Annotated[
        Path, typer.Argument(metavar="RECORDING", help="ROS 2 bag, or NTU .skeleton file.")
    ],
    out: ArchiveArgument,
    input_format: BagInputOption = None,
    topic: BagTopicOption = None,
    axes: BagAxesOption = None,
    body: BodyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert a recording to a skeleton archive.

    In a bag, each uninterrupted appearance of a person becomes a clip named PERSON/START, where START
    is the first stamp. An NTU file becomes one clip of the people who act, or of one --body. All clips get the label
    `unlabelled`. Stamps are kept; positions are rounded to millimetres.

    Example: `skeleton-dml convert rosbag2_evening evening.npz`
    """
    from skeleton_dml_ros.datasets.archive import archive_of, write_archive
    from skeleton_dml_ros.datasets.ntu import read_actors
    from skeleton_dml_ros.datasets.person_segments import UNLABELLED
    from skeleton_dml_ros.datasets.recording_file import clips_of_bag
    from skeleton_dml_ros.datasets.streams import stream_of_archive
    from skeleton_dml_ros.recognition.settings import GAP
    from skeleton_dml_ros.recognition.stream_check import checked

    check_output(out)
    options = bag_options(input_format, topic or (), axes)
    if recording.suffix == ".skeleton":
        options.check_unused(recording)
        sequence = read_actors(recording, body)
        archive = archive_of([sequence], [0], [UNLABELLED], names=[recording.stem])
    else:
        if body is not None:
            raise SkeletonDmlError(f"{recording} is not an NTU file; leave out --body")
        archive = clips_of_bag(options.open(recording), GAP)
    for _ in checked(stream_of_archive(archive)):
        pass
    write_archive(out, archive)
    if as_json:
        clips = [(name, archive.clip(index)) for index, name in enumerate(archive.names)]
        described = [
            {
                "name": name,
                "start_ns": clip.start_ns,
                "end_ns": clip.end_ns,
                "frames": len(clip),
                "bodies": clip.bodies,
            }
            for name, clip in clips
        ]
        print_json({"archive": str(out), "layout": archive.layout.name, "clips": described})
        return
    count = "1 clip" if len(archive) == 1 else f"{len(archive)} clips"
    seconds = sum(archive.clip(index).duration for index in range(len(archive)))
    say(f"wrote {out}: {count} in layout {archive.layout.name}, {seconds:.1f} s in total")
