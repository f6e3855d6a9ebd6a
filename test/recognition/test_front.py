# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The recogniser as a Python program uses it: open, enroll, classify, recognize."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acting import FRAME, SECOND, decisions, frames, play, recognizer, script

import skeleton_dml_ros
from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.datasets.ntu_writer import write_skeleton_file
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.recognition.event import Dropped, Recognition, Verdict
from skeleton_dml_ros.recognition.recognizer import Recognizer
from skeleton_dml_ros.references.reference import ReferenceKind
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.layouts import NTU_25, get_layout
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, SkeletonSequence

LEFT, RIGHT, FOOT = "wrist_left", "wrist_right", "ankle_left"


def sequence(*limbs: str) -> SkeletonSequence:
    """A person who moves one limb after the other, with a pause around each."""
    parts: list[tuple[str | None, float]] = [(None, 1.5)]
    for limb in limbs:
        parts += [(limb, 1.5), (None, 1.5)]
    positions = script(*parts)[:, None]
    return SkeletonSequence(positions, np.arange(len(positions)) / 30, NTU_25, start_ns=SECOND)


def write(path: Path, *clips: SkeletonSequence) -> Path:
    names = [f"clip_{number}" for number in range(len(clips))]
    write_archive(path, archive_of(clips, [0] * len(clips), ["anything"], names=names))
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Recognizer]:
    """Knows ``left``; works in ``tmp_path``."""
    with recognizer(tmp_path) as target:
        target.enroll(sequence(LEFT), "left")
        yield target


def test_importing_the_package_loads_neither_numpy_nor_torch() -> None:
    program = (
        "import sys, skeleton_dml_ros\n"
        "print({'numpy', 'torch', 'faiss', 'rclpy', 'yaml'} & set(sys.modules))\n"
        "skeleton_dml_ros.Recognizer\n"
        "print({'torch', 'rclpy', 'rosbags', 'typer'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(skeleton_dml_ros.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["set()", "set()"]


def test_the_package_exports_what_it_lists() -> None:
    assert set(skeleton_dml_ros.__all__) <= set(dir(skeleton_dml_ros))
    for name in skeleton_dml_ros.__all__:
        assert getattr(skeleton_dml_ros, name).__doc__
    assert skeleton_dml_ros.Recognizer is Recognizer
    with pytest.raises(AttributeError, match="no attribute 'Recogniser'"):
        skeleton_dml_ros.Recogniser  # noqa: B018


def test_opening_makes_the_store_and_closing_lets_go_of_it(
    tmp_path: Path, untrained_model: Path
) -> None:
    path = tmp_path / "new" / "taught.db"
    with Recognizer.open(str(path), untrained_model, "torch", "cpu") as target:
        assert path.is_file()
        assert target.references() == []
        target.enroll(sequence(LEFT), "left")
        assert target.threshold == 0.5
    with pytest.raises(SkeletonDmlError, match="the recogniser is closed; open another one"):
        target.enroll(sequence(LEFT), "left")
    with pytest.raises(SkeletonDmlError, match="the recogniser is closed"):
        target.classify(sequence(LEFT))
    target.close()
    with Recognizer.open(path, untrained_model, "torch", threshold=0.0) as target:
        assert [one.label for one in target.references()] == ["left"]
        assert target.threshold == 0.0
        assert target.classify(sequence(FOOT)).label == "left"


def test_default_is_the_model_that_comes_with_the_package(tmp_path: Path) -> None:
    model = load_model()
    assert load_model("default").digest == model.digest
    assert load_model(str(model.folder)).digest == model.digest
    with Recognizer.open(tmp_path / "taught.db", engine="int8") as target:
        assert target.library.key.startswith(model.digest)
        assert target.threshold == model.threshold == 0.5


def test_what_is_passed_as_an_object_stays_open(tmp_path: Path, untrained_model: Path) -> None:
    from skeleton_dml_ros.embedding.torch_engine import TorchEngine

    model = load_model(untrained_model)
    engine = TorchEngine(model, "cpu")
    with ReferenceStore(tmp_path / "taught.db") as store:
        with Recognizer.open(store, model, engine) as target:
            target.enroll(sequence(LEFT), "left")
        assert [one.label for one in store.summaries()] == ["left"]
        assert len(engine.embed([sequence(LEFT)])) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"model": "no_model"}, "no_model is not a model folder"),
        ({"engine": "abacus"}, "engine is 'abacus'; give auto"),
        ({"engine": "int8", "device": "cuda"}, "computes on the CPU"),
    ],
)
def test_what_cannot_be_opened_leaves_no_store(
    arguments: dict[str, Any], complaint: str, tmp_path: Path, untrained_model: Path
) -> None:
    with pytest.raises(SkeletonDmlError, match=complaint):
        Recognizer.open(tmp_path / "taught.db", **{"model": untrained_model, **arguments})
    assert not (tmp_path / "taught.db").exists()


def test_a_threshold_that_is_not_a_number_closes_everything_again(
    tmp_path: Path, untrained_model: Path
) -> None:
    with pytest.raises(SkeletonDmlError, match="threshold is nan"):
        Recognizer.open(tmp_path / "taught.db", untrained_model, "torch", threshold=float("nan"))
    assert not (tmp_path / "taught.db-wal").exists()


def test_a_recording_is_enrolled_from_any_source(opened: Recognizer, tmp_path: Path) -> None:
    right = sequence(RIGHT)
    several = write(tmp_path / "several.npz", sequence(LEFT), right)
    write_skeleton_file(tmp_path / "right.skeleton", right)
    sources: list[Any] = [
        right,
        write(tmp_path / "right.npz", right),
        f"{several}:clip_1",
        f"{several}:1",
        str(tmp_path / "right.skeleton"),
    ]
    enrolled = [opened.enroll(source, "right") for source in sources]
    enrolled += [
        opened.enroll(array, "right", layout="ntu_25", **times)
        for array in (right.positions, right.positions[:, 0])
        for times in ({"frame_rate": 30}, {"timestamps": right.timestamps})
    ]
    assert {one.frames for one in enrolled} == {enrolled[0].frames}
    assert enrolled[0].frames < len(right)
    expected = enrolled[0].sequence.positions
    for one in enrolled:
        np.testing.assert_allclose(one.sequence.positions, expected, atol=1e-3)
    assert [one.source for one in enrolled[:4]] == [
        "recording",
        "right:clip_0",
        "several:clip_1",
        "several:clip_1",
    ]
    assert opened.enroll(right, "right", source="a friend").source == "a friend"


def test_joints_in_another_layout_need_only_its_name(tmp_path: Path, untrained_model: Path) -> None:
    order = get_layout("coco_17").joint_names
    limbs = sequence(LEFT).positions[:, 0]
    positions = np.full((len(limbs), 17, 3), np.nan)
    for joint, name in enumerate(NTU_25.joint_names):
        if name in order:
            positions[:, order.index(name)] = limbs[:, joint]
    assert np.isfinite(positions[0, :, 0]).sum() >= 10
    with Recognizer.open(tmp_path / "taught.db", untrained_model, "torch", "cpu") as target:
        reference = target.enroll(positions, "left", layout="coco_17", frame_rate=30)
        assert reference.sequence.layout.name == "coco_17"
        decision = target.classify(positions, layout="coco_17", frame_rate=30)
        assert decision.distance < 1e-3


def test_a_kind_is_given_by_name(opened: Recognizer) -> None:
    assert opened.enroll(sequence(FOOT), "shuffle", "ignore").kind is ReferenceKind.IGNORE
    assert opened.classify(sequence(FOOT)).kind is ReferenceKind.IGNORE
    with pytest.raises(SkeletonDmlError, match="kind is 'dance'; give 'action' or 'ignore'"):
        opened.enroll(sequence(FOOT), "shuffle", "dance")


@pytest.mark.parametrize(
    ("recording", "options", "complaint"),
    [
        ("nowhere.npz", {}, "nowhere.npz"),
        ("two.npz:wave", {}, "there is no clip 'wave'; the archive has 2 clips"),
        (np.zeros((9, 25, 3)), {}, 'an array needs the layout of its joints, such as "coco_17"'),
        (np.zeros((9, 25, 3)), {"layout": "octopus"}, "there is no layout 'octopus'"),
        (np.zeros((9, 25, 3)), {"layout": "ntu_25"}, "either frame_rate .* or timestamps"),
        (
            np.zeros((9, 25, 3)),
            {"layout": "ntu_25", "frame_rate": 30, "timestamps": np.arange(9)},
            "either frame_rate .* or timestamps",
        ),
        (np.zeros((9, 25, 3)), {"layout": "ntu_25", "frame_rate": 0}, "frame_rate is 0"),
        (
            np.zeros((9, 25, 3)),
            {"layout": "ntu_25", "timestamps": np.arange(8)},
            r"timestamps have shape \(8,\)",
        ),
        (
            np.zeros((9, 17, 3)),
            {"layout": "ntu_25", "frame_rate": 30},
            "joint count 17 does not fit layout ntu_25",
        ),
        (np.zeros((9, 75)), {"layout": "ntu_25", "frame_rate": 30}, r"\(9, 75\); pass \(frames"),
        (
            np.array([["a"]]),
            {"layout": "ntu_25", "frame_rate": 30},
            "positions",
        ),
        ("one.npz", {"layout": "ntu_25"}, "describe an array; leave them out for a str"),
    ],
)
def test_a_recording_that_cannot_be_used_is_refused_in_one_line(
    recording: Any,
    options: dict[str, Any],
    complaint: str,
    opened: Recognizer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("one.npz"), sequence(LEFT))
    write(Path("two.npz"), sequence(LEFT), sequence(RIGHT))
    with pytest.raises(SkeletonDmlError, match=complaint) as refused:
        opened.enroll(recording, "right", **options)
    assert "\n" not in str(refused.value)
    with pytest.raises(SkeletonDmlError, match=complaint):
        opened.classify(recording, **options)
    with pytest.raises(SkeletonDmlError, match=complaint):
        opened.recognize(recording, **options)
    assert [one.label for one in opened.references()] == ["left"]


def test_one_clip_of_several_has_to_be_chosen(opened: Recognizer, tmp_path: Path) -> None:
    path = write(tmp_path / "two.npz", sequence(LEFT), sequence(RIGHT))
    with pytest.raises(SkeletonDmlError, match=r"two.npz holds 2 clips; choose one .*:clip_0 or"):
        opened.enroll(path, "right")


def test_only_recordings_are_enrolled(opened: Recognizer) -> None:
    with pytest.raises(SkeletonDmlError, match="int is not a recording"):
        opened.enroll(7, "right")  # type: ignore[arg-type]


def test_an_empty_label_is_refused_in_one_line(opened: Recognizer) -> None:
    with pytest.raises(SkeletonDmlError, match="label '' is empty; give the action's name"):
        opened.enroll(sequence(LEFT), "")


def test_a_clip_is_classified_as_what_was_enrolled(opened: Recognizer) -> None:
    known = opened.classify(sequence(LEFT))
    assert isinstance(known, Recognition)
    assert (known.verdict, known.label, known.report) == (Verdict.KNOWN, "left", False)
    assert known.distance < 0.01
    np.testing.assert_allclose(known.position, (0, 0, 3), atol=1)
    unknown = opened.classify(sequence(FOOT))
    assert (unknown.verdict, unknown.label) == (Verdict.UNKNOWN, "")
    assert [one.label for one in unknown.candidates] == ["left"]
    opened.enroll_clip(unknown.clip_id, "step")
    assert opened.classify(sequence(FOOT)).label == "step"


def test_a_clip_is_trimmed_as_when_it_is_enrolled(opened: Recognizer) -> None:
    whole = sequence(RIGHT, LEFT)
    reference = opened.enroll(whole, "both")
    decision = opened.classify(whole)
    assert (decision.start_ns, decision.end_ns) == (
        reference.sequence.start_ns,
        reference.sequence.end_ns,
    )
    assert decision.end_ns - decision.start_ns < whole.duration * NANOSECONDS_PER_SECOND / 2


def test_a_decision_can_be_read(opened: Recognizer, tmp_path: Path) -> None:
    known = opened.classify(sequence(LEFT))
    assert str(known) == "left (confidence 96%, known from 50%; candidates: left 96%)"
    assert str(opened.classify(sequence(FOOT))).startswith(
        "unknown (confidence 0%, known from 50%; candidates: left 0%"
    )
    unseen = sequence(LEFT)
    positions = unseen.positions.copy()
    positions[:, :, 5:] = np.nan
    assert str(opened.classify(unseen.replace(positions=positions))) == (
        "unknown (only 20 % of the joints seen)"
    )
    opened.remove("left")
    assert str(opened.classify(sequence(LEFT))) == "unknown (nothing is enrolled)"
    assert str(Dropped("a/b/1", "too slow")) == "clip a/b/1 was dropped: too slow"


def test_more_than_two_people_are_not_classified(opened: Recognizer) -> None:
    three = np.repeat(sequence(LEFT).positions, 3, axis=1)
    with pytest.raises(SkeletonDmlError, match="recording has 3 bodies; give one or two"):
        opened.classify(three, layout="ntu_25", frame_rate=30)


def test_a_recording_is_recognised_while_it_is_played(opened: Recognizer, tmp_path: Path) -> None:
    path = write(tmp_path / "evening.npz", sequence(LEFT, FOOT, LEFT, FOOT))
    labels = []
    for event in opened.recognize(path):
        labels.append(event.label)
        assert event.clip_id.startswith("evening/0/")
        if event.report:
            opened.enroll_clip(event.clip_id, "step")
    assert labels == ["left", "", "left", "step"]


def test_every_kind_of_recording_gives_the_events_of_its_frames(
    opened: Recognizer, tmp_path: Path
) -> None:
    recorded = sequence(LEFT, FOOT)
    pushed = decisions(play(opened, frames({"0": recorded.positions[:, 0]})))
    assert [one.label for one in pushed] == ["left", ""]
    expected = [(one.label, one.end_ns - one.start_ns) for one in pushed]
    recordings: list[tuple[Any, dict[str, Any]]] = [
        (recorded, {}),
        (recorded.positions[:, 0], {"layout": "ntu_25", "frame_rate": 30}),
        (f"{write(tmp_path / 'one.npz', recorded)}:clip_0", {}),
        (tmp_path / "one.npz", {}),
        (frames({"0": recorded.positions[:, 0]}, start_ns=900 * SECOND), {}),
    ]
    for recording, options in recordings:
        events = list(opened.recognize(recording, **options))
        assert [one.label for one in events] == ["left", ""]
        for event, (label, duration_ns) in zip(events, expected, strict=True):
            assert event.label == label
            assert abs(event.end_ns - event.start_ns - duration_ns) <= FRAME


def test_an_archive_of_several_clips_is_played_clip_by_clip(
    opened: Recognizer, tmp_path: Path
) -> None:
    path = write(tmp_path / "several.npz", sequence(LEFT), sequence(FOOT), sequence(LEFT))
    assert [one.person_ids for one in opened.recognize(path)] == [
        ("clip_0:0",),
        ("clip_1:0",),
        ("clip_2:0",),
    ]


def test_a_recording_may_be_played_again(
    opened: Recognizer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "evening.npz", sequence(LEFT, FOOT))
    with caplog.at_level(logging.WARNING):
        first, second = (
            [(one.clip_id, one.label) for one in opened.recognize(path)] for _ in range(2)
        )
    assert first == second
    assert not caplog.records


def test_frames_are_taken_only_as_events_are_asked_for(opened: Recognizer) -> None:
    taken = 0

    def watched() -> Iterator[Any]:
        nonlocal taken
        for frame in frames({"0": sequence(LEFT, LEFT).positions[:, 0]}):
            taken += 1
            yield frame

    events = opened.recognize(watched())
    assert taken == 0
    assert next(events).label == "left"
    assert 0 < taken < len(sequence(LEFT, LEFT))
    assert next(events).label == "left"


def test_recognising_is_refused_before_the_first_event(opened: Recognizer, tmp_path: Path) -> None:
    with pytest.raises(SkeletonDmlError, match=r"nowhere\.npz"):
        opened.recognize("nowhere.npz")
    target = Recognizer(opened.library, on_event=lambda event: None)
    with pytest.raises(SkeletonDmlError, match=r"on_event takes frames by push\(\)"):
        target.recognize(sequence(LEFT))
    with (
        Recognizer(opened.library, live=True) as live,
        pytest.raises(SkeletonDmlError, match=r"live=True .* takes frames by push\(\)"),
    ):
        live.recognize(sequence(LEFT))
    target.close()
    with pytest.raises(SkeletonDmlError, match="the recogniser is closed"):
        target.recognize(sequence(LEFT))


def test_references_are_listed_renamed_and_removed(opened: Recognizer) -> None:
    second = opened.enroll(sequence(LEFT), "left")
    opened.enroll(sequence(FOOT), "step")
    assert [one.label for one in opened.references()] == ["left", "left", "step"]
    assert [one.label for one in opened.rename("step", "kick")] == ["kick"]
    assert len(opened.remove(reference_id=second.reference_id)) == 1
    opened.rename(reference_id=opened.references()[0].reference_id, new_label="lift")
    assert [one.label for one in opened.references()] == ["lift", "kick"]
    opened.remove("lift")
    assert opened.classify(sequence(LEFT)).label == ""
    with pytest.raises(SkeletonDmlError, match="no reference has the label 'lift'"):
        opened.remove("lift")
    with pytest.raises(SkeletonDmlError, match="label '' is empty"):
        opened.rename("kick")


def test_the_threshold_can_be_changed(opened: Recognizer) -> None:
    assert opened.classify(sequence(FOOT)).label == ""
    opened.threshold = 0.0
    assert opened.classify(sequence(FOOT)).label == "left"


def test_what_another_process_enrols_is_known(opened: Recognizer, tmp_path: Path) -> None:
    with recognizer(tmp_path) as other:
        other.enroll(sequence(FOOT), "step")
    assert opened.classify(sequence(FOOT)).label == "step"
