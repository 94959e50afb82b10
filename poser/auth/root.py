# SPDX-License-Identifier: Apache-2.0
"""Becoming root: every permission for a quarter of an hour, with a reason, on record."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from poser.auth.events import Caller, record, storable
from poser.auth.sessions import TOLERANCE
from poser.auth.sign_in import Refused, is_really
from poser.errors import PoserError
from poser.model import SignInKind, UserSession

LASTS = timedelta(minutes=15)
REASON_LENGTH = 200


def become_root(
    session: Session, found: UserSession, *, proof: str, reason: str, caller: Caller
) -> Refused | None:
    """Give a session every permission for a while, if it is really its user who asks.

    `proof` is the password again, or a code of the phone. Recorded in any case; the caller
    commits. Raises PoserError without a reason.
    """
    reason = " ".join(storable(reason).split())[:REASON_LENGTH]
    if not reason:
        raise PoserError("becoming root needs a reason", hint="say in a few words what for")
    if refused := is_really(session, found.user, proof, caller):
        record(session, found.user, SignInKind.ROOT_REFUSED, caller, note=reason)
        return refused
    found.root_since, found.root_until = caller.now, caller.now + LASTS
    found.root_reason = reason
    record(session, found.user, SignInKind.BECAME_ROOT, caller, note=reason)
    return None


def leave_root(session: Session, found: UserSession, caller: Caller) -> None:
    """Take it back before its time; recorded if there was something to take back."""
    if not is_root(found.root_since, found.root_until, now=caller.now):
        return
    record(session, found.user, SignInKind.LEFT_ROOT, caller, note=found.root_reason)
    found.root_since = found.root_until = None
    found.root_reason = ""
    session.flush()


def is_root(since: datetime | None, until: datetime | None, *, now: datetime) -> bool:
    """Tell whether a session has every permission now, however the clock went in between."""
    return since is not None and until is not None and since <= now + TOLERANCE and now < until
