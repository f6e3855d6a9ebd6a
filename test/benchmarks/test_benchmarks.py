# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from skeleton_dml_ros.benchmarks.embed import benchmark_embed
from skeleton_dml_ros.benchmarks.search import benchmark_search
from skeleton_dml_ros.benchmarks.stream import (
    Scene,
    StreamMeasurement,
    make_scene,
    measure_stream,
    teach,
)
from skeleton_dml_ros.benchmarks.train import benchmark_train
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND


def test_every_method_embeds_the_same_batches(untrained_model: Path) -> None:
    reported: list[tuple[int, int]] = []
    measured = benchmark_embed(
        load_model(untrained_model),
        rounds=2,
        threads=1,
        batches=(1, 3),
        progress=lambda done, total: reported.append((done, total)),
    )
    assert [way.image for way in measured.measurements] == [(256, 256), (32, 48)]
    for way in measured.measurements:
        assert {batch: len(taken) for batch, taken in way.seconds.items()} == {1: 2, 3: 2}
        assert way.milliseconds(1) > 0
    assert measured.faster(0) == 1
    ratio = measured.measurements[0].milliseconds(1) / measured.measurements[1].milliseconds(1)
    assert measured.faster(1) == pytest.approx(ratio)
    assert measured.threads == 1
    assert reported[-1] == (4, 4)


def test_each_number_of_references_is_searched_by_each_method() -> None:
    measured = benchmark_search(sizes=(3, 300), seconds=0.0)
    assert [one.references for one in measured.measurements] == [3, 300]
    for one in measured.measurements:
        assert min(one.exact, one.numpy, one.two_threads, one.batch) > 0
        assert one.approximate is not None
        assert one.recall is not None
        assert 0.8 <= one.recall <= 1


def test_a_scene_is_people_side_by_side_who_act() -> None:
    scene = make_scene(people=3, rate=20, seconds=6)
    assert scene.positions.shape == (120, 3, 25, 3)
    assert {one.person_id for one in scene.actions} <= {"person_0", "person_1", "person_2"}
    assert scene.actions
    assert max(one.end_ns for one in scene.actions) < scene.stamp_ns(120)
    x = scene.positions[:, :, 0, 0].mean(axis=0)
    assert np.abs(np.diff(x)).min() > 1.6
    fewer = scene.first(people=1, seconds=3)
    np.testing.assert_array_equal(fewer.positions, scene.positions[:60, :1])


@pytest.fixture
def measure(
    untrained_model: Path, tmp_path: Path
) -> Iterator[Callable[[Scene], StreamMeasurement]]:
    """Shows a scene to a recogniser that was taught four references."""
    model = load_model(untrained_model)
    engine = TorchEngine(model, "cpu")
    with ReferenceStore(tmp_path / "references.db") as store:
        teach(store, 4)
        library = ReferenceLibrary.for_model(store, engine, model)
        yield lambda scene: measure_stream(library, scene, "motion")


def test_a_stream_is_recognised_in_real_time(
    measure: Callable[[Scene], StreamMeasurement],
) -> None:
    run = measure(make_scene(people=2, rate=20, seconds=5))
    assert (run.frames, run.people, run.references) == (100, 2, 4)
    assert run.seconds >= 99 / 20
    assert run.clips >= 1
    assert len(run.latencies) + run.clips_dropped <= run.clips
    assert all(late >= 0 for late in run.latencies)
    assert run.keeps_up == (run.frames_lost + run.clips_dropped == 0)
    assert run.engine == "torch float32"


def test_a_movement_cut_off_by_the_streams_end_does_not_count(
    measure: Callable[[Scene], StreamMeasurement],
) -> None:
    whole = make_scene(people=1, rate=20, seconds=6)
    action = whole.actions[0]
    within = (action.start_ns + action.end_ns) / 2 / NANOSECONDS_PER_SECOND
    run = measure(whole.first(1, within))
    assert (run.clips, run.latencies, run.clips_dropped) == (0, (), 0)


def test_each_training_method_sees_the_same_number_of_clips() -> None:
    pytest.importorskip("PIL")
    measured = benchmark_train(clips=64, image=(32, 32), device="cpu")
    paper, large, own = measured.measurements
    assert [one.image for one in measured.measurements] == [(256, 256), (256, 256), (32, 32)]
    assert all(one.clips >= 64 for one in measured.measurements)
    assert paper.precision == "float32"
    assert paper.flops == large.flops > own.flops
    for one in measured.measurements:
        assert one.clips_a_second == pytest.approx(one.clips / one.seconds)
        assert one.share_of_peak > 0
