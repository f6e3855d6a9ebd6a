# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Figure 8: embeddings of the evaluation clips, projected by UMAP."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.evaluation.plane_projection import require_umap, umap_plane
from skeleton_dml_ros.evaluation.reproduction.drawing import (
    INK,
    blank,
    require_matplotlib,
    save,
)
from skeleton_dml_ros.evaluation.reproduction.figure7 import rows
from skeleton_dml_ros.evaluation.reproduction.pages import Measured, Reproduction, Table
from skeleton_dml_ros.evaluation.reproduction.running import Embedded, embeddings_of

MARKERS = "osD^vP"


def require_projection() -> None:
    """Fail before a long computation if umap-learn or matplotlib is missing.

    Raises:
        SkeletonDmlError: umap-learn or matplotlib is not installed.
    """
    require_matplotlib()
    require_umap()


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """Draw the clips of the first seed, and list their positions."""
    result = measured[0].results[0]
    embedded = embeddings_of(result)
    places = umap_plane(embedded.embeddings).places
    table = [
        {
            "class": result.class_names[label],
            "reference": "yes" if reference else "no",
            "x": round(float(x), 3),
            "y": round(float(y), 3),
        }
        for (x, y), label, reference in zip(
            places, embedded.labels, embedded.references, strict=True
        )
    ]
    picture = _draw(places, embedded, result.class_names, folder / "figure8.png", mark)
    return Table(tuple(table), (), picture)


def _draw(
    places: NDArray[np.float64], embedded: Embedded, names: Sequence[str], path: Path, mark: str
) -> str:
    from matplotlib import colormaps

    figure, axes = blank(9.0, 6.4)
    colours = colormaps["tab20"].colors  # type: ignore[attr-defined]
    for label, name in enumerate(names):
        of_class = embedded.labels == label
        colour = colours[label % len(colours)]
        queries, references = of_class & ~embedded.references, of_class & embedded.references
        axes.scatter(
            places[queries, 0],
            places[queries, 1],
            s=14,
            color=colour,
            marker=MARKERS[label % len(MARKERS)],
            linewidths=0,
            label=name,
        )
        axes.scatter(
            places[references, 0],
            places[references, 1],
            s=160,
            color=colour,
            marker="*",
            edgecolors=INK,
            linewidths=0.8,
            zorder=3,
        )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if embedded.references.any():
        axes.set_title("stars: the references", fontsize=9, color=INK, loc="left")
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    return save(figure, path, mark)


REPRODUCTION = Reproduction(
    "figure8",
    "Figure 8: the evaluation classes in the embedding space (UMAP)",
    rows,
    present,
    require_projection,
)
