# SPDX-License-Identifier: Apache-2.0
"""Answers that take a while, remembered for some seconds."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The answer to one question; one asks, and who comes meanwhile waits for the same answer."""

    def __init__(self, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._clock = clock
        self._lock = Lock()
        self._known: tuple[T, float] | None = None

    def answer(self, ask: Callable[[], T]) -> tuple[T, float]:
        """Give the newest answer, and how many seconds ago it was given."""
        with self._lock:
            if self._known is None or self._clock() - self._known[1] > self._kept_s:
                found = ask()  # when it fails, the next one asks anew
                self._known = found, self._clock()
            found, at = self._known
            return found, max(self._clock() - at, 0.0)
