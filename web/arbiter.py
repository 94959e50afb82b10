# SPDX-License-Identifier: Apache-2.0
"""gunicorn's supervisor, telling systemd the truth about how the web app is.

READY=1 is said when every worker answers, not when the supervisor starts. WATCHDOG=1 is
said from the main loop and only while every worker gave a sign of life lately. So a
stopped supervisor falls silent and systemd starts the unit anew; a stopped worker is
killed and replaced by the supervisor, and should that not help, the watchdog acts, too.
See docs/decisions/0006-watchdog-in-the-arbiter.md.
"""

import logging
import time
from typing import Any

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # it ships no types

from poser.notifier import Notifier

log = logging.getLogger(__name__)

WORKER_TIMEOUT_S = 5
"""A worker silent for longer is killed; its main loop gives a sign every second."""

_GRACE_S = 3.0  # what the supervisor needs to replace a worker before the watchdog may act
_BOOT_S = 30.0
_LOOKS_EVERY_S = 0.05  # until all workers answer: systemd waits to hear of it


class WatchedArbiter(Arbiter):  # type: ignore[misc]  # gunicorn ships no types
    """The supervisor of the web app's workers, watched by systemd."""

    def __init__(self, app: Any, notifier: Notifier) -> None:  # noqa: ANN401 - gunicorn's own
        self._notifier = notifier
        self._is_ready = False
        self._booting_since: dict[int, float] = {}
        super().__init__(app)

    def wait_for_signals(self, timeout: float = 1.0) -> list[int]:
        """Wait for signals, not for long while the workers are starting."""
        wait_s = timeout if self._is_ready else min(timeout, _LOOKS_EVERY_S)
        signals: list[int] = super().wait_for_signals(wait_s)
        return signals

    def murder_workers(self) -> None:
        """Kill workers that hang, then tell systemd how things are; runs every second."""
        self._kill_those_that_never_booted()
        super().murder_workers()
        self._report()

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        """Stop, and say so."""
        self._notifier.say("STOPPING=1", "STATUS=Stopping")
        super().halt(reason, exit_status)

    def _report(self) -> None:
        ages = [_silent_for(worker) for worker in self.WORKERS.values()]
        answering = sum(age is not None and age <= WORKER_TIMEOUT_S for age in ages)
        status = f"STATUS={answering} of {self.num_workers} workers answer"
        if not self._is_ready:
            if answering < self.num_workers:
                return
            self._is_ready = self._notifier.say("READY=1", status)
        limit = WORKER_TIMEOUT_S + _GRACE_S
        if ages and all(age is None or age <= limit for age in ages):
            self._notifier.say("WATCHDOG=1", status)

    def _kill_those_that_never_booted(self) -> None:
        """Age a worker from when it was first seen until its first sign of life.

        gunicorn does not: until then the age it computes is negative, so never too old.
        """
        now = time.monotonic()
        booting = {pid for pid, w in self.WORKERS.items() if _silent_for(w) is None}
        self._booting_since = {pid: self._booting_since.get(pid, now) for pid in booting}
        for pid, since in self._booting_since.items():
            if now - since > _BOOT_S:
                self.log.critical("worker did not boot (pid:%s)", pid)
                self.kill_worker(pid, 9)


def _silent_for(worker: Any) -> float | None:  # noqa: ANN401 - gunicorn's own
    """Tell for how many seconds a worker gave no sign; None before its first one.

    The sign is the time stamp of a file, set to the monotonic clock; a new file has the
    time of day, which lies far ahead of it.
    """
    age = time.monotonic() - worker.tmp.last_update()
    return float(age) if age >= 0 else None
