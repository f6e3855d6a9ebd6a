# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SVG charts, coloured by the page's style sheet so that they follow light and dark mode.

A chart's ``viewBox`` is about as wide as a phone's screen, so that its text stays legible there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.evaluation.report.markup import Markup, element, number, signed

WIDTH, HEIGHT = 400.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 42.0, 12.0, 26.0, 40.0

COLOURS = 8
"""Number of the style sheet's colours, ``c0`` to ``c7``."""

MARKS = (
    "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
    "M-2.7-2.7h5.4v5.4h-5.4z",
    "M0-3.6L3.4 2.6H-3.4z",
    "M0-3.9L3.9 0L0 3.9L-3.9 0z",
)
"""Circle, square, triangle, diamond: combined with the colours they distinguish 32 classes."""

MAX_PLACE_NAMES = 16
"""Maximum number of classes named inside a map; more would hide it, and the legend names all."""

LETTER, LINE = 5.8, 11.0
"""Approximate width of a character and height of a line inside a map."""

MAX_MAP_CLIPS = 3000
"""Maximum number of clips in a map; of more, every n-th is drawn."""


@dataclass(frozen=True)
class Axis:
    """A range of values along one side of a chart.

    Attributes:
        label: name of the values, with their unit.
        low, high: the range.
    """

    label: str
    low: float
    high: float

    def ticks(self, about: int = 5) -> list[float]:
        """About that many round values in the range."""
        step = (self.high - self.low) / about
        power = 10.0 ** np.floor(np.log10(step))
        step = power * min(
            (factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= step * 0.999),
            default=10.0,
        )
        first = np.ceil(self.low / step - 1e-9)
        last = np.floor(self.high / step + 1e-9)
        return [float(tick * step) for tick in np.arange(first, last + 1)]


@dataclass(frozen=True, eq=False)
class Line:
    """A line of a chart.

    Attributes:
        name: in the legend; empty for no entry.
        x, y: (points,) values; the line breaks where y is not finite.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """A labelled point, or with ``y`` None a labelled vertical line."""

    text: str
    x: float
    y: float | None = None


def line_chart(
    lines: Sequence[Line], x: Axis, y: Axis, description: str, marks: Sequence[Mark] = ()
) -> Markup:
    """Line chart.

    Args:
        lines: at most eight, distinguished by colour and dashes.
        x: horizontal axis.
        y: vertical axis.
        description: text alternative.
        marks: labelled points.
    """
    drawn = [*_frame(x, y)]
    for index, line in enumerate(lines):
        drawn.append(
            element(
                "path",
                d=_path(_across(x, line.x), _down(y, line.y)),
                class_=f"line s{index % COLOURS}" + (f" dash{index}" if 0 < index < 4 else ""),
            )
        )
    drawn += [piece for mark in marks for piece in _mark(mark, x, y)]
    named = [line.name for line in lines if line.name]
    return _chart(drawn, description, named)


def histogram(
    groups: Sequence[tuple[str, NDArray[np.float64]]], x: Axis, description: str, mark: Mark
) -> Markup:
    """Overlaid histograms, each normalised to its own group.

    Args:
        groups: name and (values,) of each; values outside the axis count at its edge.
        x: horizontal axis.
        description: text alternative.
        mark: the threshold.
    """
    edges = np.linspace(x.low, x.high, 41)
    shares = [
        100 * np.histogram(np.clip(values, x.low, x.high), edges)[0] / max(len(values), 1)
        for _, values in groups
    ]
    y = Axis("share of queries, %", 0.0, 1.05 * max(float(share.max()) for share in shares))
    drawn = [*_frame(x, y)]
    for index, share in enumerate(shares):
        steps_x = _across(x, np.repeat(edges, 2))
        steps_y = _down(y, np.concatenate([[0.0], np.repeat(share, 2), [0.0]]))
        drawn.append(
            element("path", d=_path(steps_x, steps_y) + "z", class_=f"area s{index} f{index}")
        )
    drawn += _mark(mark, x, y)
    return _chart(drawn, description, [name for name, _ in groups])


def map_clips(clips: int) -> NDArray[np.intp]:
    """Indices of the clips that a map draws."""
    return np.arange(0, clips, -(-clips // MAX_MAP_CLIPS))


def scatter(
    places: NDArray[np.float64],
    labels: NDArray[np.intp],
    class_names: Sequence[str],
    clip_names: Sequence[str],
    description: str,
) -> Markup:
    """Map of the embeddings, each clip in its class's colour and shape.

    Args:
        places: (clips, 2).
        labels: (clips,) index into ``class_names``.
        class_names: shown at the median of their clips.
        clip_names: tooltips.
        description: text alternative.
    """
    size = WIDTH
    points = fitted(places, size)
    symbols = [element("path", id=f"mark{index}", d=shape) for index, shape in enumerate(MARKS)]
    drawn = [element("defs", *symbols)]
    for (across, down), label, name in zip(points, labels, clip_names, strict=True):
        title = element("title", f"{name}: {class_names[label]}")
        drawn.append(
            element(
                "use",
                title,
                href=f"#mark{mark_of(int(label))}",
                x=across,
                y=down,
                class_=f"f{colour_of(int(label))}",
            )
        )
    if len(class_names) <= MAX_PLACE_NAMES:
        drawn += _place_names(points, labels, class_names)
    return element(
        "svg",
        *drawn,
        viewBox=f"0 0 {number(size)} {number(size)}",
        class_="map",
        role="img",
        aria_label=description,
    )


def _place_names(
    points: NDArray[np.float64], labels: NDArray[np.intp], class_names: Sequence[str]
) -> list[Markup]:
    """Each class's name at the median of its clips, moved down if another name is there."""
    taken: list[tuple[float, float, float]] = []
    drawn = []
    middles = [np.median(points[labels == label], axis=0) for label in range(len(class_names))]
    for label in sorted(range(len(class_names)), key=lambda label: float(middles[label][1])):
        half = LETTER * len(class_names[label]) / 2
        across = float(np.clip(middles[label][0], half, WIDTH - half))
        down = float(middles[label][1])
        while any(
            abs(across - other) < half + other_half and abs(down - other_down) < LINE
            for other, other_down, other_half in taken
        ):
            down += LINE / 2
        taken.append((across, down, half))
        drawn.append(element("text", class_names[label], x=across, y=down, class_="place"))
    return drawn


def fitted(places: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    """Places scaled to a square picture, with equal scales and y upwards."""
    low, high = places.min(axis=0), places.max(axis=0)
    scale = (size - 24) / max(float((high - low).max()), 1e-9)
    centred = (places - (low + high) / 2) * scale
    return np.asarray(centred * [1, -1] + size / 2)


def colour_of(label: int) -> int:
    """Index of a class's colour."""
    return label % COLOURS


def mark_of(label: int) -> int:
    """Index of a class's shape."""
    return label // COLOURS % len(MARKS)


def legend_mark(label: int) -> Markup:
    """A class's mark for the legend."""
    return element(
        "svg",
        element("path", d=MARKS[mark_of(label)], class_=f"f{colour_of(label)}"),
        viewBox="-5 -5 10 10",
        class_="mark",
        aria_hidden="true",
    )


def dots(points: NDArray[np.float64]) -> str:
    """A path of zero-length lines with round ends: the shortest way to write dots."""
    return "".join(f"M{across:.0f} {down:.0f}h0" for across, down in points)


def _chart(drawn: Sequence[Markup], description: str, named: Sequence[str]) -> Markup:
    picture = element(
        "svg",
        *drawn,
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        class_="chart",
        role="img",
        aria_label=description,
    )
    if len(named) < 2:
        return picture
    entries = [
        element(
            "li",
            element(
                "svg",
                element(
                    "path",
                    d="M0 5h22",
                    class_=f"line s{index % COLOURS}" + (f" dash{index}" if 0 < index < 4 else ""),
                ),
                viewBox="0 0 22 10",
                class_="stroke",
                aria_hidden="true",
            ),
            name,
        )
        for index, name in enumerate(named)
    ]
    return Markup(element("ul", *entries, class_="legend") + picture)


def _frame(x: Axis, y: Axis) -> list[Markup]:
    """Grid, ticks and names of the axes."""
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    drawn = []
    for tick, text in zip(y.ticks(), _labels(y.ticks()), strict=True):
        down = float(_down(y, np.array([tick]))[0])
        drawn.append(element("path", d=f"M{LEFT} {number(down)}H{right}", class_="grid"))
        drawn.append(element("text", text, x=LEFT - 6, y=down + 4, class_="tick end"))
    for tick, text in zip(x.ticks(), _labels(x.ticks()), strict=True):
        across = float(_across(x, np.array([tick]))[0])
        drawn.append(element("path", d=f"M{number(across)} {floor}v4", class_="axis"))
        drawn.append(element("text", text, x=across, y=floor + 17, class_="tick middle"))
    drawn.append(element("path", d=f"M{LEFT} {floor}H{right}", class_="axis"))
    drawn.append(element("text", x.label, x=(LEFT + right) / 2, y=HEIGHT - 5, class_="tick middle"))
    drawn.append(element("text", y.label, x=2, y=12, class_="tick"))
    return drawn


def _labels(ticks: Sequence[float]) -> list[str]:
    """Tick labels, all with the same number of digits."""
    largest = max((abs(tick) for tick in ticks), default=0.0)
    power = int(np.floor(np.log10(largest))) if largest else 0
    power = power if power < -2 or power > 4 else 0
    shown = [tick / 10.0**power for tick in ticks]
    digits = next(
        (places for places in range(4) if all(abs(x - round(x, places)) < 1e-6 for x in shown)), 4
    )
    return [signed(x, digits) + (f"e{power}" if power else "") if x else "0" for x in shown]


def _mark(mark: Mark, x: Axis, y: Axis) -> list[Markup]:
    across = float(np.clip(_across(x, np.array([mark.x]))[0], LEFT, WIDTH - RIGHT))
    side = "end" if across > (LEFT + WIDTH) / 2 else "start"
    beside = across + (-7 if side == "end" else 7)
    if mark.y is None:
        rule = element("path", d=f"M{number(across)} {TOP}V{HEIGHT - BOTTOM}", class_="rule")
        return [rule, element("text", mark.text, x=beside, y=TOP + 10, class_=f"note {side}")]
    down = float(_down(y, np.array([mark.y]))[0])
    text_down = min(max(down + 16, TOP + 12), HEIGHT - BOTTOM - 6)
    return [
        element("circle", cx=across, cy=down, r=4.5, class_="point"),
        element("text", mark.text, x=beside, y=text_down, class_=f"note {side}"),
    ]


def _across(axis: Axis, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return LEFT + (values - axis.low) / (axis.high - axis.low) * (WIDTH - LEFT - RIGHT)


def _down(axis: Axis, values: NDArray[np.float64]) -> NDArray[np.float64]:
    floor = HEIGHT - BOTTOM
    return floor - (values - axis.low) / (axis.high - axis.low) * (floor - TOP)


def _path(across: NDArray[np.float64], down: NDArray[np.float64]) -> str:
    """Lines between adjacent finite points."""
    words: list[str] = []
    pen = "M"
    for x, y in zip(across, down, strict=True):
        if np.isfinite(y):
            words.append(f"{pen}{x:.1f} {y:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(words)
