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

"""Recognition in a continuous stream: what was done, against what was reported.

A clip that somebody has cut out is half of the work.  A robot sees people who idle, walk about, do
what it was taught, and do what it was never taught; it has to find the action, and to keep quiet.
No research set of skeletons comes as such a stream with a label at each moment, so one is built
here from real clips, and reports about it are matched with what was done in it.
"""
