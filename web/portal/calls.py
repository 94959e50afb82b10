# SPDX-License-Identifier: Apache-2.0
"""Who asks the portal: a guest with an account, or a stranger."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import falcon
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.auth.events import Caller
from poser.auth.sessions import wants_touch
from poser.db import transaction
from poser.errors import Unavailable
from poser.model import PortalSession
from poser.portal.details import Self, read_self
from poser.portal.doing import STRANGERS, Deed, deeds_of
from poser.portal.signing_in import find_session, touch
from web.cookies import get_cookie
from web.guarding import address
from web.handling import Handling
from web.portal.site import Portal

log = logging.getLogger(__name__)

SESSION = "portal-session"
DOOR = "portal-door"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who asks, and what they may do; a stranger has no account."""

    account_id: UUID | None = None
    session_id: UUID | None = None
    address: str = ""
    deeds: frozenset[Deed] = STRANGERS

    @property
    def is_signed_in(self) -> bool:
        """Tell a customer from a stranger."""
        return self.account_id is not None

    def may(self, deed: Deed) -> bool:
        """Tell whether this guest may do something."""
        return deed in self.deeds


STRANGER = Guest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address of the portal: where, what answers, and what its visitor must be let do.

    A form sent there may need more than the page: `writes`.
    """

    path: str
    page: object
    deed: Deed
    writes: Deed | None = None

    def needs(self, *, is_writing: bool) -> Deed:
        """Say what a request needs."""
        return self.writes if is_writing and self.writes is not None else self.deed


class Call(Handling):
    """A request to the portal, with its guest."""

    __slots__ = ("guest", "site")

    def __init__(self, site: Portal) -> None:
        super().__init__(site)
        self.site = site
        self.guest = STRANGER


def call(req: falcon.Request) -> Call:
    """Give the call of a request."""
    return cast("Call", req.context.call)


def caller(req: falcon.Request) -> Caller:
    """Give what is recorded of who asks."""
    now = call(req).site.clock()
    return Caller(address=address(req), now=now, user_agent=req.user_agent or "")


def recognize(req: falcon.Request) -> Guest:
    """Find whose live session the cookie is of."""
    here = call(req)
    token = get_cookie(here.site, req, SESSION)
    if not token:
        return STRANGER
    now = here.site.clock()
    found = find_session(here.read(), token, now=now)
    if found is None:
        return STRANGER
    if wants_touch(found.seen_at, now):
        here.afterwards = lambda: _note_use(here.site, found)
    return Guest(
        account_id=found.account_id,
        session_id=found.id,
        address=found.account.address,
        deeds=deeds_of(here.read(), found.account),
    )


def reading_self(req: falcon.Request) -> Self:
    """Read who the guest is. Raises falcon.HTTPNotFound when the customer is gone meanwhile."""
    here = call(req)
    found = here.guest.account_id and read_self(here.read(), here.guest.account_id)
    if not found:
        raise falcon.HTTPNotFound
    return found


@contextmanager
def writing_self(req: falcon.Request) -> Iterator[tuple[Session, Self]]:
    """Open a transaction in which nobody else changes the guest; it commits at the end.

    Raises falcon.HTTPNotFound when the customer is gone meanwhile.
    """
    here = call(req)
    here.close()
    with transaction(here.site.engines["poser"]) as session:
        key = here.guest.account_id
        found = key and read_self(session, key, lock=True)
        if not found:
            raise falcon.HTTPNotFound
        yield session, found


def _note_use(site: Portal, found: PortalSession) -> None:
    """Keep the session from ending as unused. A page is shown even when this cannot be."""
    try:
        with transaction(site.engines["poser"]) as session:
            touch(session, found.id, seen_at=found.seen_at, now=site.clock())
    except (Unavailable, DBAPIError) as error:
        log.warning("use of a session not noted", extra={"reason": str(error)})
