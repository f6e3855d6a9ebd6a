# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Base class of the errors that users can cause and fix."""


class SkeletonDmlError(ValueError):
    """A user's mistake: one line that names the thing, its value and the remedy.

    Every subpackage derives its errors from this class.  Commands and ROS services show only the
    line; any other exception is a bug of this package.
    """


MAX_LINE_LENGTH = 400
"""Maximum characters of a line that quotes foreign data."""


def one_line(text: str) -> str:
    """A printable single line, whatever foreign data the text quotes."""
    line = " ".join(text.split())[:MAX_LINE_LENGTH]
    return line.encode(errors="backslashreplace").decode()
