# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The first clip takes far longer than any other, so it is a made-up one for which nobody waits.

The device's context, kernels that are loaded or chosen by trying, a pool of threads: much of it
belongs to the thread that computes.  So the made-up clip goes the way of the real ones, and a
device that does not work is found before a robot relies on it.
"""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from skeleton_dml_ros.embedding.dummy_clip import dummy_clip
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError

WARM_UP_SECONDS = 120.0
"""What the first use of a GPU may take on a small computer that loads everything from a card."""


class WarmUpError(SkeletonDmlError):
    """The model does not run where it was put."""


class WarmUp:
    """A made-up clip on its way through the thread that embeds, and what comes of it."""

    def __init__(self) -> None:
        self._outcome: Future[None] = Future()

    def run(self, engine: Engine) -> None:
        """Embed it; what goes wrong is told to whoever waits, in their own thread."""
        try:
            engine.embed([dummy_clip()])
        except Exception as error:
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(None)

    def fail(self, reason: str) -> None:
        """It will not be embedded."""
        if not self._outcome.done():
            self._outcome.set_exception(
                WarmUpError(f"the model was not tried: {reason}; try again")
            )

    def wait(self, timeout: float) -> None:
        """Wait until it is embedded, at most so many seconds.

        Raises:
            SkeletonDmlError: it took too long, or the device does not work.
        """
        try:
            self._outcome.result(timeout)
        except SkeletonDmlError:
            raise
        except FutureTimeoutError:
            raise WarmUpError(
                f"the model did not embed a first clip within {timeout:g} s; give it longer, or "
                "another device"
            ) from None
        except (RuntimeError, MemoryError) as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise WarmUpError(
                f"the model does not run on its device: {reason}; end what else uses the device, "
                "or give device=cpu"
            ) from error
