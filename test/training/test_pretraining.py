# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torch

from skeleton_dml_ros.embedding.architecture import Architecture
from skeleton_dml_ros.embedding.network import ActionEmbedder
from skeleton_dml_ros.embedding.torchvision_import import torchvision_models
from skeleton_dml_ros.training.pretraining import PretrainedWeightsError, start_from_imagenet

FILE = "resnet18-f37072fd.pth"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Torch's folder of downloads, which is empty, on a machine without network."""

    def unreachable(*arguments: Any, **settings: Any) -> None:
        raise URLError("Name or service not known")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    return tmp_path


def test_without_network_the_url_the_file_and_its_folder_are_named(hub: Path) -> None:
    with pytest.raises(PretrainedWeightsError) as caught:
        start_from_imagenet(ActionEmbedder(Architecture()))
    said = str(caught.value)
    assert f"download https://download.pytorch.org/models/{FILE}" in said
    assert f"put it at {hub / 'checkpoints' / FILE}" in said
    assert "pretrained: none" in said


def test_a_file_put_there_is_what_the_trunk_starts_from(hub: Path) -> None:
    torch.manual_seed(1)
    source = torchvision_models().resnet18(weights=None)
    (hub / "checkpoints").mkdir()
    torch.save(source.state_dict(), hub / "checkpoints" / FILE)
    network = ActionEmbedder(Architecture())
    start_from_imagenet(network)
    weight = network.state_dict()["trunk.layer4.1.conv2.weight"]
    assert torch.equal(weight, source.layer4[1].conv2.weight)


def test_a_damaged_file_is_named(hub: Path) -> None:
    (hub / "checkpoints").mkdir()
    (hub / "checkpoints" / FILE).write_bytes(b"not found")
    with pytest.raises(PretrainedWeightsError, match=f"{FILE} does not hold ResNet18's weights"):
        start_from_imagenet(ActionEmbedder(Architecture()))
