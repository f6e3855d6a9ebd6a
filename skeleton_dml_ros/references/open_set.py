# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cohort-normalised scores, and thresholds for a false-accept rate.

The robot decides by the confidence of :mod:`skeleton_dml_ros.references.fusion`; reports also show
these scores.  One threshold on distances does not fit all references: a wave is close to many arm movements, a
bow to few, and a clip of a poorly seen person is far from everything.  Speaker verification solves
this by adaptive score normalisation: a score is set against those of impostors.  The impostors are
the *cohort*, embeddings of many other actions.  Its statistics are computed for the query and for
the reference, each over the nearest cohort members, since only these can be confused (Cumani, Batzu, Colibro, Vair, Laface and Vasilakakis, *Comparison of speaker recognition
approaches for real applications*, Interspeech 2011; Matějka et al., *Analysis of score
normalization in multilingual speaker recognition*, Interspeech 2017).  Unlike
speaker verification, the score is not divided by the standard deviation, which is too noisy here
(``docs/accuracy.md``).  This leaves cross-domain similarity local scaling (CSLS: Conneau, Lample,
Ranzato, Denoyer and Jégou, *Word translation without parallel data*, ICLR 2018).  For the distance
of a query q and a reference r:

    score(q, r) = d(q, r) - 1/2 [ mean(q) + mean(r) ]

mean(x) is the mean distance from x to its nearest cohort members.  The very nearest are trimmed,
since the enrolled action may itself be in the cohort.  A query is known if its score is at most the
threshold, which is fitted to impostors' scores for a given false-accept rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.search import NearestNeighbours

NEAREST_SHARE = 0.3
"""Share of the cohort over which means are taken.  Results change little between 0.1 and 0.5; below,
the mean is noisy, and above, it is less specific to an action."""

TRIMMED_SHARE = 0.02
"""About the share of one action in a cohort of fifty.  On seven validation classes AUROC is 0.98
with and without trimming, whether or not the cohort contains these classes."""

MIN_MEMBERS = 10
"""Minimum number of members for a mean: a small cohort is trimmed less, then used whole."""

MIN_BACKGROUND_CLIPS = 10
"""A threshold fitted to fewer clips would depend on one or two of them."""


class OpenSetError(SkeletonDmlError):
    """The input of the open-set decision, or of its fitting, is not valid."""


class Cohort:
    """Embeddings of many actions, used as impostors; immutable.

    Args:
        embeddings: (members, dimension) float32 unit vectors, at least one.
        nearest_share: share of the cohort, after trimming, over which means are taken.
        trimmed_share: share of the cohort, the nearest members, that is trimmed.

    Raises:
        OpenSetError: the embeddings are empty or not finite, or a share is not in [0, 1].
    """

    def __init__(
        self,
        embeddings: NDArray[np.float32],
        nearest_share: float = NEAREST_SHARE,
        trimmed_share: float = TRIMMED_SHARE,
    ) -> None:
        embeddings = np.array(embeddings, dtype=np.float32)
        if embeddings.ndim != 2 or not len(embeddings) or not np.isfinite(embeddings).all():
            raise OpenSetError(
                f"a cohort cannot have shape {embeddings.shape} or values that are not finite; give "
                "(members, dimension) embeddings, or no cohort"
            )
        for name, share in (("nearest_share", nearest_share), ("trimmed_share", trimmed_share)):
            if not 0 <= share <= 1:
                raise OpenSetError(f"{name} is {share}; give a share in [0, 1]")
        embeddings.flags.writeable = False
        self.embeddings = embeddings
        self.nearest_share = nearest_share
        self.trimmed_share = trimmed_share
        self._members = NearestNeighbours(embeddings)

    def __len__(self) -> int:
        return len(self.embeddings)

    def joined(self, embeddings: NDArray[np.float32]) -> Cohort:
        """A cohort with additional members."""
        return Cohort(
            np.concatenate([self.embeddings, embeddings]), self.nearest_share, self.trimmed_share
        )

    def statistics(
        self, embeddings: NDArray[np.float32], without: NDArray[np.intp] | None = None
    ) -> NDArray[np.float64]:
        """Mean distance to the nearest members after trimming, mean(x) of the module's equation.

        Args:
            embeddings: (n, dimension) float32 unit vectors.
            without: (n,) index of a member to exclude for each embedding, such as itself.

        Returns:
            (n,) mean distances.
        """
        size = len(self) - (without is not None)
        used = min(size, max(MIN_MEMBERS, round(self.nearest_share * size)))
        trimmed = min(round(self.trimmed_share * size), size - used)
        if used == 0:
            raise OpenSetError("the cohort has one member, which is excluded; give a larger cohort")
        if without is None:
            distances = self._members.search(embeddings, trimmed + used)[0]
        else:
            distances, members = self._members.search(embeddings, len(self))
            distances = distances[members != np.reshape(without, (-1, 1))].reshape(-1, size)
        return np.asarray(distances[:, trimmed : trimmed + used].mean(axis=1, dtype=np.float64))


def statistics_of(cohort: Cohort | None, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
    """:meth:`Cohort.statistics` of (n, dimension) embeddings; zeros without a cohort.

    With zeros the score is the distance.
    """
    return np.zeros(len(embeddings)) if cohort is None else cohort.statistics(embeddings)


def score(distance: ArrayLike, query: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Normalised distances, the module's equation; lower is more similar.

    Args:
        distance: Euclidean distances, any shape.
        query: :meth:`Cohort.statistics` of the queries, broadcastable.
        reference: :meth:`Cohort.statistics` of the references, broadcastable.
    """
    from_both = np.add(query, reference, dtype=np.float64)
    return np.asarray(np.asarray(distance, dtype=np.float64) - 0.5 * from_both)


def pair_offsets(bodies: ArrayLike, pair_offset: float) -> NDArray[np.float64]:
    """Offsets of the scores of queries: ``pair_offset`` for two people, else 0.

    Args:
        bodies: (n,) people in each query.
        pair_offset: the model's.
    """
    return np.where(np.asarray(bodies) == 2, pair_offset, 0.0)


@dataclass(frozen=True)
class Threshold:
    """A fitted threshold.

    Attributes:
        threshold: highest score of a known action.
        false_accept_rate: requested maximum share of impostors accepted.
        measured_rate: share of the given impostors accepted.
        impostors: number of impostors given.
    """

    threshold: float
    false_accept_rate: float
    measured_rate: float
    impostors: int


def fit_threshold(impostor_scores: ArrayLike, false_accept_rate: float) -> Threshold:
    """The largest threshold that accepts at most the given share of impostors.

    Args:
        impostor_scores: (n,) scores of queries whose action is not enrolled, each against its
            nearest reference.
        false_accept_rate: the share, between 0 and 1.

    Raises:
        OpenSetError: no scores are given, one is not finite, or the rate is not between 0 and 1.
    """
    scores = np.sort(np.asarray(impostor_scores, dtype=np.float64), axis=None)
    check_rate(false_accept_rate)
    if not len(scores):
        raise OpenSetError("no impostor scores to fit a threshold to; give at least one")
    if not np.isfinite(scores).all():
        raise OpenSetError("an impostor score is not finite; leave it out")
    # 0.29 * 100 is 28.999... in floating point.
    accepted = math.floor(false_accept_rate * len(scores) + 1e-9)
    # Just below the first score to reject, and all scores equal to it.
    threshold = float(np.nextafter(scores[accepted], -np.inf))
    return Threshold(threshold, false_accept_rate, float(np.mean(scores <= threshold)), len(scores))


def check_rate(false_accept_rate: float) -> None:
    """Check a false-accept rate.

    Raises:
        OpenSetError: it is not between 0 and 1.
    """
    if not 0 < false_accept_rate < 1:
        raise OpenSetError(
            f"false-accept rate {false_accept_rate} is not between 0 and 1; give 0.05 for 5 %"
        )


def background_scores(
    background: NDArray[np.float32],
    references: NDArray[np.float32],
    cohort: Cohort | None,
    offsets: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """Scores of background clips against their nearest references.

    The background joins the cohort.  A clip is excluded from its own statistics and from those of
    its reference, as it would be if it were new.

    Args:
        background: (clips, dimension) float32 unit vectors of clips without an enrolled action.
        references: (references, dimension) float32 unit vectors.
        cohort: the model's, or None.
        offsets: (clips,) added to the scores, see :func:`pair_offsets`.

    Returns:
        (clips,) scores.
    """
    joined = Cohort(background) if cohort is None else cohort.joined(background)
    itself = np.arange(len(joined) - len(background), len(joined))
    distances, nearest = NearestNeighbours(references).search(background, 1)
    scores = score(
        distances[:, 0],
        joined.statistics(background, without=itself),
        joined.statistics(references[nearest[:, 0]], without=itself),
    )
    return np.asarray(scores + np.asarray(offsets, dtype=np.float64))


def min_background_clips(false_accept_rate: float) -> int:
    """Minimum number of background clips to fit a threshold for this rate.

    With fewer than 1 / rate, no clip may be accepted, and the threshold would depend on the single
    nearest clip.

    Raises:
        OpenSetError: the rate is not between 0 and 1.
    """
    check_rate(false_accept_rate)
    return max(MIN_BACKGROUND_CLIPS, math.ceil(1 / false_accept_rate - 1e-9))
