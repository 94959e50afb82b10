# SPDX-License-Identifier: Apache-2.0
"""Signing in to the portal and out of it; passwords, sessions and waits are those of poser.auth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, contains_eager

from poser.auth import passwords, throttle
from poser.auth.events import NAME_LENGTH, Caller, storable
from poser.auth.sessions import IDLE, LONGEST, hash_token, is_live, new_token, wants_touch
from poser.errors import PoserError
from poser.model import (
    PortalAccount,
    PortalEvent,
    PortalEventKind,
    PortalSession,
    PortalTokenKind,
)
from poser.portal import emails
from poser.portal.links import send, send_link, use_up
from poser.portal.signing_up import is_within, language_of, may_mail, record

_SHORTEST_WAIT = timedelta(seconds=1)
_USER_AGENT_LENGTH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Somebody is in: the token is for the browser's cookie."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nobody is in; `wait` says for how long the door is held, if that is why."""

    wait: timedelta = timedelta()


def sign_in(session: Session, address: str, password: str, caller: Caller) -> Entered | Refused:
    """Check an address and password, open a session if they are right, and record the try.

    The caller commits in either case. Takes as long for an address that is not known.
    """
    name = storable(address).strip().lower()[:NAME_LENGTH]
    wanted = storable(address).strip().lower()
    account = session.scalars(
        select(PortalAccount).where(PortalAccount.address == wanted)
    ).one_or_none()
    if waiting := _throttled(session, name, caller):
        return waiting
    is_right = passwords.is_right(account.password_hash if account else None, password)
    if account is None or account.confirmed_at is None:
        return _refuse(session, name, PortalEventKind.UNKNOWN_USER, caller)
    if not is_right:
        return _refuse(session, name, PortalEventKind.WRONG_PASSWORD, caller)
    if account.is_locked:
        return _refuse(session, name, PortalEventKind.INACTIVE_USER, caller)
    if account.password_hash and passwords.is_outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return let_in(session, account, caller)


def let_in(session: Session, account: PortalAccount, caller: Caller) -> Entered:
    """Open a session for somebody who has proved who they are, and record it."""
    token = new_token()
    session.add(
        PortalSession(
            token_sha256=hash_token(token),
            account_id=account.id,
            created_at=caller.now,
            seen_at=caller.now,
            expires_at=caller.now + LONGEST,
            address=caller.ip,
            user_agent=storable(caller.user_agent[:_USER_AGENT_LENGTH]),
        )
    )
    account.last_sign_in_at = caller.now
    record(session, account.address, PortalEventKind.SIGNED_IN, caller)
    return Entered(token=token)


def is_really(
    session: Session, account: PortalAccount, password: str, caller: Caller
) -> Refused | None:
    """Check again that it is the customer who sits there; None if it is."""
    name = account.address[:NAME_LENGTH]
    if waiting := _throttled(session, name, caller):
        return waiting
    if passwords.is_right(account.password_hash, password):
        return None
    return _refuse(session, name, PortalEventKind.WRONG_PASSWORD, caller)


def find_session(session: Session, token: str, *, now: datetime) -> PortalSession | None:
    """Find the live session of a token, with its account; None when over or locked."""
    found = session.scalars(
        select(PortalSession)
        .join(PortalSession.account)
        .options(contains_eager(PortalSession.account))
        .where(PortalSession.token_sha256 == hash_token(token), PortalAccount.is_locked.is_(False))
    ).one_or_none()
    if found is None:
        return None
    holds = is_live(
        created_at=found.created_at,
        seen_at=found.seen_at,
        expires_at=found.expires_at,
        idle=IDLE,
        now=now,
    )
    return found if holds else None


def touch(session: Session, session_id: UUID, *, seen_at: datetime, now: datetime) -> None:
    """Note that a session was used, at most once a minute."""
    if wants_touch(seen_at, now):
        session.execute(
            update(PortalSession)
            .where(PortalSession.id == session_id, PortalSession.seen_at == seen_at)
            .values(seen_at=now)
        )


def sign_out(session: Session, found: PortalSession, caller: Caller) -> None:
    """End a session and record it."""
    record(session, found.account.address, PortalEventKind.SIGNED_OUT, caller)
    session.execute(delete(PortalSession).where(PortalSession.id == found.id))


def set_password(
    session: Session,
    account: PortalAccount,
    password: str,
    caller: Caller,
    *,
    kept: UUID | None = None,
) -> None:
    """Give an account another password, and end all its sessions but one. Tells the customer.

    Raises PoserError for a password that is too short or too long.
    """
    account.password_hash = passwords.hash_password(password)
    session.flush()
    use_up(session, account)
    end_sessions(session, account, kept=kept)
    record(session, account.address, PortalEventKind.PASSWORD_CHANGED, caller)
    language = language_of(session, account)
    send(session, emails.PORTAL_CHANGED, account.address, language=language, what="password")


def ask_for_address(session: Session, account: PortalAccount, address: str, caller: Caller) -> None:
    """Mail a link to a new address of an account; it holds from when that is followed.

    Raises PoserError when too many mails were asked for.
    """
    if not may_mail(session, address, caller) or not is_within(session, address, caller):
        raise PoserError("too many mails were asked for", hint="come again in an hour")
    language = language_of(session, account)
    taken = session.scalar(select(PortalAccount.id).where(PortalAccount.address == address))
    if taken is None:
        kind = PortalTokenKind.ADDRESS
        send_link(session, account, kind, now=caller.now, language=language, to=address)
    elif taken != account.id:
        send(session, emails.PORTAL_KNOWN, address, language=language)


def end_sessions(session: Session, account: PortalAccount, *, kept: UUID | None = None) -> None:
    """End the sessions of an account, all but one if that is kept."""
    session.execute(
        delete(PortalSession).where(
            PortalSession.account_id == account.id, PortalSession.id.is_distinct_from(kept)
        )
    )


def _throttled(session: Session, name: str, caller: Caller) -> Refused | None:
    """Hold the door for one try; tells if it has to wait."""
    if not throttle.claim(session, name, caller.ip, PortalEvent):
        record(session, name, PortalEventKind.THROTTLED, caller)
        return Refused(wait=_SHORTEST_WAIT)
    if wait := throttle.wait(session, name, caller.ip, now=caller.now, events=PortalEvent):
        if not throttle.is_on_record(session, name, caller.ip, now=caller.now, events=PortalEvent):
            record(session, name, PortalEventKind.THROTTLED, caller)
        return Refused(wait=wait)
    return None


def _refuse(session: Session, name: str, kind: PortalEventKind, caller: Caller) -> Refused:
    record(session, name, kind, caller)
    return Refused()
