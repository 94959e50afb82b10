# SPDX-License-Identifier: Apache-2.0
"""Keeping what became of a mail: each try, when to try again, and its end."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from poser.mail.sending import Fate
from poser.model.mail import Email, EmailAttempt, EmailStatus, OutboxStatus

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_LONGEST_TEXT = 2_000


def pause_after(tries: int) -> timedelta:
    """Say how long to wait after so many tries: twice as long each time, an hour at most."""
    doubled: int = 2 ** min(tries - 1, 10)
    return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


def finish(session: Session, mail: Email, status: OutboxStatus, why: str, now: datetime) -> None:
    """End a mail; what never went is kept as a try, so that nobody looks for it in vain."""
    mail.status, mail.status_text, mail.finished_at = status, why[:_LONGEST_TEXT], now
    if status is OutboxStatus.NOT_SENT:
        session.add(
            EmailAttempt(
                email_id=mail.id,
                key=mail.key,
                at=now,
                status=EmailStatus.NOT_SENT,
                status_text=mail.status_text,
            )
        )


def report(
    session: Session,
    mail_id: UUID,
    fate: Fate,
    *,
    now: datetime,
    give_up_after: timedelta,
) -> OutboxStatus:
    """Keep what a try brought: sent, to be tried again, or given up."""
    mail = session.get_one(Email, mail_id, with_for_update=True)
    session.add(
        EmailAttempt(
            email_id=mail.id,
            key=mail.key,
            at=now,
            sender=mail.sender,
            recipients=[*fate.taken, *fate.not_now, *fate.never],
            subject=mail.subject,
            status=EmailStatus.SENT if fate.taken else EmailStatus.FAILED,
            status_text=_words(fate)[:_LONGEST_TEXT],
        )
    )
    session.flush()
    is_over = now - mail.queued_at >= give_up_after
    if fate.not_now and not is_over:
        mail.still_to = list(fate.not_now)
        mail.due_at = now + pause_after(mail.tries)
        mail.status_text = _words(fate)[:_LONGEST_TEXT]
        return OutboxStatus.WAITING
    mail.still_to = []
    status = OutboxStatus.SENT if _anybody_got(session, mail.id) else OutboxStatus.FAILED
    finish(session, mail, status, _ending(mail, fate), now)
    _note(mail, fate)
    return status


def _anybody_got(session: Session, mail_id: UUID) -> bool:
    sent = exists().where(EmailAttempt.email_id == mail_id, EmailAttempt.status == EmailStatus.SENT)
    return bool(session.scalar(select(sent)))


def _words(fate: Fate) -> str:
    refused = {**fate.not_now, **fate.never}
    if not refused:
        return next(iter(fate.taken.values()), "")
    return "; ".join(f"{one}: {why}" for one, why in refused.items())


def _ending(mail: Email, fate: Fate) -> str:
    """Say what the end was; who could not be reached is told already."""
    given_up = f"given up after {mail.tries} tries: " if fate.not_now else ""
    return "; ".join(filter(None, (mail.status_text * (not fate.not_now), given_up + _words(fate))))


def _note(mail: Email, fate: Fate) -> None:
    if fate.not_now or fate.never:
        log.warning(
            "mail not taken for some",
            extra={"key": mail.key, "mail": str(mail.id), "reason": _words(fate)},
        )
    else:
        log.info("mail sent", extra={"key": mail.key, "mail": str(mail.id)})
