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

"""What becomes of a question that a node is asked, whatever carries it."""

from __future__ import annotations

from skeleton_dml_ros.errors import SkeletonDmlError


class NoAnswerError(SkeletonDmlError):
    """A service is not there, left, or did not answer in time."""


class RefusedError(SkeletonDmlError):
    """The node said no, and why."""
