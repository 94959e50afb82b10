# SPDX-License-Identifier: Apache-2.0
"""Who asks: from the session cookie to a visitor with permissions, and the visitor's address."""

import logging

import falcon
from sqlalchemy.exc import DBAPIError

from poser.auth import find_session, rights, touch
from poser.auth.sessions import SEEN_EVERY
from poser.db import transaction
from poser.errors import Unavailable
from poser.model import UserSession
from web.cookies import SESSION, get_cookie
from web.visits import STRANGER, Visitor, visit

log = logging.getLogger(__name__)


def recognize(req: falcon.Request) -> Visitor:
    """Find the live session of a request's cookie; a stranger has none."""
    here = visit(req)
    token = get_cookie(here.site, req, SESSION)
    if not token:
        return STRANGER
    now = here.site.clock()
    session = here.read()
    found = find_session(session, token, now=now)
    if found is None:
        return STRANGER
    may = rights(session, found.user_id)
    if now - found.seen_at >= SEEN_EVERY:
        _note_use(req, found)
    return Visitor(
        user_id=found.user_id,
        session_id=found.id,
        name=found.user.name,
        full_name=found.user.full_name,
        permissions=may.permissions,
        has_all=may.has_all,
    )


def address(req: falcon.Request) -> str | None:
    """Give the address of the browser, as nginx tells it or as the connection has it.

    What a header says is believed on the Unix socket only, where nobody but nginx is.
    """
    peer: str = req.env.get("REMOTE_ADDR", "")
    if peer:
        return peer
    forwarded = req.get_header("X-Forwarded-For") or ""
    return forwarded.rpartition(",")[2].strip() or None


def _note_use(req: falcon.Request, found: UserSession) -> None:
    """Keep the session from ending as unused. A page is shown even when this cannot be."""
    site = visit(req).site
    try:
        with transaction(site.engines["poser"]) as session:
            touch(session, found, now=site.clock())
    except (Unavailable, DBAPIError) as error:
        log.warning("use of a session not noted", extra={"reason": str(error)})
