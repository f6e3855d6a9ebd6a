# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skeleton-DML: one-shot action recognition on skeletons, for robots.

One demonstration teaches an action.  The method is *Skeleton-DML: Deep Metric Learning for
Skeleton-Based One-Shot Action Recognition* (Memmesheimer, Häring, Theisen, Paulus; WACV 2022).

Subpackages import only from those named before them: ``skeleton``, ``representations`` and
``messages``, ``embedding`` and ``datasets``, ``references``, ``training`` and ``recognition``,
``evaluation``, ``benchmarks`` and ``node``, ``ros`` and ``dds``, ``cli``.
"""

from pkgutil import extend_path

# The message types that ROS generates live under this very name in another folder.
__path__ = extend_path(__path__, __name__)

__version__ = "0.1.0"
