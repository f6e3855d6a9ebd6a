# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import pickle
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.datasets import content
from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
from skeleton_dml_ros.datasets.content import recording_from_bytes
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

JOINT = "0.1 0.2 2.5 277.4 191.7 1036.2 519.6 -0.21 0.03 0.97 -0.07 2\n"
NTU = "1\n1\n72057594037944738 0 1 0 1 1 0 0.0214 -0.1339 2\n25\n" + 25 * JOINT


def sequence(frames: int = 20, bodies: int = 1) -> SkeletonSequence:
    generator = np.random.default_rng(0)
    return SkeletonSequence(
        positions=generator.normal(size=(frames, bodies, 25, 3)).round(3),
        timestamps=np.arange(frames) ** 1.1 / 30,
        layout=NTU_25,
        start_ns=1_700_000_000_123_456_789,
        confidence=generator.random((frames, bodies, 25)),
    )


@pytest.fixture
def arrays(tmp_path: Path) -> dict[str, Any]:
    """The arrays of an archive of one clip, to be spoilt."""
    write_archive(tmp_path / "one.npz", archive_of([sequence()], [0], ["wave"]))
    with np.load(tmp_path / "one.npz") as file:
        return dict(file)


def packed(arrays: dict[str, Any], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive's content; of what is bytes, an array's."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, array in arrays.items():
            member = io.BytesIO()
            if isinstance(array, bytes):
                member.write(array)
            else:
                np.save(member, array, allow_pickle=array.dtype.hasobject)
            file.writestr(f"{name}.npy", member.getvalue())
    return buffer.getvalue()


def header(shape: str, descr: str = "<i2") -> bytes:
    """The beginning of an array that claims this shape and type."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def refused(data: bytes) -> str:
    """The line with which a recording is refused."""
    with pytest.raises(SkeletonDmlError) as caught:
        recording_from_bytes(data)
    line = str(caught.value)
    assert line.startswith("the recording")
    assert "\n" not in line
    assert line.encode()
    return line


@pytest.mark.parametrize("bodies", [1, 2])
@pytest.mark.parametrize("compressed", [True, False])
def test_an_archive_of_one_clip_arrives_whole(
    tmp_path: Path, bodies: int, compressed: bool
) -> None:
    given = sequence(bodies=bodies)
    write_archive(tmp_path / "one.npz", archive_of([given], [0], ["wave"]))
    data = (tmp_path / "one.npz").read_bytes()
    if not compressed:
        with np.load(tmp_path / "one.npz") as file:
            data = packed(dict(file), zipfile.ZIP_STORED)
    arrived = recording_from_bytes(data)
    np.testing.assert_allclose(arrived.positions, given.positions, atol=1e-6)
    np.testing.assert_allclose(arrived.timestamps, given.timestamps, atol=1e-9)
    assert given.confidence is not None
    assert arrived.confidence is not None
    np.testing.assert_allclose(arrived.confidence, given.confidence, atol=1e-3)
    assert (arrived.start_ns, arrived.layout) == (given.start_ns, NTU_25)


def test_real_clips_arrive_whole(shared_data: Path, tmp_path: Path) -> None:
    for name in ("utd_mhad", "irds", "sbu_interaction"):
        archive = read_archive(shared_data / f"{name}.npz")
        write_archive(tmp_path / f"{name}.npz", archive.select([3]))
        arrived = recording_from_bytes((tmp_path / f"{name}.npz").read_bytes())
        np.testing.assert_array_equal(arrived.positions, archive.clip(3).positions)


@pytest.mark.parametrize("before", ["", " "])
def test_a_skeleton_text_arrives_whole(before: str) -> None:
    arrived = recording_from_bytes((before + NTU).encode())
    assert (len(arrived), arrived.bodies, arrived.layout) == (1, 1, NTU_25)
    np.testing.assert_allclose(arrived.positions[0, 0, 7], [0.1, 0.2, 2.5])


@pytest.mark.parametrize("data", [b"", b"wave", b"\x00\x01", b"PK", b"PK\x05\x06" + bytes(18)])
def test_other_content_than_a_recording_is_refused(data: bytes) -> None:
    refused(data)


def test_a_pickle_is_never_opened(arrays: dict[str, Any]) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return pytest.fail, ("a pickle was opened",)

    assert "begins with" in refused(pickle.dumps(Trap()))
    arrays["name"] = np.array([Trap()], dtype=object)
    assert "name holds pickled objects" in refused(packed(arrays))


def test_several_clips_are_refused(tmp_path: Path) -> None:
    write_archive(tmp_path / "two.npz", archive_of([sequence(), sequence()], [0, 0], ["wave"]))
    line = refused((tmp_path / "two.npz").read_bytes())
    assert line == "the recording is an archive of 2 clips; send one clip"


def test_too_much_content_is_refused() -> None:
    assert refused(b"1" * 16_000_001) == "the recording has 16.0 MB; send at most 16 MB"


def test_too_many_frames_are_refused(arrays: dict[str, Any]) -> None:
    frames = 120_001
    arrays["positions_mm"] = np.ones((frames, 1, 25, 3), dtype=np.int16)
    arrays["lengths"] = np.array([frames])
    del arrays["timestamps_ns"], arrays["confidence"]
    line = "the recording has 120001 frames; send at most 120000"
    assert refused(packed(arrays)) == line
    assert refused(b"120001\n1\n" + NTU.encode()[4:] + b"0\n" * 120_000) == line


def test_too_many_bodies_are_refused_before_unpacking(
    arrays: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "archive_of_bytes", None)
    arrays["positions_mm"] = np.ones((110_000, 14, 25, 3), dtype=np.int16)
    bomb = packed(arrays)
    assert len(bomb) < 1_000_000
    assert "14 bodies of 25 joints in 110000 frames; send at most 4000000" in refused(bomb)


@pytest.mark.parametrize("between", [b" ", b" \n", b"\n", b"\t", b" 1", b"1 \n"])
def test_blanks_take_one_pass(between: bytes) -> None:
    begun = time.perf_counter()
    refused(b"1" + between * (4_000_000 // len(between)))
    refused(b"1\n1 " + between * (4_000_000 // len(between)) + b"\n")
    assert time.perf_counter() - begun < 20


def test_blanks_at_the_end_of_lines_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    tidy = recording_from_bytes(NTU.encode())
    blanks = recording_from_bytes(NTU.replace("\n", 1000 * " " + "\n").encode())
    assert np.array_equal(tidy.positions, blanks.positions)


def test_a_control_character_in_a_count_is_refused() -> None:
    for text in ("\x1f1" + NTU[1:], "1\x1f" + NTU[1:], NTU.replace("25\n", "25\x1f\n")):
        with suppress(SkeletonDmlError):  # Nothing else may be raised.
            recording_from_bytes(text.encode())


def test_too_large_content_is_refused_before_unpacking(
    arrays: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "archive_of_bytes", None)
    bomb = packed({**arrays, "more": np.zeros(256_000_000, dtype=np.uint8)})
    assert len(bomb) < 1_000_000
    assert "has 256 MB once unpacked; send at most 256 MB" in refused(bomb)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unsupported_compression_is_refused(arrays: dict[str, Any], compression: int) -> None:
    assert "with unsupported compression" in refused(packed(arrays, compression))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("positions_mm", header("(1000000000, 1, 25, 3)") + bytes(100)),
        ("name", header("(1000000000000000,)", "<U0")),
        ("joint_names", np.array([f"joint {number}" for number in range(1001)])),
        ("class_names", np.zeros(300_000, dtype="U1")),
    ],
)
def test_an_array_of_impossible_shape_is_refused(
    arrays: dict[str, Any], name: str, array: np.ndarray | bytes
) -> None:
    assert f"the recording holds {name} of impossible shape (" in refused(
        packed({**arrays, name: array})
    )


@pytest.mark.parametrize(
    ("name", "array", "complaint"),
    [
        ("positions_mm", None, "positions_mm is missing"),
        ("positions_mm", b"no array", "is damaged and cannot be read"),
        ("positions_mm", np.zeros((20, 1, 24, 3), dtype=np.int16), "joint count 24"),
        ("lengths", np.array([21]), "add up to 21 frames"),
        ("fps", np.array(np.nan), "fps is nan"),
        ("format_version", np.array(2), "archive format 2"),
        ("timestamps_ns", np.zeros(20, dtype=np.int64), "do not increase"),
        ("confidence", np.full((20, 1, 25), 7, dtype=np.float16), "confidence has a value of 7.0"),
        ("class_names", np.array([0x110000], dtype=np.uint32).view("U1"), "is damaged"),
    ],
)
def test_a_damaged_archive_is_refused_in_one_line(
    arrays: dict[str, Any], name: str, array: np.ndarray | bytes | None, complaint: str
) -> None:
    arrays[name] = array
    if array is None:
        del arrays[name]
    assert complaint in refused(packed(arrays))


def test_an_unprintable_name_is_refused(arrays: dict[str, Any]) -> None:
    arrays["layout"] = np.array("our suit\nof 25")
    arrays["joint_names"] = np.array([f"marker {number}" for number in range(25)])
    assert r"holds the name 'our suit\nof 25', which cannot be printed" in refused(packed(arrays))


def test_an_invalid_frame_rate_is_refused(arrays: dict[str, Any]) -> None:
    del arrays["timestamps_ns"]
    arrays["fps"] = np.array(1e-300)
    assert refused(packed(arrays)).startswith("the recording: timestamps reach")


def test_other_arrays_are_ignored(arrays: dict[str, Any]) -> None:
    arrays["depth"] = np.zeros(2_000_000, dtype=np.uint8)
    arrays["notes"] = b"taken on a Monday"
    assert len(recording_from_bytes(packed(arrays))) == 20


def test_any_bytes_give_a_recording_or_a_one_line_error(arrays: dict[str, Any]) -> None:
    generator = np.random.default_rng(0)
    for whole in (packed(arrays), packed(arrays, zipfile.ZIP_STORED), NTU.encode()):
        for _ in range(200):
            damaged = bytearray(whole)
            for place in generator.integers(len(damaged), size=generator.integers(1, 4)):
                damaged[place] = generator.integers(256)
            if generator.random() < 0.2:
                damaged = damaged[: generator.integers(len(damaged))]
            try:
                recording_from_bytes(bytes(damaged))
            except SkeletonDmlError:
                refused(bytes(damaged))
