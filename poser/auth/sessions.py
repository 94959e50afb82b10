# SPDX-License-Identifier: Apache-2.0
"""Signed-in browsers: a random token in a cookie, its hash in a row.

Whoever reads the database finds no token. A session ends after twelve hours without use
and after seven days in any case; signing out ends it at once.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from poser.model import User, UserSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)
_TOKEN_BYTES = 32
_USER_AGENT_LENGTH = 400


def open_session(
    session: Session, user: User, *, address: str | None, user_agent: str, now: datetime
) -> str:
    """Open a session for a user and return its token, which is not kept anywhere."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        UserSession(
            token_sha256=_hash(token),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
            address=address,
            user_agent=_storable(user_agent[:_USER_AGENT_LENGTH]),
        )
    )
    session.flush()
    return token


def find_session(session: Session, token: str, *, now: datetime) -> UserSession | None:
    """Find the live session of a token, with its user; None when over or user not active."""
    return session.scalars(
        select(UserSession)
        .join(UserSession.user)
        .options(joinedload(UserSession.user))
        .where(
            UserSession.token_sha256 == _hash(token),
            UserSession.expires_at > now,
            UserSession.seen_at > now - IDLE,
            User.is_active,
        )
    ).one_or_none()


def touch(session: Session, found: UserSession, *, now: datetime) -> bool:
    """Note that a session was used, at most once a minute; tells whether it wrote."""
    if now - found.seen_at < SEEN_EVERY:
        return False
    session.execute(
        update(UserSession)
        .where(UserSession.id == found.id, UserSession.seen_at < now)
        .values(seen_at=now)
    )
    return True


def close_session(session: Session, session_id: UUID) -> None:
    """End one session."""
    session.execute(delete(UserSession).where(UserSession.id == session_id))


def _storable(words: str) -> str:
    return words.replace("\0", "").encode("utf-8", "ignore").decode()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
