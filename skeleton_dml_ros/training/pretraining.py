# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Initialise the trunk with torchvision's ImageNet weights (Skeleton-DML, section 4.1).

They are downloaded once, at run time, to torch's cache folder; this project contains none.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import torch

from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.embedding.torchvision_import import torchvision_models
from skeleton_dml_ros.errors import SkeletonDmlError


class PretrainedWeightsError(SkeletonDmlError):
    """The pretrained weights are missing and cannot be downloaded."""


def start_from_imagenet(network: ActionEmbedder) -> None:
    """Load torchvision's ImageNet weights into the trunk; the last layers stay as they are.

    Raises:
        PretrainedWeightsError: there is no network; the error names the file and its folder.
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
        # The trunk lacks ImageNet's classifier.
        del weights["fc.weight"], weights["fc.bias"]
        network.trunk.load_state_dict(weights)
    except (RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError):
        raise PretrainedWeightsError(
            f"{file} does not hold ResNet18's weights; remove it and download {url} again"
        ) from None
