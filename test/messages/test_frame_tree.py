# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest
from plain import transform

from skeleton_dml_ros.messages.fields import MessageError
from skeleton_dml_ros.messages.frame_tree import Link, place, read_link

QUARTER = np.sqrt(0.5)
"""A quaternion's parts of a quarter turn."""


def links(**poses: tuple[str, tuple[float, ...]]) -> dict[str, Link]:
    return {child: Link(parent, pose) for child, (parent, pose) in poses.items()}  # type: ignore[arg-type]


def test_a_transform_is_read_with_its_parent() -> None:
    link = read_link(transform("a", "/b", (1, 2, 3), (0, 0, QUARTER, QUARTER)))
    assert link == Link("b", (1.0, 2.0, 3.0, 0, 0, QUARTER, QUARTER))


def test_a_rotated_parent_rotates_its_children() -> None:
    # A quarter turn to the left about z, then one about the new x.
    tree = links(
        a=("camera", (1, 0, 0, 0, 0, QUARTER, QUARTER)),
        b=("a", (2, 0, 0, QUARTER, 0, 0, QUARTER)),
        c=("b", (0, 3, 0, 0, 0, 0, 1)),
        d=("a", (0, 1, 0, 0, 0, 0, 1)),
    )
    positions, roots = place(tree, ["c", "a", "b", "d"])
    np.testing.assert_allclose(positions, [[1, 2, 3], [1, 0, 0], [1, 2, 0], [0, 0, 0]], atol=1e-6)
    assert roots == ["camera"] * 4


def test_a_long_chain_agrees_with_the_product_of_matrices() -> None:
    generator = np.random.default_rng(0)
    tree: dict[str, Link] = {}
    whole = np.eye(4)
    for number in range(12):
        quaternion = generator.normal(size=4)
        x, y, z, w = quaternion / np.linalg.norm(quaternion)
        place_in_parent = generator.normal(size=3)
        # A vector turned by a quaternion: v + 2 u x (u x v + w v).
        turned = [v + 2 * np.cross([x, y, z], np.cross([x, y, z], v) + w * v) for v in np.eye(3)]
        step = np.eye(4)
        step[:3, :3], step[:3, 3] = np.array(turned).T, place_in_parent
        whole = whole @ step
        tree[str(number)] = Link(str(number - 1), (*place_in_parent, *quaternion))
    positions, roots = place(tree, ["11"])
    np.testing.assert_allclose(positions[0], whole[:3, 3], rtol=1e-5)
    assert roots == ["-1"]


def test_a_frame_without_a_link_has_no_position() -> None:
    positions, roots = place(links(a=("camera", (1, 0, 0, 0, 0, 0, 1))), ["b", "a"])
    assert np.isnan(positions[0]).all()
    assert roots == [None, "camera"]
    assert place({}, ["a"])[1] == [None]
    assert place({}, [])[0].shape == (0, 3)


def test_the_root_of_an_incomplete_chain_is_returned() -> None:
    tree = links(a=("camera", (1, 0, 0, 0, 0, 0, 1)), c=("b", (1, 0, 0, 0, 0, 0, 1)))
    assert place(tree, ["a", "c"])[1] == ["camera", "b"]


def test_an_invalid_orientation_affects_only_the_frames_below() -> None:
    tree = links(a=("camera", (1, 0, 0, 0, 0, 0, 0)), b=("a", (1, 0, 0, 0, 0, 0, 1)))
    positions, _ = place(tree, ["a", "b"])
    assert positions[0].tolist() == [1, 0, 0]
    assert np.isnan(positions[1]).all()


def test_a_loop_of_frames_is_refused() -> None:
    tree = links(a=("b", (1, 0, 0, 0, 0, 0, 1)), b=("a", (1, 0, 0, 0, 0, 0, 1)))
    with pytest.raises(MessageError, match="frame 'a' has more than 64 ancestors"):
        place(tree, ["a"])
