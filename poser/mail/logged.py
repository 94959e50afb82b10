# SPDX-License-Identifier: Apache-2.0
"""Log records of level ERROR become mail: one for the first, one for many that follow.

The program that logs never waits and never fails for this: a record is put aside, and a
thread writes it to the outbox. Records that are alike (the same message of the same logger,
the same error at the same line) are counted together, and written once a minute at most.
While the database does not answer they are kept, so many as there is room for.
"""

import logging
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Condition, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from poser.db import engine, transaction
from poser.errors import PoserError
from poser.logs import fields_of
from poser.mail.emails import LOGGED_ERRORS
from poser.mail.outbox import queue

log = logging.getLogger(__name__)

MOST_KINDS = 100
"""How many different errors are kept for later; of more only the number is."""

_AGAIN_S = 60.0
_PAUSE_S = 5.0
_LONGEST_TEXT, _LONGEST_TRACEBACK = 500, 8_000
_CLOSES_WITHIN_S = 2.0
# A mail about mail that cannot be sent would be the next one that cannot be sent.
_OURS = "poser.mail."


@dataclass(slots=True, kw_only=True)
class _Kind:
    """Errors that are alike: what the newest one said, and how many were not written yet."""

    data: dict[str, object]
    times: int = 0
    written_at: float | None = None


class ErrorMail(logging.Handler):
    """Queues mail for what one process logs as an error, from `start` to `close`.

    Start it after a fork: neither thread nor connection comes along.
    """

    def __init__(self, url: str, *, program: str) -> None:
        super().__init__(logging.ERROR)
        self._url = url
        self._program = program
        self._kinds: dict[str, _Kind] = {}
        self._lost = 0
        self._news = Condition()
        self._closing = False
        self._thread: Thread | None = None

    def start(self) -> None:
        """Take what is logged from now on."""
        self._thread = Thread(target=self._run, name="error mail", daemon=True)
        self._thread.start()
        logging.getLogger().addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Put a record aside."""
        if f"{record.name}.".startswith(_OURS):
            return
        try:
            alike, data = _alike(record), self._data(record)
        except Exception:  # noqa: BLE001 - a record that cannot be shown must not stop its program
            self.handleError(record)
            return
        with self._news:
            kind = self._kinds.get(alike)
            if kind is None and len(self._kinds) >= MOST_KINDS:
                self._lost += 1
                return
            if kind is None:
                kind = self._kinds[alike] = _Kind(data=data)
            kind.data = data
            kind.times += 1
            self._news.notify()

    def close(self) -> None:
        """Write what is there, if that is quick, and stop; called when the process ends."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread is not None:
            logging.getLogger().removeHandler(self)
            self._thread.join(_CLOSES_WITHIN_S)
            self._thread = None
        super().close()

    def _data(self, record: logging.LogRecord) -> dict[str, object]:
        fields = {name: str(value)[:_LONGEST_TEXT] for name, value in fields_of(record).items()}
        shown = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        return {
            "program": self._program,
            "logger": record.name,
            "message": record.getMessage()[:_LONGEST_TEXT],
            "fields": fields,
            "traceback": shown[-_LONGEST_TRACEBACK:].rstrip(),
            "logged_at": datetime.fromtimestamp(record.created, UTC),
        }

    def _run(self) -> None:
        opened = engine(
            self._url,
            application=f"{self._program} errors",
            pool_size=1,
            statement_timeout_ms=5_000,
        )
        failed = False
        while True:
            with self._news:
                if failed and not self._closing:
                    self._news.wait(_PAUSE_S)
                closing, due = self._closing, self._due(time.monotonic())
                if not due and not closing:
                    self._news.wait(self._until_next(time.monotonic()))
                    closing, due = self._closing, self._due(time.monotonic())
            failed = not self._write(opened, due)
            if closing:
                break
        opened.dispose()

    def _due(self, now: float) -> dict[str, _Kind]:
        """Return copies of what is to be written now, and forget what was quiet for a while."""
        due = {}
        for alike, kind in list(self._kinds.items()):
            is_time = kind.written_at is None or now - kind.written_at >= _AGAIN_S
            if kind.times and (is_time or self._closing):
                due[alike] = _Kind(data=kind.data, times=kind.times)
            elif not kind.times and is_time:
                del self._kinds[alike]
        return due

    def _until_next(self, now: float) -> float | None:
        """Say in how many seconds something is due, unless something new is logged."""
        ends = [kind.written_at + _AGAIN_S for kind in self._kinds.values() if kind.written_at]
        return max(min(ends) - now, 0.0) if ends else None

    def _write(self, opened: Engine, due: dict[str, _Kind]) -> bool:
        if not due:
            return True
        try:
            with transaction(opened) as session:
                for alike, kind in due.items():
                    data = {**kind.data, "times": kind.times}
                    queue(session, LOGGED_ERRORS, data=data, about=alike, times=kind.times)
        except (PoserError, SQLAlchemyError) as error:
            reason = " ".join(str(error).split())
            log.warning("errors cannot be mailed now", extra={"reason": reason})
            return False
        with self._news:
            for alike, kind in due.items():
                self._kinds[alike].times -= kind.times
                self._kinds[alike].written_at = time.monotonic()
            lost, self._lost = self._lost, 0
        if lost:
            log.warning("errors were not mailed", extra={"errors": lost})
        return True


def _alike(record: logging.LogRecord) -> str:
    """Name what a record has in common with others of its kind."""
    parts = [record.name, str(record.msg)]
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        parts.append(type(error).__name__)
        if frames := traceback.extract_tb(error.__traceback__):
            parts.append(f"{frames[-1].filename}:{frames[-1].lineno}")
    return " ".join(parts)
