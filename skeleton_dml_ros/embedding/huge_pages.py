# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network's weights in a few large pages of memory instead of thousands of small ones.

A network reads all of its weights for each clip.  In pages of 4 kB that is a few thousand pages to
look up, about a tenth of the time of an int8 embedding; in a virtual machine that has rested, each
lookup takes microseconds, and all of them several times as long as the embedding itself.  Pages of
2 MB need a handful.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
"""Where Linux says whether it gives large pages; ``[never]`` in it is its owner's wish."""

MAPS = Path("/proc/self/maps")
"""Where Linux lists the memory of this process; a container may have no /proc."""

MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25
"""Linux's numbers for "large pages from now on" and, from 6.1 on, "what is there, at once"."""


def use_huge_pages() -> None:
    """Move the memory that this process has allocated so far into large pages, where Linux can.

    Takes some hundredths of a second and a few megabytes.  Without Linux, or where its owner has
    turned large pages off, nothing happens; before Linux 6.1 it moves the memory when it finds the
    time.
    """
    if not _has_huge_pages():
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    for begin, end in _allocated():
        # Where nothing is used yet, or no large page fits, the second one changes nothing.
        madvise(begin, end - begin, MADV_HUGEPAGE)
        madvise(begin, end - begin, MADV_COLLAPSE)


def _has_huge_pages() -> bool:
    if sys.platform != "linux":
        return False
    try:
        return "[never]" not in ENABLED.read_text()
    except OSError:
        return False


def _allocated() -> Iterator[tuple[int, int]]:
    """Begin and end of each stretch of this process's own memory that no file lies behind."""
    try:
        maps = MAPS.read_bytes()
    except OSError:
        return
    # The names of mapped files may hold any byte.
    for line in filter(None, maps.split(b"\n")):
        addresses, permissions, _, _, _, *name = line.split(maxsplit=5)
        if permissions == b"rw-p" and (not name or name == [b"[heap]"]):
            begin, end = addresses.split(b"-")
            yield int(begin, 16), int(end, 16)
