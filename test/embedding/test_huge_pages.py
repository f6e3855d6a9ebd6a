# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Memory that moves into large pages: what is in it stays, and where that is impossible it works."""

import mmap
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from skeleton_dml_ros.embedding import huge_pages
from skeleton_dml_ros.embedding.huge_pages import ENABLED, use_huge_pages

HUGE_PAGE = 2 << 20
"""Bytes of a large page where small ones have 4 kB."""

CONTENT = os.urandom(HUGE_PAGE)


@pytest.fixture
def memory() -> Iterator[mmap.mmap]:
    """Four large pages' worth of memory in small pages, all written but the last one."""
    with mmap.mmap(-1, 4 * HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for _ in range(3):
            memory.write(CONTENT)
        yield memory


def in_huge_pages() -> int:
    """Bytes of this process that lie in large pages."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("AnonHugePages"))


def collapses_at_once() -> bool:
    if sys.platform != "linux" or not ENABLED.is_file() or "[never]" in ENABLED.read_text():
        return False
    major, minor = platform.release().split(".")[:2]
    return (int(major), int(minor)) >= (6, 1)


@pytest.mark.skipif(not collapses_at_once(), reason="this kernel gives no large pages on demand")
def test_memory_moves_into_huge_pages(memory: mmap.mmap) -> None:
    before = in_huge_pages()
    use_huge_pages()
    # Where the memory begins is chance: of three written pages, two at least are whole.
    assert in_huge_pages() - before >= 2 * HUGE_PAGE
    assert memory[: 3 * HUGE_PAGE] == 3 * CONTENT
    assert not any(memory[3 * HUGE_PAGE :])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this file")
@pytest.mark.parametrize("wish", ["always madvise [never]", None])
def test_memory_stays_where_huge_pages_are_off_or_unknown(
    memory: mmap.mmap, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wish: str | None
) -> None:
    enabled = tmp_path / "enabled"
    if wish is not None:
        enabled.write_text(wish)
    monkeypatch.setattr(huge_pages, "ENABLED", enabled)
    before = in_huge_pages()
    use_huge_pages()
    assert in_huge_pages() <= before
    assert memory[: 3 * HUGE_PAGE] == 3 * CONTENT


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(huge_pages, "ENABLED", Path("/nowhere"))
    use_huge_pages()


def test_a_mapped_file_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff\r 7 \x85 weights")
    path.write_bytes(bytes(mmap.PAGESIZE))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ):
        use_huge_pages()


def test_memory_stays_where_proc_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(huge_pages, "MAPS", tmp_path / "maps")
    use_huge_pages()
