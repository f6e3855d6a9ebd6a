# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The one family of errors that a user can cause and can mend."""


class SkeletonDmlError(ValueError):
    """What the user got wrong: one line that names the thing, its value and the remedy.

    Every room derives its own errors from this one.  Whatever faces a person (a command, a ROS
    service) prints the line and nothing else; any other exception is a fault of this package.
    """


MAX_LINE_LENGTH = 400
"""Characters of a line about something that somebody else made."""


def one_line(text: str) -> str:
    """A line that can be shown and sent, whatever names the foreign data hold that it quotes."""
    line = " ".join(text.split())[:MAX_LINE_LENGTH]
    return line.encode(errors="backslashreplace").decode()
