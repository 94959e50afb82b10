# SPDX-License-Identifier: Apache-2.0
"""Who asks: from a session cookie or a token to a visitor with permissions, and the address."""

import logging
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import falcon
from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.exc import DBAPIError

from poser.auth import Caller, find_session, touch
from poser.auth.permissions import (
    Rights,
    rights_columns,
    rights_of,
    rights_of_strangers,
    session_minutes,
)
from poser.auth.root import is_root
from poser.auth.sessions import hash_token, idle_of, is_live, wants_touch
from poser.auth.tokens import ALL, allowed, note_token_use
from poser.db import transaction
from poser.errors import Unavailable
from poser.model import User, UserApiToken, UserSession
from web.cookies import SESSION, get_cookie
from web.guarding import address
from web.site import Site
from web.visits import STRANGER, Visitor, visit

log = logging.getLogger(__name__)

API = "/api/"
"""Where addresses for programs begin."""

_S, _U, _T = UserSession.__table__.c, User.__table__.c, UserApiToken.__table__.c


@cache
def _by_session(node_kind: str) -> Select[Any]:
    """Write the one statement that each page asks; what its values mean is said in poser.auth."""
    return (
        select(
            _S.id,
            _S.user_id,
            _S.created_at,
            _S.seen_at,
            _S.expires_at,
            _S.root_since,
            _S.root_until,
            _S.root_reason,
            _U.name,
            _U.full_name,
            session_minutes(_U.id).label("minutes"),
            *rights_columns(_U.id, node_kind),
        )
        .join_from(UserSession.__table__, User.__table__)
        .where(
            _S.token_sha256 == bindparam("token_sha256"),
            _S.is_pending.is_(False),
            _U.is_active,
        )
    )


@cache
def _by_token(node_kind: str) -> Select[Any]:
    return (
        select(
            _T.id,
            _T.user_id,
            _T.scopes,
            _T.used_at,
            _U.name,
            _U.full_name,
            *rights_columns(_U.id, node_kind),
        )
        .join_from(UserApiToken.__table__, User.__table__)
        .where(
            _T.token_sha256 == bindparam("token_sha256"),
            _T.expires_at > bindparam("now"),
            _U.is_active,
        )
    )


def recognize(req: falcon.Request) -> Visitor:
    """Find who asks, by a token of the request or by the live session of its cookie.

    A token counts only where the address begins with `/api/`; what a browser sends there by
    itself, its cookie, serves to read and never to write. A stranger has what anyone may do.
    Nobody has what only head office does.
    """
    found = _recognized(req)
    site = visit(req).site
    return replace(found, kept_there=frozenset(site.kept_there)) if site.has_host else found


def _recognized(req: falcon.Request) -> Visitor:
    if req.path.startswith(API) and (req.auth or req.method not in {"GET", "HEAD", "OPTIONS"}):
        return _of_token(req)
    here = visit(req)
    token = get_cookie(here.site, req, SESSION)
    if not token:
        return _stranger(req)
    now = here.site.clock()
    found = _ask(req, _by_session(here.site.node.role), {"token_sha256": hash_token(token)})
    if found is None or not _holds(found, now):
        return _stranger(req)
    if wants_touch(found.seen_at, now):
        here.afterwards = lambda: _note_use(here.site, token)
    return _user_of(found, now)


def caller(req: falcon.Request) -> Caller:
    """Give what is recorded of who asks."""
    now = visit(req).site.clock()
    return Caller(address=address(req), now=now, user_agent=req.user_agent or "")


def _ask(req: falcon.Request, statement: Select[Any], values: dict[str, Any]) -> Row[Any] | None:
    return visit(req).read().connection().execute(statement, values).one_or_none()


def _holds(found: Row[Any], now: datetime) -> bool:
    return is_live(
        created_at=found.created_at,
        seen_at=found.seen_at,
        expires_at=found.expires_at,
        idle=idle_of(found.minutes),
        now=now,
    )


def _user_of(found: Row[Any], now: datetime) -> Visitor:
    has = rights_of(found)
    as_root = is_root(found.root_since, found.root_until, now=now)
    if as_root:
        has = has.as_root()
    return Visitor(
        user_id=found.user_id,
        session_id=found.id,
        name=found.name,
        full_name=found.full_name,
        permissions=has.permissions,
        user_roles=has.user_roles,
        has_all=has.has_all,
        stores=has.stores,
        store_numbers=has.store_numbers,
        everywhere=has.everywhere,
        node_kind=has.node_kind,
        root_until=found.root_until if as_root else None,
        root_reason=found.root_reason if as_root else "",
    )


def _stranger(req: falcon.Request) -> Visitor:
    here = visit(req)
    has = rights_of_strangers(here.read(), node_kind=here.site.node.role)
    return Visitor(permissions=has.permissions) if has.permissions else STRANGER


def _of_token(req: falcon.Request) -> Visitor:
    """Find the user for whom a program acts; the token may have fewer permissions."""
    kind, _, token = (req.auth or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return _stranger(req)
    here = visit(req)
    now = here.site.clock()
    asked = {"token_sha256": hash_token(token.strip()), "now": now}
    found = _ask(req, _by_token(here.site.node.role), asked)
    if found is None:
        return _stranger(req)
    if found.used_at is None or wants_touch(found.used_at, now):
        here.afterwards = lambda: _note_token(here.site, found.id)
    has = _allowed(rights_of(found), found.scopes)
    return Visitor(
        user_id=found.user_id,
        token_id=found.id,
        name=found.name,
        full_name=found.full_name,
        permissions=has.permissions,
        user_roles=has.user_roles,
        has_all=has.has_all,
        stores=has.stores,
        store_numbers=has.store_numbers,
        everywhere=has.everywhere,
        node_kind=has.node_kind,
    )


def _allowed(has: Rights, scopes: str) -> Rights:
    """Give those of the rights that a token's scopes let through."""
    return replace(
        has,
        permissions=allowed(scopes, has.permissions, has_all=has.has_all),
        has_all=has.has_all and scopes == ALL,
        everywhere=has.everywhere and _allowed(has.everywhere, scopes),
    )


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


def _note_token(site: Site, token_id: Any) -> None:  # noqa: ANN401 - a UUID of a bare row
    try:
        with transaction(site.engines["poser"]) as session:
            note_token_use(session, token_id, now=site.clock())
    except (Unavailable, DBAPIError) as error:
        log.warning("use of a token not noted", extra={"reason": str(error)})
