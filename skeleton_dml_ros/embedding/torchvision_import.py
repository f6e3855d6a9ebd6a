# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Import torchvision also beside a torch that it was not built for.

torchvision registers fake kernels for its compiled operators when it is imported.  Beside another
torch build (CPU torch with the registry's torchvision; NVIDIA's torch on a Jetson with pip's
torchvision) the compiled operators did not load, and the import stops with ``operator
torchvision::nms does not exist``.  The models are plain Python and need none of these operators.
So that very error, and no other, is answered by declaring the two operators' schemas, without an
implementation, and importing once more.  A healthy torchvision is never touched.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import torch

_MISSING_OPERATOR = "operator torchvision::nms does not exist"
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
# A library's declarations last as long as the object does.
_declared: list[Any] = []


def torchvision_models() -> Any:
    """The module ``torchvision.models``."""
    try:
        return importlib.import_module("torchvision.models")
    except RuntimeError as error:
        if _MISSING_OPERATOR not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)
    _declared.append(library)
    return importlib.import_module("torchvision.models")
