# SPDX-License-Identifier: Apache-2.0
"""One ear at PostgreSQL for all open streams of a process."""

import asyncio
import logging
import select
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2
import psycopg2.extensions
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from poser.tasks import CHANGES

log = logging.getLogger(__name__)

_LOOKS_EVERY_S = 2.0
_PAUSE_S = 2.0


class Board:
    """Wakes whoever waits for a topic, such as "task" and its id, when it is told of."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()

    @property
    def streams(self) -> int:
        """How many wait now."""
        return sum(len(events) for events in self._waiting.values())

    def start(self) -> None:
        """Begin to listen, in a thread; call this in the running event loop."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, name="board", daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self._stopping.set()

    @contextmanager
    def subscribed(self, topic: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever the topic is told of."""
        event = asyncio.Event()
        self._waiting[topic].add(event)
        try:
            yield event
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen_once()
            except (psycopg2.Error, SQLAlchemyError) as error:
                reason = " ".join(str(error).split())
                log.warning("events are not heard now", extra={"reason": reason})
                self._stopping.wait(_PAUSE_S)

    def _listen_once(self) -> None:
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f"LISTEN {CHANGES}"))
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg2.extensions.connection)  # noqa: S101 - our driver
            # What was told while nobody listened is not known: everybody looks again.
            self._tell(None)
            try:
                while not self._stopping.is_set():
                    select.select([driver], [], [], _LOOKS_EVERY_S)
                    driver.poll()
                    for one in driver.notifies:
                        self._tell(one.payload)
                    driver.notifies.clear()
            finally:
                connection.invalidate()  # what it listened to must not go back to the pool

    def _tell(self, topic: str | None) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._wake, topic)

    def _wake(self, topic: str | None) -> None:
        topics = list(self._waiting) if topic is None else [topic]
        for name in topics:
            for event in self._waiting.get(name, ()):
                event.set()
