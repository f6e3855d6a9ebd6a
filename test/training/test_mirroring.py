# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from skeleton_dml_ros.training.augmentation import mirror
from skeleton_dml_ros.training.clips import LabelledClips
from skeleton_dml_ros.training.configuration import Mirroring, read_configuration
from skeleton_dml_ros.training.loop import read_data
from skeleton_dml_ros.training.mirroring import left_moves_more, with_mirrored
from skeleton_dml_ros.training.reading import ConfigurationError

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def clips(training_configuration: Path) -> LabelledClips:
    return read_data(read_configuration(training_configuration))[0]


def positions(clips: LabelledClips, chosen: np.ndarray) -> Tensor:
    return clips.positions(np.flatnonzero(chosen), CPU)


def of_class(clips: LabelledClips, name: str) -> np.ndarray:
    return np.asarray(clips.labels == clips.class_names.index(name))


def test_a_mirrored_clip_is_of_its_own_class_unless_the_action_is_symmetric(
    clips: LabelledClips,
) -> None:
    both = with_mirrored(clips, Mirroring(symmetric=("bow",)))
    assert len(both) == 2 * len(clips)
    assert set(both.class_names) - set(clips.class_names) == {
        "wave_right (mirrored)", "wave_left (mirrored)", "lunge (mirrored)",
    }  # fmt: skip
    recorded = positions(clips, of_class(clips, "bow"))
    assert torch.equal(
        positions(both, of_class(both, "bow")), torch.cat([recorded, mirror(recorded)])
    )
    mirrored = positions(both, of_class(both, "lunge (mirrored)"))
    assert torch.equal(mirrored, mirror(positions(clips, of_class(clips, "lunge"))))


def test_clips_done_with_the_left_are_turned_to_the_right_where_either_side_will_do(
    clips: LabelledClips,
) -> None:
    assert left_moves_more(positions(clips, of_class(clips, "wave_left"))).all()
    both = with_mirrored(clips, Mirroring(either_side=("wave_left",)))
    assert not left_moves_more(positions(both, of_class(both, "wave_left"))).any()
    assert left_moves_more(positions(both, of_class(both, "wave_left (mirrored)"))).all()


def test_what_is_another_movement_backwards_is_trained_on_as_a_class_of_its_own(
    clips: LabelledClips,
) -> None:
    more = with_mirrored(clips, Mirroring(symmetric=("bow",), backwards=("bow", "lunge")))
    forwards = positions(clips, of_class(clips, "bow"))
    backwards = positions(more, of_class(more, "bow (backwards)"))
    # Said to be symmetric is the bow alone, so what it becomes backwards has two sides.
    assert torch.equal(backwards, forwards.flip(1))
    assert torch.equal(
        positions(more, of_class(more, "lunge (backwards) (mirrored)")),
        mirror(positions(clips, of_class(clips, "lunge"))).flip(1),
    )
    assert len(more) == 2 * (len(clips) + 12)


def test_without_mirroring_clips_stay_as_they_are(clips: LabelledClips) -> None:
    assert with_mirrored(clips, Mirroring(enabled=False)) is clips


def test_mirroring_a_class_that_is_not_trained_on_is_named(clips: LabelledClips) -> None:
    with pytest.raises(ConfigurationError, match="mirroring names class 'sneeze'"):
        with_mirrored(clips, Mirroring(symmetric=("sneeze",)))
