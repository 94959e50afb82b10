# SPDX-License-Identifier: Apache-2.0
"""Tokens by which programs act for a user: some of the user's permissions, for some time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from poser.auth.events import Caller, record, storable
from poser.auth.sessions import SEEN_EVERY, hash_token, new_token
from poser.errors import PoserError
from poser.model import SignInKind, User, UserApiToken

PREFIX = "poser_"
"""By which people, and programs that look for secrets in files, know a token."""

LONGEST = timedelta(days=366)
ALL = "*"
_DESCRIPTION_LENGTH = 100


def add_token(
    session: Session,
    user: User,
    *,
    description: str,
    scopes: Collection[str],
    lasts: timedelta,
    caller: Caller,
) -> str:
    """Make a token for a program and return it, which is not kept anywhere.

    `scopes` are the permissions it has of those of its user, or `*` alone for all of them.
    Raises PoserError without a description or a scope, or for a time that is too long.
    """
    description = " ".join(storable(description).split())[:_DESCRIPTION_LENGTH]
    if not description:
        raise PoserError("a token needs a description", hint="say which program has it")
    if not scopes:
        raise PoserError("a token without a permission is of no use", hint="choose at least one")
    if not timedelta() < lasts <= LONGEST:
        raise PoserError("a token lasts a year at most", hint="choose fewer days")
    token = PREFIX + new_token()
    session.add(
        UserApiToken(
            user_id=user.id,
            description=description,
            token_sha256=hash_token(token),
            scopes=ALL if ALL in scopes else " ".join(sorted(scopes)),
            created_at=caller.now,
            expires_at=caller.now + lasts,
        )
    )
    record(session, user, SignInKind.TOKEN_ADDED, caller, note=description)
    return token


def remove_token(session: Session, user: User, token_id: UUID, caller: Caller) -> bool:
    """Take a token of a user away at once; tells whether there was one."""
    gone = session.scalars(
        delete(UserApiToken)
        .where(UserApiToken.id == token_id, UserApiToken.user_id == user.id)
        .returning(UserApiToken.description)
    ).one_or_none()
    if gone is None:
        return False
    record(session, user, SignInKind.TOKEN_REMOVED, caller, note=gone)
    return True


def tokens_of(session: Session, user: User) -> list[UserApiToken]:
    """List the tokens of a user, the newest first."""
    return list(
        session.scalars(
            select(UserApiToken)
            .where(UserApiToken.user_id == user.id)
            .order_by(UserApiToken.id.desc())
        )
    )


def note_token_use(session: Session, token_id: UUID, *, now: datetime) -> None:
    """Note that a token was used, to within a minute."""
    session.execute(
        update(UserApiToken)
        .where(
            UserApiToken.id == token_id,
            UserApiToken.used_at.is_(None) | (UserApiToken.used_at < now - SEEN_EVERY),
        )
        .values(used_at=now)
    )


def allowed(scopes: str, permissions: frozenset[str], *, has_all: bool) -> frozenset[str]:
    """Say which permissions a token has, given what its user may do now."""
    asked = frozenset(scopes.split())
    if ALL in asked:
        return permissions
    return asked if has_all else asked & permissions
