# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from skeleton_dml_ros.embedding import engines
from skeleton_dml_ros.embedding.cuda_engine import CudaEngine
from skeleton_dml_ros.embedding.engine import ReleasedError
from skeleton_dml_ros.embedding.engines import make_engine
from skeleton_dml_ros.embedding.export import ExportError, export_model
from skeleton_dml_ros.embedding.model import Model, load_model
from skeleton_dml_ros.embedding.onnx_engine import GRAPHS, GraphError, OnnxEngine
from skeleton_dml_ros.embedding.preparation import Preparation
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.skeleton.imputation import REST_POSE
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


def moving(seed: int, frames: int = 40, bodies: int = 1) -> SkeletonSequence:
    """People who stand beside each other and move their joints at random, smoothly."""
    generator = np.random.default_rng(seed)
    wave = np.sin(np.linspace(0, 3, frames))[:, None, None, None]
    motion = wave * generator.normal(scale=0.2, size=(1, bodies, 25, 3))
    beside = np.arange(bodies)[:, None, None] * np.array([1.0, 0.0, 0.3])
    positions = 0.5 * REST_POSE + beside + [0, 0, 3] + motion
    return SkeletonSequence(positions, np.arange(frames) / 30, NTU_25)


CLIPS = [moving(seed, bodies=1 + (seed % 4 == 0)) for seed in range(12)]


@pytest.fixture(scope="module")
def model(untrained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model with both graphs in its folder."""
    folder = tmp_path_factory.mktemp("exported") / "model"
    shutil.copytree(untrained_model, folder)
    exported = load_model(folder)
    for name in GRAPHS:
        export_model(exported, name, CLIPS)
    return exported


def test_float32_computes_what_torch_does(model: Model) -> None:
    clips = [moving(20), moving(21, frames=70), moving(22, bodies=2), moving(23)]
    expected = TorchEngine(model, "cpu").embed(clips)
    embeddings = OnnxEngine(model, "onnx").embed(clips)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(embeddings, expected, atol=1e-5)


def test_int8_computes_about_what_torch_does(model: Model) -> None:
    clips = [moving(seed, bodies=1 + seed % 2) for seed in range(20, 28)]
    expected = TorchEngine(model, "cpu").embed(clips)
    embeddings = OnnxEngine(model, "int8").embed(clips)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert np.linalg.norm(embeddings - expected, axis=1).mean() < 0.1
    assert not np.array_equal(embeddings, OnnxEngine(model, "onnx").embed(clips))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_draws_the_image(model: Model, name: str) -> None:
    for clip in (moving(1), moving(2, bodies=2)):
        expected = TorchEngine(model, "cpu").image(clip)
        difference = np.abs(OnnxEngine(model, name).image(clip) - expected)
        # In int8, the network takes an image of 256 steps, cut off where no clip has reached so far.
        assert np.quantile(difference, 0.99) <= {"onnx": 1e-5, "int8": 1 / 255}[name]


def test_a_graph_is_found_in_a_path_that_is_not_text(model: Model, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"mod\xffel")
    shutil.copytree(model.folder, folder)
    engine = make_engine(load_model(folder), "int8")
    assert engine.embed([CLIPS[0]]).shape == (1, engine.dimension)


def test_int8_takes_a_fraction_of_the_room(model: Model) -> None:
    small, large = (model.folder / GRAPHS[name] for name in ("int8", "onnx"))
    assert small.stat().st_size < large.stat().st_size / 3


def test_each_engine_has_a_key_of_its_own(model: Model) -> None:
    made = [TorchEngine(model, "cpu"), *(OnnxEngine(model, name) for name in GRAPHS)]
    assert len({one.key for one in made}) == 3
    assert {one.key.weights_digest for one in made} == {model.digest}


def test_a_released_engine_says_so(model: Model) -> None:
    engine = OnnxEngine(model, "int8")
    engine.release()
    with pytest.raises(ReleasedError, match="was released"):
        engine.embed([moving(1)])


def test_a_graph_of_another_model_is_refused(model: Model, tmp_path: Path) -> None:
    other = replace(model, digest="0" * 64)
    with pytest.raises(GraphError, match=r"exported from another model.*export it again"):
        OnnxEngine(other, "int8")


def test_a_missing_graph_names_the_command_that_makes_it(untrained_model: Path) -> None:
    with pytest.raises(GraphError, match=r"holds no int8.onnx; export it: skeleton-dml export"):
        OnnxEngine(load_model(untrained_model), "int8")


def test_a_damaged_graph_is_named(model: Model, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model.folder, folder)
    (folder / GRAPHS["int8"]).write_bytes(b"no graph")
    with pytest.raises(GraphError, match=r"int8.onnx cannot be used: .*export it again"):
        OnnxEngine(load_model(folder), "int8")


def test_nothing_of_the_machine_stands_in_a_graph(model: Model) -> None:
    for name in GRAPHS:
        content = (model.folder / GRAPHS[name]).read_bytes()
        assert b"site-packages" not in content
        assert str(Path(__file__).parent.parent.parent).encode() not in content


def test_clips_of_their_own_length_cannot_be_exported(model: Model) -> None:
    card = replace(model.card, preparation=Preparation(frames=0))
    with pytest.raises(ExportError, match=r"preparation\.frames is 0"):
        export_model(replace(model, card=card), "onnx", CLIPS)


def test_clips_of_nobody_are_refused(model: Model) -> None:
    unseen = SkeletonSequence(np.full((9, 1, 25, 3), np.nan), np.arange(9) / 30, NTU_25)
    with pytest.raises(ExportError, match="none of the clips can be embedded"):
        export_model(model, "onnx", [unseen])


def test_what_was_asked_for_is_made(model: Model) -> None:
    assert isinstance(make_engine(model, "torch", "cpu"), TorchEngine)
    assert make_engine(model, "onnx").key.precision == "float32"
    assert make_engine(model, "int8").key.precision == "int8"
    with pytest.raises(SkeletonDmlError, match="engine is 'tensorrt'; give auto, torch, cuda"):
        make_engine(model, "tensorrt")
    with pytest.raises(SkeletonDmlError, match="engine int8 computes on the CPU, not on 'cuda'"):
        make_engine(model, "int8", "cuda")
    with pytest.raises(SkeletonDmlError, match="engine cuda computes on a GPU, not on the CPU"):
        make_engine(model, "cuda", "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_gpu_the_engine_for_it_names_the_others(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SkeletonDmlError, match="engine cuda needs a GPU that torch can use"):
        make_engine(model, "cuda")
    # A machine whose GPU torch cannot use is one without.
    monkeypatch.setattr(engines, "gpu_may_be_there", lambda: True)
    assert make_engine(model).device_name == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_auto_is_half_precision_on_a_gpu(model: Model) -> None:
    assert isinstance(make_engine(model), CudaEngine)


def test_auto_takes_the_faster_graph_and_says_so(
    model: Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        engines,
        "seconds_a_clip",
        lambda engine: {"float32": 0.001, "int8": 0.002}[engine.key.precision],
    )
    with caplog.at_level("INFO"):
        assert make_engine(model, "auto", "cpu").key.precision == "float32"
    assert "engine onnx on cpu: onnx 1.0 ms a clip, int8 2.0 ms a clip" in caplog.text


def test_auto_without_a_graph_is_torch_and_names_the_remedy(
    untrained_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        engine = make_engine(load_model(untrained_model), "auto", "cpu")
    assert isinstance(engine, TorchEngine)
    assert "skeleton-dml export" in caplog.text


def test_auto_without_onnx_runtime_is_torch_and_names_the_remedy(
    model: Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with caplog.at_level("INFO"):
        assert isinstance(make_engine(model, "auto", "cpu"), TorchEngine)
    assert "pip install 'skeleton_dml_ros[onnx]'" in caplog.text


ROBOT = """
import sys
from pathlib import Path
from skeleton_dml_ros.cli import application
from skeleton_dml_ros.embedding.engines import make_engine
from skeleton_dml_ros.embedding.dummy_clip import dummy_clip
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.node.recognition_node import RecognitionNode
from skeleton_dml_ros.references.alignment import clip_features
from skeleton_dml_ros.references.library import ReferenceLibrary
from skeleton_dml_ros.references.store import ReferenceStore

model = load_model(sys.argv[1])
engine = make_engine(model, "auto", "cpu")
with ReferenceStore(Path(sys.argv[2])) as store:
    library = ReferenceLibrary.for_model(store, engine, model)
    library.enroll(dummy_clip(), "rest")
    clip = dummy_clip()
    (match,) = library.snapshot().match(engine.embed([clip]), [clip_features(clip)])
    assert match.candidates[0].label == "rest", match
assert "torch" not in sys.modules and "torchvision" not in sys.modules
"""


def test_a_robot_with_an_exported_model_never_imports_torch(model: Model, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ROBOT, str(model.folder), str(tmp_path / "taught.db")]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stderr
