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
