# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Class-balanced batches: the same number of clips of each of several classes.

The metric loss needs several clips of a class in a batch, for positive pairs.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.training.configuration import Sampling


def batches(
    labels: NDArray[np.integer],
    sampling: Sampling,
    generator: np.random.Generator,
    epoch_clips: int,
) -> Iterator[NDArray[np.intp]]:
    """Indices of the clips of each batch of an epoch.

    Classes are used in random order, again and again, so all are used equally often; the same
    holds for the clips of a class.

    Args:
        labels: (clips,) class of each clip.
        sampling: classes and clips per batch; all classes if there are fewer.
        generator: for the order.
        epoch_clips: approximate number of clips in an epoch.

    Yields:
        (classes * clips,) indices; a class with too few clips repeats some.
    """
    members = {int(name): np.flatnonzero(labels == name) for name in np.unique(labels)}
    classes = _endless(np.array(list(members)), generator)
    clips = {name: _endless(indices, generator) for name, indices in members.items()}
    classes_per_batch = min(sampling.classes, len(members))
    for _ in range(max(1, epoch_clips // (classes_per_batch * sampling.clips))):
        chosen: list[int] = []
        while len(chosen) < classes_per_batch:
            name = int(next(classes))
            if name not in chosen:
                chosen.append(name)
        yield np.array([next(clips[name]) for name in chosen for _ in range(sampling.clips)])


def epoch_plan(
    labels: NDArray[np.integer],
    kinds: NDArray[np.integer],
    sampling: Sampling,
    generator: np.random.Generator,
    epoch_clips: int,
    composable: Container[int] = (),
) -> list[NDArray[np.intp]]:
    """The batches of an epoch, each with clips of one kind, such as those of two people.

    The number of batches of a kind is proportional to its share of the clips; their order is
    random.  With composed classes, a batch ends with their source clips, two for each composed one.

    Args:
        labels: (clips,) class of each clip.
        kinds: (clips,) kind of each clip.
        sampling: classes and clips per batch.
        generator: for the order.
        epoch_clips: approximate number of clips in an epoch.
        composable: kinds of clips that classes are composed of.
    """
    plan: list[NDArray[np.intp]] = []
    present = np.unique(kinds)
    for kind in present:
        members = np.flatnonzero(kinds == kind)
        share = round(epoch_clips * len(members) / len(labels))
        drawn = sampling
        if int(kind) in composable:
            drawn = with_sources(sampling)
            share = share * drawn.classes // sampling.classes
        plan += [members[one] for one in batches(labels[members], drawn, generator, share)]
    if len(present) == 1:
        return plan
    return [plan[index] for index in generator.permutation(len(plan))]


def with_sources(sampling: Sampling) -> Sampling:
    """Classes and clips to sample for a batch: two classes for each composed one."""
    return replace(sampling, classes=sampling.classes + sampling.composed_classes, composed=0.0)


def _endless(values: NDArray[np.integer], generator: np.random.Generator) -> Iterator[np.integer]:
    """Yield the values in random order, then in another one, endlessly."""
    while True:
        yield from generator.permutation(values)


def balanced(
    labels: NDArray[np.integer], largest: int, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Indices of at most ``largest`` clips, one of each class in turn until there are enough."""
    order = generator.permutation(len(labels))
    rank = np.zeros(len(labels), dtype=np.intp)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        rank[members] = np.arange(len(members))
    return np.sort(order[np.argsort(rank[order], kind="stable")][:largest])
