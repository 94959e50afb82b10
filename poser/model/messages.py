# SPDX-License-Identifier: Apache-2.0
"""Messages that users of a node write to each other."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import check, one_of, reference, unique, words
from poser.model.syncing import STAYS


class Folder(StrEnum):
    """Where a recipient keeps a message."""

    INBOX = "inbox"
    ARCHIVE = "archive"


class Message(Model):
    """What one user wrote to others."""

    __tablename__ = "messages"
    __table_args__ = (
        check("body", "subject <> '' OR body <> ''", "A message says something."),
        Index("ix_messages_sender_id_sent_at", "sender_id", "sent_at"),
        {"comment": "Messages between users.", "info": STAYS},
    )

    id: Mapped[Id]
    sender_id: Mapped[UUID | None] = reference(
        "users.id", "Who wrote it; empty: Poser itself.", ondelete="SET NULL", index=False
    )
    subject: Mapped[str] = words("In a few words.")
    body: Mapped[str] = words("The whole message.")
    sent_at: Mapped[datetime | None] = mapped_column(
        comment="When it was sent (UTC); empty while it is being written."
    )
    created_at: Mapped[CreatedAt]


class MessageRecipient(Model):
    """One user who got a message."""

    __tablename__ = "message_recipients"
    __table_args__ = (
        unique("message_id", "user_id"),
        one_of("folder", Folder),
        Index("ix_message_recipients_user_id_folder", "user_id", "folder"),
        {"comment": "Who got which messages.", "info": STAYS},
    )

    id: Mapped[Id]
    message_id: Mapped[UUID] = reference(
        "messages.id", "The message.", ondelete="CASCADE", index=False
    )
    user_id: Mapped[UUID] = reference("users.id", "Who got it.", ondelete="CASCADE", index=False)
    folder: Mapped[str] = words("inbox or archive.", default=Folder.INBOX)
    read_at: Mapped[datetime | None] = mapped_column(comment="When it was first read (UTC).")
    created_at: Mapped[CreatedAt]
