# SPDX-License-Identifier: Apache-2.0
"""Signed-in browsers: a random token in a cookie, its hash in a row.

Whoever reads the database finds no token. A session ends after twelve hours without use (or
sooner, if a user role says so) and after seven days in any case; signing out ends it at once.

The clock of a store may be wrong for a while. A session that was opened while the clock was
ahead would else live for years, so one that begins in the future counts for nothing; one
that was only used then goes on, and its use is noted anew.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from poser.auth.events import Caller, storable
from poser.auth.permissions import session_minutes
from poser.model import User, UserSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
PENDING = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)
TOLERANCE = timedelta(minutes=5)
"""How much the clocks of two processes, or one before and after it was set, may differ."""

_TOKEN_BYTES = 32
_USER_AGENT_LENGTH = 400


def new_token() -> str:
    """Make a token that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """Hash a token for keeping; it is long and random, so a plain hash hides it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def open_session(session: Session, user: User, caller: Caller, *, is_pending: bool = False) -> str:
    """Open a session for a user and return its token, which is not kept anywhere.

    One that is pending lets nobody in: it remembers for some minutes that the password was
    right.
    """
    token = new_token()
    session.add(
        UserSession(
            token_sha256=hash_token(token),
            user_id=user.id,
            created_at=caller.now,
            seen_at=caller.now,
            expires_at=caller.now + (PENDING if is_pending else LONGEST),
            address=caller.ip,
            user_agent=storable(caller.user_agent[:_USER_AGENT_LENGTH]),
            is_pending=is_pending,
        )
    )
    session.flush()
    return token


def is_live(
    *, created_at: datetime, seen_at: datetime, expires_at: datetime, idle: timedelta, now: datetime
) -> bool:
    """Tell whether a session holds now, however the clock went in between."""
    if created_at > now + TOLERANCE or expires_at <= now:
        return False
    return seen_at > now + TOLERANCE or now - seen_at < idle


def idle_of(minutes: int | None) -> timedelta:
    """Say how long a session may be unused, given what the user's roles say in minutes."""
    return IDLE if minutes is None else min(IDLE, timedelta(minutes=minutes))


def find_session(
    session: Session, token: str, *, now: datetime, is_pending: bool = False
) -> UserSession | None:
    """Find the live session of a token, with its user; None when over or user not active."""
    row = session.execute(
        select(UserSession, session_minutes(User.id))
        .join(UserSession.user)
        .options(joinedload(UserSession.user))
        .where(
            UserSession.token_sha256 == hash_token(token),
            UserSession.is_pending == is_pending,
            User.is_active,
        )
    ).one_or_none()
    if row is None:
        return None
    found: UserSession = row[0]
    holds = is_live(
        created_at=found.created_at,
        seen_at=found.seen_at,
        expires_at=found.expires_at,
        idle=idle_of(row[1]),
        now=now,
    )
    return found if holds else None


def wants_touch(seen_at: datetime, now: datetime) -> bool:
    """Tell whether it is time to note that a session was used: at most once a minute."""
    return now - seen_at >= SEEN_EVERY or seen_at > now + TOLERANCE


def touch(session: Session, found: UserSession, *, now: datetime) -> bool:
    """Note that a session was used, at most once a minute; tells whether it wrote."""
    if not wants_touch(found.seen_at, now):
        return False
    session.execute(
        update(UserSession)
        .where(UserSession.id == found.id, UserSession.seen_at == found.seen_at)
        .values(seen_at=now)
    )
    return True


def close_session(session: Session, session_id: UUID) -> None:
    """End one session."""
    session.execute(delete(UserSession).where(UserSession.id == session_id))


def close_others(session: Session, user_id: UUID, kept: UUID | None) -> int:
    """End all sessions of a user but one, and tell how many."""
    gone = session.execute(
        delete(UserSession)
        .where(UserSession.user_id == user_id, UserSession.id.is_distinct_from(kept))
        .returning(UserSession.id)
    )
    return len(gone.all())
