# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Known or unknown: which distance is near enough?

One threshold on the distance serves no two references equally.  A waved hand lies close to a
dozen other arm movements, a bow close to nothing, and a clip of a poorly seen person lies far from
everything: 0.7 may be far for one pair and near for another.

Speaker verification met the same problem and solved it by score normalisation: each score is
expressed against what impostors would score.  The *cohort* is a set of embeddings of many other
actions that plays the impostors.  Statistics are taken from both sides, and on each side over the
nearest cohort members only, since an impostor that nobody would confuse says nothing about the
margin (Cumani, Batzu, Colibro, Vair, Laface and Vasilakakis, *Comparison of speaker recognition
approaches for real applications*, Interspeech 2011; Matějka et al., *Analysis of score
normalization in multilingual speaker recognition*, Interspeech 2017).  Of these statistics the mean
is used, and not the deviation by which speaker verification divides: here the nearest members' spread
wavers more than it tells (``docs/accuracy.md``, "The decision").  That leaves the scaling by local
neighbourhoods that word retrieval uses (CSLS: Conneau, Lample, Ranzato, Denoyer and Jégou, *Word
translation without parallel data*, ICLR 2018).  For distances, of a query q and a reference r:

    score(q, r) = d(q, r) - 1/2 [ mean(q) + mean(r) ]

The mean of x is that of the distances from x to its nearest cohort members.  The very nearest are
left out (trimmed): the taught action may itself be one of the cohort's, and is no impostor.  A lower
score is more alike; a query is known when its score is at most the threshold, which is fitted on
impostors' scores for a stated false-accept rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.search import NearestNeighbours

NEAREST_SHARE = 0.3
"""Of a cohort of many actions, the part that is confusable at all.  Between 0.1 and 0.5 little
changes; below, a mean over few members wavers, and above, it says less about where an action lies
among others."""

TRIMMED_SHARE = 0.02
"""About what one action takes of a cohort of fifty.  It costs nothing: on seven validation classes
AUROC is 0.98 with it and without it, whether or not the cohort holds these classes as well."""

MIN_MEMBERS = 10
"""Members below which a mean says little: a small cohort is trimmed less, then taken whole."""

MIN_BACKGROUND_CLIPS = 10
"""A threshold fitted to fewer clips hangs on one or two of them."""


class OpenSetError(SkeletonDmlError):
    """The decision between known and unknown cannot be made or fitted from what is given."""


class Cohort:
    """Embeddings of many actions that play the impostors; it does not change.

    Args:
        embeddings: (members, dimension) float32 unit vectors, at least one.
        nearest_share: share of the cohort, after trimming, over which means are taken.
        trimmed_share: share of the cohort, the nearest of it, that is left out.

    Raises:
        OpenSetError: there is no member, or a share is not in [0, 1].
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
                f"a cohort of shape {embeddings.shape} is none; give (members, dimension) finite "
                "embeddings, or no cohort"
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
        """A cohort with these members besides."""
        return Cohort(
            np.concatenate([self.embeddings, embeddings]), self.nearest_share, self.trimmed_share
        )

    def statistics(
        self, embeddings: NDArray[np.float32], without: NDArray[np.intp] | None = None
    ) -> NDArray[np.float64]:
        """Mean of the distances to the nearest members, the very nearest left out.

        Args:
            embeddings: (n, dimension) float32 unit vectors.
            without: (n,) for each embedding the member that does not count, such as itself.

        Returns:
            (n,) how far impostors are from each embedding.
        """
        size = len(self) - (without is not None)
        used = min(size, max(MIN_MEMBERS, round(self.nearest_share * size)))
        trimmed = min(round(self.trimmed_share * size), size - used)
        if used == 0:
            raise OpenSetError("a cohort of one is none without this one; give a larger one")
        if without is None:
            distances = self._members.search(embeddings, trimmed + used)[0]
        else:
            distances, members = self._members.search(embeddings, len(self))
            distances = distances[members != np.reshape(without, (-1, 1))].reshape(-1, size)
        return np.asarray(distances[:, trimmed : trimmed + used].mean(axis=1, dtype=np.float64))


def statistics_of(cohort: Cohort | None, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far impostors are from each of (n, dimension) embeddings; 0 without a cohort.

    Zero makes the score the plain distance, so a model without a cohort is judged by a threshold on
    the distance.
    """
    return np.zeros(len(embeddings)) if cohort is None else cohort.statistics(embeddings)


def score(distance: ArrayLike, query: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Distances normalised from both sides, the module's equation; lower is more alike.

    Args:
        distance: Euclidean, of any shape.
        query: how far impostors are from the queries, of a shape that fits the distances'.
        reference: how far they are from the references, likewise.
    """
    from_both = np.add(query, reference, dtype=np.float64)
    return np.asarray(np.asarray(distance, dtype=np.float64) - 0.5 * from_both)


def pair_offsets(bodies: ArrayLike, pair_offset: float) -> NDArray[np.float64]:
    """What is added to the scores of queries: the model's ``pair_offset`` where two people act.

    Args:
        bodies: (n,) people in each.
        pair_offset: the model's.
    """
    return np.where(np.asarray(bodies) == 2, pair_offset, 0.0)


@dataclass(frozen=True)
class Threshold:
    """A threshold and how it was found.

    Attributes:
        threshold: highest score of a known action.
        false_accept_rate: share of impostors that may be accepted at most.
        measured_rate: share of those given that is.
        impostors: how many were given.
    """

    threshold: float
    false_accept_rate: float
    measured_rate: float
    impostors: int


def fit_threshold(impostor_scores: ArrayLike, false_accept_rate: float) -> Threshold:
    """The largest threshold at which at most the stated share of impostors is accepted.

    Args:
        impostor_scores: (n,) scores of queries whose action was not taught, each against the
            reference nearest to it.
        false_accept_rate: the share, between 0 and 1.

    Raises:
        OpenSetError: there is no score, one is not finite, or the rate is not between 0 and 1.
    """
    scores = np.sort(np.asarray(impostor_scores, dtype=np.float64), axis=None)
    check_rate(false_accept_rate)
    if not len(scores):
        raise OpenSetError("there is no impostor's score to fit a threshold to; give at least one")
    if not np.isfinite(scores).all():
        raise OpenSetError("an impostor's score is not finite; leave it out")
    # 0.29 * 100 is 28.999...: the allowance is counted as a person counts it.
    accepted = math.floor(false_accept_rate * len(scores) + 1e-9)
    # The first one too many has to stay outside, with all that score the same.
    threshold = float(np.nextafter(scores[accepted], -np.inf))
    return Threshold(threshold, false_accept_rate, float(np.mean(scores <= threshold)), len(scores))


def check_rate(false_accept_rate: float) -> None:
    """Refuse what is no false-accept rate.

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
    """Scores of a robot's background clips against the references it has been taught.

    The background joins the cohort, and each clip is scored as if it came anew: in its own
    statistics and in its reference's, the clip itself does not count as a member.

    Args:
        background: (clips, dimension) float32 unit vectors of what the robot sees when nobody
            does a taught action.
        references: (references, dimension) float32 unit vectors.
        cohort: the model's; None if it brings none.
        offsets: (clips,) added to the scores, see :func:`pair_offsets`.

    Returns:
        (clips,) the score of each clip against the reference nearest to it.
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
    """How many background clips a threshold of this rate needs.

    With fewer than one over the rate not a single clip may be accepted, and the threshold would
    hang on the one that happens to lie nearest.

    Raises:
        OpenSetError: the rate is not between 0 and 1.
    """
    check_rate(false_accept_rate)
    return max(MIN_BACKGROUND_CLIPS, math.ceil(1 / false_accept_rate - 1e-9))
