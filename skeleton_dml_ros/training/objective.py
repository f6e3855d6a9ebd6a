# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The training loss (Skeleton-DML, section 3.3).

The weighted sum of a metric loss on the embeddings and the cross-entropy of a linear classifier on
them; both weights are 0.5 in the paper.  This project adds a margin that makes one threshold suit all
classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.network import Classifier
from skeleton_dml_ros.training.configuration import Objective
from skeleton_dml_ros.training.losses import loss_of, metric_learning


class TrainingObjective(nn.Module):
    """Loss of a batch of embeddings with their classes.

    Args:
        settings: weights and parameters of the parts.
        dimension: length of an embedding.
        classes: number of classes.
    """

    def __init__(self, settings: Objective, dimension: int, classes: int) -> None:
        super().__init__()
        self.settings = settings
        self.metric_loss = loss_of(settings.loss).build(classes, dimension)
        self.classifier = Classifier(dimension, classes)
        self.threshold_loss: nn.Module | None = None
        if settings.threshold_weight:
            self.threshold_loss = metric_learning().losses.ThresholdConsistentMarginLoss(
                margin_plus=settings.threshold_positive, margin_minus=settings.threshold_negative
            )

    def forward(
        self, embeddings: Tensor, labels: Tensor, teacher_embeddings: Tensor | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and its parts for the log.

        Args:
            embeddings: (batch, dimension) float32, before normalisation to unit length.
            labels: (batch,) classes; labels of ``classes`` or more are composed classes, which the
                classifier does not know.
            teacher_embeddings: (batch, any dimension) unit vectors of the teachers for the same
                clips; None without teachers.
        """
        settings = self.settings
        unit = functional.normalize(embeddings, dim=1)
        parts: dict[str, Tensor] = {}
        loss = embeddings.new_zeros(())
        if settings.metric_weight:
            parts[settings.loss["name"]] = self.metric_loss(unit, labels)
            loss = loss + settings.metric_weight * parts[settings.loss["name"]]
        if settings.classifier_weight:
            seen = embeddings
            if settings.classifier_input == "unit_embedding":
                seen = unit * settings.classifier_scale
            recorded = labels < self.classifier.linear.out_features
            parts["cross_entropy"] = functional.cross_entropy(
                self.classifier(seen[recorded]),
                labels[recorded],
                label_smoothing=settings.label_smoothing,
            )
            loss = loss + settings.classifier_weight * parts["cross_entropy"]
        if self.threshold_loss is not None:
            parts["threshold_consistency"] = self.threshold_loss(unit, labels)
            loss = loss + settings.threshold_weight * parts["threshold_consistency"]
        if teacher_embeddings is not None:
            parts["distillation"] = functional.mse_loss(
                unit @ unit.T, teacher_embeddings @ teacher_embeddings.T
            )
            loss = loss + settings.distillation_weight * parts["distillation"]
        return loss, {name: part.detach() for name, part in parts.items()}


class ViewsObjective(nn.Module):
    """Mean loss of several views; each has to separate the classes by itself.

    Args:
        settings: weights and parameters of the parts.
        dimension: length of one view's part of an embedding.
        classes: number of classes.
        views: number of views.
    """

    def __init__(self, settings: Objective, dimension: int, classes: int, views: int) -> None:
        super().__init__()
        self.views = nn.ModuleList(
            TrainingObjective(settings, dimension, classes) for _ in range(views)
        )

    def forward(
        self, embeddings: Tensor, labels: Tensor, teacher_embeddings: Tensor | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its parts, averaged over the views."""
        given = embeddings.chunk(len(self.views), dim=1)
        each = [
            view(one, labels, teacher_embeddings)
            for view, one in zip(self.views, given, strict=True)
        ]
        names = each[0][1]
        parts = {name: torch.stack([parts[name] for _, parts in each]).mean() for name in names}
        return torch.stack([loss for loss, _ in each]).mean(), parts


def make_objective(settings: Objective, architecture: Architecture, classes: int) -> nn.Module:
    """The training objective for an embedder of this architecture."""
    dimension = architecture.view_dimension
    if architecture.views == 1:
        return TrainingObjective(settings, dimension, classes)
    return ViewsObjective(settings, dimension, classes, architecture.views)
