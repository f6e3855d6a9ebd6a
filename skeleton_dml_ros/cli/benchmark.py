# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""``skeleton-dml benchmark``: how fast it is, against a baseline in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from skeleton_dml_ros.cli.options import JsonOption
from skeleton_dml_ros.cli.terminal import output, print_json, progress

if TYPE_CHECKING:
    from skeleton_dml_ros.benchmarks.parse import ParseBenchmark

benchmark = typer.Typer(
    help="Measure speed, each part against its baseline in the same run.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
)


@benchmark.callback()
def _benchmark() -> None:
    """Measure speed, each part against its baseline in the same run."""


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
        measured = benchmark_parse(files, data, frames, bar.advance)
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
    output().print(_table(measured, own, baseline, FILES_OF_THE_RELEASE), markup=False)


def _table(measured: ParseBenchmark, own: float, baseline: float, release: int) -> str:
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
