# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the report measures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from directions import DirectionEngine, archive_of_directions

from skeleton_dml_ros.datasets.archive import UNSEEN_MM, SkeletonArchive
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.evaluation.one_shot import evaluate_one_shot
from skeleton_dml_ros.evaluation.open_set import episode_figures
from skeleton_dml_ros.evaluation.report.findings import (
    Findings,
    Protocol,
    examine,
    roc,
)
from skeleton_dml_ros.references.episodes import episode_scores

CLASSES, CLIPS = 6, 5
ENGINE = DirectionEngine()


def confused() -> SkeletonArchive:
    """Six classes; one clip of class 0 lies among class 1, and class 3's are partly called 2."""
    archive = archive_of_directions(CLASSES, CLIPS)
    labels = archive.labels.copy()
    labels[[5, 15, 16]] = [0, 2, 2]
    return replace(archive, labels=labels)


def examined(archive: SkeletonArchive, known: int = 5, seed: int = 0) -> Findings:
    return examine(ENGINE, archive, None, 0.5, Protocol(episodes=20, known=known, seed=seed))


def test_accuracy_and_open_set_figures_are_those_of_the_protocols() -> None:
    archive = confused()
    found = examined(archive, known=3, seed=4)
    alone = evaluate_one_shot(ENGINE, archive, episodes=20, seed=4)
    assert found.accuracies.mean() == pytest.approx(alone.accuracy_mean)
    assert found.accuracies.std() == pytest.approx(alone.accuracy_std)
    assert found.queries == alone.queries
    assert found.open_set is not None
    embeddings = ENGINE.embed([archive.clip(index) for index in range(len(archive))])
    episodes = episode_scores(embeddings, archive.labels, None, 3, episodes=20, seed=4)
    figures = episode_figures(list(episodes), 0.5, unknown=CLASSES - 3)
    assert found.open_set.figures == figures
    assert len(found.open_set.genuine) + len(found.open_set.impostor) == 20 * figures.queries


def test_confusions_count_each_query_of_each_episode_once() -> None:
    archive = confused()
    found = examined(archive)
    clips = np.bincount(archive.labels)
    np.testing.assert_array_equal(found.confusions.sum(axis=1), 20 * (clips - 1))
    share = np.trace(found.confusions) / found.confusions.sum()
    assert 100 * share == pytest.approx(found.accuracies.mean())
    assert found.confusions[0, 1] > 0
    assert found.confusions[4, 4] == 20 * (clips[4] - 1)
    assert found.recalls[4] == 1 > found.recalls[0]


def test_failures_come_first_surest_first_and_once_per_pair_of_classes() -> None:
    archive = archive_of_directions(CLASSES, CLIPS, shuffled=True)
    found = examined(archive)
    failed = [one for one in found.examples if one.failed]
    assert found.examples[: len(failed)] == tuple(failed)
    assert 2 <= len(failed) < found.failures
    scores = [one.rival.score for one in failed]
    assert scores == sorted(scores)
    pairs = [(archive.labels[one.query], archive.labels[one.rival.clip]) for one in failed]
    assert len(set(pairs)) == len(pairs)


def test_successes_follow_the_failures_narrowest_first() -> None:
    found = examined(archive_of_directions(CLASSES, CLIPS))
    assert found.failures == 0
    margins = [one.margin for one in found.examples]
    assert len(margins) == Protocol().successes
    assert min(margins) > 0
    assert margins == sorted(margins)


def test_an_example_has_a_reference_of_the_query_s_class_and_one_of_another() -> None:
    archive = confused()
    for one in examined(archive).examples:
        truth = archive.labels[one.query]
        assert archive.labels[one.right.clip] == truth != archive.labels[one.rival.clip]
        query, right, rival = (
            ENGINE.embed([archive.clip(index)])[0]
            for index in (one.query, one.right.clip, one.rival.clip)
        )
        assert one.right.distance == pytest.approx(np.linalg.norm(query - right), abs=1e-3)
        assert one.rival.distance == pytest.approx(np.linalg.norm(query - rival), abs=1e-3)
        # Without a cohort the score is the distance.
        assert one.rival.score == pytest.approx(one.rival.distance)


def test_only_the_chosen_classes_take_part() -> None:
    archive = archive_of_directions(CLASSES, CLIPS)
    found = examine(ENGINE, archive, None, 0.5, Protocol(classes=[4, 1], episodes=3))
    assert found.class_names == ("action 1", "action 4")
    assert set(archive.labels[found.clips]) == {1, 4}


def test_given_references_make_one_episode_of_all_other_clips() -> None:
    archive = archive_of_directions(CLASSES, CLIPS)
    references = [22, 3, 9, 11, 29, 18]
    found = examine(ENGINE, archive, None, 0.5, Protocol(references=references))
    assert found.fixed
    assert found.accuracies.tolist() == [100]
    assert found.confusions.sum() == found.queries == len(archive) - CLASSES
    for one in found.examples:
        assert one.query not in references
        assert {one.right.clip, one.rival.clip} <= set(references)


def test_a_given_reference_that_cannot_be_embedded_is_refused() -> None:
    archive = archive_of_directions(2, 2)
    unseen = archive.positions_mm.copy()
    unseen[:2] = UNSEEN_MM
    archive = replace(archive, positions_mm=unseen)
    with pytest.raises(SkeletonDmlError, match="too little is seen in the reference '0'"):
        examine(ENGINE, archive, None, 0.5, Protocol(references=[0, 2]))


def test_classes_with_a_single_clip_have_no_open_set_figures() -> None:
    archive = archive_of_directions(CLASSES, 2)
    most_single = archive.select([0, 1, 2, 4, 6, 8, 10])
    assert examined(most_single, known=2).open_set is None


@pytest.mark.parametrize(
    ("classes", "complaint"), [([0], "at least two classes"), ([9], "there is no class 9")]
)
def test_too_few_classes_and_missing_classes_are_refused(
    classes: list[int], complaint: str
) -> None:
    archive = archive_of_directions(CLASSES, CLIPS)
    with pytest.raises(SkeletonDmlError, match=complaint):
        examine(ENGINE, archive, None, 0.5, Protocol(classes=classes))


def test_an_unknown_projection_is_refused() -> None:
    with pytest.raises(SkeletonDmlError, match="no projection 'tsne'; give pca or umap"):
        Protocol(projection="tsne")


def test_one_clip_per_class_is_too_few() -> None:
    with pytest.raises(SkeletonDmlError, match="no query is left"):
        examined(archive_of_directions(CLASSES, 1))


def test_the_roc_rises_from_none_to_all_and_has_the_auroc_as_area() -> None:
    generator = np.random.default_rng(0)
    genuine, impostor = generator.normal(-2, 1, 400), generator.normal(0, 1, 300)
    x, y = roc(genuine, impostor)
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 100, 100)
    assert (np.diff(x) >= 0).all()
    assert (np.diff(y) >= 0).all()
    found = examined(archive_of_directions(CLASSES, CLIPS)).open_set
    assert found is not None
    assert found.figures.auroc.mean == 1
