# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of ``skeleton-dml evaluate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skeleton_dml_ros.cli.evaluate import parse_classes, parse_subjects
from skeleton_dml_ros.errors import SkeletonDmlError

Command = Callable[..., tuple[str, str]]
CLASSES = ("wave", "clap", "jump", "draw-x", "2-step")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", [0]),
        ("0,3,1", [0, 3, 1]),
        ("1-3", [1, 2, 3]),
        ("wave, draw-x", [0, 3]),
        ("2-step,0-1", [4, 0, 1]),
        ("clap,1,0-1", [1, 0]),
    ],
)
def test_classes_are_numbers_ranges_or_names(text: str, expected: list[int]) -> None:
    assert parse_classes(text, CLASSES) == expected


@pytest.mark.parametrize("text", ["5", "0-5", "3-1", "-1", "", "0,,1", "dance"])
def test_an_unknown_class_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(SkeletonDmlError, match="there are 0 wave, 1 clap, 2 jump, 3 draw-x"):
        parse_classes(text, CLASSES)


def test_a_misspelt_class_is_refused_with_a_suggestion() -> None:
    with pytest.raises(SkeletonDmlError, match=r"no class 'clapp'; did you mean clap \(1\)"):
        parse_classes("wave,clapp", CLASSES)


def test_people_are_numbers_or_ranges() -> None:
    assert parse_subjects("3, 7-20", [1, 3, 8, 12]) == [3, 8, 12]
    with pytest.raises(SkeletonDmlError, match="no person '2'; there are 1, 3"):
        parse_subjects("1,2", [1, 3])
    with pytest.raises(SkeletonDmlError, match="no person 'ann'"):
        parse_subjects("ann", [1, 3])


def test_json_has_the_figures_of_the_fused_matcher_and_its_parts(
    run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    figures = run_json(
        *("evaluate", "one-shot", "--model", untrained_model, "--data", "motions.npz"),
        *("--episodes", "7", "--seed", "3"),
    )
    assert (figures["episodes"], figures["classes"], figures["queries"]) == (7, 2, 2)
    assert figures["match_mirrored"] is True
    assert [one["matcher"] for one in figures["figures"]] == ["embedding", "alignment", "fused"]
    for name, value in figures["figures"][-1].items():
        assert figures[name] == value
    assert 0 <= figures["accuracy_mean"] <= 100
    assert 0 <= figures["accuracy_std"] <= 50


def test_the_table_has_the_accuracy_of_each_matcher_and_number_of_references(
    run: Command, four_classes: Path, untrained_model: Path
) -> None:
    shown, said = run(
        *("evaluate", "one-shot", "--model", untrained_model, "--data", four_classes),
        *("--classes", "raise_left,1,2", "--episodes", "5", "--shots", "1,2"),
    )
    for part in ("1 per class", "2 per class", "embedding", "alignment (untrained)", "fused"):
        assert part in shown
    for part in ("± ", "3 classes", "6, 3 queries", "5 episodes", "chance 33.3 %"):
        assert part in shown
    assert said == ""


def test_one_matcher_can_be_evaluated_alone(
    run: Command, run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    command = (
        *("evaluate", "one-shot", "--model", untrained_model, "--data", "motions.npz"),
        *("--episodes", "3", "--matcher"),
    )
    assert len(run_json(*command, "alignment")["figures"]) == 1
    shown, _ = run(*command, "alignment")
    assert "fused" not in shown
    _, said = run(*command, "guess", status=2)
    assert "--matcher" in said


@pytest.mark.parametrize("shots", ["0", "1,two", ""])
def test_wrong_numbers_of_references_are_refused(
    shots: str, run: Command, folder: Path, untrained_model: Path
) -> None:
    _, said = run(
        *("evaluate", "one-shot", "--model", untrained_model, "--data", "motions.npz"),
        *("--shots", shots),
        status=2,
    )
    assert "give numbers of at least 1, such as 1,2,3,5" in said


def test_open_set_figures_have_mean_and_standard_deviation(
    run: Command, run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    command = (
        *("evaluate", "open-set", "--model", untrained_model, "--data", "motions.npz"),
        *("--known", "1", "--episodes", "6"),
    )
    figures = run_json(*command)
    assert (figures["known"], figures["unknown"], figures["episodes"]) == (1, 1, 6)
    assert figures["closed_set_accuracy"] == {"mean": 1.0, "std": 0.0}
    for name in ("auroc", "oscr", "equal_error_rate", "fpr_at_95_tpr", "false_accept_rate"):
        assert 0 <= figures[name]["mean"] <= 1
    assert (figures["threshold"], figures["matcher"]) == (0.5, "fused")
    assert figures["at_rate"]["asked_rate"] == 0.05
    shown, _ = run(*command, "--false-accept-rate", "0.1")
    assert f"{figures['auroc']['mean']:.3f}" in shown
    for part in (
        "embedding",
        "alignment",
        "fused",
        "unknown, accepted for 10 %",
        "0.44",
    ):
        assert part in shown
    assert "1 classes known and 1 unknown, 3 queries" in shown
    assert "over 6 episodes" in shown
    assert len(run_json(*command, "--matcher", "fused")["figures"]) == 1


def test_enrolling_all_classes_is_refused(
    run: Command, folder: Path, untrained_model: Path
) -> None:
    _, said = run(
        *("evaluate", "open-set", "--model", untrained_model, "--data", "motions.npz"),
        *("--known", "2"),
        status=2,
    )
    assert "cannot have 2 known classes of 2" in said


def test_a_split_selects_the_references(
    run: Command, run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    Path("mine.yaml").write_text(
        "auxiliary: [other]\nevaluation: [raise_left, raise_right]\nreferences: [first, last]\n"
    )
    command = (
        *("evaluate", "one-shot", "--model", untrained_model, "--data", "motions.npz"),
        *("--split", "mine.yaml"),
    )
    figures = run_json(*command)
    assert (figures["split"], figures["episodes"], figures["queries"]) == ("mine", 1, 2)
    assert figures["match_mirrored"] is False
    shown, _ = run(*command)
    assert "the split's references" in shown
    _, said = run(*command, "--shots", "2", status=2)
    assert "leave out --shots" in said
    _, said = run(*command, "--classes", "0", status=2)
    assert "leave out --classes" in said


def test_streams_are_built_and_evaluated(
    run: Command, run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    command = (
        *("evaluate", "stream", "--model", untrained_model, "--data", "motions.npz"),
        *("--known", "1", "--streams", "2"),
    )
    result = run_json(*command)
    assert (result["streams"], result["known"], result["walking"]) == (2, 1, False)
    assert [figures["iou"] for figures in result["figures"]] == [0.3, 0.5]
    for figures in result["figures"]:
        assert (figures["enrolled"], figures["unknown"]) == (2, 4)
        assert 0 <= figures["f1"] <= 1
    shown, _ = run(*command)
    assert "2 streams of 2 classes, 1 of them known" in shown
    assert f"{result['figures'][0]['recognised']} of 2" in shown


def test_decision_rules_are_compared_on_the_given_sets(
    run: Command, run_json: Callable[..., Any], four_classes: Path, untrained_model: Path
) -> None:
    command = (
        *("evaluate", "decisions", "--model", untrained_model, "--known", "2", "--episodes", "4"),
        *("--fit", four_classes, "--data", f"{four_classes}:0-2", "--cohort", "motions.npz"),
    )
    figures = run_json(*command)
    assert {one["data"] for one in figures} == {"four, 3 classes"}
    assert "adaptive_s_norm" in {one["rule"] for one in figures}
    shown, _ = run(*command)
    assert "| local centring trimmed | " in shown


def test_walking_is_taken_from_the_given_clips(
    run: Command, run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    command = (
        *("evaluate", "stream", "--model", untrained_model, "--data", "motions.npz"),
        *("--known", "1", "--streams", "1"),
    )
    assert run_json(*command, "--walking", "motions.npz:raise_left")["walking"]
    _, said = run(*command, "--walking", "motions.npz:stroll", status=2)
    assert "no class 'stroll'" in said


def test_the_same_seed_gives_the_same_figures(
    run_json: Callable[..., Any], folder: Path, untrained_model: Path
) -> None:
    arguments = (
        *("evaluate", "one-shot", "--model", untrained_model, "--data", "motions.npz"),
        *("--episodes", "3", "--seed", "1"),
    )
    assert run_json(*arguments) == run_json(*arguments)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--data", "motions.npz", "--classes", "dance"), "no class 'dance'"),
        (("--data", "motions.npz", "--classes", "1"), "at least two classes"),
        (("--data", "nowhere.npz"), "nowhere.npz"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_data_or_classes_are_refused(
    options: tuple[str, ...], complaint: str, run: Command, folder: Path, untrained_model: Path
) -> None:
    _, said = run("evaluate", "one-shot", "--model", untrained_model, *options, status=2)
    assert complaint in said
