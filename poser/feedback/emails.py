# SPDX-License-Identifier: Apache-2.0
"""The email about what somebody says about a page."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from poser.mail import EmailType, OfRecord

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from poser.model.feedback import UserFeedback


def values_of(row: "UserFeedback") -> dict[str, object]:
    """Give what the mail about some feedback has."""
    return {
        "who": row.user_name or "somebody",
        "text": row.text,
        "path": row.page,
        "browser": row.browser,
        "id": str(row.id),
    }


def _read(session: "Session", key: UUID) -> dict[str, object] | None:
    from poser.model.feedback import UserFeedback  # noqa: PLC0415 - slow

    row = session.get(UserFeedback, key)
    return values_of(row) if row else None


USER_FEEDBACK = EmailType(
    key="user_feedback",
    description="Something that somebody says about a page of the web app.",
    subject="{who} says something about {path}",
    sample={
        "who": "anna",
        "text": "The price of milk is shown twice.\nOn my phone only.",
        "path": "/products",
        "browser": "Mozilla/5.0",
        "id": "0196f3c0-0000-7000-8000-000000000000",
    },
    repeats_within=timedelta(0),
    of_record=OfRecord(table="user_feedback", read=_read),
)
