# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Move the network's weights into huge pages.

A network reads all of its weights for each clip.  With pages of 4 kB these are thousands of page
lookups, a tenth of the time of an int8 embedding.  In a virtual machine that has been idle each
lookup takes microseconds, and all of them take several times as long as the embedding.  With pages of
2 MB there are only a few.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
"""Setting of Linux for huge pages; ``[never]`` disables them."""

MAPS = Path("/proc/self/maps")
"""Memory map of this process; a container may have no /proc."""

MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25
"""Linux's constants MADV_HUGEPAGE (from now on) and, since 6.1, MADV_COLLAPSE (at once)."""


def use_huge_pages() -> None:
    """Move the memory that this process has allocated so far into huge pages.

    Takes some hundredths of a second and a few megabytes.  Does nothing without Linux or where huge
    pages are disabled.  Before Linux 6.1, the kernel moves the memory later.
    """
    if not _has_huge_pages():
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    for begin, end in _allocated():
        # The second call changes nothing if the memory is unused or no huge page fits.
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
    """Begin and end of each anonymous region of this process's private memory."""
    try:
        maps = MAPS.read_bytes()
    except OSError:
        return
    # The names of mapped files may contain any byte.
    for line in filter(None, maps.split(b"\n")):
        addresses, permissions, _, _, _, *name = line.split(maxsplit=5)
        if permissions == b"rw-p" and (not name or name == [b"[heap]"]):
            begin, end = addresses.split(b"-")
            yield int(begin, 16), int(end, 16)
