# SPDX-License-Identifier: Apache-2.0
"""One request on its way: its reference, and the databases as it reads them."""

import secrets
from contextlib import ExitStack
from datetime import datetime

from sqlalchemy.orm import Session

from poser.db import transaction
from web.formats import Moment, moment
from web.surroundings import Surroundings

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def _nothing() -> None:
    """Do what most requests put off: nothing."""


class Handling:
    """What one request has, whoever asks: its reference, its read-only transactions."""

    __slots__ = ("_around", "_sessions", "_stack", "afterwards", "reference")

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.reference = "".join(secrets.choice(_ALPHABET) for _ in range(8))
        self.afterwards = _nothing
        self._stack = ExitStack()
        self._sessions: dict[str, Session] = {}

    def read(self, database: str = "poser") -> Session:
        """Give this request's read-only transaction on a database; it ends with the request."""
        if database not in self._sessions:
            opened = transaction(self._around.engines[database], read_only=True)
            self._sessions[database] = self._stack.enter_context(opened)
        return self._sessions[database]

    def read_on(self, database: str) -> None:
        """Begin the transaction of `read` anew: a statement of it failed, others shall not."""
        session = self._sessions[database]
        session.rollback()
        session.connection(execution_options={"postgresql_readonly": True})

    def moment(self, at: datetime | None) -> Moment | None:
        """Write a time in the node's time zone."""
        return moment(at, self._around.zone)

    def close(self) -> None:
        """End the transactions, so that this thread needs no second connection to write."""
        self._sessions.clear()
        self._stack.close()

    def end(self) -> None:
        """End the request, and do what was put off until its end."""
        self.close()
        self.afterwards()
