# SPDX-License-Identifier: Apache-2.0
"""The outbox of mail, what became of each try to send it, and what came back."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import MINE_ALONE, RIGHTS, check, filled, one_of, reference, unique, words
from poser.model.syncing import STAYS


class OutboxStatus(StrEnum):
    """How far a mail is."""

    WAITING = "waiting"
    SENT = "sent"
    JOINED = "joined"  # went as part of another one
    NOT_SENT = "not_sent"  # its type is switched off, or nobody is to get it
    FAILED = "failed"


class EmailStatus(StrEnum):
    """What became of one try to send a mail."""

    SENT = "sent"
    FAILED = "failed"
    NOT_SENT = "not_sent"


class BounceKind(StrEnum):
    """What came back."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    UNKNOWN = "unknown"


def _addresses(comment: str) -> MappedColumn[Any]:
    return mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list, comment=comment)


class Email(Model):
    """One mail: written with the work that it is about, sent by the service poser-mail."""

    __tablename__ = "emails"
    __table_args__ = (
        one_of("status", OutboxStatus),
        filled("key"),
        check("times", "times >= 1", "A mail stands for itself at least."),
        check("tries", "tries >= 0", "Nothing is tried less often than never."),
        check(
            "sent_with_id",
            "(sent_with_id IS NOT NULL) = (status = 'joined')",
            "A mail that went with another one says with which.",
        ),
        check(
            "finished_at",
            "(finished_at IS NULL) = (status = 'waiting')",
            "A mail has an end when it waits no more.",
        ),
        Index("ix_emails_waiting", "due_at", postgresql_where=text("status = 'waiting'")),
        Index("ix_emails_key_finished_at", "key", "finished_at"),
        Index("ix_emails_queued_at", "queued_at"),
        {"comment": "Mail of this node: the outbox, and what became of it.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(comment="Which type of email, such as import_changes.")
    about: Mapped[str] = words("What it is about: mails about the same may go as one.")
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="Values for its template.")
    recipients: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text),
        comment="Who gets it: addresses, user:NAME, role:NAME; empty: as its type says.",
    )
    times: Mapped[int] = mapped_column(
        server_default=text("1"), default=1, comment="How many of the same it stands for."
    )
    queued_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was written to the outbox (UTC)."
    )
    status: Mapped[str] = words(
        "waiting, sent, joined (went with another), not_sent (switched off) or failed.",
        default=OutboxStatus.WAITING,
    )
    due_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="Not to be tried before (UTC)."
    )
    tries: Mapped[int] = mapped_column(
        server_default=text("0"), default=0, comment="How often it was tried."
    )
    status_text: Mapped[str] = words("Why it waits or did not go.")
    sender: Mapped[str] = words("Address it is from; empty before the first try.")
    subject: Mapped[str] = words("Its subject; empty before the first try.")
    still_to: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), comment="Addresses that it still has to go to; empty before the first try."
    )
    message: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="The whole mail as it was first tried; each try sends the same."
    )
    finished_at: Mapped[datetime | None] = mapped_column(
        comment="When it was sent or given up (UTC)."
    )
    sent_with_id: Mapped[UUID | None] = reference(
        "emails.id", "The mail that it went with.", ondelete="CASCADE"
    )


class EmailSettings(Model):
    """What people set for one type of email; what is empty is as the type and mail.* say."""

    __tablename__ = "email_settings"
    __table_args__ = (
        unique("key"),
        filled("key"),
        {"comment": "What people set for types of email.", "info": {**RIGHTS, **STAYS}},
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(comment="Which type of email, such as import_changes.")
    is_enabled: Mapped[bool | None] = mapped_column(comment="Is sent at all.")
    is_hidden: Mapped[bool | None] = mapped_column(comment="Is left out of lists of types.")
    sender: Mapped[str | None] = mapped_column(comment="Address it is from.")
    reply_to: Mapped[str | None] = mapped_column(comment="Address that answers go to.")
    recipients: Mapped[list[str] | None] = mapped_column(ARRAY(Text), comment="Who gets it.")
    cc: Mapped[list[str] | None] = mapped_column(ARRAY(Text), comment="Who gets a copy.")
    bcc: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), comment="Who gets a copy without others seeing it."
    )
    subject: Mapped[str | None] = mapped_column(
        comment="Its subject, with names of values in braces."
    )
    created_at: Mapped[CreatedAt]


class EmailAttempt(Model):
    """One try to send a mail."""

    __tablename__ = "email_attempts"
    __table_args__ = (
        one_of("status", EmailStatus),
        filled("key"),
        Index("ix_email_attempts_key_at", "key", "at"),
        {"comment": "Mail that this node tried to send.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    email_id: Mapped[UUID | None] = reference(
        "emails.id", "The mail; its message is kept there.", ondelete="CASCADE"
    )
    key: Mapped[str] = mapped_column(comment="Which kind of mail, such as import_failed.")
    at: Mapped[datetime] = mapped_column(comment="When it was tried (UTC).")
    sender: Mapped[str] = words("Address it is from.")
    recipients: Mapped[list[str]] = _addresses("Addresses it is to.")
    subject: Mapped[str] = words("Its subject.")
    status: Mapped[str] = mapped_column(comment="sent, failed or not_sent (switched off).")
    status_text: Mapped[str] = words("What the mail server or the error said.")


class EmailBounce(Model):
    """A mail that came back."""

    __tablename__ = "email_bounces"
    __table_args__ = (
        one_of("kind", BounceKind),
        filled("recipient"),
        Index("ix_email_bounces_recipient_at", "recipient", "at"),
        {"comment": "Mail that came back to this node.", "info": STAYS},
    )

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(comment="When it came back (UTC).")
    recipient: Mapped[str] = mapped_column(comment="Address that did not get the mail.")
    mailbox: Mapped[str] = words("Address it came back to.")
    kind: Mapped[str] = words(
        "hard, soft, complaint, auto_reply or unknown.", default=BounceKind.UNKNOWN
    )
    reason: Mapped[str] = words("What the other mail server said.")
    sha256: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="SHA-256 of the mail that came back, so that it is taken once."
    )
    processed_at: Mapped[datetime | None] = mapped_column(
        comment="When somebody dealt with it (UTC)."
    )
    processed_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who dealt with it.", ondelete="SET NULL"
    )
    created_at: Mapped[CreatedAt]
