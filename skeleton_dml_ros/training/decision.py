# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fit each matcher's decision to sets of actions that the network was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.model import representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.references.alignment import path_features
from skeleton_dml_ros.references.fusion import (
    DEFAULT_DECISIONS,
    Decision,
    Episodes,
    Matcher,
    distance_spread,
    episodes_of,
    fit_decision,
)
from skeleton_dml_ros.references.pair_scores import ComparedClips, PairTerms
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Configuration, DataSource
from skeleton_dml_ros.training.data import read_clips, used_classes
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.reading import ConfigurationError
from skeleton_dml_ros.training.sampling import balanced

SPREAD = 0.24
"""Spread of the weighted distances, on average of the sets.  Alignment costs need no scaling, since
they do not depend on the network."""

ENROLLED = (1, 2, 3, 5, 8)
"""Numbers of labels enrolled in episodes."""

EPISODES = 20
"""Episodes for each set and each number of labels."""

MAX_CLIPS = 1200
"""Maximum number of clips of a set that are compared; time grows with its square."""


def fit_matchers(
    network: ActionEmbedder, configuration: Configuration
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Fit a decision for each matcher to the configuration's ``decision.sets``.

    Args:
        network: trained.
        configuration: of its training.

    Returns:
        For a model's card: by matcher the fields of its
        :class:`~skeleton_dml_ros.references.fusion.Decision`, and what it was fitted to.

    Raises:
        ConfigurationError: no set is given; or a set cannot be used, has a class that was trained
            on, or mixes clips of one and of two people.
    """
    settings = configuration.decision
    if not settings.sets:
        raise ConfigurationError(
            "decision.sets is empty; name sets of actions that are not trained on"
        )
    check_sets(configuration)
    sources = [*settings.sets, *settings.look_alikes]
    compared = []
    for source in sources:
        clips = compared_set([source], network, configuration)
        if len(np.unique(clips.bodies)) > 1:
            raise ConfigurationError(
                f"decision: {source.archive} has clips of one person and of two; narrow it to one "
                "kind"
            )
        compared.append(clips)
    spread = float(np.mean([distance_spread(clips.vectors) for clips in compared]))
    terms = [clips.against(np.arange(len(clips))) for clips in compared]
    described = [_described(*pair) for pair in zip(sources, compared, strict=True)]
    count = len(settings.sets)

    matchers = {}
    for matcher, default in DEFAULT_DECISIONS.items():
        weight = round(SPREAD / spread, 4) if default.distance_weight else 0.0
        decision = replace(default, distance_weight=weight)
        if matcher is Matcher.FUSED:
            decision = replace(
                decision,
                cost_weight=settings.cost_weight,
                mirror_penalty=settings.mirror_penalty,
            )
        episodes = [
            _episodes(clips, of_clips, decision)
            for clips, of_clips in zip(compared, terms, strict=True)
        ]
        fitted = fit_decision(
            [one for each in episodes[:count] for one in each],
            decision,
            [one for each in episodes[count:] for one in each],
        )
        matchers[matcher.value] = _fields(fitted)
    return matchers, {"sets": described[:count], "look_alikes": described[count:]}


def check_sets(configuration: Configuration) -> None:
    """Check that no class that the decision is fitted to is trained on.

    Raises:
        ConfigurationError: a class is trained on, or a set cannot be used.
    """
    settings, folder = configuration.decision, configuration.data_folder
    sources = [*settings.sets, *settings.look_alikes]
    if not sources:
        return
    trained = used_classes(configuration.data, folder)
    for archive, name in sorted(used_classes(sources, folder)):
        if (archive, name) in trained:
            raise ConfigurationError(
                f"decision: class {name!r} of {archive} is trained on; leave it out there or here"
            )


def compared_set(
    sources: Sequence[DataSource], network: ActionEmbedder, configuration: Configuration
) -> ComparedClips:
    """The clips of a set, compared as the robot does.

    Args:
        sources: of the set; more than :data:`MAX_CLIPS` clips are thinned, evenly over the classes.
        network: trained.
        configuration: of its training.

    Raises:
        ConfigurationError: the set cannot be used.
    """
    folder, preparation = configuration.data_folder, configuration.preparation
    clips = read_clips(sources, folder, preparation, preparation.frames)
    # As recorded: alignment takes the source's frames.
    recorded = read_clips(sources, folder, Preparation(frames=0), 0)
    chosen = np.sort(balanced(clips.labels, MAX_CLIPS, np.random.default_rng(configuration.seed)))
    clips, recorded = clips.select(chosen), recorded.select(chosen)
    representation = representation_of(configuration.representation)
    return ComparedClips(
        labels=clips.labels,
        bodies=clips.bodies,
        vectors=embed_clips(network, representation, clips),
        mirrored=embed_clips(network, representation, replace(clips, mirrored=~clips.mirrored)),
        features=[_features(recorded, row) for row in range(len(recorded))],
    )


def _features(clips: LabelledClips, row: int) -> NDArray[np.float32]:
    positions = clips.positions(np.array([row]), torch.device("cpu"))[0]
    return path_features(positions.numpy())


def _episodes(clips: ComparedClips, terms: PairTerms, decision: Decision) -> list[Episodes]:
    scores = terms.scores(decision)
    return [
        episodes_of(
            scores, clips.labels, enrolled, EPISODES, decision.max_separation, seed=enrolled
        )
        for enrolled in ENROLLED
    ]


def _described(source: DataSource, clips: ComparedClips) -> dict[str, Any]:
    return {
        "archive": source.archive,
        "classes": len(np.unique(clips.labels)),
        "clips": len(clips),
    }


def _fields(decision: Decision) -> dict[str, Any]:
    """The fields of a decision as plain numbers and lists, as a card's YAML holds them."""
    return {
        name: [round(one, 4) for one in value] if isinstance(value, tuple) else round(value, 4)
        for name, value in asdict(decision).items()
    }
