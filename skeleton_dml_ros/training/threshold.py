# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Card and cohort of a trained model.

What the robot decides by, each matcher's confidence, is fitted to the configuration's
``decision.sets`` in :mod:`skeleton_dml_ros.training.decision`.

Here the threshold of the cohort-normalised distance is fitted, which reports use: to open-set
episodes on the validation classes, which the network was not trained on.  If some of these classes
are actions of pairs, a second threshold is fitted to them alone; the difference is the model's
``pair_offset``.

A run on all classes, like the paper's final one, takes the threshold of its rehearsal: a model of
the same recipe with validation classes.  Without either, the threshold is fitted to training classes,
and the card says so.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.model import DecisionCard, ModelCard, representation_of
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.episodes import episode_scores, one_shot_accuracies, pooled
from skeleton_dml_ros.references.open_set import Cohort, fit_threshold
from skeleton_dml_ros.representations import Representation
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Configuration
from skeleton_dml_ros.training.decision import fit_matchers
from skeleton_dml_ros.training.embeddings import embed_clips
from skeleton_dml_ros.training.loop import TrainingRun
from skeleton_dml_ros.training.sampling import balanced

EPISODES = 200
"""Open-set episodes that the threshold is fitted to."""

MAX_TRAINING_CLIPS = 2000
"""Training clips that the threshold is fitted to without validation classes."""


class RehearsalError(SkeletonDmlError):
    """A model cannot serve as the rehearsal of a training run."""


def describe_run(
    run: TrainingRun, configuration: Configuration, rehearsal: ModelCard | None = None
) -> tuple[ModelCard, NDArray[np.float32]]:
    """Card and cohort of the model of a training run.

    Args:
        run: without validation classes and rehearsal, the threshold is fitted to training classes,
            and accepts more unknown actions than stated.
        configuration: of the run.
        rehearsal: card of a model of the same recipe with validation classes, whose threshold is
            taken; only for a run without validation classes.

    Returns:
        The card, and the cohort: (clips, dimension) unit vectors of training clips, balanced over
        the classes.

    Raises:
        RehearsalError: see :func:`check_rehearsal`.
    """
    if rehearsal is not None:
        check_rehearsal(rehearsal, configuration)
    # The threshold is fitted to the network with rounded weights, since float16 is stored.
    run.network.half().float()
    representation = representation_of(configuration.representation)
    random = np.random.default_rng(configuration.seed)
    members = balanced(run.clips.labels, configuration.open_set.cohort_clips, random)
    cohort = embed_clips(run.network, representation, run.clips.select(members))
    cohort = cohort.astype(np.float16).astype(np.float32)
    cohort /= np.linalg.norm(cohort, axis=1, keepdims=True)

    if rehearsal is not None:
        decision, figures = rehearsal.decision, _figures_of_rehearsal(rehearsal)
    else:
        decision, figures = _classify(run, configuration, representation, Cohort(cohort), random)
        if configuration.decision.sets:
            matchers, fitted_to = fit_matchers(run.network, configuration)
            decision = replace(decision, matchers=matchers)
            figures["decision_fitted_to"] = fitted_to
    card = ModelCard(
        name=configuration.name,
        architecture=configuration.architecture,
        preparation=configuration.preparation,
        representation={
            "name": configuration.representation["name"],
            # Lists, as read back from the card's YAML.
            **{
                key: list(value) if isinstance(value, tuple) else value
                for key, value in asdict(representation).items()  # type: ignore[call-overload]
            },
        },
        decision=decision,
        trained_on={
            "archives": [source.archive for source in configuration.data],
            "classes": list(run.clips.class_names),
        },
        figures={
            "training_clips": len(run.clips),
            "training_classes": len(run.clips.class_names),
            "whitening": configuration.whitening,
            **figures,
        },
    )
    return card, cohort


def check_rehearsal(rehearsal: ModelCard, configuration: Configuration) -> None:
    """Check that a rehearsal fits the configuration.

    Raises:
        RehearsalError: the rehearsal has another recipe or no validation classes, or the
            configuration has validation classes itself.
    """
    if configuration.validation:
        raise RehearsalError(
            "the configuration has validation classes, on which the threshold is fitted; drop the "
            "rehearsal, or empty validation"
        )
    if "validation" not in rehearsal.figures:
        raise RehearsalError(
            f"the threshold of the rehearsal {rehearsal.name} was not fitted on validation "
            "classes; give a model that was trained with validation classes"
        )
    differs = difference(rehearsal, configuration)
    whitening = rehearsal.figures.get("whitening", 0)
    if differs is None and whitening != configuration.whitening:
        differs = f"whitening: {whitening}, not {configuration.whitening}"
    if differs is not None:
        raise RehearsalError(
            f"the rehearsal {rehearsal.name} has another {differs}; use one of the same recipe"
        )


def difference(card: ModelCard, configuration: Configuration) -> str | None:
    """The first difference in network or image between a model and a configuration, or None."""
    parts = {
        "architecture": (card.architecture, configuration.architecture),
        "preparation": (card.preparation, configuration.preparation),
        "representation": (
            representation_of(card.representation),
            representation_of(configuration.representation),
        ),
    }
    for part, (its, ours) in parts.items():
        if its != ours:
            return f"{part} than the configuration: {its}, not {ours}"
    return None


def _figures_of_rehearsal(rehearsal: ModelCard) -> dict[str, Any]:
    return {
        "threshold_fitted_on": "rehearsal",
        "rehearsal": {
            "training_clips": rehearsal.figures["training_clips"],
            "training_classes": rehearsal.figures["training_classes"],
            **rehearsal.figures["validation"],
        },
    }


def _classify(
    run: TrainingRun,
    configuration: Configuration,
    representation: Representation,
    cohort: Cohort,
    random: np.random.Generator,
) -> tuple[DecisionCard, dict[str, Any]]:
    """Fit the decision to the run's validation classes, or else to its training classes."""
    part, classified = "validation", run.validation
    if classified is None:
        chosen = balanced(run.clips.labels, MAX_TRAINING_CLIPS, random)
        part, classified = "training", run.clips.select(chosen)

    def fit(clips: LabelledClips) -> tuple[DecisionCard, dict[str, Any]]:
        return _fit(clips, run.network, configuration, representation, cohort, random)

    pairs = classified.bodies == 2
    # With a single class, episodes have no unknown class.
    fits_singles, fits_pairs = (
        len(np.unique(classified.labels[some])) > 1 for some in (~pairs, pairs)
    )
    decision, figures = fit(classified.select(~pairs) if fits_singles else classified)
    measured = {"threshold_fitted_on": part, part: figures}
    if fits_singles and fits_pairs:
        of_pairs, measured[f"{part}_pairs"] = fit(classified.select(pairs))
        offset = decision.score_threshold - of_pairs.score_threshold
        decision = replace(decision, pair_offset=offset)
    return decision, measured


def _fit(
    clips: LabelledClips,
    network: ActionEmbedder,
    configuration: Configuration,
    representation: Representation,
    cohort: Cohort,
    random: np.random.Generator,
) -> tuple[DecisionCard, dict[str, Any]]:
    """Threshold fitted to clips, and figures measured on them."""
    settings = configuration.open_set
    classes = np.unique(clips.labels)
    enrolled = min(settings.references, len(classes) - 1)
    embeddings = embed_clips(network, representation, clips)
    scores = pooled(
        episode_scores(embeddings, clips.labels, cohort, enrolled, EPISODES, configuration.seed)
    )
    fitted = fit_threshold(scores.impostor, settings.false_accept_rate)
    accuracies = 100 * one_shot_accuracies(embeddings, clips.labels, EPISODES, random)
    decision = DecisionCard(
        score_threshold=fitted.threshold,
        false_accept_rate=fitted.false_accept_rate,
        measured_false_accept_rate=fitted.measured_rate,
        references=scores.enrolled,
    )
    sources = configuration.validation or configuration.data
    return decision, {
        "archives": [source.archive for source in sources],
        "classes": [clips.class_names[label] for label in classes],
        "clips": len(clips),
        "one_shot_accuracy_mean": round(float(accuracies.mean()), 2),
        "one_shot_accuracy_std": round(float(accuracies.std()), 2),
        "recognition_rate_at_threshold": round(scores.recognition_rate(fitted.threshold), 4),
    }
