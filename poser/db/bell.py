# SPDX-License-Identifier: Apache-2.0
"""Waiting for work: PostgreSQL tells of each commit that queued some, signals end the wait."""

import os
import selectors
from contextlib import suppress
from typing import Self, cast

import psycopg2
import psycopg2.extensions
from sqlalchemy import Connection, Engine, text


class Bell:
    """Rings when a channel is notified, or when somebody calls `ring`, as a signal does.

    Without a connection it only waits: whoever waits looks again after a while anyway.
    """

    def __init__(self, engine: Engine, channel: str) -> None:
        self._engine = engine
        self._channel = channel
        self._session: Connection | None = None
        self._waits, self._rings = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def __enter__(self) -> Self:
        """Be there for `ring`."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop listening."""
        self._hang_up()
        os.close(self._waits)
        os.close(self._rings)

    def listen(self) -> None:
        """Listen if nothing does yet; raises OperationalError when nobody answers.

        What was queued before is not told of: look at the queue after this.
        """
        if self._session is None:
            session = self._engine.connect()
            self._session = session.execution_options(isolation_level="AUTOCOMMIT")
            session.execute(text(f"LISTEN {self._channel}"))

    def ring(self) -> None:
        """End the wait that is, or the next one; safe in a signal handler."""
        with suppress(BlockingIOError):
            os.write(self._rings, b".")

    def wait(self, timeout_s: float) -> bool:
        """Wait until it rings, or for so long; rings in a row count once. Tells if it rang."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._waits, selectors.EVENT_READ)
            if (line := self._line()) is not None:
                selector.register(line.fileno(), selectors.EVENT_READ)
            rang = bool(selector.select(timeout_s))
        self._hush()
        return rang

    def _hush(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._waits, 1024)
        if (line := self._line()) is not None:
            try:
                line.poll()
                line.notifies.clear()
            except psycopg2.Error:
                self._hang_up()

    def _line(self) -> psycopg2.extensions.connection | None:
        if self._session is None:
            return None
        driver = self._session.connection.driver_connection
        return cast("psycopg2.extensions.connection", driver)

    def _hang_up(self) -> None:
        if self._session is not None:
            self._session.invalidate()  # what it listened to must not go back to the pool
            self._session.close()
        self._session = None
