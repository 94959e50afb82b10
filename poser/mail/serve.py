# SPDX-License-Identifier: Apache-2.0
"""Run the service that sends mail: `python -m poser.mail.serve [--config FILE]`.

It sends what is queued as soon as it is committed, and looks at the outbox every half
minute besides. While the mail server or the database does not answer it tries again,
after a second at first and after a minute at most.
"""

import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from poser.clock import utc_now
from poser.config import Config
from poser.db.bell import Bell
from poser.errors import Unavailable
from poser.extensions.configured import extensions
from poser.mail import settings
from poser.mail.found import email_types
from poser.mail.outbox import CHANNEL
from poser.mail.sending import check_server
from poser.mail.worker import Worker
from poser.notifier import Notifier
from poser.starting import run_service
from poser.waiting import on_stop, waiting

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 30.0
SWEEPS_EVERY_S = 3600.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_SHORTEST_S = 0.2  # another process may be about to send it
_BREATH_S = 10.0  # between signs of life while there is nothing to do


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; returns the exit code, 1 when it cannot start."""
    return run_service("poser.mail.serve", __doc__, _serve, arguments)


def _serve(config: Config) -> int:
    check_server(settings.SERVER(config))
    with waiting(config, "poser-mail", CHANNEL) as (pool, bell):
        worker = Worker(engine=pool, config=config, types=email_types(extensions(config)))
        Service(worker=worker, bell=bell, notifier=Notifier()).run()
    return 0


@dataclass(slots=True, kw_only=True)
class Service:
    """The loop around a worker."""

    worker: Worker
    bell: Bell
    notifier: Notifier
    _stopping: bool = False
    _failures: int = 0
    _swept_at: float | None = None

    def run(self) -> None:
        """Work until a signal says to stop; the mail that is being sent is finished first."""
        on_stop(self.bell, self._stop)
        self.worker.alive = lambda: self.notifier.say("WATCHDOG=1")
        self.worker.stops = lambda: self._stopping
        self.notifier.say("READY=1", "STATUS=Sending mail")
        log.info("mail is sent from now on")
        while not self._stopping:
            self._wait(self._work())
        self.notifier.say("STOPPING=1")

    def _work(self) -> float:
        """Send what is due; returns for how many seconds there is nothing to do."""
        try:
            self.bell.listen()
            self.worker.send_due()
            self._sweep_now_and_then()
            due = self.worker.next_due()
        except (Unavailable, DBAPIError) as error:
            return self._pause(error)
        if self._failures:
            log.info("mail is sent again")
        self._failures = 0
        if due is None:
            return LOOKS_EVERY_S
        return min(max((due - utc_now()) / timedelta(seconds=1), _SHORTEST_S), LOOKS_EVERY_S)

    def _pause(self, error: Exception) -> float:
        if self._failures == 0:
            reason = " ".join(str(error).split())
            log.warning("mail cannot be sent now", extra={"reason": reason})
        self._failures += 1
        doubled: int = 2 ** min(self._failures - 1, 10)
        return min(_FIRST_PAUSE_S * doubled, _LONGEST_PAUSE_S)

    def _sweep_now_and_then(self) -> None:
        now = time.monotonic()
        if self._swept_at is None or now - self._swept_at >= SWEEPS_EVERY_S:
            self._swept_at = now
            if swept := self.worker.sweep():
                log.info("old mail deleted", extra={"mails": swept})

    def _wait(self, seconds: float) -> None:
        """Wait until the bell rings, giving signs of life; after a failure it rings in vain."""
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            self.notifier.say("WATCHDOG=1")
            if self.bell.wait(min(left, _BREATH_S)) and not self._failures:
                return

    def _stop(self) -> None:
        self._stopping = True


if __name__ == "__main__":
    sys.exit(main())
