# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Warm up the engine with a dummy clip, because the first embedding takes much longer.

The dummy clip is embedded in the worker's thread, which owns most of the engine's state.  It also
shows early whether the device works.
"""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from skeleton_dml_ros.embedding.dummy_clip import dummy_clip
from skeleton_dml_ros.embedding.engine import Engine
from skeleton_dml_ros.errors import SkeletonDmlError

WARM_UP_SECONDS = 120.0
"""Default timeout: the first use of a GPU on a small computer can take this long."""


class WarmUpError(SkeletonDmlError):
    """The model does not run on its device."""


class WarmUp:
    """A dummy clip for the embedding thread, and its outcome."""

    def __init__(self) -> None:
        self._outcome: Future[None] = Future()

    def run(self, engine: Engine) -> None:
        """Embed the dummy clip; an error is raised by :meth:`wait`."""
        try:
            engine.embed([dummy_clip()])
        except Exception as error:
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(None)

    def fail(self, reason: str) -> None:
        """The dummy clip will not be embedded."""
        if not self._outcome.done():
            self._outcome.set_exception(
                WarmUpError(f"the warm-up was cancelled: {reason}; try again")
            )

    def wait(self, timeout: float) -> None:
        """Wait until the dummy clip is embedded.

        Raises:
            SkeletonDmlError: it took longer than timeout seconds, or the device does not work.
        """
        try:
            self._outcome.result(timeout)
        except SkeletonDmlError:
            raise
        except FutureTimeoutError:
            raise WarmUpError(
                f"the model did not embed a first clip within {timeout:g} s; increase the timeout or "
                "choose another device"
            ) from None
        except (RuntimeError, MemoryError) as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise WarmUpError(
                f"the model does not run on its device: {reason}; stop other programs that use the "
                "device, or set device=cpu"
            ) from error
