# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml benchmark``: how fast it is, against a baseline in the same run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from skeleton_dml_ros.cli.options import (
    DeviceOption,
    EngineOption,
    JsonOption,
    ModelOption,
    open_engine,
    open_model,
)
from skeleton_dml_ros.cli.terminal import output, print_json, progress

if TYPE_CHECKING:
    from skeleton_dml_ros.benchmarks.embed import EmbedBenchmark
    from skeleton_dml_ros.benchmarks.parse import ParseBenchmark
    from skeleton_dml_ros.benchmarks.search import SearchBenchmark
    from skeleton_dml_ros.benchmarks.stream import StreamBenchmark
    from skeleton_dml_ros.benchmarks.train import TrainBenchmark

benchmark = typer.Typer(
    help="Measure speed, each part against its baseline in the same run.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@benchmark.command("parse")
def parse(
    files: Annotated[int, typer.Option(metavar="N", help="How many files are read.", min=1)] = 60,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="RAW_DIR", help="Files of a release; made for this if left out."
        ),
    ] = None,
    frames: Annotated[
        int, typer.Option(metavar="N", help="Mean frames of a file that is made.", min=8)
    ] = 75,
    as_json: JsonOption = False,
) -> None:
    """Reading NTU's .skeleton files, against readline, split and float.

    One process, one thread, processor time.  The table is Markdown.

    Example: `skeleton-dml benchmark parse --files 100`
    """
    from skeleton_dml_ros.benchmarks.parse import FILES_OF_THE_RELEASE, benchmark_parse

    with progress("Reading files") as bar:
        measured = benchmark_parse(files, frames, data, bar.advance)
    own, baseline = float(np.median(measured.own)), float(np.median(measured.baseline))
    if as_json:
        print_json(
            {
                "files": measured.files,
                "synthetic": measured.synthetic,
                "frames": measured.frames,
                "bodies": measured.bodies,
                "kilobytes": measured.kilobytes,
                "own_seconds": list(measured.own),
                "baseline_seconds": list(measured.baseline),
                "ratio": float(np.median(measured.ratios)),
                "ratios": list(measured.ratios),
                "release_files": FILES_OF_THE_RELEASE,
                "release_own_seconds": own * FILES_OF_THE_RELEASE,
                "release_baseline_seconds": baseline * FILES_OF_THE_RELEASE,
                "machine": measured.machine,
            }
        )
        return
    output().print(_parse_table(measured, own, baseline, FILES_OF_THE_RELEASE), markup=False)


@benchmark.command("embed")
def embed(
    model: ModelOption = "default",
    rounds: Annotated[
        int, typer.Option(metavar="N", help="How often each batch is embedded.", min=1)
    ] = 30,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="That compute; all cores if left out.", min=1),
    ] = None,
    device: DeviceOption = "cpu",
    as_json: JsonOption = False,
) -> None:
    """From joints to the unit vector, against the paper's way.

    That is a ResNet18 in float32, layer by layer, on an image of 256x256 pixels, one clip at a time.
    The model's exported graphs are measured where its folder holds them: `skeleton-dml export`.
    On a GPU, with --device cuda, half precision with CUDA graphs is measured instead.

    Example: `skeleton-dml benchmark embed --threads 2`
    """
    from skeleton_dml_ros.benchmarks.embed import benchmark_embed

    opened = open_model(model)
    with progress("Embedding clips") as bar:
        measured = benchmark_embed(opened, rounds, threads, device=device, progress=bar.advance)
    if as_json:
        print_json({**asdict(measured), "faster": _faster(measured)})
        return
    output().print(_embed_table(measured), markup=False, soft_wrap=True)


@benchmark.command("stream")
def stream(
    model: ModelOption = "default",
    engine: EngineOption = "auto",
    people: Annotated[int, typer.Option(metavar="N", help="In view.", min=1)] = 10,
    rate: Annotated[float, typer.Option(metavar="HZ", help="Frames a second.", min=1)] = 30.0,
    seconds: Annotated[float, typer.Option(metavar="S", help="Of each run.", min=1)] = 30.0,
    references: Annotated[int, typer.Option(metavar="N", help="That were taught.", min=1)] = 100,
    most: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Look for the number of people at which something is lost first, up to this one; "
            "0 does not look.",
            min=0,
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """A live recogniser in real time: cost, latency, what is lost.

    Made-up people do one action after the other.  Cutting at movements is measured against sliding
    windows.  Latency is from the arrival of the frame that closes a clip to the decision; the delay
    from an action's end, which cutting adds, stands beside it.

    Example: `skeleton-dml benchmark stream --people 10 --most 100`
    """
    from skeleton_dml_ros.benchmarks.stream import benchmark_stream

    opened = open_model(model)
    computing = open_engine(opened, engine)
    with progress("Recognising") as bar:
        measured = benchmark_stream(
            [computing],
            opened,
            people=people,
            rate=rate,
            seconds=seconds,
            references=references,
            most=most,
            progress=bar.advance,
        )
    if as_json:
        print_json(asdict(measured))
        return
    output().print(_stream_table(measured, most), markup=False, soft_wrap=True)


@benchmark.command("search")
def search(
    largest: Annotated[
        int, typer.Option(metavar="N", help="The most references among which is searched.", min=10)
    ] = 1_000_000,
    seconds: Annotated[
        float, typer.Option(metavar="S", help="Of each kind of search, at least.", min=0.0)
    ] = 0.3,
    as_json: JsonOption = False,
) -> None:
    """The nearest references, against numpy, and an approximate index.

    Example: `skeleton-dml benchmark search --largest 10000`
    """
    from skeleton_dml_ros.benchmarks.search import SIZES, benchmark_search

    sizes = tuple(size for size in SIZES if size <= largest)
    with progress("Searching") as bar:
        measured = benchmark_search(sizes, seconds, bar.advance)
    if as_json:
        print_json(asdict(measured))
        return
    output().print(_search_table(measured), markup=False, soft_wrap=True)


@benchmark.command("train")
def train(
    clips: Annotated[int, typer.Option(metavar="N", help="That each way trains on.", min=64)] = 512,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Training, against the paper's way.

    That is a DataLoader of 256x256 images from a folder, and a ResNet18 in float32.

    Example: `skeleton-dml benchmark train --clips 1024`
    """
    from skeleton_dml_ros.benchmarks.train import benchmark_train

    with progress("Training") as bar:
        measured = benchmark_train(clips, device, progress=bar.advance)
    if as_json:
        print_json(
            {
                **asdict(measured),
                "clips_a_second": [one.clips_a_second for one in measured.measurements],
                "shares_of_peak": [one.share_of_peak for one in measured.measurements],
            }
        )
        return
    output().print(_train_table(measured), markup=False, soft_wrap=True)


def _faster(measured: EmbedBenchmark) -> list[dict[str, float]]:
    """Of each way: as many times as fast as the paper's, and what of it is the engine's."""
    return [
        {"paper": measured.faster(way), "torch": measured.faster(way, than=1)}
        for way in range(len(measured.measurements))
    ]


def _embed_table(measured: EmbedBenchmark) -> str:
    batches = list(measured.measurements[0].seconds)
    heads = "".join(f" batch {batch}, p50 | p99 | clips/s |" for batch in batches)
    lines = [
        f"| way | image |{heads} times the paper's speed | times torch's at this size |",
        "|---|---|" + "--:|" * (3 * len(batches) + 2),
    ]
    for number, way in enumerate(measured.measurements):
        cells = "".join(
            f" {way.milliseconds(batch):.2f} ms | {way.milliseconds(batch, 99):.2f} ms "
            f"| {1000 * batch / way.milliseconds(batch):.0f} |"
            for batch in batches
        )
        engine = "" if number == 0 else f"{measured.faster(number, than=1):.1f}"
        lines.append(
            f"| {way.name} | {way.image[0]}x{way.image[1]} |{cells} {measured.faster(number):.1f} "
            f"| {engine} |"
        )
    lines += [
        "",
        "Times as fast by the medians of one clip. From prepared joints to the unit vector; "
        f"preparing a clip of {measured.frames:.0f} frames takes "
        f"{1000 * measured.preparation_seconds:.2f} ms besides.",
        f"On {measured.device}; {measured.threads} threads; {measured.machine}.",
    ]
    return "\n".join(lines)


def _stream_table(measured: StreamBenchmark, most: int) -> str:
    lines = [
        "| engine, cut | cores | a frame | clips | lost frames, clips | decision p50 | p99 "
        "| after the action's end, median |"
        + (" nothing lost up to | lost from |" if most else ""),
        "|---|" + "--:|" * (9 if most else 7),
    ]
    for run, (bad, good) in zip(measured.runs, measured.first_drops, strict=True):
        late = [1000 * float(value) for value in np.percentile(run.latencies or (0,), (50, 99))]
        after = f"{np.median(run.delays):.2f} s" if run.delays else "–"
        line = (
            f"| {run.engine}, {run.method} | {run.cores:.2f} | {run.frame_ms:.2f} ms | {run.clips} "
            f"| {run.frames_lost}, {run.clips_dropped} | {late[0]:.1f} ms | {late[1]:.1f} ms "
            f"| {after} |"
        )
        if most:
            line += (
                f" {good or 'none'} people | {f'{bad} people' if bad else f'not up to {most}'} |"
            )
        lines.append(line)
    run = measured.runs[0]
    lines += [
        "",
        f"{run.people} people at {run.rate:g} Hz for {run.seconds:.0f} s, {run.references} "
        f"references; {measured.machine}.",
    ]
    return "\n".join(lines)


def _search_table(measured: SearchBenchmark) -> str:
    lines = [
        "| references | exact, one thread | two threads | numpy | times numpy's speed "
        "| a query of 64 | HNSW | its recall |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in measured.measurements:
        approximate = "–" if one.approximate is None else f"{1e6 * one.approximate:.0f} us"
        recall = "–" if one.recall is None else f"{100 * one.recall:.1f} %"
        lines.append(
            f"| {one.references:,} | {1e6 * one.exact:.0f} us | {1e6 * one.two_threads:.0f} us "
            f"| {1e6 * one.numpy:.0f} us | {one.numpy / one.exact:.1f} | {1e6 * one.batch:.0f} us "
            f"| {approximate} | {recall} |"
        )
    lines += ["", f"Medians of a query for its five nearest; {measured.machine}."]
    return "\n".join(lines)


def _train_table(measured: TrainBenchmark) -> str:
    lines = [
        "| way | image | precision | batch | clips/s | times the paper's speed "
        "| share of the peak of matrix products |",
        "|---|---|---|--:|--:|--:|--:|",
    ]
    paper = measured.measurements[0].clips_a_second
    for one in measured.measurements:
        lines.append(
            f"| {one.name} | {one.image[0]}x{one.image[1]} | {one.precision} | {one.batch} "
            f"| {one.clips_a_second:.1f} | {one.clips_a_second / paper:.1f} "
            f"| {100 * one.share_of_peak:.0f} % of {one.peak / 1e9:.0f} GFLOP/s |"
        )
    lines += [
        "",
        f"{measured.measurements[0].clips} clips or more in each way, on {measured.device}; "
        f"{measured.threads} threads; {measured.machine}.",
    ]
    return "\n".join(lines)


def _parse_table(measured: ParseBenchmark, own: float, baseline: float, release: int) -> str:
    kind = "synthetic files" if measured.synthetic else "files"
    lines = [
        f"| reader | a file | all {release:,} files of NTU RGB+D 120, if they are like these |",
        "|---|---|---|",
    ]
    for name, seconds in (("readline, split, float", baseline), ("skeleton_dml_ros", own)):
        minutes = seconds * release / 60
        lines.append(f"| {name} | {1000 * seconds:.2f} ms | {minutes:.1f} min |")
    ratios = measured.ratios
    lines += [
        "",
        f"{np.median(ratios):.1f} times as fast ({min(ratios):.1f} to {max(ratios):.1f} in "
        f"{len(ratios)} rounds). {measured.files} {kind} of {measured.frames:.0f} frames, "
        f"{measured.bodies:.2f} bodies a frame and {measured.kilobytes:.0f} kB on average.",
        f"Processor time of one process; {measured.machine}.",
    ]
    return "\n".join(lines)
