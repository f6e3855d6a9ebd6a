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

"""The one family of errors that a user can cause and can mend."""


class SkeletonDmlError(ValueError):
    """What the user got wrong: one line that names the thing, its value and the remedy.

    Every room derives its own errors from this one.  Whatever faces a person (a command, a ROS
    service) prints the line and nothing else; any other exception is a fault of this package.
    """


LONGEST_LINE = 400
"""Characters of a line about something that somebody else made."""


def one_line(text: str) -> str:
    """A line that can be shown and sent, whatever names the foreign data hold that it quotes."""
    line = " ".join(text.split())[:LONGEST_LINE]
    return line.encode(errors="backslashreplace").decode()
