# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml recognize``: the robot's job on a recording."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skeleton_dml_ros.cli.options import (
    BagAxesOption,
    BagInputOption,
    BagTopicOption,
    EngineOption,
    JsonOption,
    MatcherOption,
    ModelOption,
    StoreArgument,
    bag_options,
    existing_store,
)
from skeleton_dml_ros.cli.terminal import output, print_json, progress, table
from skeleton_dml_ros.references.fusion import Matcher
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

if TYPE_CHECKING:
    from skeleton_dml_ros.recognition.event import Event, Recognition


def recognize(
    store: StoreArgument,
    stream: Annotated[
        Path,
        typer.Argument(
            metavar="STREAM",
            help="A recording: an archive, whose clips are played one after the other, an NTU "
            ".skeleton file, or a ROS 2 bag.",
        ),
    ],
    input_format: BagInputOption = None,
    topic: BagTopicOption = None,
    axes: BagAxesOption = None,
    model: ModelOption = "default",
    engine: EngineOption = "auto",
    matcher: MatcherOption = Matcher.FUSED,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Minimum confidence of a known action, 0 to 1; the robot's own if left out.",
            min=0.0,
            max=1.0,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Recognise what was taught in a recording.

    The recording is played as a camera would have sent it, as fast as this machine goes; the same
    recording gives the same events.  With --json each event is one line, printed when it happens.

    Two examples:

    - `skeleton-dml recognize enrolled.db recordings.npz`
    - `skeleton-dml recognize enrolled.db rosbag2_evening --input zed`
    """
    from skeleton_dml_ros.datasets.recording_file import open_stream
    from skeleton_dml_ros.recognition.event import Recognition
    from skeleton_dml_ros.recognition.recognizer import Recognizer

    frames = open_stream(stream, bag_options(input_format, topic or (), axes))
    recognitions: list[Recognition] = []
    name = stream.absolute().stem
    start_ns = 0

    def take(event: Event) -> None:
        if as_json:
            print_json(event_described(event), indent=None)
        elif isinstance(event, Recognition):
            recognitions.append(event)

    with (
        existing_store(store, read_only=True) as opened,
        Recognizer.open(
            opened, model, engine, threshold=threshold, matcher=matcher, on_event=take
        ) as recognizer,
    ):
        # A progress bar would break the lines of JSON on a terminal.
        quiet = as_json and sys.stdout.isatty()
        with progress("Recognising", shown=not quiet) as bar:
            for done, frame in enumerate(frames, start=1):
                if done == 1:
                    start_ns = frame.stamp_ns
                recognizer.push(frame.derived(input_name=name))
                bar.advance(done, frames.expected)
            recognizer.finish()
        if not as_json:
            _print_recognitions(recognitions, start_ns, recognizer.threshold)


def event_described(event: Event) -> dict[str, Any]:
    """An event as JSON knows it; a distance or score of nothing is null."""
    fields = {"event": type(event).__name__.lower(), **asdict(event)}
    if "verdict" in fields:
        fields["verdict"] = fields["verdict"].value
        fields["kind"] = None if fields["kind"] is None else fields["kind"].value
        for candidate in fields["candidates"]:
            candidate["kind"] = candidate["kind"].value
        # Of the wall clock; all else is the same whenever the recording is played.
        del fields["latency"]
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }


def _print_recognitions(
    recognitions: Sequence[Recognition], begin_ns: int, threshold: float
) -> None:
    from rich.text import Text

    from skeleton_dml_ros.recognition.event import Verdict
    from skeleton_dml_ros.references.reference import ReferenceKind

    rows = table(
        "from", "to", "who", "verdict", "action", "confidence",
        right=("from", "to", "confidence"),
    )  # fmt: skip
    counts: Counter[str] = Counter()
    for event in recognitions:
        known = event.verdict is Verdict.KNOWN
        ignored = event.kind is ReferenceKind.IGNORE
        verdict = "ignored" if ignored else event.verdict.value.replace("_", " ")
        counts[verdict] += 1
        if known:
            action = Text(event.label, style="dim" if ignored else "bold green")
        elif event.candidates:
            action = Text(f"(nearest: {event.candidates[0].label})", style="dim")
        else:
            action = Text("")
        rows.add_row(
            _clock(event.start_ns - begin_ns),
            _clock(event.end_ns - begin_ns),
            Text(" + ".join(event.person_ids)),
            verdict,
            action,
            f"{event.confidence:.0%}" if event.candidates else "",
        )
    if recognitions:
        output().print(rows)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "none"
    movements = "1 movement" if len(recognitions) == 1 else f"{len(recognitions)} movements"
    output().print(f"{movements}: {told}; known from a confidence of {threshold:.0%}")


def _clock(nanoseconds: int) -> str:
    """Minutes, seconds and tenths since the recording's begin."""
    tenths = round(nanoseconds * 10 / NANOSECONDS_PER_SECOND)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"
