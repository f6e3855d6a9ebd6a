# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml recognize``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from skeleton_dml_ros.cli.recognize import _print_recognitions, event_to_dict
from skeleton_dml_ros.datasets.archive import archive_of, read_archive, write_archive
from skeleton_dml_ros.datasets.streams import read_stream
from skeleton_dml_ros.evaluation.streams.building import build_stream
from skeleton_dml_ros.recognition.event import TimeReset, Verdict
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.frame import SkeletonFrame
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND as SECOND

Command = Callable[..., tuple[str, str]]


@pytest.fixture
def enrolled(run: Command, folder: Path, untrained_model: Path) -> Path:
    """A store with the action ``raise left``."""
    run("enroll", "taught.db", "raise left", "one.npz", "--model", untrained_model)
    return folder / "taught.db"


def events(run: Command, *arguments: object) -> list[dict[str, Any]]:
    """The events that the command prints as lines of JSON."""
    return [json.loads(line) for line in run("recognize", *arguments, "--json")[0].splitlines()]


def test_the_taught_clip_is_recognised_at_its_time(
    run: Command, enrolled: Path, untrained_model: Path
) -> None:
    (event,) = events(run, enrolled, "one.npz", "--model", untrained_model)
    assert (event["event"], event["verdict"]) == ("recognition", "known")
    assert (event["label"], event["kind"]) == ("raise left", "action")
    assert event["distance"] < 0.05
    assert 1 >= event["confidence"] >= event["threshold"] == 0.5
    assert event["person_ids"] == ["0"]
    assert event["clip_id"] == f"one/0/{event['start_ns']}"
    # One second without movement, and 0.2 s of lead.
    assert 0.6e9 < event["start_ns"] < 1.4e9 < event["end_ns"] < 3e9
    assert event["candidates"][0]["label"] == "raise left"


def test_the_clips_of_an_archive_are_played_one_after_the_other(
    run: Command, enrolled: Path, untrained_model: Path
) -> None:
    recognised = events(run, enrolled, "motions.npz", "--model", untrained_model)
    assert [event["person_ids"] for event in recognised] == [
        ["first:0"],
        ["7:0"],
        ["odd:name:0"],
        ["last:0"],
    ]
    starts = [event["start_ns"] for event in recognised]
    assert starts == sorted(starts)


def test_the_same_recording_gives_the_same_events(
    run: Command, enrolled: Path, untrained_model: Path
) -> None:
    first = events(run, enrolled, "motions.npz", "--model", untrained_model)
    assert events(run, enrolled, "motions.npz", "--model", untrained_model) == first


def test_the_table_shows_time_person_verdict_and_label(
    run: Command, enrolled: Path, untrained_model: Path
) -> None:
    shown, said = run("recognize", enrolled, "motions.npz", "--model", untrained_model)
    lines = shown.splitlines()
    assert lines[0].split() == ["from", "to", "person", "verdict", "action", "confidence"]
    assert len(lines) == 1 + 4 + 1
    assert lines[1].split()[2:6] == ["first:0", "known", "raise", "left"]
    assert lines[1].split()[0].startswith("0:0")
    assert lines[-1].startswith("4 movements: ")
    assert said == ""


def test_labels_cannot_control_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    candidate = SimpleNamespace(label="[/x]\x1b]0;title\x07")
    event: Any = SimpleNamespace(
        **{"verdict": Verdict.UNKNOWN, "kind": None, "candidates": [candidate], "confidence": 0.1},
        **{"start_ns": 0, "end_ns": SECOND, "person_ids": ["[red]\x9b2J"]},
    )
    _print_recognitions([event], 0, 0.5)
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split() == [
        *("0:00.0", "0:01.0", "[red]2J", "unknown", "(nearest:", "[/x]]0;title)", "10%")
    ]


def test_an_ignored_movement_is_not_an_action(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    run(
        *("enroll", "ignored.db", "scratching", "one.npz", "--kind", "ignore"),
        *("--model", untrained_model),
    )
    shown, _ = run("recognize", "ignored.db", "one.npz", "--model", untrained_model)
    assert "ignored" in shown
    assert shown.splitlines()[-1].startswith("1 movement: 1 ignored")


def test_movements_without_references_are_reported_as_such(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    with ReferenceStore(folder / "empty.db"):
        pass
    (event,) = events(run, "empty.db", "one.npz", "--model", untrained_model)
    assert event["verdict"] == "no_references"
    assert event["score"] is None
    assert event["distance"] is None
    shown, _ = run("recognize", "empty.db", "one.npz", "--model", untrained_model)
    assert "no references" in shown


def test_a_recording_without_movement_has_no_events(
    run: Command, enrolled: Path, folder: Path, untrained_model: Path
) -> None:
    still = read_archive(folder / "one.npz").clip(0).frames(0, 20)
    write_archive(folder / "still.npz", archive_of([still], [0], ["nothing"]))
    assert events(run, enrolled, "still.npz", "--model", untrained_model) == []
    shown, _ = run("recognize", enrolled, "still.npz", "--model", untrained_model)
    assert shown.startswith("0 movements: none")


def test_references_of_another_model_are_embedded_again_with_a_warning(
    run: Command, enrolled: Path, untrained_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run("recognize", enrolled, "one.npz")
    assert "embedded by another model" in caplog.text
    caplog.clear()
    run("recognize", enrolled, "one.npz", "--model", untrained_model)
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("taught.db", "nowhere.npz"), "nowhere.npz"),
        (("taught.db", "taught.db"), "taught.db is not a skeleton archive"),
        (("nowhere.db", "one.npz"), "there is no store nowhere.db"),
        (("one.npz", "one.npz"), "one.npz is not a reference store"),
    ],
)
def test_a_wrong_store_or_recording_is_refused(
    arguments: tuple[str, ...], complaint: str, run: Command, enrolled: Path, untrained_model: Path
) -> None:
    before = {path: path.read_bytes() for path in enrolled.parent.iterdir()}
    out, said = run("recognize", *arguments, "--model", untrained_model, status=2)
    assert complaint in said
    assert out == ""
    assert {path: path.read_bytes() for path in enrolled.parent.iterdir()} == before


def test_other_events_have_their_own_fields() -> None:
    assert event_to_dict(TimeReset("camera", 20, 10)) == {
        "event": "timereset",
        "input_name": "camera",
        "before_ns": 20,
        "after_ns": 10,
    }


def test_a_real_recording_gives_the_events_of_the_recogniser(
    run: Command, shared_data: Path, tmp_path: Path
) -> None:
    archive = read_archive(shared_data / "utd_mhad.npz")
    by_class = [np.flatnonzero(archive.labels == label) for label in (0, 3, 9, 12)]
    teacher, *performances = zip(*(clips[[0, 9, 17]] for clips in by_class), strict=True)
    for clip in teacher[:2]:
        label = archive.class_names[archive.labels[clip]]
        run("enroll", tmp_path / "taught.db", label, f"{shared_data / 'utd_mhad.npz'}:{clip}")
    order = [int(clip) for performance in performances for clip in performance]
    recording, _ = build_stream(archive, order, np.random.default_rng(0))
    write_archive(tmp_path / "stream.npz", archive_of([recording.sequence], [0], ["stream"]))
    from_file = events(run, tmp_path / "taught.db", tmp_path / "stream.npz")

    with Recognizer.open(tmp_path / "taught.db") as recognizer:
        stream = read_stream(tmp_path / "stream.npz")
        for frame, positions in zip(stream, recording.sequence.positions, strict=True):
            recognizer.push(
                SkeletonFrame(frame.stamp_ns, ["0"], positions, stream.layout, input_name="stream")
            )
        recognizer.finish()
        recognised = [event_to_dict(event) for event in recognizer.events()]
    assert from_file == json.loads(json.dumps(recognised))
    assert len(from_file) >= len(order)
    assert {event["label"] for event in from_file} >= {"swipe_left", "clap"}
