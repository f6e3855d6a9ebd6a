# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.datasets.ntu_text import (
    BodyTable,
    NtuError,
    read_quickly,
    read_strictly,
)
from skeleton_dml_ros.datasets.synthetic_ntu import write_release

NUMBERS = (
    "0", "-0", "1", "-1.5", "0.1", ".5", "5.", "-.25", "3.785547", "-0.002847123", "0.05349901",
    "123456.7", "1e-05", "-2.5E-05", "7.2E+01", "0.1234567890123456789", "00012.50",
)  # fmt: skip


def same(one: BodyTable, other: BodyTable) -> bool:
    return (one.frames, list(one.frame), list(one.body)) == (
        other.frames,
        list(other.frame),
        list(other.body),
    ) and one.values.tobytes() == other.values.tobytes()


def file_of(numbers: list[str], newline: str = "\n") -> bytes:
    rest = "277.4 191.7 1036.2 519.6 -0.21 0.03 0.97 -0.07"
    joints = [f"{' '.join(numbers[joint * 3 : joint * 3 + 3])} {rest} 2" for joint in range(25)]
    lines = ["1", "1", "72057594037944738 0 1 0 1 1 0 0.0214 -0.1339 2", "25", *joints]
    return (newline.join(lines) + newline).encode()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("release")
    names = write_release(folder, classes=(1, 7, 50, 51), subjects=2, clips=12, frames=8).samples
    return [(folder / f"{name}.skeleton").read_bytes() for name in names]


def test_both_readers_agree_bit_by_bit(release: list[bytes]) -> None:
    for content in release:
        quick = read_quickly(content)
        assert quick is not None
        assert same(quick, read_strictly(content, "a file"))


@pytest.mark.parametrize("newline", ["\n", "\r\n", " \n"])
def test_both_readers_parse_all_number_formats_alike(newline: str) -> None:
    numbers = [NUMBERS[index % len(NUMBERS)] for index in range(75)]
    content = file_of(numbers, newline)
    quick = read_quickly(content)
    assert quick is not None
    assert same(quick, read_strictly(content, "a file"))
    expected = np.array([float(number) for number in numbers], dtype=np.float32)
    np.testing.assert_array_equal(quick.values[0, :, :3].ravel(), expected)


@pytest.mark.parametrize("number", ["nan", "-inf", "1_0", "x", "--1", "1.2.3", "-", ".", "1-2"])
def test_unusual_numbers_are_left_to_the_strict_reader(number: str) -> None:
    assert read_quickly(file_of(["0.5"] * 10 + [number] + ["0.5"] * 64)) is None


def test_irregular_files_are_left_to_the_strict_reader() -> None:
    regular = file_of(["0.5"] * 75)
    lines = file_of(["0"] * 75).split(b"\n")
    irregular = [
        b"\n".join([*lines[:2], b"1", *lines[3:]]),
        regular.replace(b"0.5 ", b"0.5  ", 1),
        regular.replace(b"0.5 ", b"0.5\t", 1),
        regular.replace(b"\n", b"\r"),
        b"\n" + regular,
        b"1 " + regular,
        b"",
        b" \n",
    ]
    assert read_quickly(regular) is not None
    assert [read_quickly(content) for content in irregular] == [None] * len(irregular)
    assert len(read_strictly(irregular[1], "a file").body) == 1


def test_no_damage_is_overlooked(release: list[bytes]) -> None:
    """Whatever is changed, the quick way never takes what the strict way refuses or reads else."""
    generator = np.random.default_rng(0)
    taken = 0
    for _ in range(600):
        content = bytearray(release[generator.integers(len(release))])
        for _ in range(generator.integers(1, 3)):
            place = int(generator.integers(2300))
            content[place : place + int(generator.integers(2))] = generator.choice(
                [b"", b"1", b"25", b".", b"-", b" ", b"\n", b"e", b"\r\n", b"0 0", b"9 25\n"]
            )
        quick = read_quickly(bytes(content))
        if quick is not None:
            taken += 1
            assert same(quick, read_strictly(bytes(content), "a file"))
    assert taken > 50


def test_the_strict_reader_names_the_file() -> None:
    with pytest.raises(NtuError, match=r"some/where\.skeleton is truncated"):
        read_strictly(file_of(["0.5"] * 75)[:900], Path("some/where.skeleton"))
