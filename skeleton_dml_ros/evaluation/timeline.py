# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Picture of a stream: what was done, what was recognised, and with what confidence.

Each person has a lane.  The upper bar shows what the person did, the lower bar what was reported, and
the panel below each report's confidence; above the dashed line, the threshold, a movement is known.  The
colours (Okabe and Ito) suit colour-blind readers, and text or marks repeat what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.demonstration import Chapter, missed, occurrence_of, outcome
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABEL_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#0072B2")
WRONG = "#D55E00"
OTHER = "#E4E6E8"
INK = "#22262A"
FAINT = "#8A9197"

SECONDS_PER_INCH = 3.3
LANE_HEIGHT = 1.45
"""Inches; an action of two seconds holds its name in two lines."""

DONE, FOUND = (0.53, 0.42), (0.05, 0.42)
"""Bottom and height of the two bars in a lane."""


def draw_timeline(chapters: Sequence[Chapter], path: str | Path, enrolled_from: str = "") -> None:
    """Draw chapters one below the other and write the picture.

    Args:
        chapters: scenes with what was recognised.
        path: of the picture; its suffix decides the format.
        enrolled_from: id of the clip that an action was taught from after the first chapter.

    Raises:
        SkeletonDmlError: matplotlib is not installed.
    """
    figure = timeline(chapters, enrolled_from)
    figure.savefig(path, dpi=130, facecolor="white")


def require_matplotlib() -> None:
    """Fail before a long computation if matplotlib is missing.

    Raises:
        SkeletonDmlError: matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        raise SkeletonDmlError(
            "the timeline picture needs matplotlib; pip install 'skeleton_dml_ros[plots]'"
        ) from None


def timeline(chapters: Sequence[Chapter], enrolled_from: str = "") -> Figure:
    """The picture as a figure in memory."""
    require_matplotlib()
    # Without pyplot a figure needs no display and leaves no global state.
    from matplotlib.figure import Figure

    labels = list(dict.fromkeys(label for chapter in chapters for label in chapter.enrolled))
    colours = {
        label: LABEL_COLOURS[index % len(LABEL_COLOURS)] for index, label in enumerate(labels)
    }
    seconds = [_seconds(chapter) for chapter in chapters]
    left, right, top, title, bottom = 0.75, 0.75, 0.95, 0.8, 0.4
    width = left + right + max(seconds) / SECONDS_PER_INCH
    heights = [title + LANE_HEIGHT * len(chapter.scene.people) for chapter in chapters]
    height = top + sum(heights) + bottom * len(chapters)
    figure = Figure(figsize=(width, height))

    figure.text(
        left / width,
        1 - 0.42 / height,
        "Taught by one demonstration, recognised in a stream",
        fontsize=17,
        fontweight="bold",
        color=INK,
        va="center",
    )
    _legend(figure, colours, (width, height), left)
    y = height - top
    for number, (chapter, span) in enumerate(zip(chapters, seconds, strict=True)):
        figures = chapter.figures()
        figure.text(left / width, (y - 0.28) / height, _title(chapter, chapters[:number]),
                    fontsize=12, fontweight="bold", color=INK)  # fmt: skip
        figure.text(
            left / width,
            (y - 0.5) / height,
            f"{figures.recognised} of {figures.enrolled} taught occurrences recognised, "
            f"{figures.accepted} of {figures.unknown} others wrongly accepted, "
            f"{figures.false_alarms} false alarms while idle",
            fontsize=9.5,
            color=FAINT,
        )
        y -= title
        for row, person in enumerate(chapter.scene.people):
            y -= LANE_HEIGHT
            box_width = span / SECONDS_PER_INCH / width
            bars = figure.add_axes((left / width, (y + 0.62) / height, box_width, 0.72 / height))
            confidences = figure.add_axes(
                (left / width, (y + 0.1) / height, box_width, 0.5 / height)
            )
            _bars(bars, chapter, person, colours, enrolled_from)
            _confidences(confidences, chapter, person, colours)
            last = row == len(chapter.scene.people) - 1
            _seconds_axis(confidences, span, last)
            bars.set_xlim(0, span)
        y -= bottom
    return figure


def _seconds(chapter: Chapter) -> float:
    return (chapter.scene.end_ns - chapter.scene.start_ns) / NANOSECONDS_PER_SECOND


def _title(chapter: Chapter, before: Sequence[Chapter]) -> str:
    known = before[-1].enrolled if before else ()
    new = [label for label in chapter.enrolled if label not in known]
    names = ", ".join(_plain(label) for label in new)
    if before:
        return f"Then taught from a clip that was reported as unknown: {names}"
    return f"Taught by one demonstration each: {names}"


def _legend(
    figure: Figure, colours: dict[str, str], size: tuple[float, float], left: float
) -> None:
    """Colours and marks, in one line below the headline."""
    from matplotlib.patches import FancyBboxPatch

    width, height = size
    x, y = left, height - 0.8
    entries = [(_plain(label), colour, INK, "-") for label, colour in colours.items()]
    entries += [
        ("never taught", OTHER, INK, "-"),
        ("reported as unknown", "white", FAINT, "--"),
        ("wrong or missed", "white", WRONG, "-"),
    ]
    for text, face, edge, line in entries:
        figure.add_artist(
            FancyBboxPatch(
                (x / width, y / height),
                0.26 / width,
                0.13 / height,
                boxstyle="square,pad=0",
                facecolor=face,
                edgecolor=edge if face == "white" else "none",
                linestyle=line,
                linewidth=2.0 if edge == WRONG else 1.0,
            )
        )
        figure.text((x + 0.34) / width, (y + 0.06) / height, text, fontsize=9.5, va="center",
                    color=INK)  # fmt: skip
        x += 0.62 + 0.082 * len(text)


def _bars(
    axes: Axes, chapter: Chapter, person: str, colours: dict[str, str], enrolled_from: str
) -> None:
    start, lost = chapter.scene.start_ns, missed(chapter)
    for done in chapter.scene.occurrences:
        if done.person == person:
            _bar(
                axes,
                ((done.start_ns - start) / 1e9, (done.end_ns - start) / 1e9),
                DONE,
                done.label,
                colours.get(done.label, OTHER) if done.label in chapter.enrolled else OTHER,
                WRONG if done in lost else "none",
            )
    for report in chapter.recognitions:
        if person not in report.person_ids:
            continue
        during = occurrence_of(report, chapter.scene.occurrences)
        known = bool(report.label)
        # A fragment of an action that another report recognises is not an error.
        wrong = outcome(report, during, chapter.enrolled) is False and (known or during in lost)
        text = report.label if known else "?"
        if report.clip_id == enrolled_from:
            text = "? taught"
        _bar(
            axes,
            ((report.start_ns - start) / 1e9, (report.end_ns - start) / 1e9),
            FOUND,
            text,
            colours.get(report.label, OTHER) if known else "white",
            WRONG if wrong else ("none" if known else FAINT),
            dashed=not known and not wrong,
            bold=report.clip_id == enrolled_from,
        )
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([DONE[0] + DONE[1] / 2, FOUND[0] + FOUND[1] / 2], ["did", "found"])
    axes.tick_params(length=0, labelsize=8, labelcolor=FAINT)
    axes.set_title(person, loc="left", fontsize=10.5, fontweight="bold", color=INK, pad=2)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def _bar(
    axes: Axes,
    span: tuple[float, float],
    lane: tuple[float, float],
    text: str,
    face: str,
    edge: str,
    dashed: bool = False,
    bold: bool = False,
) -> None:
    from matplotlib.patches import Rectangle

    begin, end = span
    axes.add_patch(
        Rectangle(
            (begin, lane[0]),
            end - begin,
            lane[1],
            facecolor=face,
            edgecolor=edge,
            linestyle="--" if dashed else "-",
            linewidth=2.2 if edge == WRONG else 0.9,
        )
    )
    axes.text(
        (begin + end) / 2,
        lane[0] + lane[1] / 2,
        _wrapped(text),
        ha="center",
        va="center",
        fontsize=7,
        linespacing=1.1,
        color=INK,
        fontweight="bold" if bold else "normal",
        clip_on=False,
    )


def _confidences(axes: Axes, chapter: Chapter, person: str, colours: dict[str, str]) -> None:
    start = chapter.scene.start_ns
    for report in chapter.recognitions:
        if person not in report.person_ids or not np.isfinite(report.score):
            continue
        span = [(report.start_ns - start) / 1e9, (report.end_ns - start) / 1e9]
        colour = colours.get(report.label, FAINT) if report.label else FAINT
        axes.fill_between(
            span, [report.threshold] * 2, [report.confidence] * 2, color=colour, alpha=0.35, lw=0
        )
        axes.plot(span, [report.confidence] * 2, color=colour, linewidth=2.4, solid_capstyle="butt")
    threshold = next((one.threshold for one in chapter.recognitions), 0.5)
    axes.axhline(threshold, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.annotate(
        f"confidence\n{threshold:.0%}",
        (1.0, threshold),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=7,
        color=FAINT,
        annotation_clip=False,
    )
    axes.set_ylim(-0.05, 1.05)
    axes.set_yticks([(1 + threshold) / 2, threshold / 2], ["known", "unknown"])
    axes.tick_params(axis="y", length=0, labelsize=7, labelcolor=FAINT)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(OTHER)


def _seconds_axis(axes: Axes, span: float, named: bool) -> None:
    axes.set_xlim(0, span)
    ticks = np.arange(0, span + 1e-6, 5)
    axes.set_xticks(ticks, [f"{tick:.0f} s" if named else "" for tick in ticks])
    axes.tick_params(axis="x", color=OTHER, labelsize=8, labelcolor=FAINT)
    axes.grid(axis="x", color=OTHER, linewidth=0.6)
    axes.set_axisbelow(True)


def _plain(label: str) -> str:
    return label.replace("_", " ")


def _wrapped(label: str) -> str:
    """A label in lines of about ten characters."""
    lines: list[str] = []
    for word in _plain(label).split():
        if lines and len(lines[-1]) + 1 + len(word) <= 9:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)
