# SPDX-License-Identifier: Apache-2.0
"""Following the table of settings: a change reaches every process within a second.

A thread with a connection of its own listens for the announcement that the table's
trigger makes at each commit, reads all rows, and hands them to the settings at once.
Whoever reads a setting meanwhile looks into a dict: no query, no lock.

While the database does not answer, what was last read holds; after each new connection
the rows are read again, because announcements were missed. Rows are also read once a
minute, for a connection that died without a sign, and when one of them expires.
"""

import logging
import os
import selectors
import time
from collections.abc import Sequence
from threading import Event, Thread
from typing import cast

import psycopg2
import psycopg2.extensions
from sqlalchemy import Connection, Engine, text

from poser.clock import utc_now
from poser.config import Config, Row
from poser.config.declared import declared_names
from poser.config.settings import DECLARED
from poser.db import engine
from poser.settings.rows import read_rows, rows_once

log = logging.getLogger(__name__)

CHANNEL = "poser_settings"
"""What the trigger of revision poser_0004 notifies."""

LOOKS_EVERY_S = 60.0
_SHORTEST_S, _LONGEST_PAUSE_S = 0.05, 5.0
_STATEMENT_MS = 5_000
_NAMED = 10


class Live:
    """Keeps the rows of one `Config` as the database has them, from `start` to `stop`.

    Start it after a fork, in each process: a thread does not come along, and neither may
    two processes share a connection. `url` is the address of the poser database.
    """

    def __init__(self, config: Config, url: str, *, application: str) -> None:
        self._config = config
        self._url = url
        self._application = application
        self._pid = 0
        self._bell = -1
        self._thread: Thread | None = None
        self._stopping = False
        self._fresh = Event()
        self._unknown: frozenset[str] = frozenset()

    def start(self) -> None:
        """Begin to follow, in a thread; does nothing where this process does already.

        Raises ConfigError for an address that is none; that nobody answers there is logged,
        and tried again until somebody does.
        """
        if self._pid == os.getpid() and self._thread is not None and self._thread.is_alive():
            return
        # In a child, what the parent had is not closed here: it would end the parent's session.
        opened = self._open()
        self._pid, self._stopping, self._fresh = os.getpid(), False, Event()
        waits, self._bell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._thread = Thread(target=self._run, args=(opened, waits), name="settings", daemon=True)
        self._thread.start()

    def read_once(self) -> list[Row]:
        """Read the rows that hold now, before there is anything to follow them.

        For `config.ask`. Raises Unavailable if the database does not answer.
        """
        return rows_once(self._open())

    def stop(self) -> None:
        """Stop following and close the connection; what was last read holds."""
        if self._thread is None or self._pid != os.getpid():
            return
        self._stopping = True
        os.write(self._bell, b".")
        self._thread.join()
        os.close(self._bell)
        self._thread = None

    def wait(self, timeout_s: float) -> bool:
        """Wait until the rows are as the database has them; tells whether they are."""
        return self._fresh.wait(timeout_s)

    @property
    def is_fresh(self) -> bool:
        """Tell whether the connection stands, so that the rows are as the database has them."""
        return self._fresh.is_set()

    def _open(self) -> Engine:
        return engine(
            self._url,
            application=f"{self._application} settings",
            pool_size=1,
            statement_timeout_ms=_STATEMENT_MS,
        )

    def _run(self, opened: Engine, bell: int) -> None:
        failures = 0
        try:
            while not self._stopping:
                try:
                    self._follow(opened, bell)
                # Whatever it is: a thread that ended would leave old settings for ever.
                except Exception as error:  # noqa: BLE001
                    if self._fresh.is_set():
                        self._fresh.clear()
                        failures = 0
                    if failures == 0:
                        reason = " ".join(str(error).split())
                        log.warning("settings are not followed", extra={"reason": reason})
                    opened.dispose()
                    _wait(bell, min(_SHORTEST_S * 2**failures, _LONGEST_PAUSE_S))
                    failures += 1
        finally:
            self._fresh.clear()
            opened.dispose()
            os.close(bell)

    def _follow(self, opened: Engine, bell: int) -> None:
        """Listen until told to stop. Raises what the connection raises when it ends."""
        with opened.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f"LISTEN {CHANNEL}"))
            line = cast("psycopg2.extensions.connection", plain.connection.driver_connection)
            try:
                while not self._stopping:
                    rows = self._read(connection)
                    if not self._fresh.is_set():
                        log.info("settings are followed", extra={"rows": len(rows)})
                    self._fresh.set()
                    self._wait_for_news(line, bell, _seconds_until_next(rows))
            except psycopg2.Error:
                connection.invalidate()  # SQLAlchemy did not see it end
                raise

    def _read(self, connection: Connection) -> Sequence[Row]:
        rows = read_rows(connection)
        self._config.take(rows)
        self._note_unknown(rows)
        return rows

    def _wait_for_news(
        self, line: psycopg2.extensions.connection, bell: int, timeout_s: float
    ) -> None:
        """Wait for an announcement, the bell or the time; announcements in a row count once."""
        give_up = time.monotonic() + timeout_s
        line.poll()
        while not line.notifies and not self._stopping:
            left_s = give_up - time.monotonic()
            if left_s <= 0:
                return
            _wait(bell, left_s, line.fileno())
            line.poll()
        line.notifies.clear()

    def _note_unknown(self, rows: Sequence[Row]) -> None:
        """Log rows that no setting is declared for, once for as long as they are there."""
        known = declared_names(self._config.extensions)
        unknown = frozenset({row.name for row in rows} - known - set(DECLARED))
        if new := sorted(unknown - self._unknown):
            more = f" and {len(new) - _NAMED} more" if len(new) > _NAMED else ""
            reason = f"database: there is no setting {', '.join(new[:_NAMED])}{more}"
            log.warning("setting ignored", extra={"reason": reason})
        self._unknown = unknown


def _wait(bell: int, timeout_s: float, *lines: int) -> None:
    with selectors.DefaultSelector() as selector:
        for line in (bell, *lines):
            selector.register(line, selectors.EVENT_READ)
        selector.select(timeout_s)


def _seconds_until_next(rows: Sequence[Row]) -> float:
    """Tell when to look again: in a minute, or when the first row expires."""
    now = utc_now()
    ends = [(row.expires_at - now).total_seconds() for row in rows if row.expires_at is not None]
    # The database's clock says whether it has expired, and may be a little behind ours.
    return max(_SHORTEST_S, min([*ends, LOOKS_EVERY_S]))
