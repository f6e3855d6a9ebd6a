# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The picture of the timeline shows what happened, in words as well as in colours."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.demonstration import Chapter, Scene
from skeleton_dml_ros.evaluation.streams.matching import Occurrence
from skeleton_dml_ros.evaluation.timeline import (
    LABEL_COLOURS,
    WRONG,
    draw_timeline,
    timeline,
)
from skeleton_dml_ros.recognition.event import Recognition, Verdict
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.layouts import NTU_25

SECOND = 1_000_000_000
START = 100 * SECOND


def report(label: str, start: float, end: float, person: str, confidence: float) -> Recognition:
    start_ns, end_ns = START + round(start * SECOND), START + round(end * SECOND)
    return Recognition(
        clip_id=f"camera/{person}/{start_ns}",
        input_name="camera",
        person_ids=(person,),
        start_ns=start_ns,
        end_ns=end_ns,
        decided_ns=end_ns,
        position=(0.0, 0.0, 3.0),
        verdict=Verdict.KNOWN if label else Verdict.UNKNOWN,
        label=label,
        score=1 - confidence,
        confidence=confidence,
        threshold=0.5,
    )


@pytest.fixture
def chapter() -> Chapter:
    """Ada waves and is recognised; Ben's bow is taken for a wave, and his kick is not found."""
    frames = tuple(
        SkeletonFrame(START + n * SECOND, (), np.zeros((0, 25, 3), np.float32), NTU_25)
        for n in range(21)
    )
    occurrences = tuple(
        Occurrence(label, START + start * SECOND, START + end * SECOND, person)
        for label, start, end, person in (
            ("wave", 1, 4, "Ada"),
            ("squat", 6, 8, "Ada"),
            ("bow", 2, 4, "Ben"),
            ("kick", 10, 12, "Ben"),
        )
    )
    recognitions = (
        report("wave", 1, 4, "Ada", 0.9),
        report("", 6, 8, "Ada", 0.3),
        report("wave", 2, 4, "Ben", 0.7),
        report("", 10, 12, "Ben", 0.0),
    )
    return Chapter(Scene(("Ada", "Ben"), frames, occurrences), ("wave", "kick"), recognitions)


def words(figure: Figure) -> list[str]:
    texts = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        texts += [text.get_text() for text in axes.texts]
        texts.append(axes.get_title(loc="left"))
    return [" ".join(text.split()) for text in texts]


def bars(figure: Figure, axes: int) -> list[Rectangle]:
    return [patch for patch in figure.axes[axes].patches if isinstance(patch, Rectangle)]


def test_the_picture_is_written(chapter: Chapter, tmp_path: Path) -> None:
    draw_timeline([chapter, chapter], tmp_path / "timeline.png")
    assert (tmp_path / "timeline.png").read_bytes().startswith(b"\x89PNG")


def test_each_person_has_a_lane_with_name_and_actions(chapter: Chapter) -> None:
    figure = timeline([chapter])
    assert len(figure.axes) == 2 * len(chapter.scene.people)
    said = words(figure)
    for word in ("Ada", "Ben", "wave", "squat", "bow", "kick", "?"):
        assert word in said
    assert any("1 of 2 taught occurrences recognised, 1 of 2 others" in text for text in said)


def test_bars_have_the_times_of_the_actions(chapter: Chapter) -> None:
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars(timeline([chapter]), 0)]
    assert spans == [(1, 4), (6, 8), (1, 4), (6, 8)]


def test_a_report_has_the_colour_of_its_action(chapter: Chapter) -> None:
    waved, _, found, _ = bars(timeline([chapter]), 0)
    assert to_hex(waved.get_facecolor()).upper() == LABEL_COLOURS[0]
    assert waved.get_facecolor() == found.get_facecolor()


def test_only_wrong_and_missed_actions_are_outlined(chapter: Chapter) -> None:
    figure = timeline([chapter])

    def outlined(axes: int) -> list[bool]:
        return [to_hex(bar.get_edgecolor()).upper() == WRONG for bar in bars(figure, axes)]

    assert outlined(0) == [False, False, False, False]
    # The bow was taken for a wave; the kick was missed, and the report on it is why.
    assert outlined(2) == [False, True, True, True]


def test_a_fragment_of_a_recognised_action_is_not_wrong(chapter: Chapter) -> None:
    piece = report("", 3.6, 4, "Ada", 0.0)
    figure = timeline([replace(chapter, recognitions=(*chapter.recognitions, piece))])
    assert [to_hex(bar.get_edgecolor()).upper() == WRONG for bar in bars(figure, 0)] == [False] * 5


def test_confidences_are_drawn_against_the_threshold_within_the_panel(chapter: Chapter) -> None:
    panel = timeline([chapter]).axes[3]
    drawn = [float(np.asarray(line.get_ydata())[0]) for line in panel.lines]
    assert drawn == [0.7, 0.0, 0.5]
    bottom, top = panel.get_ylim()
    assert bottom < 0 < 1 < top


def test_the_enrolled_clip_is_marked(chapter: Chapter) -> None:
    unknown = chapter.recognitions[1].clip_id
    assert "? taught" in words(timeline([chapter], unknown))
    assert "? taught" not in words(timeline([chapter]))


def test_a_chapter_names_the_actions_taught_before_it(chapter: Chapter) -> None:
    said = words(timeline([chapter, replace(chapter, enrolled=("wave", "kick", "pick_up"))]))
    assert "Taught by one demonstration each: wave, kick" in said
    assert "Then taught from a clip that was reported as unknown: pick up" in said


def test_without_matplotlib_the_extra_to_install_is_named(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SkeletonDmlError, match=r"skeleton_dml_ros\[plots\]"):
        timeline([chapter])
