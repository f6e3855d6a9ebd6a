# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the documentation says can be done, can be done."""

from __future__ import annotations

import ast
import itertools
import json
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from skeleton_dml_ros.cli import main
from skeleton_dml_ros.datasets.archive import read_archive
from skeleton_dml_ros.datasets.splits import get_split, split_names
from skeleton_dml_ros.datasets.streams import read_stream
from skeleton_dml_ros.embedding.model import load_model
from skeleton_dml_ros.messages import INPUT_FORMATS
from skeleton_dml_ros.messages.input_format import InputOptions
from skeleton_dml_ros.messages.skeleton_array import SkeletonArrayInput
from skeleton_dml_ros.node.interface import ACTIONS, SERVICES, TOPICS
from skeleton_dml_ros.node.parameters import AXES, general_parameters, input_parameters
from skeleton_dml_ros.skeleton.axes import Axes, from_kinect_axes
from skeleton_dml_ros.skeleton.layouts import get_layout, layout_names
from skeleton_dml_ros.training.configuration import read_configuration

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
COMMAND_LINE = REPOSITORY / "docs" / "command_line.md"
TEXT = "\n".join(page.read_text() for page in PAGES)


def named_in(text: str, pattern: str) -> set[str]:
    """What the one group of a pattern finds."""
    return set(re.findall(pattern, text))


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a language in a page."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [content for name, content in fenced if name == language]


def shell_lines(page: Path, command: str) -> list[list[str]]:
    """The lines of a page's shell blocks that begin with a command, split into words."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    split = [shlex.split(line, comments=True) for line in lines]
    return [words for words in split if words and words[0] == command]


def anchors(page: Path) -> set[str]:
    """What GitHub calls a page's headings in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", page.read_text()):
        if target.startswith("http"):
            continue
        linked = page.parent / target if target else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"


def test_the_two_commands_of_the_readme_are_made_by_the_makefile() -> None:
    targets = shell_lines(PAGES[0], "make")
    assert [words[1] for words in targets] == ["demo", "test"]
    for words in targets:
        subprocess.run(
            [*words, "--dry-run"], cwd=REPOSITORY, check=True, capture_output=True, timeout=60
        )


def test_the_examples_on_recordings_run_in_their_order_and_then_that_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (recordings,) = blocks(COMMAND_LINE, "python")
    from_python, live_loop = blocks(PAGES[0], "python")
    exec(recordings, {})
    commands = shell_lines(COMMAND_LINE, "skeleton-dml")
    assert len(commands) >= 8
    shown = {}
    for words in commands:
        assert main(words[1:]) == 0, words
        shown[" ".join(words)] = capsys.readouterr().out
    table = shown["skeleton-dml recognize taught.db evening.npz"]
    verdicts = [line.split()[3:5] for line in table.splitlines()[1:-1]]
    assert [words[-1] for words in verdicts if words[0] == "known"] == ["wave", "bow", "wave"]
    events = shown["skeleton-dml recognize taught.db evening.npz --json"].splitlines()
    assert len([json.loads(event) for event in events]) == len(verdicts)
    # The page shows this very table; scores may differ in the last digit elsewhere.
    printed = re.sub(r"[\d.]+", "", table).split()
    assert printed == re.sub(r"[\d.]+", "", blocks(COMMAND_LINE, "")[-1]).split()
    Path("taught.db").unlink()
    shutil.copy("wave.npz", "clip.npz")
    exec(from_python, {})
    classified, *recognised = capsys.readouterr().out.splitlines()
    assert classified.startswith("wave (confidence ")
    assert [line.split()[1] for line in recognised].count("wave") == 2
    assert main(["references", "list", "taught.db"]) == 0
    assert "bow" in capsys.readouterr().out
    events_printed: list[object] = []
    monkeypatch.setattr(
        "time.time_ns", itertools.count(1_700_000_000 * 10**9, 10**9 // 30).__next__
    )
    exec(live_loop, {"camera": lambda: camera(events_printed), "print": events_printed.append})
    assert str(events_printed[0]).startswith("wave (confidence ")


def camera(printed: Sequence[object]) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Somebody who waves once, then stands still until something is printed."""
    wave = read_archive("wave.npz").clip(0)
    positions = np.full((len(wave), 17, 3), np.nan, dtype=np.float32)
    for joint, name in enumerate(get_layout("coco_17").joint_names):
        if name in wave.layout.joint_names:
            positions[:, joint] = wave.positions[:, 0, wave.layout.index(name)]
    for pose in positions:
        yield ["Ada"], pose[None]
    deadline = time.monotonic() + 60
    while not printed and time.monotonic() < deadline:
        time.sleep(0.01)
        yield ["Ada"], positions[-1:]


def test_the_example_of_an_archive_can_be_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(REPOSITORY / "docs" / "recordings.md", "python")
    exec(example, {})
    assert main(["enroll", "taught.db", "wave", "mine.npz:wave_1"]) == 0
    assert "taught 'wave'" in capsys.readouterr().out


def test_the_example_of_a_csv_file_becomes_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = REPOSITORY / "docs" / "recordings.md"
    (example,) = blocks(page, "csv")
    (tmp_path / "mine" / "wave").mkdir(parents=True)
    (tmp_path / "mine" / "wave" / "monday.csv").write_text(example)
    (words,) = [words for words in shell_lines(page, "skeleton-dml") if words[2:3] == ["csv"]]
    assert main(words[1:]) == 0
    assert read_archive("mine.npz").names == ("wave/monday",)


def test_the_example_of_a_split_is_one(tmp_path: Path) -> None:
    (example,) = blocks(REPOSITORY / "docs" / "recordings.md", "yaml")
    path = tmp_path / "mine.yaml"
    path.write_text(example)
    split = get_split(path, ("bow", "clap", "jump", "kick", "wave"))
    assert split.auxiliary == ("bow", "clap", "wave")
    assert (split.validation, split.references) == (("wave",), ("jump_07", "kick_02"))


def test_the_example_of_a_training_configuration_can_be_read(tmp_path: Path) -> None:
    example, decision = blocks(REPOSITORY / "docs" / "training.md", "yaml")
    (tmp_path / "mine.yaml").write_text(example + decision)
    configuration = read_configuration(tmp_path / "mine.yaml")
    assert configuration.decision.look_alikes[0].archive == "ui_prmd.npz"
    assert configuration.data[0].leave_out_subjects == (7,)
    assert configuration.objective.loss["name"] == "supervised_contrastive"


def test_the_example_of_training_from_python_writes_a_model(
    training_configuration: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(training_configuration, "mine.yaml")
    Path("recordings").mkdir()
    for name in ("motions", "others"):
        shutil.copy(training_configuration.parent / "motions.npz", f"recordings/{name}.npz")
    (example,) = blocks(REPOSITORY / "docs" / "training.md", "python")
    exec(example, {})
    assert re.fullmatch(r"[\d.]+ % of queries right\n", capsys.readouterr().out)
    assert load_model("runs/mine").card.name == "small"


def test_every_split_is_named_in_the_table() -> None:
    page = (REPOSITORY / "docs" / "recordings.md").read_text()
    rows = page.split("## Splits")[1].split("##")[0]
    assert all(f"`{name}`" in rows or f"`_{name[9:]}`" in rows for name in split_names())


def test_the_commands_on_a_bag_run_in_their_order(
    bags: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (recordings,) = blocks(COMMAND_LINE, "python")
    exec(recordings, {})
    array = "skeleton_dml_ros/msg/SkeletonArray"
    played = []
    for frame in read_stream("bow.npz"):
        skeleton = bags.make(
            "skeleton_dml_ros/msg/Skeleton",
            person_id="7",
            positions=from_kinect_axes(frame.positions, Axes.CAMERA_OPTICAL).ravel(),
        )
        time = bags.make(
            "builtin_interfaces/msg/Time", sec=1_700_000_000, nanosec=frame.stamp_ns % 10**9
        )
        time.sec += frame.stamp_ns // 10**9
        header = bags.make("std_msgs/msg/Header", stamp=time)
        message = bags.make(array, header=header, layout="ntu_25", skeletons=[skeleton])
        played.append(("/skeletons", array, frame.stamp_ns, message))
    bags.write(tmp_path / "evening", played)
    assert main(["enroll", "taught.db", "wave", "wave.npz"]) == 0
    page = REPOSITORY / "docs" / "recordings.md"
    typed = shell_lines(page, "skeleton-dml")
    commands = [words for words in typed if words[1] not in ("prepare", "benchmark")]
    assert [words[1] for words in commands] == ["recognize", "convert", "enroll"]
    for words in commands:
        assert main(words[1:]) == 0, words
    assert "taught 'bow'" in capsys.readouterr().out
    assert main(["recognize", "taught.db", "evening"]) == 0
    assert "known    bow" in capsys.readouterr().out
    (named,) = named_in(page.read_text(), r"`enroll` takes `(evening:\S+)`")
    assert main(["enroll", "taught.db", "bow", named]) == 0


def test_the_table_of_layouts_is_complete() -> None:
    page = (REPOSITORY / "docs" / "recordings.md").read_text()
    table = page.split("## Joint layouts")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", table, re.MULTILINE)
    assert rows == [(name, str(len(get_layout(name).joint_names))) for name in layout_names()]


def test_the_table_of_layers_lists_the_subpackages() -> None:
    table = (REPOSITORY / "CONTRIBUTING.md").read_text().split("## Layers")[1].split("\n## ")[0]
    named = [
        subpackage
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for subpackage in re.findall(r"`(\w+)`", row)
    ]
    package = REPOSITORY / "skeleton_dml_ros"
    assert sorted(named) == sorted(path.parent.name for path in package.glob("*/__init__.py"))


def test_every_command_named_in_a_sentence_exists_and_so_do_its_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pages = "\n".join(page.read_text() for page in (PAGES[0], COMMAND_LINE))
    spans = [span for span in re.findall(r"`skeleton-dml ([^`]+)`", pages) if span[0] != "-"]
    assert len(spans) >= 5
    for span in spans:
        words = span.split()
        names = [word for word in words if re.fullmatch(r"[a-z-]+", word) and word[0] != "-"]
        assert main([*names, "--help"]) == 0, span
        shown = capsys.readouterr().out
        assert all(word in shown for word in words if word.startswith("--")), span


def test_every_command_that_the_pages_type_exists_and_so_do_its_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed = [words[1:] for page in PAGES[1:] for words in shell_lines(page, "skeleton-dml")]
    assert {words[0] for words in typed} >= {"node", "play", "watch", "teach", "webcam"}
    for words in typed:
        groups = ("references", "evaluate", "prepare", "benchmark")
        names = words[:2] if words[0] in groups else words[:1]
        assert main([*names, "--help"]) == 0, words
        shown = capsys.readouterr().out
        options = {word.split("=")[0] for word in words if word.startswith("--")}
        assert all(option in shown for option in options), words


def test_what_is_made_from_the_code_is_up_to_date() -> None:
    made: dict[Path, str] = runpy.run_path(str(REPOSITORY / "docs" / "tables.py"))["made"]()
    assert {path.name for path in made} == {
        "recognition.yaml",
        "ros.md",
        "inputs.md",
        "parameters.md",
        "training.md",
    }
    for path, text in made.items():
        assert path.read_text() == text, f"{path.name} is out of date; run: make tables"


def test_every_topic_service_and_action_that_is_named_exists() -> None:
    names = {one.name.removeprefix("~/") for one in (*TOPICS, *SERVICES, *ACTIONS)}
    named = named_in(TEXT, r"(?:~|(?<!robot1)/recognition_node)/(\w+)")
    assert named - names == set()
    assert {name for name in names if name[0] != "/"} <= named
    assert "/diagnostics" in TEXT


def test_every_type_that_is_named_exists_and_each_is_named() -> None:
    types = {
        f"{folder}/{path.stem}"
        for folder in ("msg", "srv", "action")
        for path in (REPOSITORY / folder).iterdir()
    }
    named = named_in(TEXT, r"skeleton_dml_ros/((?:msg|srv|action)/\w+)")
    assert named <= types
    # Parts of other messages are told in these.
    parts = {"msg/Candidate", "msg/Reference", "msg/Skeleton"}
    assert types - named == parts


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        (r"\b(\w+\.launch\.py)\b", "launch/*"),
        (r"(?<![\w/])(\w+\.yaml)`", "config/inputs/*"),
        (r"ros2 run skeleton_dml_ros (\w+)|`(recognition_node)`|\[(demo_actor)\]", "scripts/*"),
    ],
    ids=["launch files", "parameters files", "executables"],
)
def test_every_file_of_a_kind_that_is_named_exists_and_each_is_named(
    pattern: str, files: str
) -> None:
    there = {path.name for path in REPOSITORY.glob(files) if path.is_file()}
    named = {"".join(groups) for groups in re.findall(pattern, TEXT)}
    assert named == there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    folders = "config|docs|launch|msg|srv|action|models|test|scripts|skeleton_dml_ros"
    for path in named_in(page.read_text(), rf"`((?:{folders}|\.github)/[\w./-]*)`"):
        there = REPOSITORY / path
        type_name = re.fullmatch(r"skeleton_dml_ros/((?:msg|srv|action)/\w+)", path)
        if type_name:
            there = REPOSITORY / f"{type_name[1]}.{type_name[1].split('/')[0]}"
        assert there.exists(), path


def ros_commands(verb: str) -> list[list[str]]:
    return [
        words for page in PAGES for words in shell_lines(page, "ros2") if words[1:3] == verb.split()
    ]


def test_each_call_names_a_service_its_type_and_its_fields() -> None:
    known = {f"/recognition_node/{one.name[2:]}": one.type for one in (*SERVICES, *ACTIONS)}
    calls = [words[3:] for words in ros_commands("service call")]
    goals = [
        [word for word in words[3:] if word != "--feedback"]
        for words in ros_commands("action send_goal")
    ]
    assert len(calls) >= 8
    assert goals
    for name, type_name, *given in (*calls, *goals):
        assert known[name] == type_name
        _, folder, stem = type_name.split("/")
        request = (REPOSITORY / folder / f"{stem}.{folder}").read_text().split("\n---\n")[0]
        fields = set(re.findall(r"^[\w/]+(?:\[\])? (\w+)$", request, re.MULTILINE))
        for values in given:
            assert set(yaml.safe_load(values)) <= fields


def test_each_parameter_that_is_set_exists_and_takes_the_value() -> None:
    known = {one.name: one for one in general_parameters()}
    commands = ros_commands("param set")
    assert commands
    for _, _, _, node, name, value in commands:
        assert node == "/recognition_node"
        assert not known[name].read_only
        known[name].checked(yaml.safe_load(value))


def test_each_launch_argument_is_declared_and_the_table_lists_them_all() -> None:
    arguments = {"recognition": set[str](), "demo": set[str]()}
    for name, found in arguments.items():
        tree = ast.parse((REPOSITORY / "launch" / f"{name}.launch.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARGUMENTS":
                found |= set(ast.literal_eval(node.value))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "DeclareLaunchArgument":
                found |= {str(one.value) for one in node.args if isinstance(one, ast.Constant)}
    for words in ros_commands("launch skeleton_dml_ros"):
        kind = "demo" if words[3].startswith("demo") else "recognition"
        assert {word.split(":=")[0] for word in words[4:]} <= arguments[kind]
    table = (REPOSITORY / "docs" / "ros.md").read_text().split("| argument |")[1].split("\n\n")[0]
    rows = "\n".join(row.split("|")[1] for row in table.splitlines()[2:])
    assert named_in(rows, r"`(\w+)`") == arguments["recognition"]


def test_each_parameters_file_that_is_shown_can_be_used() -> None:
    shown = [yaml.safe_load(block) for page in PAGES for block in blocks(page, "yaml")]
    shown = [content for content in shown if "/**" in content]
    assert shown
    for content in shown:
        values = content["/**"]["ros__parameters"]
        assert set(values) <= {"inputs", "input"} | {one.name for one in general_parameters()}
        assert list(values["input"]) == values["inputs"]
        for name, given in values["input"].items():
            known = {one.name: one for one in input_parameters(name, given["format"])}
            for key, value in given.items():
                known[f"input.{name}.{key}"].checked(value)


def test_the_table_of_axes_says_which_formats_have_them() -> None:
    page = (REPOSITORY / "docs" / "inputs.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \|(?: \w+ \|){3} (.*) \|$", page, re.MULTILINE)
    assert [name for name, _ in rows] == list(AXES)
    for name, formats in rows:
        of_these = {one for one, kind in INPUT_FORMATS.items() if kind.axes is AXES[name]}
        assert set(re.findall(r"`(\w+)`", formats)) == of_these


def test_what_pip_has_to_bring_is_the_same_everywhere() -> None:
    run_time = re.search(r"RUN_TIME = \[(.*?)\]", (REPOSITORY / "setup.py").read_text(), re.DOTALL)
    assert run_time is not None
    names = set(re.findall(r'"([\w-]+)[<>=]', run_time[1]))
    # These two come from package.xml.
    wanted = names - {"numpy", "pyyaml"}
    manifest = (REPOSITORY / "package.xml").read_text()
    assert "python3-numpy" in manifest
    assert "python3-yaml" in manifest
    for path in ("Dockerfile", ".github/workflows/ros.yaml", "docs/building.md"):
        text = (REPOSITORY / path).read_text()
        installed = {
            word
            for line in re.findall(r"^[ &]*pip install (.*)$", text, re.MULTILINE)
            for word in shlex.split(line.strip("\\"), comments=True)
        }
        assert wanted <= installed, path


def stubs(published: list[Any], given: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """What the examples import of ROS, with messages that are plain objects."""
    plain = SimpleNamespace

    def call(request: Any) -> Any:
        given[request.label] = request.recording.tobytes()
        return plain(result=lambda: plain(message="taught"))

    node = plain(
        create_publisher=lambda kind, topic, qos: plain(publish=published.append),
        create_client=lambda kind, name: plain(wait_for_service=lambda: True, call_async=call),
    )
    return {
        "rclpy": {
            "init": lambda: None,
            "create_node": lambda name: node,
            "spin_until_future_complete": lambda node, future: None,
        },
        "rclpy.qos": {"qos_profile_sensor_data": None},
        "skeleton_dml_ros.msg": {
            "Skeleton": lambda **fields: plain(confidences=[], **fields),
            "SkeletonArray": lambda **fields: plain(header=plain(), skeletons=[], **fields),
        },
        "skeleton_dml_ros.srv": {"EnrollReference": plain(Request=plain)},
    }


@pytest.fixture
def without_ros(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], dict[str, bytes]]:
    """What the examples publish, and the recordings that they send."""
    published: list[Any] = []
    given: dict[str, bytes] = {}
    for name, content in stubs(published, given).items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    return published, given


def test_the_example_of_a_tracker_publishes_what_the_node_reads(
    without_ros: tuple[list[Any], dict[str, bytes]],
) -> None:
    (example,) = blocks(REPOSITORY / "docs" / "inputs.md", "python")
    names: dict[str, Any] = {}
    exec(example, names)
    joints = np.arange(51.0).reshape(17, 3)
    joints[4] = np.nan
    stamp = SimpleNamespace(sec=1700000000, nanosec=5)
    names["publish"](iter([(stamp, {"7": joints}), (stamp, {})]))
    somebody, nobody = without_ros[0]
    (seen,) = SkeletonArrayInput(InputOptions()).take("skeletons", somebody)
    assert (seen.person_ids, seen.layout.name) == (("7",), "coco_17")
    assert seen.stamp_ns == 1_700_000_000 * 10**9 + 5
    np.testing.assert_array_equal(seen.positions[0], joints.astype(np.float32))
    (seen,) = SkeletonArrayInput(InputOptions()).take("skeletons", nobody)
    assert seen.person_ids == ()


def test_the_example_that_teaches_by_a_recording_sends_the_file(
    without_ros: tuple[list[Any], dict[str, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (example,) = blocks(REPOSITORY / "docs" / "ros.md", "python")
    (tmp_path / "bow.npz").write_bytes(b"content")
    monkeypatch.setattr(sys, "argv", ["teach.py", "bow", str(tmp_path / "bow.npz")])
    exec(example, {})
    assert without_ros[1] == {"bow": b"content"}
    assert capsys.readouterr().out == "taught\n"


def test_workflows_and_the_image_can_be_read() -> None:
    for path in (REPOSITORY / ".github" / "workflows").glob("*.yaml"):
        steps = yaml.safe_load(path.read_text())["jobs"]["test"]["steps"]
        assert all({"uses", "run"} & set(step) for step in steps)
    lines = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", "").splitlines()
    words = {line.split()[0] for line in lines if line.strip() and line[0] != "#"}
    assert words <= {"ARG", "FROM", "SHELL", "WORKDIR", "COPY", "RUN", "ENV", "ENTRYPOINT", "CMD"}
