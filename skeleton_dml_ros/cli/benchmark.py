# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``skeleton-dml benchmark``: measure speed against a baseline in the same run."""

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
from skeleton_dml_ros.cli.terminal import print_json, progress, say

if TYPE_CHECKING:
    from skeleton_dml_ros.benchmarks.embed import EmbedBenchmark
    from skeleton_dml_ros.benchmarks.parse import ParseBenchmark
    from skeleton_dml_ros.benchmarks.search import SearchBenchmark
    from skeleton_dml_ros.benchmarks.stream import StreamBenchmark
    from skeleton_dml_ros.benchmarks.train import TrainBenchmark

benchmark = typer.Typer(
    help="Measure speed against a baseline in the same run.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@benchmark.command("parse")
def parse(
    files: Annotated[int, typer.Option(metavar="N", help="Number of files.", min=1)] = 60,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="RAW_DIR", help="Folder of released files. Default: synthetic files."
        ),
    ] = None,
    frames: Annotated[
        int, typer.Option(metavar="N", help="Mean number of frames of a synthetic file.", min=8)
    ] = 75,
    as_json: JsonOption = False,
) -> None:
    """Measure the reader of NTU's .skeleton files against readline, split and float.

    Processor time of one thread. Prints a Markdown table.

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
    say(*_parse_table(measured, own, baseline, FILES_OF_THE_RELEASE).splitlines())


@benchmark.command("embed")
def embed(
    model: ModelOption = "default",
    rounds: Annotated[
        int, typer.Option(metavar="N", help="Repetitions of each batch.", min=1)
    ] = 30,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="Number of threads. Default: all cores.", min=1),
    ] = None,
    device: DeviceOption = "cpu",
    as_json: JsonOption = False,
) -> None:
    """Measure the embedding of a clip against the paper's network.

    The baseline is an eager float32 ResNet18 on images of 256x256 pixels. On a CPU, the graphs of
    `skeleton-dml export` are measured, too, if the model folder contains them; with --device cuda, half
    precision with CUDA graphs.

    Example: `skeleton-dml benchmark embed --threads 2`
    """
    from skeleton_dml_ros.benchmarks.embed import benchmark_embed

    opened = open_model(model)
    with progress("Embedding clips") as bar:
        measured = benchmark_embed(opened, rounds, threads, device=device, progress=bar.advance)
    if as_json:
        print_json({**asdict(measured), "faster": _faster(measured)})
        return
    say(*_embed_table(measured).splitlines())


@benchmark.command("stream")
def stream(
    model: ModelOption = "default",
    engine: EngineOption = "auto",
    people: Annotated[int, typer.Option(metavar="N", help="People in view.", min=1)] = 10,
    rate: Annotated[float, typer.Option(metavar="HZ", help="Frame rate.", min=1)] = 30.0,
    seconds: Annotated[
        float, typer.Option(metavar="S", help="Duration of each run.", min=1)
    ] = 30.0,
    references: Annotated[int, typer.Option(metavar="N", help="Enrolled references.", min=1)] = 100,
    max_people: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Search up to this number of people for the first losses; 0: no search.",
            min=0,
        ),
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure a live recogniser in real time: cost, latency and losses.

    Synthetic people show one action after the other. Segmentation at movements is compared with sliding
    windows. Latency is the time from the last frame of a clip to the decision; the table also has the
    delay from the action's end.

    Example: `skeleton-dml benchmark stream --people 10 --max-people 100`
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
            most=max_people,
            progress=bar.advance,
        )
    if as_json:
        print_json(asdict(measured))
        return
    say(*_stream_table(measured, max_people).splitlines())


@benchmark.command("search")
def search(
    max_references: Annotated[
        int, typer.Option(metavar="N", help="Maximum number of references.", min=10)
    ] = 1_000_000,
    seconds: Annotated[
        float, typer.Option(metavar="S", help="Minimum duration of each measurement.", min=0.0)
    ] = 0.3,
    as_json: JsonOption = False,
) -> None:
    """Measure the exact search against numpy and an approximate index.

    Example: `skeleton-dml benchmark search --max-references 10000`
    """
    from skeleton_dml_ros.benchmarks.search import SIZES, benchmark_search

    sizes = tuple(size for size in SIZES if size <= max_references)
    with progress("Searching") as bar:
        measured = benchmark_search(sizes, seconds, bar.advance)
    if as_json:
        print_json(asdict(measured))
        return
    say(*_search_table(measured).splitlines())


@benchmark.command("train")
def train(
    clips: Annotated[
        int, typer.Option(metavar="N", help="Number of clips per measurement.", min=64)
    ] = 512,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Measure training against the paper's setup.

    The baseline is a float32 ResNet18 with a DataLoader of 256x256 images from a folder.

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
    say(*_train_table(measured).splitlines())


def _faster(measured: EmbedBenchmark) -> list[dict[str, float]]:
    """The speed of each way as a multiple of the paper's network, and of torch at the same size."""
    return [
        {"paper": measured.faster(way), "torch": measured.faster(way, than=1)}
        for way in range(len(measured.measurements))
    ]


def _embed_table(measured: EmbedBenchmark) -> str:
    batches = list(measured.measurements[0].seconds)
    heads = "".join(f" batch {batch}, p50 | p99 | clips/s |" for batch in batches)
    lines = [
        f"| way | image |{heads} speed-up over the paper | speed-up over torch |",
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
        "Speeds compare medians of one clip. Times exclude preprocessing, which takes "
        f"{1000 * measured.preparation_seconds:.2f} ms for a clip of {measured.frames:.0f} frames.",
        f"On {measured.device}; {measured.threads} threads; {measured.machine}.",
    ]
    return "\n".join(lines)


def _stream_table(measured: StreamBenchmark, max_people: int) -> str:
    lines = [
        "| engine, segmentation | cores | per frame | clips | lost frames, clips | decision p50 | p99 "
        "| delay after the action, median |"
        + (" no losses up to | losses from |" if max_people else ""),
        "|---|" + "--:|" * (9 if max_people else 7),
    ]
    for run, (bad, good) in zip(measured.runs, measured.first_drops, strict=True):
        late = [1000 * float(value) for value in np.percentile(run.latencies or (0,), (50, 99))]
        after = f"{np.median(run.delays):.2f} s" if run.delays else "–"
        line = (
            f"| {run.engine}, {run.method} | {run.cores:.2f} | {run.frame_ms:.2f} ms | {run.clips} "
            f"| {run.frames_lost}, {run.clips_dropped} | {late[0]:.1f} ms | {late[1]:.1f} ms "
            f"| {after} |"
        )
        if max_people:
            line += f" {good or 'none'} people | {f'{bad} people' if bad else f'none up to {max_people}'} |"
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
        "| references | exact, one thread | two threads | numpy | speed-up over numpy "
        "| batch of 64 | HNSW | its recall | match with alignment |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in measured.measurements:
        approximate = "–" if one.approximate is None else f"{1e6 * one.approximate:.0f} us"
        recall = "–" if one.recall is None else f"{100 * one.recall:.1f} %"
        matched = "–" if one.match is None else f"{1e3 * one.match:.1f} ms"
        lines.append(
            f"| {one.references:,} | {1e6 * one.exact:.0f} us | {1e6 * one.two_threads:.0f} us "
            f"| {1e6 * one.numpy:.0f} us | {one.numpy / one.exact:.1f} | {1e6 * one.batch:.0f} us "
            f"| {approximate} | {recall} | {matched} |"
        )
    lines += ["", f"Median time of a query for the five nearest references; {measured.machine}."]
    return "\n".join(lines)


def _train_table(measured: TrainBenchmark) -> str:
    lines = [
        "| way | image | precision | batch | clips/s | speed-up over the paper "
        "| share of peak matrix throughput |",
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
        f"{measured.measurements[0].clips} clips or more per measurement, on {measured.device}; "
        f"{measured.threads} threads; {measured.machine}.",
    ]
    return "\n".join(lines)


def _parse_table(measured: ParseBenchmark, own: float, baseline: float, release: int) -> str:
    kind = "synthetic files" if measured.synthetic else "files"
    lines = [
        f"| reader | per file | all {release:,} files of NTU RGB+D 120 (extrapolated) |",
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
        f"{measured.bodies:.2f} bodies per frame and {measured.kilobytes:.0f} kB on average.",
        f"Processor time of one process; {measured.machine}.",
    ]
    return "\n".join(lines)
