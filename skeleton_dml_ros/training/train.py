# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Train a model, or fit a trained model's last layer, cohort, threshold and decision again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from skeleton_dml_ros.embedding.model import CARD, Model, copy_model, load_model, save_model
from skeleton_dml_ros.embedding.network import network_of, side_by_side
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.representations.views import views_together
from skeleton_dml_ros.training.configuration import Configuration, read_configuration
from skeleton_dml_ros.training.decision import check_sets, fit_matchers
from skeleton_dml_ros.training.distributed import joined_workers, training_device
from skeleton_dml_ros.training.loop import Progress, refit_network, train_network
from skeleton_dml_ros.training.threshold import check_rehearsal, describe_run, difference


def train(
    configuration: Configuration | str | Path,
    out: str | Path,
    *,
    data_folder: str | Path | None = None,
    seed: int | None = None,
    resume: bool = False,
    device: str = "auto",
    cache: str | Path | None = None,
    rehearsal: str | Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Model:
    """Train a model and write its folder: card, weights, cohort and threshold.

    Under torchrun all processes call this alike and return the same model; only the first writes
    files and reports.

    Args:
        configuration: what to train on and how, or the path of its YAML file.
        out: folder of the model, its checkpoint, record and TensorBoard scalars; created.
        data_folder: folder of the archives, in place of the configuration's.
        seed: in place of the configuration's.
        resume: continue from the checkpoint in ``out``.
        device: ``cpu``, ``cuda`` or ``auto``.
        cache: folder that keeps normalised clips for later runs. By default they stay in memory,
            or in ``out`` if they are large or several processes train.
        rehearsal: folder of a model whose threshold the new one takes. It has the same recipe, but
            validation classes; the configuration has none.
        report: called after each epoch.

    Raises:
        SkeletonDmlError: the configuration, data, checkpoint, rehearsal or device cannot be used,
            or ``out`` holds a model and ``resume`` is false.
    """
    settings = _settings(configuration, data_folder)
    if seed is not None:
        settings = replace(settings, seed=seed)
    rehearsed = None if rehearsal is None else load_model(rehearsal).card
    if rehearsed is not None:
        check_rehearsal(rehearsed, settings)
    check_sets(settings)
    out = Path(out)
    if not resume:
        _check_free(out, "give another --out, or --resume")
    with joined_workers(training_device(device)) as workers:
        run = train_network(settings, out, resume=resume, device=device, cache=cache, report=report)
        if workers.first:
            card, cohort = describe_run(run, settings, rehearsed)
            save_model(out, card, run.network, cohort)
        workers.wait()
    return load_model(out)


def refit(
    model: str | Path,
    configuration: Configuration | str | Path,
    out: str | Path,
    *,
    beside: Sequence[str | Path] = (),
    data_folder: str | Path | None = None,
    decision_only: bool = False,
) -> Model:
    """Fit a trained model's last layer, cohort, threshold and decision again, without training.

    Args:
        model: folder of the trained model, which does not change.
        configuration: that of the training, with another ``whitening``, ``open_set``,
            ``validation`` or ``decision``; or the path of its YAML file. With ``whitening`` 0 the
            last layer stays.
        out: folder of the new model; created.
        beside: folders of further trained models, whose views are appended to those of the first.
        data_folder: folder of the archives, in place of the configuration's.
        decision_only: fit only the matchers' decisions; weights, cohort and exported graphs stay.

    Raises:
        SkeletonDmlError: the configuration does not fit the model, its data cannot be used, or
            ``out`` holds a model.
    """
    settings = _settings(configuration, data_folder)
    models = [load_model(folder) for folder in (model, *beside)]
    card, network = models[0].card, network_of(models[0])
    if beside:
        if decision_only:
            raise SkeletonDmlError("decision_only keeps the network; leave out beside")
        network = side_by_side([network_of(one) for one in models])
        views = views_together([one.representation for one in models])
        card = replace(card, architecture=network.architecture, representation=views)
    differs = difference(card, settings)
    if differs is not None:
        raise SkeletonDmlError(
            f"{model} has another {differs}; give the configuration that it was trained with"
        )
    _check_free(Path(out), "give another --out")
    if decision_only:
        matchers, fitted_to = fit_matchers(network, settings)
        card = replace(
            card,
            decision=replace(card.decision, matchers=matchers),
            figures={**card.figures, "decision_fitted_to": fitted_to},
        )
        copy_model(models[0], out, card)
        return load_model(out)
    run = refit_network(settings, network)
    card, cohort = describe_run(run, settings)
    save_model(out, card, run.network, cohort)
    return load_model(out)


def _settings(
    configuration: Configuration | str | Path, data_folder: str | Path | None
) -> Configuration:
    if not isinstance(configuration, Configuration):
        return read_configuration(configuration, data_folder)
    if data_folder is None:
        return configuration
    return replace(configuration, data_folder=str(data_folder))


def _check_free(out: Path, remedy: str) -> None:
    if (out / CARD).exists():
        raise SkeletonDmlError(f"{out} already holds a model; {remedy}")
