# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Import torchvision even with a torch that it was not built for.

torchvision registers fake kernels for its compiled operators when it is imported.  With another
torch build (CPU torch with PyPI's torchvision, or NVIDIA's torch on a Jetson with pip's torchvision)
the compiled operators fail to load, and the import raises ``operator torchvision::nms does not
exist``.  The models are plain Python and do not need these operators.  On exactly this error, the
operators' schemas are declared without an implementation, and the import is repeated.
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
# A library's declarations exist only as long as this object.
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
