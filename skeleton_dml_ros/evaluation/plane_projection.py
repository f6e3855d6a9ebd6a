# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Project embeddings to a plane for plots."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.errors import SkeletonDmlError

UMAP_SEED = 42
"""As in the authors' code."""

UMAP_NEIGHBOURS = 15
"""UMAP's default; fewer if there are fewer clips."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Embeddings in a plane.

    Attributes:
        places: (clips, 2).
        name: of the projection.
        description: meaning of distances in the plane, for users.
    """

    places: NDArray[np.float64]
    name: str
    description: str


def principal_plane(embeddings: NDArray[np.float32]) -> Plane:
    """Principal component analysis: the plane of largest variance.

    Args:
        embeddings: (clips, dimension).
    """
    centred = (embeddings - embeddings.mean(axis=0)).astype(np.float64)
    left, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    # The sign of an axis is arbitrary; its largest coordinate is made positive.
    signs = np.sign(axes[np.arange(2), np.abs(axes[:2]).argmax(axis=1)])
    total = max(float((lengths**2).sum()), np.finfo(float).tiny)
    share = float((lengths[:2] ** 2).sum()) / total
    return Plane(
        left[:, :2] * lengths[:2] * signs,
        "principal components",
        "Principal components of the embeddings: the two directions in which they spread most, "
        f"{100 * share:.0f} % of their variance. Clips that lie apart here are apart; clips that "
        "lie together need not be near.",
    )


def umap_plane(embeddings: NDArray[np.float32]) -> Plane:
    """UMAP (McInnes, Healy and Melville, 2018), which keeps neighbours together.

    It uses the package's defaults and the seed of the authors' code.

    Args:
        embeddings: (clips, dimension).

    Raises:
        SkeletonDmlError: umap-learn is not installed.
    """
    reducer = _umap().UMAP(
        n_neighbors=min(UMAP_NEIGHBOURS, len(embeddings) - 1), random_state=UMAP_SEED, n_jobs=1
    )
    with warnings.catch_warnings():
        # UMAP warns about the eigenvectors of small graphs.
        warnings.simplefilter("ignore")
        places = reducer.fit_transform(embeddings)
    return Plane(
        np.asarray(places, dtype=np.float64),
        "UMAP",
        "UMAP of the embeddings: clips that are near one another stay together; how far groups "
        "lie from one another says little.",
    )


def require_umap() -> None:
    """Fail before a long computation if UMAP is missing.

    Raises:
        SkeletonDmlError: umap-learn is not installed.
    """
    _umap()


def _umap() -> Any:
    try:
        import umap
    except ImportError:
        raise SkeletonDmlError(
            "UMAP is not installed; pip install 'skeleton_dml_ros[umap]'"
        ) from None
    return umap


PROJECTIONS: dict[str, Callable[[NDArray[np.float32]], Plane]] = {
    "pca": principal_plane,
    "umap": umap_plane,
}
"""Projections by the names that users give."""
