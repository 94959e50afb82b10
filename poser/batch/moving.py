# SPDX-License-Identifier: Apache-2.0
"""Making batches and moving them on: complete, open again, approved, talked about.

Functions take a session and never commit. The database lets a batch go only where it may,
and notes who moved it: the author of the transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType
from poser.db.authors import AUTHOR, Author
from poser.errors import BatchFrozen, PoserError, StaleRecord
from poser.model.batches import Batch, BatchEvent, BatchStatus

GOES_ON = (BatchStatus.DRAFT, BatchStatus.POPULATING, BatchStatus.OPEN)
"""Statuses in which rows may change."""


def make(
    session: Session,
    batch_type: BatchType,
    *,
    description: str = "",
    params: Mapping[str, Any] | None = None,
) -> Batch:
    """Write the head of a new batch: a draft without rows."""
    who = _who()
    batch = Batch(
        key=batch_type.key,
        description=description,
        status=BatchStatus.DRAFT,
        params=dict(params or {}),
        created_by_id=who.user_id,
        created_by_name=who.user_name,
    )
    session.add(batch)
    session.flush()
    _note(session, batch, BatchStatus.DRAFT)
    return batch


def by_number(session: Session, number: int) -> Batch:
    """Find a batch by the number that people call it. Raises PoserError when there is none."""
    batch = session.scalars(select(Batch).where(Batch.number == number)).one_or_none()
    if batch is None:
        raise PoserError(f"there is no batch {number}", hint="`poser batch list` shows them")
    return batch


def held(session: Session, number: int, seen: int | None = None) -> Batch:
    """Find a batch and lock it until the transaction ends.

    Raises StaleRecord when somebody changed it since it was `seen` with that many edits.
    """
    by_number(session, number)
    locked = select(Batch).where(Batch.number == number).with_for_update()
    batch = session.scalars(locked.execution_options(populate_existing=True)).one()
    if seen is not None and batch.edits != seen:
        raise StaleRecord(
            f"batch {number} was changed meanwhile; it is {batch.status} now",
            hint="look at it again, then say what you want",
        )
    return batch


def newest(
    session: Session, key: str = "", statuses: Sequence[BatchStatus] = (), limit: int = 20
) -> Sequence[Batch]:
    """List the newest batches, newest first: of all types, or of one; in some statuses."""
    wanted = select(Batch).order_by(Batch.number.desc()).limit(limit)
    if key:
        wanted = wanted.where(Batch.key == key)
    if statuses:
        wanted = wanted.where(Batch.status.in_(statuses))
    return session.scalars(wanted).all()


def complete(session: Session, batch_type: BatchType, batch: Batch) -> None:
    """Freeze a batch: its rows stay as they are from here on. Raises PoserError without rows."""
    must_be(batch, BatchStatus.OPEN)
    if not batch.row_count:
        raise PoserError(
            f"batch {batch.number} has no rows", hint="there is nothing to execute in it"
        )
    why = batch_type.why_not(session, batch)
    if why:
        raise PoserError(f"batch {batch.number} cannot be complete: {why}")
    who = _who()
    batch.completed_by_id, batch.completed_by_name = who.user_id, who.user_name
    move(session, batch, BatchStatus.COMPLETE)


def reopen(session: Session, batch: Batch) -> None:
    """Let people work on a frozen batch again; an approval is void then."""
    must_be(batch, BatchStatus.COMPLETE, BatchStatus.APPROVED, BatchStatus.FAILED)
    batch.completed_by_id, batch.completed_by_name = None, ""
    batch.approved_by_id, batch.approved_by_name = None, ""
    batch.status_text = ""
    move(session, batch, BatchStatus.OPEN)


def approve(session: Session, batch_type: BatchType, batch: Batch) -> None:
    """Say that a batch may be executed. Raises PoserError for who made it themselves."""
    must_be(batch, BatchStatus.COMPLETE)
    who = _who()
    if batch_type.four_eyes and is_maker(batch, who):
        raise PoserError(
            f"batch {batch.number} was made by {batch.created_by_name or 'you'}, and somebody"
            " else must approve it",
            hint="four eyes see more than two",
        )
    batch.approved_by_id, batch.approved_by_name = who.user_id, who.user_name
    move(session, batch, BatchStatus.APPROVED)


def say(session: Session, batch: Batch, words: str) -> None:
    """Write down what somebody says about a batch."""
    who = _who()
    session.add(
        BatchEvent(batch_id=batch.id, user_id=who.user_id, user_name=who.user_name, comment=words)
    )
    session.flush()


def events(session: Session, batch: Batch) -> Sequence[BatchEvent]:
    """List what happened to a batch, oldest first."""
    of_batch = select(BatchEvent).where(BatchEvent.batch_id == batch.id)
    return session.scalars(of_batch.order_by(BatchEvent.at, BatchEvent.id)).all()


def must_be(batch: Batch, *statuses: BatchStatus) -> None:
    """Raise BatchFrozen for a batch in another status."""
    if batch.status not in statuses:
        raise BatchFrozen(
            f"batch {batch.number} is {batch.status}, not {' or '.join(statuses)}",
            hint=f"`poser batch show {batch.number}` tells how it came there",
        )


def move(session: Session, batch: Batch, status: BatchStatus) -> None:
    """Give a batch another status; the database refuses what may not be."""
    batch.status = status
    session.flush()


def is_maker(batch: Batch, who: Author) -> bool:
    """Say whether somebody is who made a batch: the same user, or of the same name."""
    if who.user_id is not None and batch.created_by_id is not None:
        return who.user_id == batch.created_by_id
    return who.user_name == batch.created_by_name


def _who() -> Author:
    return AUTHOR.get() or Author(source="")


def _note(session: Session, batch: Batch, status: BatchStatus) -> None:
    who = _who()
    session.add(
        BatchEvent(
            batch_id=batch.id,
            at=func.clock_timestamp(),
            status=status,
            user_id=who.user_id,
            user_name=who.user_name,
            comment=who.comment,
        )
    )
    session.flush()


def outcomes(session: Session, batch_id: UUID) -> dict[str, int]:
    """Count the rows of a batch by what executing it did with them."""
    found = session.execute(_OUTCOMES, {"batch": batch_id})
    return {row[0]: row[1] for row in found}


_OUTCOMES = text(
    "SELECT outcome, count(*) FROM batch_rows WHERE batch_id = :batch AND NOT is_removed"
    " GROUP BY outcome ORDER BY outcome"
)
