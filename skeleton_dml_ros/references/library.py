# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Enroll, list, rename and remove references, and provide snapshots to match against.

Each change (enrolling, or a change by another process) makes a new, immutable
:class:`ReferenceSnapshot`.  Any number of threads may match against a snapshot, so matching never
waits for enrolling.
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
"""Recordings that are in memory at once when references are embedded again."""


class ReferenceLibrary:
    """The references of a store with their embeddings by one engine.

    Thread-safe: changes are serialised, and :meth:`snapshot` never waits.  The caller closes the
    store.

    References without an embedding by this engine are embedded from their recordings.  A reference
    that cannot be embedded stays in the store and is not matched; the log has a warning.

    Args:
        store: holds the references.
        engine: embeds recordings.
        cohort: the model's, (members, dimension) float32 unit vectors; None to use distances as
            scores.
        threshold: the model's, highest score of a known action.
        candidates: maximum number of candidates in a match.
        pair_offset: the model's, added to the scores of clips of two people.

    Raises:
        OpenSetError: the cohort is not valid or does not fit the engine.
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
            self._fitted = self._read()

    @classmethod
    def for_model(cls, store: ReferenceStore, engine: Engine, model: Model) -> ReferenceLibrary:
        """A library with the cohort, threshold and pair offset of a model.

        Args:
            store: holds the references.
            engine: embeds with the model.
            model: has the cohort, the threshold and the pair offset.

        Raises:
            StoreError: the store cannot be read.
        """
        return cls(
            store, engine, model.cohort, model.score_threshold, pair_offset=model.pair_offset
        )

    @property
    def path(self) -> Path:
        """The store's file."""
        return self._store.path

    @property
    def engine(self) -> Engine:
        """Embeds recordings and clips."""
        return self._engine

    @property
    def key(self) -> str:
        """The key of this engine's embeddings in the store."""
        return self._key

    @property
    def version(self) -> int:
        """Number of changes of the references up to the current snapshot."""
        return self._fitted.version

    @property
    def threshold(self) -> float:
        """Highest score of a known action.

        The override if set, else the robot's calibrated threshold if there is one, else the
        model's.
        """
        return self.snapshot().threshold

    @property
    def override_threshold(self) -> float | None:
        """A threshold in place of the fitted one, or None; applies from the next clip on.

        It is not stored.

        Raises:
            OpenSetError: on setting a value that is not a finite number.
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
                raise OpenSetError(f"threshold is {threshold!r}; give a finite number or None")
            threshold = float(threshold)
        self._override_threshold = threshold

    @property
    def unmatched(self) -> int:
        """Number of references that are not matched, since this model cannot embed them."""
        return self._unmatched

    @property
    def calibration(self) -> Calibration | None:
        """This robot's calibration for this engine, or None."""
        return self._calibration

    def snapshot(self) -> ReferenceSnapshot:
        """The current references."""
        fitted, threshold = self._fitted, self._override_threshold
        return fitted if threshold is None else fitted.with_threshold(threshold)

    def refresh(self) -> bool:
        """Load changes by other processes; takes microseconds if there are none.

        If the store cannot be read (locked, failing disk), the log has a warning, the current
        references stay in use, and the next call tries again.

        Returns:
            Whether there is a new snapshot.
        """
        with self._changing:
            try:
                changed = self._store.changed() or self._store.version != self.version
            except StoreError as error:
                self._warn_once(f"the references read last stay in use: {error}")
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
        """Embed a recording and store it as a reference, durably.

        Args:
            sequence: the recording, trimmed to the action, not normalised.
            label: the action's name; several references may share it.
            kind: an action, or a movement to ignore.
            source: where the recording came from.
            created_ns: nanoseconds since the epoch; None for now.

        Raises:
            SkeletonDmlError: the recording cannot be embedded, the label is not valid, or the
                store cannot be written.  Nothing is stored.
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
        """All references without their recordings, oldest first."""
        return self._store.summaries()

    def remove(
        self, reference_id: str | None = None, label: str | None = None
    ) -> list[ReferenceSummary]:
        """Remove the reference with an id, or all references with a label; returns them.

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
        """Rename the reference with an id, or all references with a label; returns them renamed.

        Raises:
            ReferenceNotFoundError: there is no such reference.
            InvalidReferenceError: the new label is not valid.
            StoreError: the store cannot be written; nothing has changed.
        """
        with self._changing:
            renamed = self._store.rename(
                new_label=new_label, reference_id=reference_id, label=label
            )
            self._renew()
        return renamed

    def export(self, labels: Sequence[str] | None = None) -> bytes:
        """Export references as bytes that another robot can import.

        Args:
            labels: of the references; None for all.

        Raises:
            ReferenceNotFoundError: a label has no reference.
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
        """Import another robot's references, in one transaction.

        Args:
            content: the bytes of :meth:`export`.
            replace: remove all existing references first.

        Raises:
            ExchangeError: the content is not an export, is damaged, or has a newer version;
                nothing has changed.
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
        """Fit the threshold to background clips, in which no enrolled action occurs.

        The background joins the cohort.  The threshold becomes the largest one at which at most
        the given share of the background clips is accepted.  Both are stored for this engine's
        key.

        Args:
            background: clips segmented by this robot.
            false_accept_rate: the share, between 0 and 1.

        Raises:
            OpenSetError: nothing is enrolled, the rate is not between 0 and 1, or too few clips
                could be embedded for this rate.
            ReleasedError: the engine was released; nothing has changed.
            StoreError: the store cannot be written; nothing has changed.
        """
        min_clips = min_background_clips(false_accept_rate)
        vectors, bodies = [], []
        for begin in range(0, len(background), EMBEDDED_AT_ONCE):
            clips = background[begin : begin + EMBEDDED_AT_ONCE]
            for clip, vector in zip(clips, embed_each(self._engine, clips), strict=True):
                if vector is not None:
                    vectors.append(vector)
                    bodies.append(clip.bodies)
        if len(vectors) < min_clips:
            raise OpenSetError(
                f"{len(vectors)} of {len(background)} background clips could be embedded, but a "
                f"false-accept rate of {false_accept_rate:g} needs at least {min_clips}; record for "
                "longer or give a higher rate"
            )
        embeddings = np.stack(vectors)
        with self._changing:
            self.refresh()
            enrolled = self._fitted.vectors
            if not len(enrolled):
                raise OpenSetError(
                    "nothing is enrolled, so no background clip can be accepted; teach an action "
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
        """Make a new snapshot from the store; returns whether it succeeded.

        Errors are only logged: the change before it has been written and must not seem to fail.
        """
        self._outdated = True
        try:
            self._fitted = self._read()
        except StoreError as error:
            self._warn_once(f"the references read last stay in use: {error}")
            return False
        except ReleasedError as error:
            logger.info("the references read last stay in use: %s", error)
            return False
        return True

    def _read(self) -> ReferenceSnapshot:
        """Read the store, and embed references that lack an embedding."""
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
        """Use a calibration, with its background as part of the cohort."""
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
        """Cohort statistics of each reference, cached by embedding."""
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
        """Embed the references that lack an embedding; returns these by id."""
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
                "%s: %d of %d references were embedded by another model or engine; embedding them "
                "again from their recordings",
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
                        "%s: this model cannot embed reference %s (%s), so it is not matched; "
                        "teach it again",
                        self.path,
                        entry.reference_id,
                        entry.label,
                    )
                else:
                    embeddings[entry.reference_id] = vector
        try:
            self._store.set_embeddings(self._key, embeddings)
        except StoreError as error:
            # The next start computes them again.
            logger.warning("embeddings could not be stored: %s", error)
        return embeddings

    def _recordings(
        self, entries: Sequence[IndexEntry]
    ) -> Sequence[tuple[IndexEntry, SkeletonSequence]]:
        """The references' recordings, except for damaged and removed ones."""
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
                "%s was calibrated with another model or engine; the model's threshold %.3f applies "
                "until the robot is calibrated again",
                self.path,
                self._model_threshold,
            )

    def _warn_once(self, message: str) -> None:
        """Log a warning once until the store can be read again."""
        if message not in self._warned:
            self._warned.add(message)
            logger.warning("%s", message)
