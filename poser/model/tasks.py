# SPDX-License-Identifier: Apache-2.0
"""Long work that people start in the web app and that runs beside it.

Tables of a queue: a task is taken by the service poser-tasks, and tells how far it is.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model
from poser.model.columns import MINE_ALONE, check, filled, flag, one_of, reference, words

_SWEEP = """
WITH gone AS (DELETE FROM tasks WHERE ended_at < now() - interval '30 days' RETURNING 1)
SELECT count(*) FROM gone
"""


class TaskStatus(StrEnum):
    """How far a task is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Task(Model):
    """One piece of long work that somebody asked for."""

    __tablename__ = "tasks"
    __table_args__ = (
        filled("kind"),
        one_of("status", TaskStatus),
        check(
            "ended_at",
            "(ended_at IS NULL) = (status IN ('waiting', 'running'))",
            "A task that has ended says when.",
        ),
        Index(
            "ix_tasks_waiting",
            "created_at",
            "id",
            postgresql_where=text("status IN ('waiting', 'running')"),
        ),
        Index("ix_tasks_user_id_created_at", "user_id", "created_at"),
        {
            "comment": "Long work that people asked for.",
            "info": {**MINE_ALONE, "upkeep": {"tasks that ended a month ago": _SWEEP}},
        },
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(comment="Which work it is, such as import.")
    title: Mapped[str] = words("What people read.")
    status: Mapped[str] = words(f"{', '.join(TaskStatus)}.", default=TaskStatus.WAITING)
    params: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="What exactly is to be done."
    )
    user_id: Mapped[UUID | None] = reference(
        "users.id", "Who asked for it.", ondelete="SET NULL", index=False
    )
    user_name: Mapped[str] = words("Their name, kept when they are gone.")
    address: Mapped[str] = words("Network address of their browser.")
    is_unwanted: Mapped[bool] = flag("Somebody asked it to stop.")
    progress: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), default=dict, comment="How far it is."
    )
    message: Mapped[str] = words("What came of it, or why it failed.")
    hint: Mapped[str] = words("What to do about that.")
    path: Mapped[str] = words("Page of the web app that shows what came of it.")
    created_at: Mapped[CreatedAt]
    began_at: Mapped[datetime | None] = mapped_column(comment="When it began (UTC).")
    ended_at: Mapped[datetime | None] = mapped_column(comment="When it ended (UTC).")


class TaskFile(Model):
    """A piece of a file that came with a task; it goes when the task has ended."""

    __tablename__ = "task_files"
    __table_args__ = (
        UniqueConstraint("task_id", "name", "number"),
        filled("name"),
        check("number", "number >= 1", "Pieces of a file are counted from one."),
        {"comment": "Files that came with tasks, in pieces.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    task_id: Mapped[UUID] = reference("tasks.id", "The task.", ondelete="CASCADE", index=False)
    name: Mapped[str] = mapped_column(comment="Name of the file, as the browser had it.")
    number: Mapped[int] = mapped_column(comment="Which piece it is, from one.")
    data: Mapped[bytes] = mapped_column(LargeBinary, comment="The bytes of the piece.")
