# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write references from child processes that are killed.

Each line of standard input is one round: a path, a number of steps, and milliseconds.  A child
opens the store (its first step), then adds and removes references (a step each), and prints what
it begins and what is confirmed.  It is killed the given milliseconds after it has begun the given
number of steps.  Then the line ``killed`` follows.

Children are forked, so that only the parent imports the package.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from teaching import reference

from skeleton_dml_ros.references.store import ReferenceStore


def main() -> None:
    reference()  # Load what numpy imports at its first use.
    for line in sys.stdin:
        path, steps, milliseconds = line.split()
        begun, begin = os.pipe()
        child = os.fork()
        if child == 0:
            write_forever(path, begin)
        for _ in range(int(steps)):
            os.read(begun, 1)
        time.sleep(float(milliseconds) / 1000)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(begun)
        os.close(begin)
        tell("killed")


def write_forever(path: str, begin: int) -> None:
    os.write(begin, b".")
    store = ReferenceStore(path)
    while True:
        kept, removed = reference("kept"), reference("removed")
        for one in (kept, removed):
            os.write(begin, b".")
            tell(f"adding {one.reference_id}")
            store.add(one)
            tell(f"added {one.reference_id}")
        os.write(begin, b".")
        tell(f"removing {removed.reference_id}")
        store.remove(reference_id=removed.reference_id)
        tell(f"removed {removed.reference_id}")


def tell(line: str) -> None:
    """Write without buffering, since the process may be killed next."""
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
