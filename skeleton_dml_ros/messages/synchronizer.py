# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Synchronise people whose data arrive one by one: collect the people of each stamp.

A stamp is complete when all recently seen people have arrived, or when a timeout in message time is
over.  Stamps come out in order; data for a stamp that came out already are too late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from skeleton_dml_ros.messages.fields import BACKWARDS_NS
from skeleton_dml_ros.skeleton.sequence import NANOSECONDS_PER_SECOND, nanoseconds

MAX_HELD = 200
"""Maximum number of stamps that wait."""

RECENT_NS = NANOSECONDS_PER_SECOND
"""A person without data for longer is not waited for."""

Part = TypeVar("Part")
"""The data of one person at one stamp."""


class Synchronizer(Generic[Part]):
    """Collects the people of each stamp.

    Args:
        patience: timeout of a stamp, seconds of message time.
        is_complete: whether a person's data are complete.
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
        """Advance message time to this stamp."""
        if stamp_ns < self._newest - BACKWARDS_NS:
            self.clear()
        self._newest = max(self._newest, stamp_ns)

    def present(
        self, stamp_ns: int, person_ids: Collection[str]
    ) -> list[tuple[int, dict[str, Part]]]:
        """Take the list of people present at a stamp; returns as :meth:`complete`.

        If nobody is present, all stamps up to this one come out, then this one without people.
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
        """The data of a person at a stamp, to be added to; None if the stamp came out already.

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
        """Remove and return the complete stamps and those that timed out, oldest first.

        Args:
            person_ids: people who may be present.
        """
        if not self._held:
            return []
        stamps = sorted(self._held)
        expected = [
            person
            for person in person_ids
            if self._heard.get(person, -1) >= self._newest - RECENT_NS
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
        """Remove and return all stamps up to this one, oldest first."""
        going = sorted(stamp for stamp in self._held if stamp <= stamp_ns)
        if going:
            self._gone = max(self._gone, going[-1])
        self._heard = {
            person: heard
            for person, heard in self._heard.items()
            if heard >= self._newest - RECENT_NS
        }
        return [(stamp, self._held.pop(stamp)) for stamp in going]
