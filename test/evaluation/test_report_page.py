# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page: whole, readable without sight or colour, and asking no server for anything."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skeleton_dml_ros.datasets.archive import SkeletonArchive, archive_of
from skeleton_dml_ros.datasets.synthetic_actor import Person, perform
from skeleton_dml_ros.embedding.model import Model, load_model
from skeleton_dml_ros.embedding.torch_engine import TorchEngine
from skeleton_dml_ros.evaluation.report.findings import Protocol, examine
from skeleton_dml_ros.evaluation.report.markup import VOID
from skeleton_dml_ros.evaluation.report.page import Examined, report_page
from skeleton_dml_ros.evaluation.report.run_folder import Run, read_run
from skeleton_dml_ros.references.open_set import Cohort
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

CLASSES = ("wave", "bow", "clap", '<b>kick</b> & "punch"')
MOTIONS = ("wave", "bow", "clap", "kick")
CLIPS = 4


@dataclass
class Element:
    """An element with what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Elements below of this tag and these attributes, in the page's order."""
        found = []
        for child in self.children:
            wanted = {name.rstrip("_"): value for name, value in attributes.items()}
            fits = all(child.attributes.get(name) == value for name, value in wanted.items())
            if tag in ("", child.tag) and fits:
                found.append(child)
            found += child.all(tag, **attributes)
        return found

    @property
    def words(self) -> str:
        """All text in it."""
        return self.text + "".join(child.words for child in self.children)


class Page(HTMLParser):
    """A page's elements; that each is closed in its order is checked on the way."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(text)
        self.close()
        assert self._open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(Element("", {}, text=data))


def recordings() -> SkeletonArchive:
    """Four actions, four times each; a wave is called a bow, and a bow a wave."""
    clips = [
        perform(motion, Person.average(), np.random.default_rng(seed))
        for motion in MOTIONS
        for seed in range(CLIPS)
    ]
    labels = np.repeat(np.arange(len(CLASSES)), CLIPS)
    labels[[0, CLIPS]] = labels[[CLIPS, 0]]
    return archive_of(clips, labels.tolist(), CLASSES)


@pytest.fixture(scope="module")
def model(untrained_model: Path) -> Model:
    return load_model(untrained_model)


@pytest.fixture(scope="module")
def examined(model: Model) -> Examined:
    archive = recordings()
    engine = TorchEngine(model, "cpu")
    protocol = Protocol(episodes=5, failures=3, successes=2)
    found = examine(engine, archive, Cohort(model.cohort), model.score_threshold, protocol)
    return Examined(archive, "motions.npz", found)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of three epochs."""
    folder = tmp_path_factory.mktemp("run")
    with (folder / "history.jsonl").open("w") as file:
        for epoch in (1, 2, 3):
            scalars = {
                "loss": 3.0 / epoch,
                "cross_entropy": 2.0 / epoch,
                "learning_rate": 1e-4 * epoch,
                "validation_accuracy": 50.0 + epoch,
            }
            line = {"epoch": epoch, "clips_seen": 96 * epoch, "seconds": 2.5, **scalars}
            file.write(json.dumps(line) + "\n")
    (folder / "run.yaml").write_text(
        "seed: 17\nepochs: 3\nclips_seen: 28800\nseconds: 90.0\ndevice: cpu\n"
        "libraries: {torch: 9.8.7}\ndata: {set.npz: 0123456789abcdef}\nleft_out: [clip_3]\n"
        "configuration: {name: small, optimisation: {epochs: 3}}\n"
    )
    return read_run(folder)


@pytest.fixture(scope="module")
def text(model: Model, run: Run, examined: Examined) -> str:
    return report_page(model, run, examined)


@pytest.fixture(scope="module")
def page(text: str) -> Element:
    return Page(text).root


def section(page: Element, name: str) -> Element:
    (found,) = page.all("section", id=name)
    return found


def test_the_same_input_gives_the_same_bytes(
    model: Model, run: Run, examined: Examined, text: str
) -> None:
    again = examine(
        TorchEngine(model, "cpu"),
        examined.archive,
        Cohort(model.cohort),
        model.score_threshold,
        Protocol(episodes=5, failures=3, successes=2),
    )
    assert report_page(model, run, replace(examined, findings=again)) == text


def test_the_page_loads_nothing(page: Element, text: str) -> None:
    for element in page.all():
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            target = element.attributes.get(name, "#")
            assert target.startswith(("#", "data:image/png;base64,")), target
    assert {"script", "link", "iframe", "object", "base"}.isdisjoint(
        element.tag for element in page.all()
    )
    assert "url(" not in text
    assert "@import" not in text
    (policy,) = (meta for meta in page.all("meta") if "http-equiv" in meta.attributes)
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_links_have_targets_and_ids_are_unique(page: Element) -> None:
    names = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(set(names)) == len(names)
    for element in page.all():
        for attribute in ("href", "aria-labelledby"):
            if attribute in element.attributes:
                assert element.attributes[attribute].lstrip("#") in names


def test_every_image_decodes_and_has_a_text_alternative(page: Element, examined: Examined) -> None:
    images = page.all("img")
    assert len(images) == 3 * len(examined.findings.examples)
    for image in images:
        content = base64.b64decode(image.attributes["src"].partition(",")[2], validate=True)
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            assert picture.format == "PNG"
            assert picture.size == (
                int(image.attributes["width"]),
                int(image.attributes["height"]),
            )
            assert picture.getextrema() != ((0, 0), (0, 0), (0, 0))
        assert image.attributes["alt"]


def test_every_drawing_has_a_text_alternative_or_is_hidden(page: Element) -> None:
    drawings = page.all("svg")
    assert drawings
    for drawing in drawings:
        described = drawing.attributes.get("role") == "img" and drawing.attributes["aria-label"]
        assert described or drawing.attributes.get("aria-hidden") == "true"


def test_drawings_have_only_finite_coordinates(page: Element) -> None:
    for drawing in page.all("svg"):
        for element in drawing.all():
            for name in ("d", "x", "y", "cx", "cy", "r"):
                assert not re.search(r"nan|inf", element.attributes.get(name, ""))


def test_all_failures_come_first(page: Element, examined: Examined) -> None:
    shown = section(page, "failures").all("article")
    failed = ["failed" in one.attributes["class"] for one in shown]
    assert failed == sorted(failed, reverse=True)
    assert failed == [one.failed for one in examined.findings.examples]
    assert any(failed)
    assert not all(failed)


def test_an_example_names_clips_classes_distances_and_scores(
    page: Element, examined: Examined
) -> None:
    archive = examined.archive
    for shown, one in zip(
        section(page, "failures").all("article"), examined.findings.examples, strict=True
    ):
        captions = [caption.words for caption in shown.all("figcaption")]
        order = (one.rival, one.right) if one.failed else (one.right, one.rival)
        for caption, index in zip(captions, (one.query, *(c.clip for c in order)), strict=True):
            assert archive.names[index] in caption
            assert archive.class_names[archive.labels[index]] in caption
        for caption, compared in zip(captions[1:], order, strict=True):
            assert f"distance {compared.distance:.3f}" in caption
            assert f"score {compared.score:.2f}".replace("-", "\u2212") in caption
        assert len(shown.all("svg", class_="poses")) == len(shown.all("img")) == 3


def test_the_confusion_matrix_is_a_table_with_a_heading_for_each_row_and_column(
    page: Element, examined: Examined
) -> None:
    (matrix,) = page.all("table", class_="confusions")
    rows = [head.words for head in matrix.all("th", scope="row")]
    columns = [head.words for head in matrix.all("th", scope="col")]
    assert rows == columns == list(CLASSES)
    cells = [[cell.words for cell in row.all("td")] for row in matrix.all("tr")[1:]]
    counts = examined.findings.confusions
    for row, column in np.ndindex(counts.shape):
        share = 100 * counts[row, column] / counts[row].sum()
        expected = "" if share == 0 else f"{share:.0f}" if share >= 0.5 else "·"
        assert cells[row][column] == expected


def test_the_figures_are_at_the_top_with_their_spread(page: Element, examined: Examined) -> None:
    first = page.all("section")[0]
    assert first.attributes["id"] == "figures"
    values = [tile.words for tile in first.all("div", class_="value")]
    found = examined.findings
    assert found.open_set is not None
    figures = found.open_set.figures
    assert values == [
        f"{found.accuracies.mean():.1f} ± {found.accuracies.std():.1f} %",
        f"{figures.auroc.mean:.3f} ± {figures.auroc.std:.3f}",
        f"{100 * figures.correct_accept_rate.mean:.1f} ± "
        f"{100 * figures.correct_accept_rate.std:.1f} %",
        f"{100 * figures.false_accept_rate.mean:.1f} ± {100 * figures.false_accept_rate.std:.1f} %",
    ]
    for part in ("motions.npz", "16 of 16", "torch", "chance 25.0 %"):
        assert part in first.words


def test_model_run_and_configuration_are_named(page: Element, model: Model) -> None:
    words = section(page, "model").words
    for part in (model.card.name, model.digest[:16], "embedding of 16", "Seed17", "torch 9.8.7"):
        assert part in words
    for part in ("28\u202f800", "90 seconds", "set.npz (0123456789ab)", "Left out1", "epochs: 3"):
        assert part in words


def test_the_offset_of_pairs_is_shown_with_its_data(model: Model) -> None:
    of_pairs = {
        "one_shot_accuracy_mean": 68.9,
        "one_shot_accuracy_std": 14.6,
        "classes": ["a", "b"],
    }
    card = replace(
        model.card,
        decision=replace(model.card.decision, pair_offset=0.381),
        figures={**model.card.figures, "validation_pairs": of_pairs},
    )
    words = Page(report_page(replace(model, card=card), Run(), None)).root.words
    assert "0.38 added to pairs' scores" in words
    assert "On validation data of pairs" in words
    assert "68.9 ± 14.6 % one-shot on 2 classes" in words


def test_the_curves_show_each_scalar_and_so_does_a_table(page: Element) -> None:
    training = section(page, "curves")
    charts = training.all("svg", class_="chart")
    labels = [chart.attributes["aria-label"] for chart in charts]
    assert "loss from 3 to 1; cross entropy from 2 to 0.667" in labels[0]
    assert "validation accuracy from 51 to 53" in labels[1]
    assert "learning rate from 0.0001 to 0.0003" in labels[2]
    (table,) = training.all("table")
    assert len(table.all("tr")) == 4
    assert "0.6667" in table.words


def test_the_page_says_if_there_is_no_history(model: Model) -> None:
    page = Page(report_page(model, Run(), None)).root
    assert "no history" in section(page, "curves").words
    assert page.all("svg") == []
    assert "No recordings were given" in page.words


def test_names_are_escaped(page: Element) -> None:
    assert not any(bold.words == "kick" for bold in page.all("b"))
    assert CLASSES[3] in page.words


def test_training_classes_cause_a_warning(model: Model, examined: Examined) -> None:
    card = replace(model.card, trained_on={"archives": ["set.npz"], "classes": ["bow", "jump"]})
    page = Page(report_page(replace(model, card=card), Run(), examined)).root
    (warning,) = page.all("p", class_="warning")
    assert warning.words.startswith("1 of the 4 classes")
    assert "bow" in warning.words


def test_two_people_are_both_drawn(model: Model) -> None:
    """Two bodies a metre apart, in one archive with clips of one."""
    pairs = []
    for clip in (recordings().clip(index) for index in range(0, 16, 2)):
        beside = clip.positions + np.array([1.0, 0.0, 0.0], dtype=np.float32)
        both = np.concatenate([clip.positions, beside], axis=1)
        pairs.append(SkeletonSequence(both, clip.timestamps, clip.layout))
    archive = archive_of(pairs, np.repeat(np.arange(4), 2).tolist(), CLASSES)
    protocol = Protocol(episodes=2, failures=1, successes=1)
    found = examine(TorchEngine(model, "cpu"), archive, None, 0.5, protocol)
    page = Page(report_page(model, Run(), Examined(archive, "pairs.npz", found))).root
    (strip, *_) = page.all("svg", class_="poses")
    assert len(strip.all("circle")) == 2 * len(strip.all("text"))
