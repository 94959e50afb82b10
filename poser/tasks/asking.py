# SPDX-License-Identifier: Apache-2.0
"""Asking for long work, and asking for it to stop."""

from collections.abc import Iterable, Mapping
from typing import IO, Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from poser.db.authors import AUTHOR, Author
from poser.errors import PoserError
from poser.ids import uuid7
from poser.model.tasks import Task, TaskFile, TaskStatus

WAITING = "poser_tasks"
"""The channel that is notified when a task was asked for."""

CHANGES = "poser_changes"
"""The channel on which each change of a task is told, as `task` and its id."""

MOST_WAITING = 20
"""How many tasks of one person may wait at once."""

_PIECE = 1 << 20
_NOTIFY = text("SELECT pg_notify(:channel, :words)")

Piece = tuple[str, IO[bytes]]
"""A file that goes with a task: its name, and its bytes from where it stands."""


def ask(
    session: Session,
    kind: str,
    *,
    title: str,
    params: Mapping[str, Any],
    files: Iterable[Piece] = (),
) -> UUID:
    """Write a task down for its author; it is begun when the caller's transaction commits.

    Raises PoserError for somebody who has too many that wait.
    """
    who = AUTHOR.get() or Author(source="")
    waiting = select(func.count()).where(
        Task.user_id == who.user_id, Task.status == TaskStatus.WAITING
    )
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise PoserError(
            f"{MOST_WAITING} of your tasks are waiting already",
            hint="wait for some of them, or stop them",
        )
    task = Task(
        id=uuid7(),
        kind=kind,
        title=title,
        params=dict(params),
        user_id=who.user_id,
        user_name=who.user_name,
        address=who.address,
    )
    session.add(task)
    session.flush()
    for name, file in files:
        _keep(session, task.id, name, file)
    session.execute(_NOTIFY, {"channel": WAITING, "words": ""})
    return task.id


def cancel(session: Session, task: Task) -> bool:
    """Ask a task to stop; tells whether it was still going on or waiting.

    One that waits ends at once, one that runs at its next safe point.
    """
    session.refresh(task, with_for_update=True)
    if task.status == TaskStatus.WAITING:
        task.status, task.ended_at = TaskStatus.CANCELLED, func.clock_timestamp()
        task.message = "It was stopped before it began."
    elif task.status == TaskStatus.RUNNING:
        task.is_unwanted = True
    else:
        return False
    session.flush()
    tell_change(session, task.id)
    return True


def tell_change(session: Session, id_: UUID) -> None:
    """Tell those who watch a task that it changed, when the transaction commits."""
    session.execute(_NOTIFY, {"channel": CHANGES, "words": f"task {id_}"})


def _keep(session: Session, id_: UUID, name: str, file: IO[bytes]) -> None:
    """Keep a file in pieces, so that no process ever holds all of it."""
    number = 0
    while data := file.read(_PIECE):
        number += 1
        session.add(TaskFile(task_id=id_, name=name, number=number, data=data))
        session.flush()
        session.expunge_all()
