# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""People of one stamp who arrive one by one are brought together.

A frame holds everyone of its stamp, so what comes person by person waits until all are there who
were there lately, or until message time has gone on for longer than one cares to wait.  What comes
out is in order of stamps; what comes for a stamp that has gone is too late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from skeleton_dml_ros.messages.fields import BACKWARDS_NS
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

MAX_HELD = 200
"""Stamps that wait at once, at most."""

LATELY_NS = NANOSECONDS_PER_SECOND
"""A person who has not been heard of for longer is not waited for."""

Part = TypeVar("Part")
"""What is known of one person at one stamp."""


class Synchronizer(Generic[Part]):
    """What has come for each stamp that is not complete.

    Args:
        patience: seconds of message time that a stamp waits for what is missing.
        is_complete: whether a person's part has all that is expected.
    """

    def __init__(self, patience: float, is_complete: Callable[[str, Part], bool]) -> None:
        self._patience_ns = nanoseconds(patience)
        self._is_complete = is_complete
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._held: dict[int, dict[str, Part]] = {}
        self._heard: dict[str, int] = {}
        self._newest = -1
        self._gone = -1

    def pass_time(self, stamp_ns: int) -> None:
        """Message time has come to this stamp."""
        if stamp_ns < self._newest - BACKWARDS_NS:
            self.clear()
        self._newest = max(self._newest, stamp_ns)

    def present(
        self, stamp_ns: int, person_ids: Collection[str]
    ) -> list[tuple[int, dict[str, Part]]]:
        """Take who is there at this stamp; returns as :meth:`complete`.

        Where nobody is, everything up to this stamp comes out, and then the stamp without anybody,
        unless it has gone.
        """
        self.pass_time(stamp_ns)
        if person_ids:
            return self.complete(person_ids)
        stamps = self.release_until(stamp_ns)
        if stamp_ns > self._gone:
            self._gone = stamp_ns
            stamps.append((stamp_ns, {}))
        return stamps

    def part_of(self, stamp_ns: int, person_id: str, new: Callable[[], Part]) -> Part | None:
        """What is held of a person at a stamp, to be added to; None = too late, the stamp has gone.

        A person who was too late is waited for from now on.
        """
        self.pass_time(stamp_ns)
        self._heard[person_id] = max(stamp_ns, self._heard.get(person_id, -1))
        if stamp_ns <= self._gone:
            return None
        people = self._held.setdefault(stamp_ns, {})
        if person_id not in people:
            people[person_id] = new()
        return people[person_id]

    def complete(self, person_ids: Collection[str]) -> list[tuple[int, dict[str, Part]]]:
        """The stamps that need not wait any more, oldest first, with what came for each.

        Args:
            person_ids: who may be there.
        """
        if not self._held:
            return []
        stamps = sorted(self._held)
        expected = [
            person
            for person in person_ids
            if self._heard.get(person, -1) >= self._newest - LATELY_NS
        ]
        last = self._newest - self._patience_ns - 1
        for stamp in reversed(stamps):
            if stamp <= last:
                break
            people = self._held[stamp]
            if expected and all(
                person in people and self._is_complete(person, people[person])
                for person in expected
            ):
                last = stamp
                break
        if len(stamps) > MAX_HELD:
            last = max(last, stamps[-MAX_HELD - 1])
        return self.release_until(last)

    def release_until(self, stamp_ns: int) -> list[tuple[int, dict[str, Part]]]:
        """Everything up to this stamp, oldest first, complete or not."""
        going = sorted(stamp for stamp in self._held if stamp <= stamp_ns)
        if going:
            self._gone = max(self._gone, going[-1])
        self._heard = {
            person: heard
            for person, heard in self._heard.items()
            if heard >= self._newest - LATELY_NS
        }
        return [(stamp, self._held.pop(stamp)) for stamp in going]
