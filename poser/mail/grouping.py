# SPDX-License-Identifier: Apache-2.0
"""Which mails go as one, and which wait for that.

The first about something goes at once, alone. What repeats within the type's span is held,
and then goes as one. Of a type at most so many go in an hour: the last one that may takes
with it all that wait, whatever they are about, and the next ones are held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from poser.mail.types import EmailType
from poser.model.mail import Email, OutboxStatus

MOST_AT_ONCE = 1_000
"""How many others one mail takes with it; what is beyond goes with the next."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What may go now: `held_until` is when, if not now, and `why` that is so."""

    held_until: datetime | None = None
    why: str = ""
    is_last: bool = False


def pace(session: Session, mail: Email, type_: EmailType, now: datetime) -> Pace:
    """Decide whether a mail that was not tried yet goes now."""
    before = _last_about_the_same(session, mail, now)
    if before is not None and now < (again := before + type_.repeats_within):
        return Pace(held_until=again, why="held: it goes with others about the same")
    oldest, count = _went_in_the_last_hour(session, mail.key, now)
    if count >= type_.most_per_hour:
        again = max(oldest or now, now - _HOUR) + _HOUR
        return Pace(held_until=again, why=f"held: {count} of its type went within the hour")
    return Pace(is_last=count == type_.most_per_hour - 1)


def companions(session: Session, mail: Email, *, of_all: bool) -> Sequence[Email]:
    """Lock the mails that go with this one, the oldest first: those about the same, or all."""
    if not of_all and not mail.about:
        return ()
    about = () if of_all else (Email.about == mail.about,)
    return session.scalars(
        select(Email)
        .where(_alike(mail), *about, Email.id != mail.id)
        .where(Email.status == OutboxStatus.WAITING, Email.message.is_(None))
        .order_by(Email.queued_at, Email.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()


def _alike(mail: Email) -> ColumnElement[bool]:
    """Select the mails that may go with this one: of its type, to the same people."""
    return and_(Email.key == mail.key, Email.recipients.is_not_distinct_from(mail.recipients))


def _went(now: datetime) -> ColumnElement[datetime]:
    """Say when a mail went; what is still being tried counts as going now."""
    return func.coalesce(Email.finished_at, now)


_TRIED = or_(
    Email.status == OutboxStatus.SENT,
    and_(Email.status == OutboxStatus.WAITING, Email.message.is_not(None)),
)


def _last_about_the_same(session: Session, mail: Email, now: datetime) -> datetime | None:
    if not mail.about:
        return None
    same = select(func.max(_went(now))).where(_alike(mail), Email.about == mail.about, _TRIED)
    return session.scalar(same)


def _went_in_the_last_hour(
    session: Session, key: str, now: datetime
) -> tuple[datetime | None, int]:
    row = session.execute(
        select(func.min(_went(now)), func.count())
        .where(Email.key == key, _TRIED)
        .where(or_(Email.finished_at.is_(None), Email.finished_at > now - _HOUR))
    ).one()
    return row[0], row[1]
