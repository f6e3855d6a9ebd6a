# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Skeleton-DML: one-shot action recognition on skeletons, for robots.

One demonstration teaches an action.  The method is *Skeleton-DML: Deep Metric Learning for
Skeleton-Based One-Shot Action Recognition* (Memmesheimer, Häring, Theisen, Paulus; WACV 2022).

The rooms follow the method; each imports only from those named before it:
``skeleton``, ``representations`` and ``messages``, ``embedding`` and ``datasets``, ``references`` and
``training``, ``recognition``, ``evaluation`` and ``node``, ``ros``, ``cli``.
"""

from pkgutil import extend_path

# The message types that ROS generates live under this very name in another folder.
__path__ = extend_path(__path__, __name__)

__version__ = "0.1.0"
