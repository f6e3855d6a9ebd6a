# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skeleton-DML: one-shot action recognition on skeletons, for robots.

One demonstration teaches an action.  The method is *Skeleton-DML: Deep Metric Learning for
Skeleton-Based One-Shot Action Recognition* (Memmesheimer, Häring, Theisen, Paulus; WACV 2022).

::

    from skeleton_dml_ros import Recognizer

    recognizer = Recognizer.open("taught.db")
    recognizer.enroll("wave.npz", label="wave")
    print(recognizer.classify("clip.npz"))

The names in ``__all__`` load on first use: importing the package loads neither numpy nor torch.
"""

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING, Any

# The message types that ROS generates are in another folder of the same package name.
__path__ = extend_path(__path__, __name__)

__version__ = "0.1.0"

__all__ = [
    "Recognizer",
    "SkeletonDmlError",
    "SkeletonFrame",
    "SkeletonSequence",
    "evaluate_one_shot",
    "load_model",
    "train",
]

if TYPE_CHECKING:
    from skeleton_dml_ros.embedding.model import load_model
    from skeleton_dml_ros.errors import SkeletonDmlError
    from skeleton_dml_ros.evaluation.one_shot import evaluate_one_shot
    from skeleton_dml_ros.recognition.recognizer import Recognizer
    from skeleton_dml_ros.skeleton.frame import SkeletonFrame
    from skeleton_dml_ros.skeleton.sequence import SkeletonSequence
    from skeleton_dml_ros.training.train import train

_MODULES = {
    "Recognizer": "recognition.recognizer",
    "SkeletonDmlError": "errors",
    "SkeletonFrame": "skeleton.frame",
    "SkeletonSequence": "skeleton.sequence",
    "evaluate_one_shot": "evaluation.one_shot",
    "load_model": "embedding.model",
    "train": "training.train",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULES[name]}")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
