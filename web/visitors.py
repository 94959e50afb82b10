# SPDX-License-Identifier: Apache-2.0
"""Who asks: from the session cookie to a visitor with permissions, and the visitor's address."""

import hashlib
import logging
from uuid import UUID

import falcon
from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.exc import DBAPIError

from poser.auth import find_session, touch
from poser.auth.sessions import IDLE, SEEN_EVERY
from poser.db import transaction
from poser.errors import Unavailable
from poser.model import User, UserRole, UserRolePermission, UserSession, user_user_role
from web.cookies import SESSION, get_cookie
from web.site import Site
from web.visits import STRANGER, Visitor, visit

log = logging.getLogger(__name__)


_S, _U = UserSession.__table__.c, User.__table__.c
_HAD = user_user_role.c.user_id == _U.id

# One statement for every page: the rules are those of poser.auth.find_session and rights,
# and a test holds the two against each other.
_WHO = (
    select(
        _S.id,
        _S.user_id,
        _S.seen_at,
        _U.name,
        _U.full_name,
        select(func.bool_or(UserRole.__table__.c.is_administrator))
        .select_from(user_user_role.join(UserRole.__table__))
        .where(_HAD)
        .scalar_subquery()
        .label("has_all"),
        func.array(
            select(UserRolePermission.__table__.c.permission)
            .join(
                user_user_role,
                user_user_role.c.user_role_id == UserRolePermission.__table__.c.user_role_id,
            )
            .where(_HAD)
            .scalar_subquery()
        ).label("permissions"),
        # As text: the driver does not know arrays of uuid.
        func.array(
            select(cast(user_user_role.c.user_role_id, Text)).where(_HAD).scalar_subquery()
        ).label("user_roles"),
    )
    .join_from(UserSession.__table__, User.__table__)
    .where(
        _S.token_sha256 == bindparam("token_sha256"),
        _S.expires_at > bindparam("now"),
        _S.seen_at > bindparam("idle_since"),
        _U.is_active,
    )
)


def recognize(req: falcon.Request) -> Visitor:
    """Find the live session of a request's cookie; a stranger has none."""
    here = visit(req)
    token = get_cookie(here.site, req, SESSION)
    if not token:
        return STRANGER
    now = here.site.clock()
    asked = {
        "token_sha256": hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest(),
        "now": now,
        "idle_since": now - IDLE,
    }
    found = here.read().connection().execute(_WHO, asked).one_or_none()
    if found is None:
        return STRANGER
    if now - found.seen_at >= SEEN_EVERY:
        here.afterwards = lambda: _note_use(here.site, token)
    return Visitor(
        user_id=found.user_id,
        session_id=found.id,
        name=found.name,
        full_name=found.full_name,
        permissions=frozenset(found.permissions),
        user_roles=frozenset(map(UUID, found.user_roles)),
        has_all=bool(found.has_all),
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


def _note_use(site: Site, token: str) -> None:
    """Keep the session from ending as unused. A page is shown even when this cannot be."""
    try:
        with transaction(site.engines["poser"]) as session:
            now = site.clock()
            found = find_session(session, token, now=now)
            if found is not None:
                touch(session, found, now=now)
    except (Unavailable, DBAPIError) as error:
        log.warning("use of a session not noted", extra={"reason": str(error)})
