# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import Field, fields, replace
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.recognition.settings import (
    RecognitionSettings,
    Segmentation,
    SettingError,
    Unknowns,
)

ALL = [
    (owner, one)
    for owner in (Segmentation, Unknowns, RecognitionSettings)
    for one in fields(owner)
    if one.metadata
]
NUMBERS = [(owner, one) for owner, one in ALL if "low" in one.metadata]


def named(case: object) -> str | None:
    return case.name if isinstance(case, Field) else None


def test_every_setting_has_a_short_description_and_a_range_or_choices() -> None:
    for _, one in ALL:
        meaning = one.metadata["meaning"]
        assert meaning[0].isupper()
        assert meaning.endswith(".")
        assert meaning.count(". ") <= 1
        if "choices" in one.metadata:
            assert one.default in one.metadata["choices"]
        else:
            assert one.metadata["low"] <= one.default <= one.metadata["high"]


@pytest.mark.parametrize(("owner", "one"), NUMBERS, ids=named)
def test_the_error_for_a_number_out_of_range_has_the_range(owner: Any, one: Any) -> None:
    low, high = one.metadata["low"], one.metadata["high"]
    for value in (low - 1, high + 1):
        with pytest.raises(SettingError) as caught:
            owner(**{one.name: value})
        assert f"{one.name} is {value!r}; give a " in str(caught.value)
        assert f"from {low:g} to {high:g}" in str(caught.value)


@pytest.mark.parametrize(("owner", "one"), NUMBERS, ids=named)
@pytest.mark.parametrize("value", [True, "1", None, float("nan"), float("inf"), np.ones(1)])
def test_a_value_that_is_not_a_number_is_refused(owner: Any, one: Any, value: object) -> None:
    with pytest.raises(SettingError, match=f"{one.name} is .*; give a "):
        owner(**{one.name: value})


def test_an_integer_is_a_valid_float_but_not_the_reverse() -> None:
    assert Segmentation(max_duration=8).max_duration == 8
    with pytest.raises(SettingError, match=r"people is 2\.0; give a whole number from 1 to 1000"):
        RecognitionSettings(max_people=2.0)  # type: ignore[arg-type]


def test_the_error_for_an_invalid_choice_lists_the_choices() -> None:
    with pytest.raises(SettingError, match="method is 'magic'; give motion or windows"):
        Segmentation(method="magic")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"stop_speed": 0.6}, "stop_speed is 0.6; give at most start_speed, 0.5"),
        ({"hold": 0.3}, "hold is 0.3; give at least pause, 0.4"),
        ({"max_duration": 0.4}, "max_duration is 0.4; give at least min_duration, 0.5"),
        ({"tail": 0.5}, "tail is 0.5; give at most pause, 0.4"),
        ({"stride": 3.0}, "stride is 3.0; give at most window, 2.5"),
    ],
)
def test_the_error_for_contradicting_settings_names_both(
    values: dict[str, float], complaint: str
) -> None:
    with pytest.raises(SettingError) as caught:
        Segmentation(**values)  # type: ignore[arg-type]
    assert str(caught.value) == complaint


def test_the_buffer_must_hold_the_longest_clip() -> None:
    longer = replace(Segmentation(), max_duration=20)
    with pytest.raises(
        SettingError, match=r"buffer_seconds is 30\.0; give at least 42, 2 more than"
    ):
        RecognitionSettings(segmentation=longer)
    assert RecognitionSettings(segmentation=longer, buffer_seconds=42).buffer_seconds == 42
