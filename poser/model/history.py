# SPDX-License-Identifier: Apache-2.0
"""What is kept of every change: who made it, what each record was, and keys to send on.

Triggers write these tables (migrations/recording.py); the application reads them, and takes
rows from `capture`. See docs/decisions/0011-history-by-trigger.md.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, HSTORE
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import Model
from poser.db.partitions import Partitions, Unit
from poser.model.columns import MINE_ALONE, check, flag, words

PARTITIONS = Partitions(table="versions", column="at", unit=Unit.MONTH, ahead=2)
"""Versions are cut by months, so that old ones go by dropping a partition."""

Fields = dict[str, str | None]
"""Columns and their values as text, as PostgreSQL writes them (times in UTC)."""


class VersionKind(StrEnum):
    """What happened to a record."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    BASELINE = "baseline"


class RecordedTable(Model):
    """A table whose changes are kept; made by revisions, switched by `poser history on|off`."""

    __tablename__ = "recorded_tables"
    __table_args__ = (
        UniqueConstraint("name"),
        check(
            "is_history_on",
            "has_history OR NOT is_history_on",
            "History of {name} is not kept by design.",
        ),
        check(
            "is_capture_on",
            "has_capture OR NOT is_capture_on",
            "Changes of {name} are not captured by design.",
        ),
        {"comment": "Tables whose changes are kept or captured.", "info": MINE_ALONE},
    )

    id: Mapped[int] = mapped_column(
        SmallInteger, Identity(), primary_key=True, comment="Number of the table in this database."
    )
    name: Mapped[str] = mapped_column(comment="Name of the table.")
    has_history: Mapped[bool] = flag("May have history: said by a revision.")
    has_capture: Mapped[bool] = flag("May have its changes captured: said by a revision.")
    is_history_on: Mapped[bool] = flag("Changes become versions now.")
    is_capture_on: Mapped[bool] = flag("Keys of changed rows are captured now.")
    without: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), comment="Columns that are not kept."
    )
    secret: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=text("'{}'"),
        comment="Columns of which only the fact of a change is kept.",
    )


class HistoryTransaction(Model):
    """One transaction that changed recorded rows: when, by whom, from where.

    Names are copies: deleting a user changes nothing here.
    """

    __tablename__ = "history_transactions"
    __table_args__ = (
        {"comment": "Who changed recorded rows, when and from where.", "info": MINE_ALONE},
    )

    id: Mapped[UUID] = mapped_column(
        primary_key=True, comment="Unique id, a UUID version 7: ascends with time."
    )
    at: Mapped[datetime] = mapped_column(comment="When the transaction began (UTC).")
    source: Mapped[str] = mapped_column(
        comment="web, command, import, sync, sql (nobody said), or a word of an extension."
    )
    user_id: Mapped[UUID | None] = mapped_column(comment="The user who made it, if one did.")
    user_name: Mapped[str] = words("Who made it: a user, or an account of a machine or database.")
    via: Mapped[str] = words("The command line, import run, peer or program.")
    address: Mapped[str] = words("Network address of the browser or peer; may be empty.")
    comment: Mapped[str] = words("What a person said about it; may be empty.")
    origin: Mapped[str] = words("The node that the change came from; empty: made here.")


class Version(Model):
    """What one statement did to one record."""

    __tablename__ = "versions"
    __table_args__ = (
        Index("ix_versions_transaction_id", "transaction_id"),
        Index("ix_versions_deleted", "table_id", "at", postgresql_where=text("kind = 'delete'")),
        {
            "comment": "What became of every record, change by change.",
            "info": {**MINE_ALONE, "partitions": PARTITIONS},
            "postgresql_partition_by": "RANGE (at)",
        },
    )

    table_id: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, comment="The table: recorded_tables.id."
    )
    row_id: Mapped[UUID] = mapped_column(primary_key=True, comment="The record's id.")
    statement: Mapped[int] = mapped_column(
        BigInteger,
        primary_key=True,
        comment="Number of the statement; the versions of one record ascend by it.",
    )
    n: Mapped[int] = mapped_column(
        Integer, primary_key=True, comment="Number of the row in its statement, from 1."
    )
    at: Mapped[datetime] = mapped_column(
        primary_key=True, comment="When the statement ended (UTC)."
    )
    transaction_id: Mapped[UUID] = mapped_column(comment="In which: history_transactions.id.")
    kind: Mapped[str] = mapped_column(comment="insert, update, delete or baseline.")
    old: Mapped[Fields | None] = mapped_column(
        HSTORE(), comment="Before: changed fields of an update, all of a deleted row."
    )
    new: Mapped[Fields | None] = mapped_column(
        HSTORE(), comment="After: changed fields of an update, all of a new row or baseline."
    )


class CapturedChange(Model):
    """That a row changed: its key, for whoever sends changes on. Taken, never read in place."""

    __tablename__ = "capture"
    __table_args__ = (
        {"comment": "Keys of changed rows, in order, until they are taken.", "info": MINE_ALONE},
    )

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), primary_key=True, comment="Ascends for the changes of one row."
    )
    table_id: Mapped[int] = mapped_column(SmallInteger, comment="The table: recorded_tables.id.")
    key: Mapped[UUID] = mapped_column(comment="The row's id.")
    operation: Mapped[str] = mapped_column(comment="insert, update or delete.")
    origin: Mapped[str] = mapped_column(
        comment="The node that the change came from; empty: made here."
    )
