# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from teaching import recording, reference

from skeleton_dml_ros.references.reference import (
    MAX_LABEL_LENGTH,
    InvalidReferenceError,
    describe_layout,
    layout_of,
    new_reference_id,
    same_recording,
    validate_label,
)
from skeleton_dml_ros.skeleton.layouts import Layout, get_layout


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  wave ", "wave"),
        ("trinken aus der Flasche", "trinken aus der Flasche"),
        ("cafe\u0301", "caf\u00e9"),
        ("می\u200cرود", "می\u200cرود"),
        ("👋", "👋"),
        ("a" * MAX_LABEL_LENGTH, "a" * MAX_LABEL_LENGTH),
    ],
)
def test_a_label_is_stripped_and_composed_in_any_language(given: str, kept: str) -> None:
    assert validate_label(given) == kept


@pytest.mark.parametrize(
    ("label", "complaint"),
    [
        ("", "empty"),
        (" \t ", "empty"),
        ("wave\nbow", "U\\+000A"),
        ("wave\0", "U\\+0000"),
        ("a" * (MAX_LABEL_LENGTH + 1), "101 characters"),
        (7, "label is 7; give text"),
    ],
)
def test_an_unreadable_label_is_refused(label: str, complaint: str) -> None:
    with pytest.raises(InvalidReferenceError, match=complaint):
        validate_label(label)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"reference_id": ""}, "reference_id is empty"),
        ({"label": " "}, "label ' ' is empty"),
        ({"kind": "dance"}, "kind is 'dance'; give 'action' or 'ignore'"),
        ({"created_ns": 1.5}, "created_ns is 1.5"),
        ({"created_ns": 2**63}, "64 bits"),
        ({"source": None}, "source is None"),
        ({"source": "camera\ud800"}, "not valid Unicode"),
        ({"reference_id": "a\x1b]0;title\x07"}, r"reference_id .* U\+001B, which is not printable"),
        (
            {"reference_id": "i" * 5_000_000},
            "reference_id 'i.*has 5000000 characters; give at most",
        ),
        ({"source": "camera\n/7"}, r"source .* U\+000A, which is not printable"),
        ({"source": "s" * 401}, "source 's.*has 401 characters; give at most 400"),
        ({"visibility": 1.5}, "visibility is 1.5"),
        ({"visibility": float("nan")}, "visibility is nan"),
    ],
)
def test_an_invalid_field_is_named_with_its_value(
    fields: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidReferenceError, match=complaint):
        replace(reference(), **fields)  # type: ignore[arg-type]


def test_references_compare_by_content() -> None:
    one = reference()
    assert one == replace(one, sequence=recording())
    assert hash(one) == hash(replace(one, sequence=recording()))
    assert one != replace(one, label="bow")
    assert one != replace(one, sequence=recording(seed=1))


def test_recordings_with_unseen_joints_compare_by_content() -> None:
    one = recording()
    assert np.isnan(one.positions).any()
    assert same_recording(one, recording())
    assert not same_recording(one, one.replace(confidence=None))
    assert not same_recording(one, one.replace(start_ns=one.start_ns + 1))
    assert not same_recording(one, one.replace(timestamps=one.timestamps + 1e-9))


def test_ids_do_not_repeat() -> None:
    assert len({new_reference_id() for _ in range(1000)}) == 1000


def test_a_known_layout_is_restored_as_the_same_object() -> None:
    layout = get_layout("azure_kinect_32")
    assert layout_of(describe_layout(layout)) is layout


def test_an_unknown_layout_is_restored() -> None:
    layout = Layout("robot_3", ("hip", "left_knee", "right_knee"), (-1, 0, 0), ((1, 2),))
    assert layout_of(describe_layout(layout)) == layout


def test_a_layout_with_a_known_name_but_other_joints_keeps_its_joints() -> None:
    names = tuple(f"joint_{number}" for number in range(25))
    layout = Layout("ntu_25", names, (-1,) * 25, ())
    assert layout_of(describe_layout(layout)).joint_names == names


@pytest.mark.parametrize(
    "fields",
    [
        {"parents": [-1]},
        {"left_right_pairs": [[0, 99]]},
        {"left_right_pairs": [[0]]},
        {"dimensions": 7},
        {"joint_names": None},
        {"name": "ntu\x1b[2J"},
        {"name": "n" * 401},
        {"joint_names": ["head\n"] * 25},
    ],
)
def test_an_inconsistent_layout_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidReferenceError, match=r"layout|joint"):
        layout_of({**describe_layout(get_layout("ntu_25")), **fields})
