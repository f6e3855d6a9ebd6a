"""The shipped model on real recordings of nine actions that it was never trained on.

Neither the weights nor any setting was chosen on these.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.datasets.archive import read_archive, write_archive
from skeleton_dml_ros.datasets.streams import stream_of_sequence
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.evaluation.one_shot import evaluate_one_shot
from skeleton_dml_ros.evaluation.stream import StreamTrial, build_trial, detections, match_events
from skeleton_dml_ros.recognition.event import Recognition
from skeleton_dml_ros.recognition.frame import make_frame
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.shared_files import shared_file

NINE = (0, 3, 6, 9, 12, 15, 18, 21, 24)
"""Classes of UTD-MHAD, counted from 0."""

TAUGHT = 5


@pytest.fixture(scope="module")
def engine() -> TorchEngine:
    return TorchEngine(load_model(shared_file("models/default")), "cpu")


@pytest.fixture(scope="module")
def trial(shared_data: Path) -> StreamTrial:
    """Eight people do all nine actions twice each, and idle between; five are taught."""
    return build_trial(read_archive(shared_data / "utd_mhad.npz"), NINE, TAUGHT, seed=0)


@pytest.fixture(scope="module")
def taught(
    engine: TorchEngine, trial: StreamTrial, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Recognition]]:
    """The store with one reference for each taught action, and what is recognised with it."""
    path = tmp_path_factory.mktemp("taught") / "taught.db"
    model = load_model(shared_file("models/default"))
    with ReferenceStore(path) as store:
        library = ReferenceLibrary(store, engine, model.cohort, model.threshold)
        recognizer = Recognizer(engine, library, live=False)
        for demonstration in trial.demonstrations:
            recognizer.enroll_recording(demonstration.sequence, demonstration.label)
        stream = stream_of_sequence(trial.sequence, "stream")
        for frame in stream:
            recognizer.push(
                make_frame(
                    "stream",
                    frame.stamp_ns,
                    frame.person_ids,
                    frame.positions,
                    frame.confidences,
                    stream.layout,
                )
            )
        recognizer.finish()
        events = [event for event in recognizer.events() if isinstance(event, Recognition)]
    return path, events


def test_one_shot_accuracy_on_nine_actions_never_trained_on(
    engine: TorchEngine, shared_data: Path
) -> None:
    figures = evaluate_one_shot(engine, read_archive(shared_data / "utd_mhad.npz"), NINE)
    assert (figures.classes, figures.queries, figures.draws) == (9, 279, 50)
    assert figures.accuracy_mean >= 88


def test_taught_actions_are_found_in_a_stream_and_others_are_not_taken_for_them(
    trial: StreamTrial, taught: tuple[Path, list[Recognition]]
) -> None:
    figures = match_events(
        trial.occurrences, detections(taught[1]), trial.taught, trial.seconds_seen, iou=0.3
    )
    assert (figures.taught, figures.untaught) == (80, 64)
    assert figures.recognised_percent >= 75
    assert figures.accepted_percent <= 25


def test_the_command_recognises_the_same_in_the_same_stream_as_a_file(
    trial: StreamTrial,
    taught: tuple[Path, list[Recognition]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store, expected = taught
    write_archive(tmp_path / "stream.npz", trial.archive())
    assert main(["recognize", str(store), str(tmp_path / "stream.npz"), "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(events) == len(expected)
    for event, recognition in zip(events, expected, strict=True):
        for name in ("clip_id", "label", "start_ns", "end_ns", "reference_id", "report"):
            assert event[name] == getattr(recognition, name), name
        assert event["verdict"] == recognition.verdict.value
        assert event["distance"] == pytest.approx(recognition.distance, abs=1e-5)
        assert event["score"] == pytest.approx(recognition.score, abs=1e-3)
