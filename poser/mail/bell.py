# SPDX-License-Identifier: Apache-2.0
"""Waiting for mail: PostgreSQL tells of each commit that queued some, signals end the wait."""

import os
import selectors
from contextlib import suppress
from typing import Self, cast

import psycopg2
import psycopg2.extensions
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from poser.mail.outbox import CHANNEL


class Bell:
    """Rings when mail was queued, or when somebody calls `ring`, as a signal does.

    Without a connection it only waits: whoever waits looks again after a while anyway.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._line: psycopg2.extensions.connection | None = None
        self._waits, self._rings = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self.listen()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop listening."""
        self._hang_up()
        os.close(self._waits)
        os.close(self._rings)

    def listen(self) -> None:
        """Listen if nothing does yet; raises OperationalError when nobody answers.

        What was queued before is not told of: look at the outbox after this.
        """
        if self._line is not None and not self._line.closed:
            return
        pooled = self._engine.raw_connection()
        pooled.detach()  # ours alone from now on
        self._line = cast("psycopg2.extensions.connection", pooled.driver_connection)
        self._line.set_session(autocommit=True)
        with self._line.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")

    def ring(self) -> None:
        """End the wait that is, or the next one; safe in a signal handler."""
        with suppress(BlockingIOError):
            os.write(self._rings, b".")

    def wait(self, timeout_s: float) -> bool:
        """Wait until it rings, or for so long; rings in a row count once. Tells if it rang."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._waits, selectors.EVENT_READ)
            if self._line is not None and not self._line.closed:
                selector.register(self._line.fileno(), selectors.EVENT_READ)
            rang = bool(selector.select(timeout_s))
        self._hush()
        return rang

    def _hush(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._waits, 1024)
        if self._line is None:
            return
        try:
            self._line.poll()
            self._line.notifies.clear()
        except psycopg2.Error:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            with suppress(psycopg2.Error, DBAPIError):
                self._line.close()
        self._line = None
