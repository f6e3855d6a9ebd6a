# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from skeleton_dml_ros.evaluation.ablation import (
    RESULTS,
    Ablation,
    AblationError,
    VariantResult,
    append_result,
    markdown,
    read_ablation,
    read_results,
    run_ablation,
    summarize,
    variant_configuration,
)
from skeleton_dml_ros.training.reading import ConfigurationError

CONTENT = {
    "clips_seen": 24,
    "seeds": 2,
    "folds": {
        "without_others": {
            "leave_out": "others.npz",
            "test": [{"archive": "others.npz", "leave_out": ["bow"]}],
        }
    },
    "variants": {
        "base": {"augmentation": {"yaw": 5.0}},
        "taller": {"from": "base", "representation": {"height": 40}},
        "turned": {"from": "taller", "augmentation": {"yaw": 40.0}},
    },
}


@pytest.fixture
def ablation_file(training_configuration: Path, tmp_path: Path) -> Path:
    """An ablation on small motions; its fold trains on one copy of them and tests on another."""
    base = yaml.safe_load(training_configuration.read_text())
    base["data"] = [{"archive": name} for name in ("motions.npz", "others.npz")]
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base))
    motions = (training_configuration.parent / "motions.npz").read_bytes()
    for name in ("motions.npz", "others.npz"):
        (tmp_path / name).write_bytes(motions)
    path = tmp_path / "ablation.yaml"
    path.write_text(yaml.safe_dump({"base": {"file": "base.yaml"}, **CONTENT}))
    return path


def test_a_variant_is_the_base_with_all_changes_that_lead_to_it(ablation_file: Path) -> None:
    content = variant_configuration(read_ablation(ablation_file), "turned", "without_others", 1)
    assert content["augmentation"] == {"yaw": 40.0}
    assert content["representation"] == {"name": "skeleton_dml", "height": 40, "width": 32}
    assert content["data"] == [{"archive": "motions.npz"}]
    assert content["seed"] == 1


def test_a_list_with_a_plus_extends_the_base(ablation_file: Path) -> None:
    content = yaml.safe_load(ablation_file.read_text())
    content["variants"]["more"] = {"from": "base", "data+": [{"archive": "third.npz"}]}
    content["variants"]["most"] = {"from": "more", "data+": [{"archive": "fourth.npz"}]}
    ablation_file.write_text(yaml.safe_dump(content, sort_keys=False))
    data = variant_configuration(read_ablation(ablation_file), "most", "without_others", 0)["data"]
    assert [source["archive"] for source in data] == ["motions.npz", "third.npz", "fourth.npz"]


def test_none_deletes_a_key(ablation_file: Path) -> None:
    content = yaml.safe_load(ablation_file.read_text())
    content["variants"]["other_image"] = {
        "from": "base",
        "representation": {
            "name": "skeleton_dml_faithful",
            "size": 32,
            "height": None,
            "width": None,
        },
    }
    ablation_file.write_text(yaml.safe_dump(content, sort_keys=False))
    drawn = variant_configuration(read_ablation(ablation_file), "other_image", "without_others", 0)
    assert drawn["representation"] == {"name": "skeleton_dml_faithful", "size": 32}


def test_a_set_is_tested_if_none_of_its_classes_is_trained_on(ablation_file: Path) -> None:
    content = yaml.safe_load(ablation_file.read_text())
    content["base"] = {"file": "without_bow.yaml"}
    base = yaml.safe_load((ablation_file.parent / "base.yaml").read_text())
    base["data"] = [{"archive": "motions.npz", "leave_out": ["bow", "lunge"]}]
    (ablation_file.parent / "without_bow.yaml").write_text(yaml.safe_dump(base))
    content["folds"] = {"all_sets": {}}
    content["test"] = [
        {"archive": "motions.npz", "only": ["bow", "lunge"]},
        {"archive": "others.npz"},
    ]
    ablation_file.write_text(yaml.safe_dump(content, sort_keys=False))
    (result,) = run_ablation(
        read_ablation(ablation_file),
        ablation_file.parent / "out",
        ablation_file.parent,
        ("base",),
        (1,),
    )
    assert result.seed == 1
    assert set(result.accuracy) == {"validation", "motions", "others"}


def test_each_run_is_trained_once_and_tested_on_other_sets(
    ablation_file: Path,
) -> None:
    ablation = read_ablation(ablation_file)
    out = ablation_file.parent / "out"
    results = list(run_ablation(ablation, out, ablation_file.parent, ("taller",)))
    assert [(result.variant, result.seed) for result in results] == [("taller", 0), ("taller", 1)]
    for result in results:
        assert result.clips_seen == 24
        assert set(result.accuracy) == set(result.auroc) == {"validation", "others"}
        assert 0 < result.accuracy["others"] <= 100
    assert read_results(out / RESULTS) == results
    assert not list(run_ablation(ablation, out, ablation_file.parent, ("taller",)))


def test_untrained_alignment_and_the_fusion_are_measured_beside_a_variant(
    ablation_file: Path,
) -> None:
    content = yaml.safe_load(ablation_file.read_text())
    ablation_file.write_text(yaml.safe_dump(content | {"alignment": True}, sort_keys=False))
    out = ablation_file.parent / "out"
    (result,) = run_ablation(
        read_ablation(ablation_file), out, ablation_file.parent, ("base",), (0,)
    )
    assert set(result.matchers) == {"alignment", "fused"}
    for figures in result.matchers.values():
        assert set(figures["accuracy"]) == set(figures["auroc"]) == {"validation", "others"}
        assert 0 < figures["accuracy"]["others"] <= 100
        assert 0 <= figures["auroc"]["others"] <= 1
    assert read_results(out / RESULTS) == [result]
    summaries = summarize([result])
    assert [one.variant for one in summaries] == [
        "base", "base, alignment (untrained)", "base, fused",
    ]  # fmt: skip
    assert "| base, alignment (untrained) | " in markdown(summaries)


def test_a_missing_variant_is_named(ablation_file: Path, tmp_path: Path) -> None:
    with pytest.raises(
        AblationError, match="there is no variant 'longer'; give one of base, taller"
    ):
        list(run_ablation(read_ablation(ablation_file), tmp_path / "out", tmp_path, ("longer",)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"variants": {"base": {"from": "taller"}}}, "variant base starts from 'taller'"),
        ({"base": {"file": "none.yaml"}}, "none.yaml cannot be read"),
        ({"sedes": 3}, "no key 'sedes'"),
    ],
)
def test_a_mistake_in_an_ablation_file_is_named(
    ablation_file: Path, change: dict[str, object], said: str
) -> None:
    content = yaml.safe_load(ablation_file.read_text()) | change
    ablation_file.write_text(yaml.safe_dump(content))
    with pytest.raises((AblationError, ConfigurationError), match=said):
        read_ablation(ablation_file)


@pytest.mark.parametrize("name", ["ablation.yaml", "comparison.yaml", "leave_one_set_out.yaml"])
def test_the_shipped_ablations_can_be_read(name: str) -> None:
    path = Path(__file__).parent.parent.parent / "config" / name
    ablation = read_ablation(path)
    assert isinstance(ablation, Ablation)
    nine = {"swipe_left", "clap", "basketball_shoot", "draw_circle_ccw", "boxing", "arm_curl"}
    for variant in ablation.variants:
        for fold in ablation.folds:
            for source in variant_configuration(ablation, variant, fold, 0)["data"]:
                if source["archive"] == "utd_mhad.npz":
                    assert nine <= set(source["leave_out"])


def result(variant: str, seed: int, accuracy: dict[str, float], fold: str = "a") -> VariantResult:
    return VariantResult(variant, fold, seed, 100, 10.0, accuracy, {"validation": 0.9})


def test_a_summary_has_the_mean_over_runs_and_the_spread_over_seeds() -> None:
    (summary,) = summarize(
        [
            result("base", 0, {"validation": 90.0, "first": 50.0}),
            result("base", 0, {"validation": 94.0, "second": 30.0}, "b"),
            result("base", 1, {"validation": 80.0, "first": 60.0}),
            result("base", 1, {"validation": 84.0, "second": 40.0}, "b"),
        ]
    )
    assert summary.seeds == 2
    assert summary.accuracy["validation"].mean == pytest.approx(87.0)
    assert summary.accuracy["validation"].std == pytest.approx(7.071, abs=1e-3)
    assert summary.across_sets is not None
    assert summary.across_sets.mean == pytest.approx(45.0)
    assert summary.across_sets.std == pytest.approx(7.071, abs=1e-3)


def test_the_table_has_a_row_per_variant_and_a_dash_for_missing_tests() -> None:
    lines = markdown(
        summarize(
            [
                result("base", 0, {"validation": 90.0, "first": 50.0}),
                result("base", 1, {"validation": 92.0, "first": 50.0}),
                result("more", 0, {"validation": 91.0}),
            ]
        )
    ).splitlines()
    assert lines[0].startswith("| variant | validation | first | across sets | AUROC |")
    assert lines[2].startswith("| base | 91.0 ± 1.4 | 50.0 ± 0.0 | 50.0 ± 0.0 | 0.900 ± 0.000 |")
    assert lines[3].startswith("| more | 91.0 | – | – | 0.900 |")


def test_results_are_kept_and_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / RESULTS
    assert read_results(path) == []
    append_result(path, result("base", 0, {"validation": 90.0}))
    append_result(path, result("base", 1, {"validation": 91.0}))
    assert [one.seed for one in read_results(path)] == [0, 1]
    with path.open("a") as file:
        file.write(json.dumps({"variant": "base"}) + "\n")
    with pytest.raises(AblationError, match=r"line 3 of .*results\.jsonl is not an ablation"):
        read_results(path)
