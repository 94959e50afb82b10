# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, each try recorded."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.auth import passwords, throttle
from poser.auth.sessions import close_session, open_session
from poser.model import SignInEvent, SignInKind, User, UserSession

_NAME_LENGTH = 100
_SHORTEST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody is in: the user, and the token for the browser's cookie."""

    user: User
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nobody is in. What to tell a stranger is the same for every kind but `throttled`."""

    kind: SignInKind
    wait: timedelta = timedelta()


def sign_in(
    session: Session,
    name: str,
    password: str,
    *,
    address: str | None,
    user_agent: str,
    now: datetime,
) -> SignedIn | Refused:
    """Check a name and password, open a session if they are right, and record the try.

    The caller commits in either case. Takes as long for a name that does not exist.
    `address` is the browser's IP address; something else counts as none.
    """
    name = _storable(name).strip().lower()[:_NAME_LENGTH]
    address = _ip(address)
    user = session.scalars(select(User).where(User.name == name)).one_or_none()

    record = partial(_record, session, name, user, address=address, now=now)

    def refuse(kind: SignInKind, wait: timedelta = timedelta()) -> Refused:
        record(kind)
        return Refused(kind=kind, wait=wait)

    if not throttle.claim(session, name, address):
        return Refused(kind=SignInKind.THROTTLED, wait=_SHORTEST_WAIT)
    if wait := throttle.wait(session, name, address, now=now):
        if not throttle.is_on_record(session, name, address, now=now):
            record(SignInKind.THROTTLED)
        return Refused(kind=SignInKind.THROTTLED, wait=wait)
    is_right = passwords.is_right(user.password_hash if user else None, password)
    if user is None:
        return refuse(SignInKind.UNKNOWN_USER)
    if not is_right:
        return refuse(SignInKind.WRONG_PASSWORD)
    if not user.is_active:
        return refuse(SignInKind.INACTIVE_USER)
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    user.last_sign_in_at = now
    record(SignInKind.SIGNED_IN)
    token = open_session(session, user, address=address, user_agent=user_agent, now=now)
    return SignedIn(user=user, token=token)


def sign_out(session: Session, found: UserSession, *, address: str | None, now: datetime) -> None:
    """End a session and record it. The caller commits."""
    user = found.user
    _record(session, user.name, user, SignInKind.SIGNED_OUT, address=_ip(address), now=now)
    close_session(session, found.id)


def _record(
    session: Session,
    name: str,
    user: User | None,
    kind: SignInKind,
    *,
    address: str | None,
    now: datetime,
) -> None:
    session.add(
        SignInEvent(
            user_id=user.id if user else None, name=name, kind=kind.value, address=address, at=now
        )
    )
    session.flush()


def _storable(name: str) -> str:
    """Leave out what PostgreSQL cannot keep: NUL, and halves of characters."""
    return name.replace("\0", "").encode("utf-8", "ignore").decode()


def _ip(address: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(address or ""))
    except ValueError:
        return None
