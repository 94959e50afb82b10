# SPDX-License-Identifier: Apache-2.0
"""Writing mail to the outbox, in the transaction of the work that it is about."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from poser.ids import uuid7
from poser.mail.recipients import checked
from poser.mail.types import EmailType
from poser.mail.values import kept, storable
from poser.model.mail import Email

CHANNEL = "poser_mail"
"""What is notified when mail was committed, so that it goes at once."""

_LONGEST_ABOUT = 200
_NOTIFY = text("SELECT pg_notify(:channel, '')")


def queue(
    session: Session,
    type_: EmailType,
    *,
    data: Mapping[str, object],
    to: Sequence[str] | None = None,
    about: str = "",
    times: int = 1,
) -> UUID:
    """Write a mail to the outbox; it is sent when the caller's transaction commits.

    `data` has the names of the type's sample. `to` are recipients for this mail alone, as
    poser.mail.recipients reads them, instead of those of the type. Mails of one type that
    are `about` the same may go as one when they repeat; `times` is how many one stands for.
    Returns its id. Raises ValueError for other names, or values that no mail can keep, and
    BadRecipient for one that is none.
    """
    if set(data) != set(type_.sample):
        wrong = ", ".join(sorted(set(data) ^ set(type_.sample)))
        raise ValueError(f"a mail {type_.key} needs just the values of its sample: see {wrong}")
    mail = Email(
        id=uuid7(),
        key=type_.key,
        about=storable(about)[:_LONGEST_ABOUT],
        data=kept(data),
        recipients=None if to is None else list(checked(to)),
        times=times,
    )
    session.add(mail)
    session.flush()
    session.execute(_NOTIFY, {"channel": CHANNEL})
    return mail.id
