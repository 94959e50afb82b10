# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, each try recorded."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.auth import factors, passwords, throttle
from poser.auth.events import NAME_LENGTH, Caller, record, storable
from poser.auth.sessions import close_session, find_session, open_session
from poser.model import SignInKind, User, UserSession

_SHORTEST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody is in: the user, and the token for the browser's cookie."""

    user: User
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsCode:
    """The password is right and a code is still to come; the token stands for that."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nobody is in. What to tell a stranger is the same for every kind but `throttled`."""

    kind: SignInKind
    wait: timedelta = timedelta()


def sign_in(
    session: Session, name: str, password: str, caller: Caller
) -> SignedIn | NeedsCode | Refused:
    """Check a name and password, open a session if they are right, and record the try.

    The caller commits in either case. Takes as long for a name that does not exist. A user
    whose phone makes codes needs one, too: see `sign_in_with_code`.
    """
    name = storable(name).strip().lower()[:NAME_LENGTH]
    user = session.scalars(select(User).where(User.name == name)).one_or_none()
    if waiting := throttled(session, user or name, caller):
        return waiting
    is_right = passwords.is_right(user.password_hash if user else None, password)
    if user is None:
        return _refuse(session, name, SignInKind.UNKNOWN_USER, caller)
    if not is_right:
        return _refuse(session, user, SignInKind.WRONG_PASSWORD, caller)
    if not user.is_active:
        return _refuse(session, user, SignInKind.INACTIVE_USER, caller)
    if user.password_hash and passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    if factors.has_totp(session, user):
        return NeedsCode(token=open_session(session, user, caller, is_pending=True))
    return let_in(session, user, caller)


def sign_in_with_code(
    session: Session, token: str, code: str, caller: Caller
) -> SignedIn | Refused | None:
    """Check the code that must follow the password: of the phone, or one kept on paper.

    None if the password was too long ago. The caller commits in any case.
    """
    found = find_session(session, token, now=caller.now, is_pending=True)
    if found is None:
        return None
    user = found.user
    if waiting := throttled(session, user, caller):
        return waiting
    is_right = factors.check_code(session, user, code, now=caller.now)
    if not is_right and not factors.use_recovery_code(session, user, code, now=caller.now):
        return _refuse(session, user, SignInKind.WRONG_CODE, caller)
    close_session(session, found.id)
    return let_in(session, user, caller, note="" if is_right else "by a code kept on paper")


def let_in(session: Session, user: User, caller: Caller, *, note: str = "") -> SignedIn:
    """Open a session for somebody who has proved who they are, and record it."""
    user.last_sign_in_at = caller.now
    record(session, user, SignInKind.SIGNED_IN, caller, note=note)
    return SignedIn(user=user, token=open_session(session, user, caller))


def is_really(session: Session, user: User, proof: str, caller: Caller) -> Refused | None:
    """Check again that it is the user who sits there: by a code, or else by the password.

    None if it is. Wrong proof is recorded, and slowed down like signing in.
    """
    if waiting := throttled(session, user, caller):
        return waiting
    if factors.has_totp(session, user) and factors.check_code(session, user, proof, now=caller.now):
        return None
    if passwords.is_right(user.password_hash, proof):
        return None
    return _refuse(session, user, SignInKind.WRONG_PASSWORD, caller)


def throttled(session: Session, who: User | str, caller: Caller) -> Refused | None:
    """Hold the door for one try; tells if it has to wait."""
    name = who.name if isinstance(who, User) else who
    if not throttle.claim(session, name, caller.ip):
        record(session, who, SignInKind.THROTTLED, caller)
        return Refused(kind=SignInKind.THROTTLED, wait=_SHORTEST_WAIT)
    if wait := throttle.wait(session, name, caller.ip, now=caller.now):
        if not throttle.is_on_record(session, name, caller.ip, now=caller.now):
            record(session, who, SignInKind.THROTTLED, caller)
        return Refused(kind=SignInKind.THROTTLED, wait=wait)
    return None


def sign_out(session: Session, found: UserSession, caller: Caller) -> None:
    """End a session and record it. The caller commits."""
    record(session, found.user, SignInKind.SIGNED_OUT, caller)
    close_session(session, found.id)


def _refuse(session: Session, who: User | str, kind: SignInKind, caller: Caller) -> Refused:
    record(session, who, kind, caller)
    return Refused(kind=kind)
