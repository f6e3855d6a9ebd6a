# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The shipped model on real recordings of nine actions that it was never trained on.

Neither the weights nor any setting was chosen on these.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.datasets.archive import read_archive, write_archive
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.evaluation.one_shot import evaluate_matchers, evaluate_one_shot
from skeleton_dml_ros.evaluation.streams.labelled_stream import (
    LabelledStream,
    build_labelled_stream,
)
from skeleton_dml_ros.evaluation.streams.matching import detections, match_events
from skeleton_dml_ros.recognition.event import Recognition
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.references.fusion import Matcher, decision_of

NINE = (0, 3, 6, 9, 12, 15, 18, 21, 24)
"""Classes of UTD-MHAD, counted from 0."""

TAUGHT = 5


@pytest.fixture(scope="module")
def engine() -> TorchEngine:
    return TorchEngine(load_model(), "cpu")


SEEDS = (0, 1, 2)
"""Each decides which five actions are taught, by which clips, and the order of everything."""


@dataclass(frozen=True)
class Recognised:
    """A stream of real clips and what was recognised in it.

    Attributes:
        trial: eight people do all nine actions twice each, and idle between; five are taught.
        store: with one reference for each taught action.
        events: what was recognised.
    """

    labelled: LabelledStream
    store: Path
    events: list[Recognition]


@pytest.fixture(scope="module")
def recognised(
    engine: TorchEngine, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Recognised]:
    """One stream for each seed."""
    archive = read_archive(shared_data / "utd_mhad.npz")
    return [
        recognise(
            engine, build_labelled_stream(archive, NINE, TAUGHT, seed=seed), folder / f"{seed}.db"
        )
        for folder in [tmp_path_factory.mktemp("taught")]
        for seed in SEEDS
    ]


def recognise(engine: TorchEngine, labelled: LabelledStream, path: Path) -> Recognised:
    with Recognizer.open(path, engine=engine) as recognizer:
        for demonstration in labelled.demonstrations:
            recognizer.enroll(demonstration.sequence, demonstration.label)
        return Recognised(labelled, path, list(recognizer.recognize(labelled.sequence)))


def test_one_shot_accuracy_on_nine_new_actions(engine: TorchEngine, shared_data: Path) -> None:
    figures = evaluate_one_shot(engine, read_archive(shared_data / "utd_mhad.npz"), NINE)
    assert (figures.classes, figures.queries, figures.episodes) == (9, 279, 50)
    assert figures.accuracy_mean >= 88


def test_fused_matching_is_better_than_its_parts_on_nine_new_actions(shared_data: Path) -> None:
    model = load_model()
    decisions = [decision_of(model, matcher) for matcher in Matcher]
    found = evaluate_matchers(
        TorchEngine(model, "cpu"),
        read_archive(shared_data / "utd_mhad.npz"),
        decisions,
        (1, 3),
        NINE,
    )
    accuracy = {(one.matcher, one.shots): one.accuracy_mean for one in found}
    assert accuracy["fused", 1] >= 95.5
    assert accuracy["fused", 1] >= max(accuracy["embedding", 1], accuracy["alignment", 1]) + 1.5
    assert accuracy["fused", 3] >= 98


def test_enrolled_actions_are_found_in_streams_and_others_are_rejected(
    recognised: list[Recognised],
) -> None:
    figures = [
        match_events(
            one.labelled.occurrences,
            detections(one.events),
            one.labelled.enrolled,
            one.labelled.seconds_seen,
        )
        for one in recognised
    ]
    assert all(figure.iou == 0.3 for figure in figures)
    enrolled = sum(figure.enrolled for figure in figures)
    unknown = sum(figure.unknown for figure in figures)
    assert (enrolled, unknown) == (240, 192)
    assert sum(figure.recognised for figure in figures) >= 0.75 * enrolled
    assert sum(figure.accepted for figure in figures) <= 0.25 * unknown
    assert sum(figure.false_alarms for figure in figures) <= 2


def test_the_command_recognises_the_same_in_the_same_stream_as_a_file(
    recognised: list[Recognised], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = recognised[0]
    # The command calls the input as the file is called.
    write_archive(tmp_path / "recording.npz", one.labelled.archive())
    assert (
        main(
            [
                "recognize",
                str(one.store),
                str(tmp_path / "recording.npz"),
                "--engine",
                "torch",
                "--json",
            ]
        )
        == 0
    )
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(events) == len(one.events)
    for event, recognition in zip(events, one.events, strict=True):
        for name in ("clip_id", "label", "start_ns", "end_ns", "reference_id", "report"):
            assert event[name] == getattr(recognition, name), name
        assert event["verdict"] == recognition.verdict.value
        assert event["distance"] == pytest.approx(recognition.distance, abs=1e-5)
        assert event["score"] == pytest.approx(recognition.score, abs=1e-3)
