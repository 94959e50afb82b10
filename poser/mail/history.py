# SPDX-License-Identifier: Apache-2.0
"""What became of one mail, and sending it again."""

from dataclasses import asdict, dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.mail.outbox import CHANNEL
from poser.model.mail import Email, EmailAttempt, EmailStatus, OutboxStatus

_HEADERS = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: when, for whom, and what the mail server said."""

    at: datetime
    recipients: tuple[str, ...]
    status: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One mail, and all that became of it; without headers and text it was never tried."""

    id: UUID
    key: str
    status: str
    status_text: str
    attempts: tuple[Attempt, ...]
    raw: bytes
    headers: tuple[tuple[str, str], ...]
    text: str

    def to_json(self) -> dict[str, object]:
        """Give it for programs."""
        plain = asdict(self)
        del plain["raw"]
        return {**plain, "headers": dict(self.headers)}


def story_of(session: Session, mail_id: UUID) -> Story:
    """Tell what became of a mail; one that went with another tells of that one."""
    mail = _found(session, mail_id)
    carrier = mail if mail.sent_with_id is None else _found(session, mail.sent_with_id)
    query = select(EmailAttempt).where(EmailAttempt.email_id == carrier.id)
    raw = carrier.message or b""
    message = message_from_bytes(raw, EmailMessage, policy=SMTPUTF8)
    part = message.get_body(("plain",)) if raw else None
    return Story(
        id=mail.id,
        key=mail.key,
        status=mail.status,
        status_text=carrier.status_text,
        attempts=tuple(
            Attempt(
                at=one.at,
                recipients=tuple(one.recipients),
                status=one.status,
                text=one.status_text,
            )
            for one in session.scalars(query.order_by(EmailAttempt.at, EmailAttempt.id))
        ),
        raw=raw,
        headers=tuple((name, str(message[name])) for name in _HEADERS if message[name]),
        text="" if part is None else str(part.get_content()).replace("\r\n", "\n"),
    )


def retry(session: Session, mail_id: UUID) -> None:
    """Let a mail be sent at once. Raises PoserError for one that was sent already."""
    mail = _found(session, mail_id)
    if mail.status in {OutboxStatus.SENT, OutboxStatus.JOINED}:
        raise PoserError(
            f"mail {mail_id} was sent already", hint=f"poser mail show {mail_id} shows how"
        )
    got = select(EmailAttempt.id).where(
        EmailAttempt.email_id == mail.id, EmailAttempt.status == EmailStatus.SENT
    )
    if session.scalar(select(~got.exists())):
        mail.message = mail.still_to = None
        mail.sender = mail.subject = ""
        session.execute(
            update(Email)
            .where(Email.sent_with_id == mail.id)
            .values(status=OutboxStatus.WAITING, sent_with_id=None, finished_at=None)
        )
    mail.status, mail.finished_at, mail.status_text = OutboxStatus.WAITING, None, ""
    mail.tries = 0
    # The time for which it is tried begins anew, too.
    mail.queued_at = mail.due_at = session.execute(select(func.now())).scalar_one()
    session.flush()
    session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def _found(session: Session, mail_id: UUID) -> Email:
    mail = session.get(Email, mail_id)
    if mail is None:
        raise PoserError(f"there is no mail {mail_id}", hint="poser mail queue lists the newest")
    return mail
