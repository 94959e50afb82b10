# SPDX-License-Identifier: Apache-2.0
"""One request on its way through the app: who asks, and the databases as they read them."""

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import falcon
from sqlalchemy.orm import Session

from poser.auth.permissions import Rights
from poser.db import transaction
from web.formats import Moment, moment
from web.permissions import Anyone, Need
from web.site import Site

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks. A stranger has no name, and the permissions that everybody has.

    `stores` are the only ones whose rows this visitor sees; None stands for all stores.
    `store_numbers` are theirs, by which tills know them. `everywhere` and `node_kind` say where
    the permissions hold, as in `poser.auth.permissions.Rights`.
    A program shows a token instead of having a session. Whoever is root has every permission
    until `root_until`.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    name: str = ""
    full_name: str = ""
    permissions: frozenset[str] = frozenset()
    user_roles: frozenset[UUID] = frozenset()
    has_all: bool = False
    stores: frozenset[UUID] | None = None
    store_numbers: frozenset[str] = frozenset()
    token_id: UUID | None = None
    everywhere: Rights | None = None
    node_kind: str = ""
    root_until: datetime | None = None
    root_reason: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Tell a user from a stranger."""
        return self.user_id is not None

    @property
    def is_root(self) -> bool:
        """Tell who has every permission for a quarter of an hour."""
        return self.root_until is not None

    def may(self, need: Need) -> bool:
        """Tell whether this visitor has what a page needs."""
        if isinstance(need, Anyone):
            return need is Anyone.PUBLIC or self.is_signed_in
        return self.has_all or need.name in self.permissions


STRANGER = Visitor()


def _nothing() -> None:
    """Do what most visits put off: nothing."""


class Visit:
    """What one request has: its reference, its visitor, its read-only transactions."""

    __slots__ = ("_sessions", "_stack", "afterwards", "place", "reference", "site", "visitor")

    def __init__(self, site: Site) -> None:
        self.site = site
        self.reference = "".join(secrets.choice(_ALPHABET) for _ in range(8))
        self.visitor = STRANGER
        self.place = ""
        self.afterwards = _nothing
        self._stack = ExitStack()
        self._sessions: dict[str, Session] = {}

    def read(self, database: str = "poser") -> Session:
        """Give this request's read-only transaction on a database; it ends with the request."""
        if database not in self._sessions:
            opened = transaction(self.site.engines[database], read_only=True)
            self._sessions[database] = self._stack.enter_context(opened)
        return self._sessions[database]

    def read_on(self, database: str) -> None:
        """Begin the transaction of `read` anew: a statement of it failed, others shall not."""
        session = self._sessions[database]
        session.rollback()
        session.connection(execution_options={"postgresql_readonly": True})

    def moment(self, at: datetime | None) -> Moment | None:
        """Write a time in the node's time zone."""
        return moment(at, self.site.zone)

    def close(self) -> None:
        """End the transactions, so that this thread needs no second connection to write."""
        self._sessions.clear()
        self._stack.close()

    def end(self) -> None:
        """End the visit, and do what was put off until its end."""
        self.close()
        self.afterwards()


def visit(req: falcon.Request) -> Visit:
    """Give the visit of a request."""
    return cast("Visit", req.context.visit)
