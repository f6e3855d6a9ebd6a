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

"""The training loss (Skeleton-DML, section 3.3).

Multi-Similarity loss with its miner (Wang et al., CVPR 2019) on the embeddings, and cross-entropy
of a linear classifier on them, summed with two weights.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from skeleton_dml_ros.embedding.network import Classifier
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.training.configuration import Objective


class TrainingObjective(nn.Module):
    """Loss of a batch of embeddings with their classes.

    Args:
        settings: weights and parameters of the two parts.
        embedding_dimension: length of an embedding.
        classes: number of classes.
    """

    def __init__(self, settings: Objective, embedding_dimension: int, classes: int) -> None:
        super().__init__()
        metric_learning = _pytorch_metric_learning()
        self.settings = settings
        self.miner = metric_learning.miners.MultiSimilarityMiner(epsilon=settings.epsilon)
        self.metric_loss = metric_learning.losses.MultiSimilarityLoss(
            alpha=settings.alpha, beta=settings.beta, base=settings.base
        )
        self.classifier = Classifier(embedding_dimension, classes)

    def forward(self, embeddings: Tensor, labels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and its two parts for the log.

        Args:
            embeddings: (batch, dimension) unit vectors, float32.
            labels: (batch,) classes.
        """
        metric = self.metric_loss(embeddings, labels, self.miner(embeddings, labels))
        logits = self.classifier(embeddings * self.settings.classifier_scale)
        classification = functional.cross_entropy(
            logits, labels, label_smoothing=self.settings.label_smoothing
        )
        loss = (
            self.settings.metric_weight * metric + self.settings.classifier_weight * classification
        )
        return loss, {"multi_similarity": metric.detach(), "cross_entropy": classification.detach()}


def _pytorch_metric_learning() -> Any:
    try:
        import pytorch_metric_learning.losses
        import pytorch_metric_learning.miners
    except ImportError:
        raise SkeletonDmlError(
            "training needs pytorch-metric-learning; pip install 'skeleton_dml_ros[training]'"
        ) from None
    return pytorch_metric_learning
