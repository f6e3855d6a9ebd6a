# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Engine with torch, on a CPU or a CUDA device."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.embedding.model_engine import ModelEngine
from skeleton_dml_ros.embedding.network import ActionEmbedder, network_of
from skeleton_dml_ros.errors import SkeletonDmlError


class TorchEngine(ModelEngine):
    """Embeds clips in float32.

    Args:
        model: from :func:`skeleton_dml_ros.embedding.model.load_model`.
        device: ``cpu``, ``cuda``, ``cuda:1``, ..., or ``auto``: CUDA where there is one.

    Attributes:
        device: of the network.
        precision: of the network.

    Raises:
        SkeletonDmlError: the device does not exist or lacks memory, or the model's weights or
            representation are not valid.
    """

    precision = "float32"

    def __init__(self, model: Model, device: str = "auto") -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        network = network_of(model)
        try:
            self.device = _numbered(torch.device(device))
            device_name = _name(self.device)
            network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise SkeletonDmlError(
                f"device {device!r} cannot be used: {reason}; give cpu, cuda or auto"
            ) from None
        super().__init__(model, "torch", self.precision, device_name)
        self._network: ActionEmbedder | None = network
        self._representation = model.representation

    def device_memory(self) -> int | None:
        """Bytes that this process has allocated on the device; None on the CPU."""
        if self.device.type != "cuda":
            return None
        return int(torch.cuda.memory_allocated(self.device))

    @torch.inference_mode()
    def _compute(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        assert self._network is not None  # freed only after the last computation
        images = self._representation(torch.from_numpy(clips).to(self.device))
        embeddings: NDArray[np.float32] = self._network(images).cpu().numpy()
        return embeddings

    @torch.inference_mode()
    def _draw(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        images: NDArray[np.float32] = self._representation(torch.from_numpy(clips)).numpy()
        return images

    def _free(self) -> None:
        self._network = None
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def _numbered(device: torch.device) -> torch.device:
    """The device with its index, which is the thread's current one by default."""
    if str(device) == "cuda":
        return torch.device("cuda", torch.cuda.current_device())
    return device


def _name(device: torch.device) -> str:
    if device.type != "cuda":
        return str(device)
    return f"{device} ({torch.cuda.get_device_name(device)})"
