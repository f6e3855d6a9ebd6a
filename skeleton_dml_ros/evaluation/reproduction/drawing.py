# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Style of the plots, and the error without matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skeleton_dml_ros.errors import SkeletonDmlError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OURS, PAPERS = "#0072B2", "#D55E00"
"""Colours of Okabe and Ito, which suit colour-blind readers."""

INK, WARNING = "#22262A", "#A33A00"

DOTS_PER_INCH = 150


def require_matplotlib() -> None:
    """Fail before a long computation if matplotlib is missing.

    Raises:
        SkeletonDmlError: matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise SkeletonDmlError(
            "plots need matplotlib; pip install 'skeleton_dml_ros[plots]'"
        ) from None


def blank(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure, its size in inches, with one set of axes and no frame at the top and right."""
    require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    return figure, axes


def save(figure: Figure, path: Path, mark: str) -> str:
    """Write the picture, with the mark below it unless empty; returns its file name."""
    if mark:
        figure.supxlabel(mark.lower(), x=0.01, ha="left", fontsize=8, color=WARNING)
    figure.savefig(path, dpi=DOTS_PER_INCH)
    return path.name
