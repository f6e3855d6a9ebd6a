# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Start the trunk from ImageNet's weights (Skeleton-DML, section 4.1), as torchvision gives them.

They are downloaded once, at run time, to torch's own folder; none are kept in this project.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import torch

from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.embedding.torchvision_import import torchvision_models
from skeleton_dml_ros.errors import SkeletonDmlError


class PretrainedWeightsError(SkeletonDmlError):
    """The weights to start from are neither here nor can they be downloaded."""


def start_from_imagenet(network: ActionEmbedder) -> None:
    """Give the trunk torchvision's ImageNet weights; the embedder stays as it is.

    Raises:
        PretrainedWeightsError: without network; names the file and the folder to put it in.
    """
    url = str(torchvision_models().ResNet18_Weights.IMAGENET1K_V1.url)
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        digest = file.stem.rsplit("-", 1)[-1]
        try:
            torch.hub.download_url_to_file(url, str(file), digest, progress=False)
        except (OSError, RuntimeError) as error:
            raise PretrainedWeightsError(
                f"the ImageNet weights cannot be downloaded ({error}); download {url} elsewhere "
                f"and put it at {file}, or set pretrained: none"
            ) from None
    try:
        weights = torch.load(file, map_location="cpu", weights_only=True)
        # The trunk ends before the classifier of ImageNet's classes.
        del weights["fc.weight"], weights["fc.bias"]
        network.trunk.load_state_dict(weights)
    except (RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError):
        raise PretrainedWeightsError(
            f"{file} does not hold ResNet18's weights; remove it and download {url} again"
        ) from None
