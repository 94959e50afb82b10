# SPDX-License-Identifier: Apache-2.0
"""Mail that a node tried to send, and what came back."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import MINE_ALONE, filled, one_of, reference, words


class EmailStatus(StrEnum):
    """What became of a mail."""

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


class EmailAttempt(Model):
    """One mail that a node tried to send."""

    __tablename__ = "email_attempts"
    __table_args__ = (
        one_of("status", EmailStatus),
        filled("key"),
        Index("ix_email_attempts_key_at", "key", "at"),
        {"comment": "Mail that this node tried to send.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(comment="Which kind of mail, such as import_failed.")
    at: Mapped[datetime] = mapped_column(comment="When it was tried (UTC).")
    sender: Mapped[str] = words("Address it is from.")
    recipients: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), default=list, comment="Addresses it is to."
    )
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
        {"comment": "Mail that came back to this node."},
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
