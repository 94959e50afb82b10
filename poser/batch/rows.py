# SPDX-License-Identifier: Apache-2.0
"""The rows of a batch: added in bulk, shown by pages, changed, taken out and put back.

Functions take a session and never commit. The database refuses to change those of a batch
that is frozen.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from poser.batch.batch_type import BatchType, NewRow
from poser.batch.moving import GOES_ON, must_be
from poser.errors import PoserError, StaleRecord
from poser.model.batches import Batch, BatchRow

_CHUNK = 1_000


def add_rows(session: Session, batch: Batch, rows: Iterable[NewRow]) -> int:
    """Add rows behind those that there are; returns how many."""
    must_be(batch, *GOES_ON)
    last = session.scalar(select(func.max(BatchRow.number)).where(BatchRow.batch_id == batch.id))
    number, added = last or 0, 0
    items = iter(rows)
    while some := list(islice(items, _CHUNK)):
        session.execute(
            insert(BatchRow),
            [_values(batch.id, number + n, row) for n, row in enumerate(some, start=1)],
        )
        number += len(some)
        added += len(some)
    session.refresh(batch)
    return added


def page(
    session: Session,
    batch: Batch,
    *,
    statuses: Sequence[str] = (),
    outcomes: Sequence[str] = (),
    removed: bool = False,
    after: int = 0,
    limit: int = 50,
) -> Sequence[BatchRow]:
    """Give the rows behind a number, in their order; `removed` gives those taken out."""
    wanted = (
        select(BatchRow)
        .where(BatchRow.batch_id == batch.id, BatchRow.number > after)
        .where(BatchRow.is_removed.is_(removed))
    )
    if statuses:
        wanted = wanted.where(BatchRow.status.in_(statuses))
    if outcomes:
        wanted = wanted.where(BatchRow.outcome.in_(outcomes))
    return session.scalars(wanted.order_by(BatchRow.number).limit(limit)).all()


def breakdown(session: Session, batch: Batch) -> dict[tuple[str, str], int]:
    """Count the rows by model and status, without those taken out."""
    found = session.execute(
        select(BatchRow.model, BatchRow.status, func.count())
        .where(BatchRow.batch_id == batch.id, BatchRow.is_removed.is_(False))
        .group_by(BatchRow.model, BatchRow.status)
        .order_by(func.min(BatchRow.number))
    )
    return {(model, status): count for model, status, count in found}


def held_row(session: Session, batch: Batch, number: int, seen: int | None = None) -> BatchRow:
    """Find a row by its number and lock it until the transaction ends.

    Raises PoserError when there is none, and StaleRecord when somebody changed it since it was
    `seen` with that many edits.
    """
    row = session.scalars(
        select(BatchRow)
        .where(BatchRow.batch_id == batch.id, BatchRow.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise PoserError(
            f"batch {batch.number} has no row {number}",
            hint=f"`poser batch show {batch.number}` lists its rows",
        )
    if seen is not None and row.edits != seen:
        raise StaleRecord(
            f"row {number} of batch {batch.number} was changed meanwhile",
            hint="look at it again, then say what you want",
        )
    return row


def change(
    session: Session,
    batch_type: BatchType,
    batch: Batch,
    row: BatchRow,
    words: Mapping[str, object],
) -> None:
    """Set fields of a row to what somebody typed; its status is looked up again."""
    must_be(batch, *GOES_ON)
    row.data = {**row.data, **batch_type.read(session, batch, row, words)}
    batch_type.refresh(session, batch, row)
    session.flush()


def take_out(session: Session, batch: Batch, row: BatchRow, *, out: bool = True) -> None:
    """Take a row out, so that it is not executed, or put it back."""
    must_be(batch, *GOES_ON)
    row.is_removed = out
    session.flush()
    session.refresh(batch)


def refresh_all(session: Session, batch_type: BatchType, batch: Batch) -> int:
    """Look up again what all rows show; returns how many there are."""
    must_be(batch, *GOES_ON)
    done, last = 0, 0
    while some := page(session, batch, after=last, limit=_CHUNK):
        for row in some:
            batch_type.refresh(session, batch, row)
        session.flush()
        done, last = done + len(some), some[-1].number
        session.expire_all()
    return done


def _values(batch_id: UUID, number: int, row: NewRow) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "number": number,
        "status": row.status,
        "status_text": row.status_text,
        "entry": row.entry,
        "label": row.label,
        "model": row.model,
        "record_id": row.record_id,
        "product_id": row.product_id,
        "data": dict(row.data),
        "old": dict(row.old),
    }
