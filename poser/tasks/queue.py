# SPDX-License-Identifier: Apache-2.0
"""The queue as the service sees it: the next task, those that ended, those left behind."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from poser.model.tasks import Task, TaskFile, TaskStatus
from poser.tasks.asking import tell_change

DIED = "Its program ended before it did. Nothing half-done was kept."
TRY_AGAIN = "Start it again."
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


def lock_name(id_: UUID) -> str:
    """Name the lock that whoever works on a task holds."""
    return f"task {id_}"


def claim(session: Session) -> UUID | None:
    """Take the task that waits longest, so that nobody else does; None when there is none."""
    task = session.scalars(
        select(Task)
        .where(Task.status == TaskStatus.WAITING)
        .order_by(Task.created_at, Task.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if task is None:
        return None
    task.status, task.began_at = TaskStatus.RUNNING, func.clock_timestamp()
    session.flush()
    tell_change(session, task.id)
    return task.id


def left_behind(session: Session, mine: Collection[UUID]) -> int:
    """End the tasks whose program died, other than `mine`; returns how many that were."""
    running = select(Task).where(Task.status == TaskStatus.RUNNING).with_for_update()
    ended = 0
    for task in session.scalars(running.execution_options(populate_existing=True)):
        if task.id not in mine and session.scalar(_LOCK, {"name": lock_name(task.id)}):
            end(session, task.id, TaskStatus.FAILED, message=DIED, hint=TRY_AGAIN)
            ended += 1
    return ended


def end(
    session: Session,
    id_: UUID,
    status: TaskStatus,
    *,
    message: str,
    hint: str = "",
    path: str = "",
) -> None:
    """Write down how a task ended, unless that is said already; its files go."""
    task = session.get(Task, id_, with_for_update=True)
    if task is None or task.ended_at is not None:
        return
    task.status, task.message, task.hint, task.path = status, message, hint, path
    task.ended_at = func.clock_timestamp()
    session.execute(delete(TaskFile).where(TaskFile.task_id == id_))
    session.flush()
    tell_change(session, id_)
