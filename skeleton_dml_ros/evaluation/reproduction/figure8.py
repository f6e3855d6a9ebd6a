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

"""Figure 8: the evaluation clips in the space of the embedding, brought to a plane by UMAP.

L. McInnes, J. Healy, J. Melville, "UMAP: Uniform manifold approximation and projection for
dimension reduction", 2018; the settings are the package's defaults with the authors' seed.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.reproduction.drawing import (
    INK,
    blank,
    require_matplotlib,
    save,
)
from skeleton_dml_ros.evaluation.reproduction.figure7 import rows
from skeleton_dml_ros.evaluation.reproduction.pages import Measured, Reproduction, Table
from skeleton_dml_ros.evaluation.reproduction.running import Embedded, embeddings_of

SEED = 42
"""Of the projection, as in the authors' code."""

NEIGHBOURS = 15
"""UMAP's default; of fewer clips, as many as there are."""

MARKERS = "osD^vP"


def require_umap() -> None:
    """Complain where the projection cannot be made.

    Raises:
        SkeletonDmlError: umap-learn or matplotlib is not installed.
    """
    require_matplotlib()
    _umap()


def present(measured: Sequence[Measured], folder: Path, mark: str) -> Table:
    """Draw the clips of the first seed, and list where they lie."""
    result = measured[0].results[0]
    embedded = embeddings_of(result)
    places = project(embedded.embeddings)
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


def project(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """(clips, dimension) unit vectors to (clips, 2) places in a plane."""
    reducer = _umap().UMAP(
        n_neighbors=min(NEIGHBOURS, len(embeddings) - 1), random_state=SEED, n_jobs=1
    )
    with warnings.catch_warnings():
        # It says of a small graph that its eigenvectors were found another way.
        warnings.simplefilter("ignore")
        places: NDArray[np.float32] = reducer.fit_transform(embeddings)
    return places


def _draw(
    places: NDArray[np.float32], embedded: Embedded, names: Sequence[str], path: Path, mark: str
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


def _umap() -> Any:
    try:
        import umap
    except ImportError:
        raise SkeletonDmlError(
            "figure8 is drawn with UMAP, which is not installed; "
            "pip install 'skeleton_dml_ros[umap]'"
        ) from None
    return umap


REPRODUCTION = Reproduction(
    "figure8",
    "Figure 8: the evaluation classes in the embedding space (UMAP)",
    rows,
    present,
    require_umap,
)
