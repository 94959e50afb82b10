# SPDX-License-Identifier: Apache-2.0
"""The work at hand of a visitor: tasks that go on, and batches that wait for somebody."""

from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from poser.model.batches import Batch, BatchRow, BatchStatus, RowOutcome
from poser.model.tasks import Task, TaskStatus
from web.batches.words import STATUS
from web.formats import count
from web.language import _
from web.tasks.progress import shown
from web.visits import Visit

MOST = 8
_WAITING = (
    BatchStatus.OPEN,
    BatchStatus.COMPLETE,
    BatchStatus.APPROVED,
    BatchStatus.EXECUTING,
    BatchStatus.FAILED,
)


class Item(NamedTuple):
    """One thing to do or to wait for; without `total` nobody knows how much of it is done."""

    path: str
    icon: str
    title: str
    word: str
    css: str
    said: str
    done: int
    total: int


def tasks_of(here: Visit) -> list[Item]:
    """List the visitor's own tasks that run or wait, those that run first."""
    wanted = (
        select(Task)
        .where(
            Task.user_id == here.visitor.user_id,
            Task.status.in_((TaskStatus.WAITING, TaskStatus.RUNNING)),
        )
        .order_by(Task.began_at.asc().nulls_last(), Task.created_at)
        .limit(MOST)
    )
    found = []
    for task in here.read().scalars(wanted):
        one = shown(here, task)
        said = " · ".join(filter(None, (one.step, one.numbers, one.left)))
        path = f"/tasks/{one.id}"
        found.append(
            Item(path, "loader", one.title, one.status, one.css, said, one.done, one.total)
        )
    return found


def batches_waiting(session: Session) -> list[Item]:
    """List the batches that wait for somebody, the oldest first, with how far they are."""
    done = (BatchRow.outcome != RowOutcome.WAITING).label("done")
    rows = (
        select(func.count().filter(done))
        .where(BatchRow.batch_id == Batch.id, ~BatchRow.is_removed)
        .correlate(Batch)
        .scalar_subquery()
    )
    wanted = (
        select(Batch.id, Batch.number, Batch.description, Batch.status, Batch.row_count, rows)
        .where(or_(*(Batch.status == status for status in _WAITING)))
        .order_by(Batch.created_at)
        .limit(MOST)
    )
    return [
        Item(
            path=f"/batches/{id_}",
            icon="list-checks",
            title=description or _("Batch {number}").format(number=number),
            word=_(STATUS[BatchStatus(status)][0]),
            css=STATUS[BatchStatus(status)][1],
            said=_rows(done, total),
            done=done,
            total=total if status != BatchStatus.OPEN else 0,
        )
        for id_, number, description, status, total, done in session.execute(wanted)
    ]


def _rows(done: int, total: int) -> str:
    if not done:
        return _("{count} rows").format(count=count(total))
    words = _("{done} of {total} rows")
    return words.format(done=count(done), total=count(total))
