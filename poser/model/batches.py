# SPDX-License-Identifier: Apache-2.0
"""Batches: work that waits for a person, its rows, and what became of it.

Which way a batch may go, and that a frozen one stays as it is, are rules of the database
(migrations/versions/poser/0020_batches.py). See docs/decisions/0022-batches.md.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    FetchedValue,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as ID
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

import poser.model.products
import poser.model.users  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import MINE_ALONE, check, filled, flag, one_of, reference, words


class BatchStatus(StrEnum):
    """How far a batch is."""

    DRAFT = "draft"  # has a head, and no rows yet
    POPULATING = "populating"
    OPEN = "open"  # people work on it
    COMPLETE = "complete"  # frozen: ready to be approved or executed
    APPROVED = "approved"
    EXECUTING = "executing"
    EXECUTED = "executed"
    FAILED = "failed"  # executing it failed, and nothing of it was kept
    UNDONE = "undone"


class ExecutionStatus(StrEnum):
    """How one execution of a batch went."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class RowOutcome(StrEnum):
    """What executing its batch did with a row."""

    WAITING = "waiting"
    DONE = "done"
    STALE = "stale"  # what it is about changed since the row was made
    REFUSED = "refused"  # a rule of the database forbids it


def _json(comment: str) -> MappedColumn[Any]:
    return mapped_column(JSONB, server_default=text("'{}'"), default=dict, comment=comment)


def _edits() -> MappedColumn[Any]:
    return mapped_column(
        server_default=text("1"),
        server_onupdate=FetchedValue(),
        comment="Counts how often it was changed, so that nobody overwrites what they never saw.",
    )


class Batch(Model):
    """Work that waits for a person: some rows to review, and to execute once."""

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("number"),
        filled("key"),
        one_of("status", BatchStatus),
        check("row_count", "row_count >= 0", "A batch has no fewer rows than none."),
        check(
            "executed_at",
            "(executed_at IS NOT NULL) = (status IN ('executed', 'undone'))",
            "A batch says when it was executed if it was.",
        ),
        Index("ix_batches_key_status", "key", "status"),
        {"comment": "Batches: work that waits for a person.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(
        Integer, Identity(), comment="Number of the batch on this node, as people call it."
    )
    key: Mapped[str] = mapped_column(comment="Which type of batch, such as importer.")
    description: Mapped[str] = words("What people read.")
    notes: Mapped[str] = words("What somebody wrote about it.")
    status: Mapped[str] = words(f"{', '.join(BatchStatus)}.", default=BatchStatus.DRAFT)
    status_text: Mapped[str] = words("Why it failed.")
    params: Mapped[dict[str, Any]] = _json("What it was made from and with.")
    row_count: Mapped[int] = mapped_column(
        server_default=text("0"),
        default=0,
        comment="How many rows it has, without those taken out; kept by a trigger.",
    )
    edits: Mapped[int] = _edits()
    created_by_id: Mapped[UUID | None] = reference("users.id", "Who made it.", ondelete="SET NULL")
    created_by_name: Mapped[str] = words("Their name, kept when they are gone.")
    completed_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who said that it is complete.", ondelete="SET NULL"
    )
    completed_by_name: Mapped[str] = words("Their name, kept when they are gone.")
    approved_by_id: Mapped[UUID | None] = reference(
        "users.id", "Who approved it.", ondelete="SET NULL"
    )
    approved_by_name: Mapped[str] = words("Their name, kept when they are gone.")
    executed_at: Mapped[datetime | None] = mapped_column(comment="When it was executed (UTC).")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class BatchRow(Model):
    """One row of a batch: what is to be done about one thing."""

    __tablename__ = "batch_rows"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        one_of("outcome", RowOutcome),
        check("number", "number >= 1", "Rows of a batch are counted from one."),
        Index("ix_batch_rows_batch_id_status", "batch_id", "status"),
        {"comment": "Rows of batches.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    batch_id: Mapped[UUID] = reference("batches.id", "The batch.", ondelete="CASCADE", index=False)
    number: Mapped[int] = mapped_column(comment="Its number in the batch, from one.")
    status: Mapped[str] = words("What there is to say about it; each type has its own words.")
    status_text: Mapped[str] = words("Details of that.")
    is_removed: Mapped[bool] = flag("Taken out by somebody: is not executed.")
    entry: Mapped[str] = words("What was scanned or read, as it came.")
    label: Mapped[str] = words("What people know it by.")
    model: Mapped[str] = words("Which model its record is of, such as Product.")
    record_id: Mapped[UUID | None] = mapped_column(comment="Id of the record that it is about.")
    product_id: Mapped[UUID | None] = reference(
        "products.id", "The product, in batches of products.", ondelete="SET NULL"
    )
    data: Mapped[dict[str, Any]] = _json("Its fields; each type has its own.")
    old: Mapped[dict[str, Any]] = _json("What the record had when the row was made.")
    outcome: Mapped[str] = words(f"{', '.join(RowOutcome)}.", default=RowOutcome.WAITING)
    reason: Mapped[str] = words("Why it is stale or was refused.")
    edits: Mapped[int] = _edits()
    modified_at: Mapped[ModifiedAt]


class BatchEvent(Model):
    """Something that happened to a batch, or that somebody said about it."""

    __tablename__ = "batch_events"
    __table_args__ = ({"comment": "What happened to batches.", "info": MINE_ALONE},)

    id: Mapped[Id]
    batch_id: Mapped[UUID] = reference("batches.id", "The batch.", ondelete="CASCADE")
    at: Mapped[datetime] = mapped_column(
        server_default=text("clock_timestamp()"), comment="When it happened (UTC)."
    )
    status: Mapped[str] = words("The status that it got; empty for words alone.")
    user_id: Mapped[UUID | None] = reference("users.id", "Who did it.", ondelete="SET NULL")
    user_name: Mapped[str] = words("Their name, kept when they are gone.")
    comment: Mapped[str] = words("What they said about it.")


class BatchExecution(Model):
    """One execution of a batch: a batch has at most one that goes on or went well."""

    __tablename__ = "batch_executions"
    __table_args__ = (
        one_of("status", ExecutionStatus),
        check(
            "ended_at",
            "(ended_at IS NULL) = (status = 'running')",
            "An execution that has ended says when.",
        ),
        Index(
            "ix_batch_executions_once",
            "batch_id",
            unique=True,
            postgresql_where=text("status IN ('running', 'done', 'undone')"),
        ),
        {"comment": "Executions of batches.", "info": MINE_ALONE},
    )

    id: Mapped[Id]
    batch_id: Mapped[UUID] = reference("batches.id", "The batch.", ondelete="CASCADE")
    status: Mapped[str] = words(f"{', '.join(ExecutionStatus)}.", default=ExecutionStatus.RUNNING)
    began_at: Mapped[datetime] = mapped_column(
        server_default=text("clock_timestamp()"), comment="When it began (UTC)."
    )
    ended_at: Mapped[datetime | None] = mapped_column(comment="When it ended (UTC).")
    user_id: Mapped[UUID | None] = reference("users.id", "Who executed it.", ondelete="SET NULL")
    user_name: Mapped[str] = words("Their name, kept when they are gone.")
    counts: Mapped[dict[str, Any]] = _json("What came of it, counted.")
    notes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), default=list, comment="What people should know."
    )
    why: Mapped[str] = words("Why it failed.")
    transaction_ids: Mapped[list[UUID]] = mapped_column(
        ARRAY(ID(as_uuid=True)),
        server_default=text("'{}'"),
        default=list,
        comment="What it changed: history_transactions.id.",
    )
