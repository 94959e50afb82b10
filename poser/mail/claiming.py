# SPDX-License-Identifier: Apache-2.0
"""Taking the next mail out of the outbox, so that nobody else sends it meanwhile.

A mail is written whole when it is first taken, and kept: each later try sends the same
bytes. What was taken and not reported back within the lease, because its process died, is
taken again: a mail may then come twice, with the same Message-ID, and is never lost.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from poser.config import Config
from poser.mail import settings
from poser.mail.found import Found
from poser.mail.grouping import companions, pace
from poser.mail.per_type import Settled, settled
from poser.mail.reporting import finish
from poser.mail.writing import written
from poser.model.mail import Email, OutboxStatus

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""How long a mail is being sent at most, before it counts as left behind."""

_UNKNOWN_AGAIN = timedelta(hours=1)
# Two that take mail at once would each hold what the other is about to send.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('poser.mail.claiming'))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A mail that is ours to send now."""

    id: UUID
    key: str
    sender: str
    recipients: tuple[str, ...]
    message: bytes


class Passed:
    """A mail was looked at that does not go now; the next one may."""


def claim(
    session: Session, config: Config, types: Mapping[str, Found], now: datetime
) -> Claimed | Passed | None:
    """Take the next mail that is due; None when there is none.

    What does not go now is held, or finished as not sent or failed, and passed.
    """
    session.execute(_ONE_AT_A_TIME)
    mail = session.scalars(
        select(Email)
        .where(Email.status == OutboxStatus.WAITING, Email.due_at <= now)
        .order_by(Email.due_at, Email.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if mail is None:
        return None
    if mail.message is None and not _is_written(session, config, types, mail, now):
        return Passed()
    mail.tries += 1
    mail.due_at = now + LEASE
    return Claimed(
        id=mail.id,
        key=mail.key,
        sender=mail.sender,
        recipients=tuple(mail.still_to or ()),
        message=mail.message or b"",
    )


def release(session: Session, claimed: Claimed, why: str, now: datetime) -> None:
    """Give a mail back that could not even be tried, because the mail server was away."""
    mail = session.get_one(Email, claimed.id, with_for_update=True)
    mail.tries -= 1
    mail.due_at = now
    mail.status_text = why


def _is_written(
    session: Session, config: Config, types: Mapping[str, Found], mail: Email, now: datetime
) -> bool:
    """Write a mail that was not tried yet, with those that go with it, unless it does not go."""
    found = types.get(mail.key)
    if found is None:
        mail.due_at, mail.status_text = now + _UNKNOWN_AGAIN, "this node has no such email type"
        return False
    chosen = settled(session, config, found.type)
    if why := _switched_off(config, chosen):
        finish(session, mail, OutboxStatus.NOT_SENT, why, now)
        return False
    step = pace(session, mail, found.type, now)
    if step.held_until is not None:
        mail.due_at, mail.status_text = step.held_until, step.why
        return False
    mails = [mail, *companions(session, mail, of_all=step.is_last)]
    return _write(session, config, found, chosen, mails, now=now)


def _switched_off(config: Config, chosen: Settled) -> str:
    if not settings.ENABLED(config):
        return "mail.enabled is off"
    return "" if chosen.is_enabled else "its type is switched off"


def _write(
    session: Session,
    config: Config,
    found: Found,
    chosen: Settled,
    mails: Sequence[Email],
    *,
    now: datetime,
) -> bool:
    mail = mails[0]
    try:
        ready = written(session, config, found, chosen, mails, now=now)
    except Exception as error:  # one mail that cannot be written must not stop the others
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        log.exception("mail cannot be written", extra={"key": mail.key, "mail": str(mail.id)})
        finish(session, mail, OutboxStatus.FAILED, words[:500], now)
        return False
    why = "; ".join(ready.missing)
    if not ready.envelope.recipients:
        log.warning("mail goes to nobody", extra={"key": mail.key, "reason": why})
        for one in mails:
            finish(session, one, OutboxStatus.NOT_SENT, f"nobody gets it: {why}", now)
        return False
    mail.message, mail.still_to = ready.message, list(ready.envelope.recipients)
    mail.sender, mail.subject = ready.envelope.sender.addr_spec, ready.subject
    mail.status_text = why
    for one in mails[1:]:
        one.sent_with_id = mail.id
        finish(session, one, OutboxStatus.JOINED, "", now)
    return True
