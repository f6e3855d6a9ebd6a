# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Enroll, list, rename and remove references, and provide snapshots to match against.

Each change (enrolling, or a change by another process) makes a new, immutable
:class:`ReferenceSnapshot`.  Any number of threads may match against a snapshot, so matching never
waits for enrolling.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skeleton_dml_ros.embedding.engine import Engine, ReleasedError, embed_each
from skeleton_dml_ros.embedding.model import Model
from skeleton_dml_ros.errors import SkeletonDmlError
from skeleton_dml_ros.references.alignment import FEATURES_KEY, clip_features
from skeleton_dml_ros.references.exchange import export_references, import_references
from skeleton_dml_ros.references.fusion import (
    DEFAULT_DECISIONS,
    Decision,
    FusionError,
    Matcher,
    decision_of,
)
from skeleton_dml_ros.references.open_set import (
    OpenSetError,
    fit_threshold,
    min_background_clips,
)
from skeleton_dml_ros.references.reference import (
    Reference,
    ReferenceKind,
    ReferenceSummary,
    new_reference_id,
    printable_source,
    validate_kind,
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

__all__ = ["Candidate", "Enrolled", "Match", "ReferenceLibrary", "ReferenceSnapshot"]

logger = logging.getLogger(__name__)

EMBEDDED_AT_ONCE = 16
"""Recordings that are in memory at once when references are embedded again."""


@dataclass(frozen=True, eq=False)
class Enrolled(Reference):
    """A new reference.

    Attributes:
        warning: whom it resembles, or that it is unlike the earlier references of its label; may
            be empty.
    """

    warning: str = ""


class ReferenceLibrary:
    """The references of a store with their embeddings by one engine.

    Thread-safe: changes are serialised, and :meth:`snapshot` never waits.  The caller closes the
    store.

    The store keeps for each reference its embedding, that of its mirror image, and its alignment
    features; what is missing is computed from the recording.  A reference that cannot be embedded
    stays in the store and is not matched; the log has a warning.

    Args:
        store: holds the references.
        engine: embeds recordings.
        decision: weights of the score and coefficients of the confidence.
        threshold: the model's, minimum confidence of a known action.
        candidates: maximum number of candidates in a match.

    Raises:
        OpenSetError: the number of candidates is not valid.
        StoreError: the store cannot be read.
    """

    def __init__(
        self,
        store: ReferenceStore,
        engine: Engine,
        decision: Decision = DEFAULT_DECISIONS[Matcher.FUSED],
        threshold: float = 0.5,
        candidates: int = CANDIDATES,
    ) -> None:
        if candidates < 1:
            raise OpenSetError(f"candidates is {candidates}; give at least 1")
        self._store = store
        self._engine = engine
        self._key = str(engine.key)
        self._mirrored_key = f"{self._key}/mirrored"
        self._keys = (self._key, self._mirrored_key, FEATURES_KEY)
        self._decision = decision
        self._model_threshold = float(threshold)
        self._candidates = candidates
        self._changing = threading.RLock()
        self._calibration: Calibration | None = None
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
    def for_model(
        cls,
        store: ReferenceStore,
        engine: Engine,
        model: Model,
        matcher: Matcher | str = Matcher.FUSED,
        match_mirrored: bool = True,
    ) -> ReferenceLibrary:
        """A library with the decision and threshold of a model.

        Args:
            store: holds the references.
            engine: embeds with the model.
            model: its card brings the decision and the threshold.
            matcher: ``"fused"``, ``"embedding"`` or ``"alignment"``.
            match_mirrored: whether a reference also stands for its mirror image.

        Raises:
            FusionError: there is no such matcher, or the card's decision is not valid.
            StoreError: the store cannot be read.
        """
        try:
            matcher = Matcher(matcher)
        except ValueError:
            names = ", ".join(one.value for one in Matcher)
            raise FusionError(f"matcher is {matcher!r}; choose from {names}") from None
        return cls(store, engine, decision_of(model, matcher, match_mirrored), model.threshold)

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
    def decision(self) -> Decision:
        """Weights of the score and coefficients of the confidence."""
        return self._decision

    @property
    def calibration_key(self) -> str:
        """The key of the calibration for this engine and matcher."""
        return f"{self._key}/confidence/{self._decision.matcher.value}"

    @property
    def version(self) -> int:
        """Number of changes of the references up to the current snapshot."""
        return self._fitted.version

    @property
    def threshold(self) -> float:
        """Minimum confidence of a known action.

        The override if set, else the robot's calibrated threshold if there is one, else the
        model's.
        """
        return self.snapshot().threshold

    @property
    def override_threshold(self) -> float | None:
        """A threshold in place of the fitted one, or None; applies from the next clip on.

        It is not stored.

        Raises:
            OpenSetError: on setting a value that is not a number between 0 and 1.
        """
        return self._override_threshold

    @override_threshold.setter
    def override_threshold(self, threshold: float | None) -> None:
        if threshold is not None:
            number: object = threshold
            if (
                isinstance(number, bool)
                or not isinstance(number, (int, float))
                or not 0 <= number <= 1
            ):
                raise OpenSetError(
                    f"threshold is {threshold!r}; give a confidence between 0 and 1, or None"
                )
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
    ) -> Enrolled:
        """Embed a recording and store it as a reference, durably.

        A warning is logged and returned if the reference resembles another label, or is unlike the
        earlier references of its own label.

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
        reference = Enrolled(
            reference_id=new_reference_id(),
            label=label,
            kind=validate_kind(kind),
            created_ns=time.time_ns() if created_ns is None else created_ns,
            sequence=sequence,
            source=printable_source(source),
            visibility=sequence.visibility,
        )
        images = self._images(sequence)
        embeddings = dict(zip(images, self._engine.embed(list(images.values())), strict=True))
        features = clip_features(sequence)
        with self._changing:
            self._store.add(reference, {**embeddings, FEATURES_KEY: features})
            found = self._fitted.resemblance(
                reference.label, embeddings[self._key], features, sequence.bodies
            )
            self._renew()
        if found.warning:
            logger.warning("new reference %r %s", reference.label, found.warning)
        return replace(reference, warning=found.warning)

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
        return export_references(self._store.list(labels))

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

        The threshold becomes the lowest confidence at which at most the given share of the
        background clips is accepted.  It is stored for this engine and matcher.

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
        clips, vectors = [], []
        for begin in range(0, len(background), EMBEDDED_AT_ONCE):
            batch = background[begin : begin + EMBEDDED_AT_ONCE]
            for clip, vector in zip(batch, embed_each(self._engine, batch), strict=True):
                if vector is not None:
                    clips.append(clip)
                    vectors.append(vector)
        if len(vectors) < min_clips:
            raise OpenSetError(
                f"{len(vectors)} of {len(background)} background clips could be embedded, but a "
                f"false-accept rate of {false_accept_rate:g} needs at least {min_clips}; record for "
                "longer or give a higher rate"
            )
        with self._changing:
            self.refresh()
            references = self._fitted
            if references.empty:
                raise OpenSetError(
                    "nothing is enrolled, so no background clip can be accepted; teach an action "
                    "first, then calibrate"
                )
            confidences = [
                references.match(vector[None], [clip_features(clip)], clip.bodies)[0].confidence
                for clip, vector in zip(clips, vectors, strict=True)
            ]
            fitted = fit_threshold(np.negative(confidences), false_accept_rate)
            calibration = Calibration(
                key=self.calibration_key,
                threshold=min(-fitted.threshold, 1.0),
                false_accept_rate=false_accept_rate,
                measured_rate=fitted.measured_rate,
                reference_count=len(references),
                created_ns=time.time_ns(),
                clips=len(clips),
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
        index = self._store.index(self._keys, self.calibration_key)
        self._calibration = index.calibration
        self._complete(index)
        vectors, mirrored, features = (index.embeddings[key] for key in self._keys)
        entries = [
            entry
            for entry in index.entries
            if all(entry.reference_id in index.embeddings[key] for key in self._keys)
        ]
        snapshot = ReferenceSnapshot(
            index.version,
            entries,
            self._stacked(vectors, entries),
            self._stacked(mirrored, entries),
            [features[entry.reference_id] for entry in entries],
            self._decision,
            self._calibration.threshold if self._calibration else self._model_threshold,
            self._candidates,
        )
        self._unmatched = len(index.entries) - len(entries)
        self._outdated = False
        self._warned.clear()
        return snapshot

    def _stacked(
        self, vectors: Mapping[str, NDArray[np.float32]], entries: Sequence[IndexEntry]
    ) -> NDArray[np.float32]:
        stacked = np.zeros((len(entries), self._engine.dimension), dtype=np.float32)
        for row, entry in enumerate(entries):
            stacked[row] = vectors[entry.reference_id]
        return stacked

    def _complete(self, index: Index) -> None:
        """Compute the embeddings and features that references lack; adds them to index and store."""
        known = index.embeddings
        missing = [
            entry
            for entry in index.entries
            if any(entry.reference_id not in known[key] for key in self._keys)
            and entry.reference_id not in self._not_embeddable
        ]
        if not missing:
            return
        fresh = [entry for entry in missing if entry.reference_id not in known[self._key]]
        others = sum(entry.embedded_otherwise for entry in fresh)
        if others:
            logger.warning(
                "%s: %d of %d references were embedded by another model or engine; embedding them "
                "again from their recordings",
                self.path,
                others,
                len(index.entries),
            )
        if len(fresh) > others:
            logger.info("%s: embedding %d new references", self.path, len(fresh) - others)
        if len(missing) > len(fresh):
            logger.info(
                "%s: preparing %d references for alignment",
                self.path,
                len(missing) - len(fresh),
            )
        computed: dict[str, dict[str, NDArray[np.float32]]] = {key: {} for key in self._keys}
        for begin in range(0, len(missing), EMBEDDED_AT_ONCE):
            recordings = self._recordings(missing[begin : begin + EMBEDDED_AT_ONCE])
            wanted = [
                (entry, key, image)
                for entry, sequence in recordings
                for key, image in self._images(sequence).items()
                if entry.reference_id not in known[key]
            ]
            vectors = embed_each(self._engine, [image for _, _, image in wanted])
            for (entry, key, _), vector in zip(wanted, vectors, strict=True):
                if vector is None:
                    self._cannot_embed(entry)
                else:
                    computed[key][entry.reference_id] = vector
            for entry, sequence in recordings:
                if entry.reference_id not in known[FEATURES_KEY]:
                    try:
                        computed[FEATURES_KEY][entry.reference_id] = clip_features(sequence)
                    except SkeletonDmlError:
                        self._cannot_embed(entry)
        for key in self._keys:
            known[key].update(computed[key])
        try:
            self._store.set_embeddings(computed)
        except StoreError as error:
            # The next start computes them again.
            logger.warning("embeddings could not be stored: %s", error)

    def _images(self, sequence: SkeletonSequence) -> dict[str, SkeletonSequence]:
        """A recording and its mirror image by the keys of their embeddings."""
        return {self._key: sequence, self._mirrored_key: sequence.mirrored()}

    def _cannot_embed(self, entry: IndexEntry) -> None:
        if entry.reference_id in self._not_embeddable:
            return
        self._not_embeddable.add(entry.reference_id)
        logger.warning(
            "%s: this model cannot embed reference %s (%s), so it is not matched; teach it again",
            self.path,
            entry.reference_id,
            entry.label,
        )

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
        if keys and self.calibration_key not in keys:
            logger.warning(
                "%s was calibrated with another model, engine or matcher, or by an earlier version; "
                "the model's threshold %.2f applies until the robot is calibrated again",
                self.path,
                self._model_threshold,
            )

    def _warn_once(self, message: str) -> None:
        """Log a warning once until the store can be read again."""
        if message not in self._warned:
            self._warned.add(message)
            logger.warning("%s", message)
