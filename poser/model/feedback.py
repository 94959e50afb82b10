# SPDX-License-Identifier: Apache-2.0
"""What people say about the pages they work with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import MINE_ALONE, check, reference, words


class UserFeedback(Model):
    """Something that somebody said about a page."""

    __tablename__ = "user_feedback"
    __table_args__ = (
        check("text", "btrim(text) <> ''", "Say something first."),
        Index("ix_user_feedback_created_at_id", "created_at", "id"),
        {"comment": "What people say about pages.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    page: Mapped[str] = words("Address of the page that it is about.")
    text: Mapped[str] = mapped_column(comment="What they said.")
    user_id: Mapped[UUID | None] = reference("users.id", "Who said it.", ondelete="SET NULL")
    user_name: Mapped[str] = words("Their name, kept when they are gone.")
    browser: Mapped[str] = words("The browser, as it calls itself.")
    answer: Mapped[str] = words("What was done about it.")
    answered_at: Mapped[datetime | None] = mapped_column(
        comment="When somebody dealt with it (UTC)."
    )
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]
