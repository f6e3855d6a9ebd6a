# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The front of this room: teach, list, forget, and match against what was taught.

Matching must not wait for teaching, nor see half of it.  So there are two sides.  The library
changes: it embeds a demonstration, writes it to the store, and takes in what other processes wrote.
A :class:`ReferenceSnapshot` does not: it is the references, their embeddings and the decision as
they were at one moment, and any number of threads may match against it.  Each change makes a new
snapshot, and :meth:`ReferenceLibrary.snapshot` hands out the latest without waiting for anything.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import Engine, ReleasedError, embed_each
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.references.exchange import export_references, import_references
from skeleton_dml_ros.references.open_set import (
    Cohort,
    OpenSetError,
    background_scores,
    fit_threshold,
    min_background_clips,
    pair_offsets,
    statistics_of,
)
from skeleton_dml_ros.references.reference import (
    Reference,
    ReferenceKind,
    ReferenceSummary,
    new_reference_id,
    validate_kind,
    validate_label,
)
from skeleton_dml_ros.references.snapshot import (
    CANDIDATES,
    Candidate,
    Match,
    ReferenceSnapshot,
)
from skeleton_dml_ros.references.store import (
    Calibration,
    DamagedStoreError,
    Index,
    IndexEntry,
    Merged,
    ReferenceNotFoundError,
    ReferenceStore,
    StoreError,
)
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

__all__ = ["Candidate", "Match", "ReferenceLibrary", "ReferenceSnapshot"]

logger = logging.getLogger(__name__)

EMBEDDED_AT_ONCE = 16
"""Recordings in memory while many are embedded again."""


class ReferenceLibrary:
    """What the robot has been taught, under the model it runs.

    Safe to use from several threads.  Changes take turns; :meth:`snapshot` never waits.  The library
    does not close the store.

    References that another model has embedded, or another process has added, are embedded from
    their recordings, and the log says so.  One that this model cannot embed stays in the store,
    is named in a warning and is not matched.

    Args:
        store: where the references are kept.
        engine: embeds.
        cohort: (members, dimension) float32 unit vectors that the model brings; None if it brings
            none, and then scores are plain distances.
        threshold: highest score of a known action, as the model brings it.
        candidates: how many candidates a match names at most.
        pair_offset: added to the scores of what two people do together, as the model brings it.

    Raises:
        OpenSetError: the cohort is none, or of another model.
        StoreError: the store cannot be read.
    """

    def __init__(
        self,
        store: ReferenceStore,
        engine: Engine,
        cohort: NDArray[np.float32] | None,
        threshold: float,
        candidates: int = CANDIDATES,
        pair_offset: float = 0.0,
    ) -> None:
        if candidates < 1:
            raise OpenSetError(f"candidates is {candidates}; give at least 1")
        if cohort is not None and np.shape(cohort)[-1] != engine.dimension:
            raise OpenSetError(
                f"a cohort of shape {np.shape(cohort)} does not fit embeddings of dimension "
                f"{engine.dimension}; give the cohort of the engine's model"
            )
        self._store = store
        self._engine = engine
        self._key = str(engine.key)
        self._model_cohort = None if cohort is None else Cohort(cohort)
        self._model_threshold = float(threshold)
        self._candidates = candidates
        self._pair_offset = float(pair_offset)
        self._changing = threading.RLock()
        self._calibration: Calibration | None = None
        self._cohort = self._model_cohort
        self._statistics: dict[str, tuple[NDArray[np.float32], float]] = {}
        self._not_embeddable: set[str] = set()
        self._unmatched = 0
        self._warned: set[str] = set()
        self._outdated = True
        self._override_threshold: float | None = None
        with self._changing:
            self._store.changed()
            self._warn_of_other_calibration()
            # With the threshold that was fitted.
            self._fitted = self._read()

    @classmethod
    def for_model(cls, store: ReferenceStore, engine: Engine, model: Model) -> ReferenceLibrary:
        """The library that decides as a model's card says.

        Args:
            store: where the references are kept.
            engine: embeds with the model.
            model: brings the cohort, the threshold and the offset of pairs.

        Raises:
            StoreError: the store cannot be read.
        """
        return cls(store, engine, model.cohort, model.threshold, pair_offset=model.pair_offset)

    @property
    def path(self) -> Path:
        """The store's file."""
        return self._store.path

    @property
    def engine(self) -> Engine:
        """What embeds."""
        return self._engine

    @property
    def key(self) -> str:
        """Under which key this model's embeddings are kept."""
        return self._key

    @property
    def version(self) -> int:
        """The version of the references in force; it grows with each change."""
        return self._fitted.version

    @property
    def threshold(self) -> float:
        """Highest score of a known action: the one that was set, else the one that was fitted.

        Fitted is the robot's own where it was calibrated, else the model's.
        """
        return self.snapshot().threshold

    @property
    def override_threshold(self) -> float | None:
        """A threshold in place of the fitted one; None for none.

        It may be set at any time, counts from the next clip on, and is kept nowhere.

        Raises:
            OpenSetError: on setting, what is no finite number.
        """
        return self._override_threshold

    @override_threshold.setter
    def override_threshold(self, threshold: float | None) -> None:
        if threshold is not None:
            number: object = threshold
            if (
                isinstance(number, bool)
                or not isinstance(number, (int, float))
                or not math.isfinite(number)
            ):
                raise OpenSetError(f"threshold is {threshold!r}; give a finite number, or none")
            threshold = float(threshold)
        self._override_threshold = threshold

    @property
    def unmatched(self) -> int:
        """How many references of the store are not matched: this model could not embed them."""
        return self._unmatched

    @property
    def calibration(self) -> Calibration | None:
        """What this robot learned from its background under this model, if it did."""
        return self._calibration

    def snapshot(self) -> ReferenceSnapshot:
        """The references in force at this moment."""
        fitted, threshold = self._fitted, self._override_threshold
        return fitted if threshold is None else fitted.with_threshold(threshold)

    def refresh(self) -> bool:
        """Take in what other processes have changed; takes microseconds where nothing has.

        A store that cannot be read just now (locked, a failing disk) is a warning in the log; the
        references read last stay in force, and the next call tries again.

        Returns:
            Whether there is a new snapshot.
        """
        with self._changing:
            try:
                changed = self._store.changed() or self._store.version != self.version
            except StoreError as error:
                self._warn_once(f"references stay as they were read last: {error}")
                return False
            if changed:
                self._not_embeddable.clear()
            elif not self._outdated:
                return False
            return self._renew()

    def enroll(
        self,
        sequence: SkeletonSequence,
        label: str,
        kind: ReferenceKind | str = ReferenceKind.ACTION,
        source: str = "",
        created_ns: int | None = None,
    ) -> Reference:
        """Teach an action by one demonstration.

        It is embedded first, so a recording that this model cannot embed is not stored; then it is
        written with its embedding, and when this returns it survives a power cut.

        Args:
            sequence: the recording as it arrived, trimmed to the action.
            label: the action's name; one that exists already gets another reference.
            kind: an action, or a movement to ignore.
            source: where the recording came from.
            created_ns: when it was taught, nanoseconds since the epoch; None for now.

        Raises:
            SkeletonDmlError: in the recording too little was seen, the label is none, or the store
                cannot be written.  Nothing was stored.
        """
        reference = Reference(
            reference_id=new_reference_id(),
            label=label,
            kind=validate_kind(kind),
            created_ns=time.time_ns() if created_ns is None else created_ns,
            sequence=sequence,
            source=source,
            visibility=sequence.visibility,
        )
        vector = self._engine.embed([sequence])[0]
        with self._changing:
            self._store.add(reference, {self._key: vector})
            self._renew()
        return reference

    def summaries(self) -> list[ReferenceSummary]:
        """All references in the order of teaching, without their recordings."""
        return self._store.summaries()

    def remove(
        self, reference_id: str | None = None, label: str | None = None
    ) -> list[ReferenceSummary]:
        """Forget the reference of an id, or all of a label; returns what was forgotten.

        Raises:
            ReferenceNotFoundError: there is no such reference.
            StoreError: the store cannot be written; nothing has changed.
        """
        with self._changing:
            removed = self._store.remove(reference_id=reference_id, label=label)
            self._renew()
        return removed

    def rename(
        self, *, new_label: str, reference_id: str | None = None, label: str | None = None
    ) -> list[ReferenceSummary]:
        """Give the reference of an id, or all of a label, another label; returns them renamed.

        Raises:
            ReferenceNotFoundError: there is no such reference.
            InvalidReferenceError: the new label is none.
            StoreError: the store cannot be written; nothing has changed.
        """
        with self._changing:
            renamed = self._store.rename(
                new_label=new_label, reference_id=reference_id, label=label
            )
            self._renew()
        return renamed

    def export(self, labels: Sequence[str] | None = None) -> bytes:
        """References as one blob that another robot can take.

        Args:
            labels: which ones; None for all.

        Raises:
            ReferenceNotFoundError: no reference has one of the labels.
        """
        references = self._store.list()
        if labels is not None:
            wanted = {validate_label(label) for label in labels}
            missing = sorted(wanted - {reference.label for reference in references})
            if missing:
                raise ReferenceNotFoundError(f"no reference has the label {missing[0]!r}")
            references = [one for one in references if one.label in wanted]
        return export_references(references)

    def import_(self, content: bytes, replace: bool = False) -> Merged:
        """Take over another robot's references; all of the blob is checked before any is written.

        Args:
            content: what :meth:`export` gave.
            replace: forget all references that are here, in the same transaction.

        Raises:
            ExchangeError: the content is no export, damaged, or of a newer version; nothing has
                changed.
            StoreError: the store cannot be written; nothing has changed.
        """
        references = import_references(content)
        with self._changing:
            merged = self._store.merge(references, replace_all=replace)
            self._not_embeddable.clear()
            self._renew()
        return merged

    def calibrate(
        self, background: Sequence[SkeletonSequence], false_accept_rate: float
    ) -> Calibration:
        """Fit the threshold to what this robot sees when nobody does a taught action.

        The background's embeddings join the cohort, and the threshold becomes the largest at which
        at most the stated share of background clips is taken for an enrolled reference.  Both are
        stored for this model; another model goes back to its own until it is calibrated too.

        Args:
            background: clips in which no taught action occurs, as the robot cuts them.
            false_accept_rate: the share, between 0 and 1.

        Raises:
            OpenSetError: nothing was taught yet, the rate is not between 0 and 1, or too few clips
                could be embedded to tell it.
            ReleasedError: the engine was released; nothing has changed.
            StoreError: the store cannot be written; nothing has changed.
        """
        fewest = min_background_clips(false_accept_rate)
        vectors, bodies = [], []
        for begin in range(0, len(background), EMBEDDED_AT_ONCE):
            clips = background[begin : begin + EMBEDDED_AT_ONCE]
            for clip, vector in zip(clips, embed_each(self._engine, clips), strict=True):
                if vector is not None:
                    vectors.append(vector)
                    bodies.append(clip.bodies)
        if len(vectors) < fewest:
            raise OpenSetError(
                f"{len(vectors)} of {len(background)} background clips could be embedded; a "
                f"false-accept rate of {false_accept_rate:g} needs at least {fewest}: record for "
                "longer or ask for a higher rate"
            )
        embeddings = np.stack(vectors)
        with self._changing:
            self.refresh()
            enrolled = self._fitted.vectors
            if not len(enrolled):
                raise OpenSetError(
                    "no reference is enrolled, so nothing can be mistaken for one; teach an action "
                    "first, then calibrate"
                )
            offsets = pair_offsets(bodies, self._pair_offset)
            scores = background_scores(embeddings, enrolled, self._model_cohort, offsets)
            fitted = fit_threshold(scores, false_accept_rate)
            calibration = Calibration(
                key=self._key,
                threshold=fitted.threshold,
                false_accept_rate=false_accept_rate,
                measured_rate=fitted.measured_rate,
                reference_count=len(enrolled),
                created_ns=time.time_ns(),
                embeddings=embeddings,
            )
            self._store.set_calibration(calibration)
            self._renew()
        return calibration

    def _renew(self) -> bool:
        """Make the snapshot of what the store holds now; whether that was possible.

        What was written is written: an error on reading it back must not make it look as if not.
        """
        self._outdated = True
        try:
            self._fitted = self._read()
        except StoreError as error:
            self._warn_once(f"references stay as they were read last: {error}")
            return False
        except ReleasedError as error:
            logger.info("references stay as they were read last: %s", error)
            return False
        return True

    def _read(self) -> ReferenceSnapshot:
        """The store's references and decision as they are now, what lacks an embedding embedded.

        The decision is the fitted one.
        """
        index = self._store.index(self._key)
        self._take_calibration(index.calibration)
        embeddings = {**index.embeddings, **self._embed_missing(index)}
        entries = [entry for entry in index.entries if entry.reference_id in embeddings]
        vectors = np.zeros((len(entries), self._engine.dimension), dtype=np.float32)
        for row, entry in enumerate(entries):
            vectors[row] = embeddings[entry.reference_id]
        snapshot = ReferenceSnapshot(
            index.version,
            entries,
            vectors,
            self._statistics_of(entries, vectors),
            self._cohort,
            self._calibration.threshold if self._calibration else self._model_threshold,
            self._candidates,
            self._pair_offset,
        )
        self._unmatched = len(index.entries) - len(entries)
        self._outdated = False
        self._warned.clear()
        return snapshot

    def _take_calibration(self, calibration: Calibration | None) -> None:
        """Make a calibration the one in force, and its background part of the cohort."""
        before, self._calibration = self._calibration, calibration
        if calibration is None:
            if before is None:
                return
            self._cohort = self._model_cohort
        elif before is not None and calibration.created_ns == before.created_ns:
            return
        elif self._model_cohort is None:
            self._cohort = Cohort(calibration.embeddings)
        else:
            self._cohort = self._model_cohort.joined(calibration.embeddings)
        self._statistics.clear()

    def _statistics_of(
        self, entries: Sequence[IndexEntry], vectors: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """How far impostors are from each reference, computed once for each embedding."""
        known = self._statistics
        fresh = [
            row
            for row, entry in enumerate(entries)
            if entry.reference_id not in known
            or not np.array_equal(known[entry.reference_id][0], vectors[row])
        ]
        computed = statistics_of(self._cohort, vectors[fresh])
        for row, mean in zip(fresh, computed.tolist(), strict=True):
            known[entries[row].reference_id] = (vectors[row].copy(), mean)
        self._statistics = {entry.reference_id: known[entry.reference_id] for entry in entries}
        return np.array([mean for _, mean in self._statistics.values()], dtype=np.float64)

    def _embed_missing(self, index: Index) -> dict[str, NDArray[np.float32]]:
        """Embeddings by id of the references that this model has not embedded yet."""
        missing = [
            entry
            for entry in index.entries
            if entry.reference_id not in index.embeddings
            and entry.reference_id not in self._not_embeddable
        ]
        if not missing:
            return {}
        others = sum(entry.embedded_otherwise for entry in missing)
        if others:
            logger.warning(
                "%s: %d of %d references were embedded by another model; embedding them again "
                "from their recordings",
                self.path,
                others,
                len(index.entries),
            )
        if len(missing) > others:
            logger.info("%s: embedding %d new references", self.path, len(missing) - others)
        embeddings: dict[str, NDArray[np.float32]] = {}
        for begin in range(0, len(missing), EMBEDDED_AT_ONCE):
            batch = missing[begin : begin + EMBEDDED_AT_ONCE]
            recordings = self._recordings(batch)
            vectors = embed_each(self._engine, [sequence for _, sequence in recordings])
            for (entry, _), vector in zip(recordings, vectors, strict=True):
                if vector is None:
                    self._not_embeddable.add(entry.reference_id)
                    logger.warning(
                        "%s: reference %s (%s) cannot be embedded by this model and is not "
                        "matched; teach it again",
                        self.path,
                        entry.reference_id,
                        entry.label,
                    )
                else:
                    embeddings[entry.reference_id] = vector
        try:
            self._store.set_embeddings(self._key, embeddings)
        except StoreError as error:
            # They serve all the same, and are computed again at the next start.
            logger.warning("embeddings could not be kept: %s", error)
        return embeddings

    def _recordings(
        self, entries: Sequence[IndexEntry]
    ) -> Sequence[tuple[IndexEntry, SkeletonSequence]]:
        """The references' recordings, without those that are damaged or were removed meanwhile."""
        recordings = []
        for entry in entries:
            with suppress(ReferenceNotFoundError):
                try:
                    recordings.append((entry, self._store.get(entry.reference_id).sequence))
                except DamagedStoreError as error:
                    self._not_embeddable.add(entry.reference_id)
                    logger.warning(
                        "%s (%s) is not matched: %s", entry.reference_id, entry.label, error
                    )
        return recordings

    def _warn_of_other_calibration(self) -> None:
        keys = self._store.calibration_keys()
        if keys and self._key not in keys:
            logger.warning(
                "%s was calibrated under another model; the model's own threshold %.3f is used "
                "until the robot is calibrated again",
                self.path,
                self._model_threshold,
            )

    def _warn_once(self, message: str) -> None:
        """Say it in the log once, until the store could be read again."""
        if message not in self._warned:
            self._warned.add(message)
            logger.warning("%s", message)
