# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml recognize``: recognise the actions in a recording."""

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
from skeleton_dml_ros.cli.terminal import literal, output, print_json, progress, say, table
from skeleton_dml_ros.references.fusion import Matcher
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

if TYPE_CHECKING:
    from skeleton_dml_ros.recognition.event import Event, Recognition


def recognize(
    store: StoreArgument,
    stream: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDING",
            help="Skeleton archive (its clips are played one after the other), NTU .skeleton file, "
            "or ROS 2 bag.",
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
            help="Minimum confidence of a known action, 0 to 1. Default: the store's or the model's.",
            min=0.0,
            max=1.0,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Recognise the taught actions in a recording.

    The recording is played at full speed; the same recording gives the same events. --json prints one
    line per event as it occurs.

    For example:

    - `skeleton-dml recognize enrolled.db recordings.npz`
    - `skeleton-dml recognize enrolled.db rosbag2_evening --input zed`
    """
    from skeleton_dml_ros.datasets.recording_file import open_stream
    from skeleton_dml_ros.recognition.event import Recognition
    from skeleton_dml_ros.recognition.recognizer import Recognizer
    from skeleton_dml_ros.recognition.stream_check import checked

    frames = open_stream(stream, bag_options(input_format, topic or (), axes))
    recognitions: list[Recognition] = []
    name = stream.absolute().stem
    start_ns = 0

    def take(event: Event) -> None:
        if as_json:
            print_json(event_to_dict(event), indent=None)
        elif isinstance(event, Recognition):
            recognitions.append(event)

    with (
        existing_store(store, read_only=True) as opened,
        Recognizer.open(
            opened, model, engine, threshold=threshold, matcher=matcher, on_event=take
        ) as recognizer,
    ):
        # A progress bar would disturb lines of JSON on a terminal.
        quiet = as_json and sys.stdout.isatty()
        with progress("Recognising", shown=not quiet) as bar:
            for done, frame in enumerate(checked(frames), start=1):
                if done == 1:
                    start_ns = frame.stamp_ns
                recognizer.push(frame.derived(input_name=name))
                bar.advance(done, frames.expected)
            recognizer.finish()
        if not as_json:
            _print_recognitions(recognitions, start_ns, recognizer.threshold)


def event_to_dict(event: Event) -> dict[str, Any]:
    """An event as JSON values; infinite values become null."""
    fields = {"event": type(event).__name__.lower(), **asdict(event)}
    if "verdict" in fields:
        fields["verdict"] = fields["verdict"].value
        fields["kind"] = None if fields["kind"] is None else fields["kind"].value
        for candidate in fields["candidates"]:
            candidate["kind"] = candidate["kind"].value
        # Wall time, which differs from run to run.
        del fields["latency"]
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }


def _print_recognitions(
    recognitions: Sequence[Recognition], begin_ns: int, threshold: float
) -> None:
    from skeleton_dml_ros.recognition.event import Verdict
    from skeleton_dml_ros.references.reference import ReferenceKind

    rows = table(
        "from", "to", "person", "verdict", "action", "confidence",
        right=("from", "to", "confidence"),
    )  # fmt: skip
    counts: Counter[str] = Counter()
    for event in recognitions:
        known = event.verdict is Verdict.KNOWN
        ignored = event.kind is ReferenceKind.IGNORE
        verdict = "ignored" if ignored else event.verdict.value.replace("_", " ")
        counts[verdict] += 1
        if known:
            action = literal(event.label, "dim" if ignored else "bold green")
        elif event.candidates:
            action = literal(f"(nearest: {event.candidates[0].label})", "dim")
        else:
            action = literal("")
        rows.add_row(
            _clock(event.start_ns - begin_ns),
            _clock(event.end_ns - begin_ns),
            literal(" + ".join(event.person_ids)),
            verdict,
            action,
            f"{event.confidence:.0%}" if event.candidates else "",
        )
    if recognitions:
        output().print(rows)
    summary = ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "none"
    movements = "1 movement" if len(recognitions) == 1 else f"{len(recognitions)} movements"
    say(f"{movements}: {summary}; known from a confidence of {threshold:.0%}")


def _clock(nanoseconds: int) -> str:
    """A duration as minutes, seconds and tenths."""
    tenths = round(nanoseconds * 10 / NANOSECONDS_PER_SECOND)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"
