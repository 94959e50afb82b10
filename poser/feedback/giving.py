# SPDX-License-Identifier: Apache-2.0
"""Writing down what somebody says, and mailing it in the same transaction."""

from uuid import UUID

from sqlalchemy.orm import Session

from poser.db.authors import AUTHOR, Author
from poser.errors import PoserError
from poser.feedback.emails import USER_FEEDBACK, values_of
from poser.mail import queue
from poser.model.feedback import UserFeedback

LONGEST = 5_000
"""How much somebody can say at once."""


def give(session: Session, text: str, *, page: str = "", browser: str = "") -> UUID:
    """Write down what the author says, and queue the mail. Raises PoserError for nothing said."""
    said = text.strip()[:LONGEST]
    if not said:
        raise PoserError("nothing was said", hint="write a sentence first")
    who = AUTHOR.get() or Author(source="")
    row = UserFeedback(
        text=said,
        page=page[:500],
        browser=browser[:500],
        user_id=who.user_id,
        user_name=who.user_name,
    )
    session.add(row)
    session.flush()
    queue(session, USER_FEEDBACK, about=str(row.id), data=values_of(row))
    return row.id
