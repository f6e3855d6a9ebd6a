# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Words that several texts for people share."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things: ``1 clip``, ``2 clips``.

    Args:
        number: how many.
        one: what one of them is called.
        many: what several are called, where an s does not make them.
    """
    return f"{number} {one if number == 1 else many or one + 's'}"
